//! What the report of a run shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use entities::run::SILENCE_SECONDS;
use entities::value::code;

use super::connection::Listed;
use super::direct::{Objects, plain_fields};
use crate::criteria::code::RunOutcome;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind};
use crate::store::keyset::{Keyset, Placed};
use crate::store::run::RunRow;

/// A run.
#[derive(Clone)]
pub struct Run(pub Arc<RunRow>);

impl Listed for Run {
    type EdgeFields = EmptyFields;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> EmptyFields {
        EmptyFields
    }

    fn place(&self, keyset: &Keyset) -> Option<Cursor> {
        Some(self.0.place(keyset.value))
    }

    fn position(&self) -> i32 {
        0
    }
}

impl Run {
    /// A run that was killed cannot say so: its silence does.
    fn state(&self) -> code::RunOutcome {
        let said = code::RunOutcome::from_code(self.0.outcome()).unwrap_or(code::RunOutcome::Interrupted);
        let silence = Utc::now() - self.0.seen_at;
        if said == code::RunOutcome::Running && silence > TimeDelta::seconds(SILENCE_SECONDS) {
            return code::RunOutcome::Interrupted;
        }
        said
    }
}

/// The report of one load. Its figures are those of what is committed; while it runs they grow.
///
/// The unit is the release, or what stands in place of one: `read = new + changed + unchanged + rejected`.
#[Object]
impl Run {
    /// Global id, for client caches.
    async fn id(&self) -> GlobalId {
        NodeId::of(NodeKind::Run, self.0.id)
    }

    /// The command that loaded: `"ingest"`, or `"sync"` where the hub fetched by itself.
    async fn command(&self) -> &str {
        self.0.command()
    }

    /// The user of the operating system who ran it.
    async fn operator(&self) -> Option<&str> {
        self.0.operator()
    }

    /// The machine it ran on.
    async fn host(&self) -> Option<&str> {
        self.0.host()
    }

    /// The version of the hub that loaded.
    async fn version(&self) -> &str {
        self.0.version()
    }

    /// What was loaded: paths, addresses, `"-"` for standard input.
    async fn inputs(&self) -> Vec<String> {
        serde_json::from_str(self.0.inputs()).unwrap_or_default()
    }

    /// When it began.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// When it ended. Null while it runs; of an interrupted run, when it last gave a sign of life.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        let interrupted = (self.state() == code::RunOutcome::Interrupted).then_some(self.0.seen_at);
        self.0.ended_at.or(interrupted)
    }

    /// How it ended, if it did.
    async fn outcome(&self) -> RunOutcome {
        self.state().into()
    }

    /// Why it failed, for people.
    async fn message(&self) -> Option<&str> {
        self.0.message()
    }

    /// How many releases it met.
    async fn read(&self) -> i32 {
        clamp(self.0.read)
    }

    /// How many of them were stored, their process having none of this id before.
    #[graphql(name = "new")]
    async fn added(&self) -> i32 {
        clamp(self.0.new)
    }

    /// How many were stored beside another of the same id with other content.
    async fn changed(&self) -> i32 {
        clamp(self.0.changed)
    }

    /// How many were stored already.
    async fn unchanged(&self) -> i32 {
        clamp(self.0.unchanged)
    }

    /// How many were refused.
    async fn rejected(&self) -> i32 {
        clamp(self.0.rejected)
    }

    /// Why they were refused: codes such as `"missing_ocid"`, with how many.
    async fn rejects(&self) -> Objects<CodeCount> {
        counts(self.0.rejects())
    }

    /// What was mended or left out so that the rest could be loaded: codes such as `"nul_character"`, with how often.
    async fn repairs(&self) -> Objects<CodeCount> {
        counts(self.0.repairs())
    }

    /// What looked wrong and was loaded all the same: codes such as `"duplicate_id"`, with how often.
    async fn warnings(&self) -> Objects<CodeCount> {
        counts(self.0.warnings())
    }

    /// How many processes got a new release, counted once a batch.
    async fn processes_touched(&self) -> i32 {
        clamp(self.0.processes_touched)
    }

    /// How many processes were not in the hub before.
    async fn processes_created(&self) -> i32 {
        clamp(self.0.processes_created)
    }

    /// Bytes of the input, compressed as they were. A whole number that may be larger than an `Int`.
    #[expect(clippy::cast_precision_loss, reason = "no input has more than 8,192 TiB")]
    async fn bytes(&self) -> f64 {
        self.0.bytes as f64
    }
}

plain_fields!(
    Run: id, command, operator, host, version, started_at, ended_at, outcome, message, read, changed, unchanged, rejected, processes_touched, processes_created; objects: rejects, repairs, warnings
);

/// Counts are whole numbers of 64 bits in the database, and of 32 in GraphQL.
fn clamp(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// How often something happened.
#[derive(Clone, Debug, SimpleObject)]
pub struct CodeCount {
    /// What: a short name that stays the same.
    code: String,
    /// How often.
    count: i32,
}

plain_fields!(fields of CodeCount: code, count);

/// The entries of a JSON object, by code.
fn counts(object: &str) -> Objects<CodeCount> {
    let counts: BTreeMap<String, i64> = serde_json::from_str(object).unwrap_or_default();
    Objects(
        counts
            .into_iter()
            .map(|(code, count)| CodeCount {
                code,
                count: clamp(count),
            })
            .collect(),
    )
}
