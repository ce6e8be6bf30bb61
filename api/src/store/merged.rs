//! Releases merged when somebody asks: the history of processes, and their state at another moment than now.
//!
//! The tables hold the present state alone. Everything else follows from the stored releases by the same routine that
//! made it, so nothing is kept twice and nothing can disagree.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;
use ocds::rules::Overrides;
use ocds::{Dialect, History, Merger, Published, Rules};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::dialect::is_any_of;
use super::keyset::{columns, next_by_key};
use super::nested::grouped;
use super::release::{CompiledRelease, ReleaseRow, unpack};
use super::window::Window;
use super::{Row as _, Shown, Store};
use crate::error::{Error, Result};

/// Which releases count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Those published up to then, by their own dates.
    pub as_of: Option<DateTime<Utc>>,
    /// Those that the hub had taken in by then.
    pub known_at: Option<DateTime<Utc>>,
}

/// Asks for the compiled release of a process at a moment, as JSON text. There is none if nothing was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompiledReleaseAt {
    /// The process.
    pub tender: Uuid,
    /// The moment.
    pub moment: Moment,
}

impl Loader<CompiledReleaseAt> for Store {
    type Value = Arc<str>;
    type Error = Error;

    async fn load(&self, keys: &[CompiledReleaseAt]) -> Result<HashMap<CompiledReleaseAt, Arc<str>>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (moment, tenders) in grouped(keys, |key| (key.moment, key.tender)) {
            let stored = self.stored(&tenders, moment, Snapshots::Newest).await?;
            let compiled = off_thread(stored, |releases| {
                let texts = texts(releases)?;
                let state = Merger::published().state(published(releases, &texts)?);
                Ok((!state.release.is_null()).then(|| state.release.to_json()))
            });
            found.extend(
                compiled
                    .await?
                    .into_iter()
                    .filter_map(|(tender, text)| Some((CompiledReleaseAt { tender, moment }, text?.into()))),
            );
        }
        Ok(found)
    }
}

/// A field of a process that got another value.
pub struct FieldChangeRow {
    /// The field, without the objects of lists on the way.
    pub path: String,
    /// The ids of the objects of lists on the way.
    pub ids: Vec<Option<String>>,
    /// The value it got as JSON text, unless it was removed.
    pub value: Option<Arc<str>>,
    /// The value it had.
    pub previous_value: Option<Arc<str>>,
    /// The release that did it.
    pub release: Arc<ReleaseRow>,
    /// Which of the changes of that release it is, from 0.
    pub number: u32,
}

/// Asks for everything that changed in a process, in the order of its releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HistoryOf(pub Uuid);

impl Loader<HistoryOf> for Store {
    type Value = Arc<[Arc<FieldChangeRow>]>;
    type Error = Error;

    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Self::Value>> {
        let tenders: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let stored = self.stored(&tenders, Moment::default(), Snapshots::All).await?;
        let histories = off_thread(stored, |releases| {
            let texts = texts(releases)?;
            let history = Merger::published().state_history(published(releases, &texts)?);
            Ok(changes(&history, releases))
        });
        let histories = histories.await?.into_iter();
        Ok(histories
            .map(|(tender, changes)| (HistoryOf(tender), changes.into()))
            .collect())
    }
}

fn changes(history: &History, releases: &[Stored]) -> Vec<Arc<FieldChangeRow>> {
    let text = |change: usize| {
        let value = &history.changes[change].value;
        (!value.is_null()).then(|| Arc::from(value.to_json()))
    };
    let mut rows: Vec<Arc<FieldChangeRow>> = Vec::with_capacity(history.changes.len());
    for (place, change) in history.changes.iter().enumerate() {
        let value = text(place);
        let previous_value = change.former.and_then(text);
        if value.is_none() && previous_value.is_none() {
            // The publisher took away what was never there.
            continue;
        }
        let release = &releases[history.releases[change.release].index].row;
        let last = rows.last().filter(|last| last.release.id == release.id);
        rows.push(Arc::new(FieldChangeRow {
            path: change.path.clone(),
            ids: change.ids.clone(),
            value,
            previous_value,
            number: last.map_or(0, |last| last.number + 1),
            release: release.clone(),
        }));
    }
    rows
}

/// How the releases of a process are merged for somebody who does not want them as the tables have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which reading of the routine is followed.
    pub dialect: Dialect,
    /// Whether versioned releases are made, and not compiled ones.
    pub versioned: bool,
}

/// What the releases of the next processes in the window come to, by key, for streaming all of them; and the key of the last
/// process that was looked at, if there was one. A process of which nothing can be made that way is left out.
///
/// # Errors
/// [`Error::Store`] if the database fails, [`Error::Unreadable`] if a release cannot be unpacked.
pub async fn merged_after(
    store: &Store,
    window: &Window,
    mut after: Option<Uuid>,
    limit: u64,
    way: Way,
) -> Result<(Vec<CompiledRelease>, Option<Uuid>)> {
    loop {
        let tenders = tenders_after(store, window, after, limit).await?;
        let keys: Vec<Uuid> = tenders.iter().map(|(key, _)| *key).collect();
        after = keys.last().copied();
        if after.is_none() {
            return Ok((Vec::new(), None));
        }
        let mut merged = merged(store, &keys, way).await?;
        let found = tenders.into_iter().filter_map(|(tender_id, ocid)| {
            let text = merged.remove(&tender_id)??.into();
            Some(CompiledRelease { tender_id, ocid, text })
        });
        let found: Vec<CompiledRelease> = found.collect();
        if !found.is_empty() {
            return Ok((found, after));
        }
    }
}

/// The keys and ocids of the next processes in the window.
async fn tenders_after(store: &Store, window: &Window, after: Option<Uuid>, limit: u64) -> Result<Vec<(Uuid, String)>> {
    let mut select = Query::select();
    select
        .columns([("tender", "id"), ("tender", "ocid")])
        .from("tender")
        .cond_where(window.condition.clone());
    let rows = store
        .rows(next_by_key(&mut select, &[("tender", "id")], after.as_slice(), limit))
        .await?;
    let tenders = rows.iter().map(|row| {
        let mut columns = row.columns_after(0);
        Ok((columns.take()?, columns.take()?))
    });
    tenders.collect()
}

async fn merged(store: &Store, tenders: &[Uuid], way: Way) -> Result<HashMap<Uuid, Option<String>>> {
    let stored = store.stored(tenders, Moment::default(), Snapshots::All).await?;
    let merged = off_thread(stored, move |releases| {
        let texts = texts(releases)?;
        let mut published = published(releases, &texts)?;
        if way.dialect == Dialect::Reference {
            // It takes releases of one date as they are given. So that anybody can give them so: by id, then by what they say.
            published.sort_by_cached_key(|published| {
                let id = ocds::release::release_id(&published.release).map(str::to_owned);
                (id, published.release.to_json())
            });
        }
        let merger = match way.dialect {
            Dialect::Standard => Merger::published(),
            Dialect::Reference => Merger::reference(),
        };
        let release = if way.versioned {
            merger.state_history(published).versioned()
        } else {
            merger.state(published).release
        };
        Ok((!release.is_null()).then(|| release.to_json()))
    });
    merged.await
}

/// A stored release with its text.
struct Stored {
    row: Arc<ReleaseRow>,
    body: Vec<u8>,
    /// The rules by which the releases of its source are merged, if they are others than the usual.
    rules: Option<Arc<Rules>>,
}

impl Stored {
    fn published<'a>(&self, text: &'a str) -> Result<Published<'a>> {
        let release = ocds::Value::parse(text).map_err(|error| Error::Unreadable(error.to_string()))?;
        Ok(Published {
            release,
            is_snapshot: self.row.kind() == ReleaseKind::Compiled.as_str(),
            rules: self.rules.clone(),
        })
    }
}

fn texts(releases: &[Stored]) -> Result<Vec<String>> {
    releases.iter().map(|release| unpack(&release.body)).collect()
}

fn published<'a>(releases: &[Stored], texts: &'a [String]) -> Result<Vec<Published<'a>>> {
    let releases = releases.iter().zip(texts);
    releases.map(|(release, text)| release.published(text)).collect()
}

/// Which of the releases that a publisher compiled himself are of interest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Snapshots {
    All,
    /// The newest one of each process: the others can have no part in its state.
    Newest,
}

impl Store {
    /// The stored releases of these processes, each process's in the order of their dates and keys.
    async fn stored(
        &self,
        tenders: &[Uuid],
        moment: Moment,
        snapshots: Snapshots,
    ) -> Result<HashMap<Uuid, Vec<Stored>>> {
        let mut select = columns::<ReleaseRow>();
        select
            .columns([("release", "body"), ("source", "merge_overrides")])
            .from("release")
            .left_join("source", Expr::col(("source", "id")).equals(("release", "source_id")))
            .and_where(is_any_of(self.backend(), ("release", "tender_id"), tenders));
        at_moment(&mut select, "release", moment);
        if snapshots == Snapshots::Newest {
            let individual = Expr::col(("release", "kind")).eq(ReleaseKind::Individual.as_str());
            select.and_where(individual.or(Expr::exists(newer_snapshots(moment)).not()));
        }
        let mut stored: HashMap<Uuid, Vec<Stored>> = tenders.iter().map(|&tender| (tender, Vec::new())).collect();
        let mut rules = RulesOfSources::default();
        for row in self.rows(&select).await? {
            let mut columns = row.columns_after(ReleaseRow::width(Shown::ALL));
            let (body, overrides) = (columns.take()?, columns.take()?);
            let row = Arc::new(ReleaseRow::read(&row, 0, Shown::ALL)?);
            let rules = rules.of(row.source_id, overrides);
            let releases = stored.entry(row.tender_id).or_default();
            releases.push(Stored { row, body, rules });
        }
        for releases in stored.values_mut() {
            releases.sort_unstable_by(|one, other| in_time(&one.row, &other.row));
        }
        Ok(stored)
    }
}

/// The rules of sources that have their own, as far as they were met.
#[derive(Default)]
struct RulesOfSources(HashMap<Uuid, Option<Arc<Rules>>>);

impl RulesOfSources {
    fn of(&mut self, source: Uuid, overrides: Option<String>) -> Option<Arc<Rules>> {
        let overrides = overrides?;
        let rules = self.0.entry(source).or_insert_with(|| {
            let overrides = Overrides::parse(&overrides).ok()?;
            Some(Arc::new(overrides.rules()))
        });
        rules.clone()
    }
}

fn in_time(one: &ReleaseRow, other: &ReleaseRow) -> Ordering {
    (one.date, one.id).cmp(&(other.date, other.id))
}

fn at_moment(select: &mut SelectStatement, table: &'static str, moment: Moment) {
    for (column, moment) in [("date", moment.as_of), ("retrieved_at", moment.known_at)] {
        if let Some(moment) = moment {
            select.and_where(Expr::col((table, column)).lte(moment));
        }
    }
}

/// Snapshots that come after the row of `release`.
fn newer_snapshots(moment: Moment) -> SelectStatement {
    let place = |table: &'static str| Expr::tuple([Expr::col((table, "date")), Expr::col((table, "id"))]);
    let mut newer = Query::select();
    newer
        .expr(Expr::val(1))
        .from_as("release", "newer")
        .and_where(Expr::col(("newer", "tender_id")).equals(("release", "tender_id")))
        .and_where(Expr::col(("newer", "kind")).eq(ReleaseKind::Compiled.as_str()))
        .and_where(place("newer").gt(place("release")));
    at_moment(&mut newer, "newer", moment);
    newer.take()
}

/// Merges process by process where it keeps nobody waiting: hundreds of releases take their time.
async fn off_thread<T: Send + 'static>(
    stored: HashMap<Uuid, Vec<Stored>>,
    merge: impl Fn(&[Stored]) -> Result<T> + Send + 'static,
) -> Result<HashMap<Uuid, T>> {
    let merge_all = move || {
        let processes = stored.into_iter();
        // The texts of one process are let go before those of the next are unpacked.
        processes
            .map(|(tender, releases)| Ok((tender, merge(&releases)?)))
            .collect()
    };
    spawn_blocking(merge_all)
        .await
        .map_err(|error| Error::Unreadable(error.to_string()))?
}
