//! Reading the reports of runs: pages of them, for each of many sources.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Query;
use uuid::Uuid;

use super::keyset::{Column, Keyset, Kind, Page, Placed, at, columns, instant};
use super::nested::grouped;
use super::reading::Reading;
use super::row::row;
use super::{Shown, Store};
use crate::criteria::{Cursor, OrderDirection, PageRequest};
use crate::error::{Error, Result};

row! {
    /// The report of a run.
    RunRow from "run" {
        /// Its key.
        id: Uuid,
        /// Key of the source that it loaded.
        source_id: Uuid,
        /// When it began.
        started_at: DateTime<Utc>,
        /// When it last gave a sign of life.
        seen_at: DateTime<Utc>,
        /// When it ended.
        ended_at: Option<DateTime<Utc>>,
        /// Releases met in the input.
        read: i64,
        /// Releases stored under a new id.
        new: i64,
        /// Releases stored under a known id.
        changed: i64,
        /// Releases that were stored already.
        unchanged: i64,
        /// Pieces of input that were refused.
        rejected: i64,
        /// Processes that got a new release.
        processes_touched: i64,
        /// Processes that were not in the hub before.
        processes_created: i64,
        /// Bytes of the input.
        bytes: i64,
    } if shown {
        /// The command.
        command: &str,
        /// Who ran it.
        operator: Option<&str>,
        /// The machine it ran on.
        host: Option<&str>,
        /// The version of the hub.
        version: &str,
        /// The inputs, as a JSON array.
        inputs: &str,
        /// Code of how it ended.
        outcome: &str,
        /// Why it failed.
        message: Option<&str>,
        /// Refused pieces by code, as a JSON object.
        rejects: &str,
        /// What was mended, as a JSON object.
        repairs: &str,
        /// What looked wrong, as a JSON object.
        warnings: &str,
    }
}

impl Placed for RunRow {
    fn place(&self, _column: Column) -> Cursor {
        at(instant(self.started_at), &[self.id])
    }
}

/// The keyset of runs: newest first.
#[must_use]
pub fn keyset() -> Keyset {
    Keyset {
        list: "runs",
        value: ("run", "started_at"),
        kind: Kind::Instant,
        nullable: false,
        keys: &[("run", "id")],
        direction: OrderDirection::Desc,
    }
}

/// Asks for a page of the runs that loaded a source, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RunsOfSource {
    /// The source.
    pub source: Uuid,
    /// Which page.
    pub page: PageRequest,
}

impl Loader<RunsOfSource> for Store {
    type Value = Arc<Page<RunRow>>;
    type Error = Error;

    async fn load(&self, keys: &[RunsOfSource]) -> Result<HashMap<RunsOfSource, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        let reading = Reading::alone(columns::<RunRow>().from("run").take(), Shown::ALL);
        let parent = ("run", "source_id");
        for (page, sources) in grouped(keys, |key| (key.page.clone(), key.source)) {
            let found = self.pages(&reading, &keyset(), &page, parent, &sources).await?;
            pages.extend(found.into_iter().map(|(source, rows)| {
                (
                    RunsOfSource {
                        source,
                        page: page.clone(),
                    },
                    Arc::new(rows),
                )
            }));
        }
        Ok(pages)
    }
}

/// Asks how many runs loaded a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RunCountOfSource(pub Uuid);

impl Loader<RunCountOfSource> for Store {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[RunCountOfSource]) -> Result<HashMap<RunCountOfSource, i64>> {
        let sources: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let counts = self
            .counts(Query::select().from("run").take(), ("run", "source_id"), &sources)
            .await?;
        Ok(counts
            .into_iter()
            .map(|(source, count)| (RunCountOfSource(source), count))
            .collect())
    }
}
