//! The report of one load: who loaded what, when, and what came of it.

use sea_orm::entity::prelude::*;

/// One run of a command that loads. Its figures are those of what is committed, at every moment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
pub struct Model {
    /// [`crate::key::run`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The source that it loaded.
    pub source_id: Uuid,
    /// The command, such as `ingest`.
    pub command: String,
    /// The user of the system who ran it.
    pub operator: Option<String>,
    /// The machine it ran on.
    pub host: Option<String>,
    /// Its number there.
    pub process: i64,
    /// The version of the hub.
    pub version: String,
    /// The inputs as they were named, as a JSON array of text.
    pub inputs: String,
    /// When it began.
    pub started_at: DateTimeUtc,
    /// When it last gave a sign of life.
    pub seen_at: DateTimeUtc,
    /// When it ended, or was found dead.
    pub ended_at: Option<DateTimeUtc>,
    /// A [`crate::value::code::RunOutcome`].
    pub outcome: String,
    /// Why it failed.
    pub message: Option<String>,
    /// Releases met in the input.
    pub read: i64,
    /// Releases stored under an id that was new.
    pub new: i64,
    /// Releases stored under an id that was known.
    pub changed: i64,
    /// Releases that were stored already.
    pub unchanged: i64,
    /// Pieces of input that were refused.
    pub rejected: i64,
    /// Processes that got a new release, counted once a batch.
    pub processes_touched: i64,
    /// Processes that were not in the hub before.
    pub processes_created: i64,
    /// Bytes of the input, compressed as they were.
    pub bytes: i64,
    /// How many pieces were refused for which reason, as a JSON object.
    pub rejects: String,
    /// How often what was mended, as a JSON object.
    pub repairs: String,
    /// How often what looked wrong, as a JSON object.
    pub warnings: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// A run that gave no sign of life for so many seconds was interrupted, whatever its row says.
pub const SILENCE_SECONDS: i64 = 120;
