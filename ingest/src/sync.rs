//! Sources that are fetched again and again: what is new at a source's address is loaded, and only then.
//!
//! Each time leaves the report of a run, also when there was nothing new. One source is fetched by one run at a time,
//! whichever hub it belongs to.

use chrono::{DateTime, TimeDelta, Utc};
use entities::{source, sync};
use url::Url;

use crate::fetch::{Fetched, fetch};
use crate::input::{self, Input};
use crate::load::Load;
use crate::reject::Rejects;
use crate::schedule::Schedule;
use crate::source::Source;
use crate::write::{self, HEARTBEAT, Run, lease};
use crate::{Database, Error, Options, Progress, Summary};

/// How long after a failure a source is tried again, at first; twice as long after each further one, but never longer than
/// its schedule says.
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(5);

/// What came of fetching from a source.
#[derive(Debug)]
pub enum Synced {
    /// There was something new, which was loaded.
    Loaded(Box<Summary>),
    /// The server says that nothing is new.
    NotModified,
    /// Another run is at it.
    UnderWay,
}

/// A source that is fetched by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The source.
    pub source: Source,
    /// When it is to be fetched next; long ago if it never was.
    pub at: DateTime<Utc>,
}

/// Fetches what is at the address of a source, unless it is what was loaded before, and loads it. A dry run is none of this,
/// and not looked at.
///
/// # Errors
/// [`Error::UnknownSource`] and [`Error::NoAddress`] if there is nothing to fetch, [`Error::Fetch`] if it cannot be
/// fetched, and those of [`ingest`](crate::ingest).
pub async fn sync(
    database: &Database,
    source: &Source,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Synced, Error> {
    let now = options.time();
    write::check(database).await?;
    let url = address(database, source).await?;
    let rejects = Rejects::open(options.rejects.as_deref())?;
    let inputs = [Input::Url(url.clone())];
    let Some(mut run) = Run::start_alone(database, source, &options.operator, &inputs, now).await? else {
        return Ok(Synced::UnderWay);
    };
    let synced = fetch_and_load(database, source, &url, rejects, options, &mut run, progress).await;
    let (synced, loaded) = match synced {
        Ok(Some(summary)) => (Synced::Loaded(Box::new(summary.clone())), Ok(summary)),
        Ok(None) => (Synced::NotModified, Ok(Summary::default())),
        Err(error) => (Synced::NotModified, Err(error)),
    };
    run.finish(database, source, loaded).await.map(|_| synced)
}

/// The summary of what was loaded; `None` if there was nothing new.
async fn fetch_and_load(
    database: &Database,
    source: &Source,
    url: &Url,
    rejects: Rejects,
    options: &Options,
    run: &mut Run,
    progress: &dyn Progress,
) -> Result<Option<Summary>, Error> {
    let known = lease::known(database, source, url.as_str()).await?;
    let fetching = fetch(url, &known, &options.fetch);
    tokio::pin!(fetching);
    let fetched = loop {
        match tokio::time::timeout(HEARTBEAT, &mut fetching).await {
            Ok(fetched) => break fetched,
            Err(_) => run.tell(database, &Summary::default()).await?,
        }
    };
    let download = match fetched {
        Ok(Fetched::Downloaded(download)) => download,
        Ok(Fetched::NotModified) => return Ok(None),
        Err(error) => {
            return Err(Error::Fetch {
                url: Input::Url(url.clone()).to_string(),
                source: error,
            });
        }
    };
    let validators = download.validators().clone();
    let documents = input::documents(&[download.into()])?;
    let load = Load {
        database,
        source,
        documents,
        rejects,
        options,
    };
    let summary = load.run(Some(run), progress).await?;
    lease::loaded(database, source, url.as_str(), &validators, options.time()).await?;
    Ok(Some(summary))
}

async fn address(database: &Database, source: &Source) -> Result<Url, Error> {
    let sources = write::find_source(database, source).await?;
    let row = sources.ok_or_else(|| Error::UnknownSource(source.slug().to_owned()))?;
    let url = row.url.ok_or_else(|| Error::NoAddress(source.slug().to_owned()))?;
    url.parse().map_err(|_| Error::Url(url))
}

/// The sources that have an address, by slug.
///
/// # Errors
/// Those of the database.
pub async fn sources(database: &Database) -> Result<Vec<Source>, Error> {
    write::check(database).await?;
    let sources = lease::sources(database).await?;
    sources.iter().map(|(source, _)| source.slug.parse()).collect()
}

/// The sources that have an address and a schedule, with the time at which each is to be fetched: the one whose turn is next
/// comes first.
///
/// # Errors
/// Those of the database.
pub async fn schedule(database: &Database) -> Result<Vec<Due>, Error> {
    write::check(database).await?;
    let mut due = Vec::new();
    for (source, sync) in lease::sources(database).await? {
        if let Some(at) = next(&source, sync.as_ref()) {
            let source = source.slug.parse()?;
            due.push(Due { source, at });
        }
    }
    due.sort_by_key(|due| due.at);
    Ok(due)
}

/// When a source is to be fetched next; `None` if that is not said in a way this version understands.
fn next(source: &source::Model, sync: Option<&sync::Model>) -> Option<DateTime<Utc>> {
    let schedule: Schedule = source.schedule.as_deref()?.parse().ok()?;
    let Some(sync) = sync else {
        return Some(DateTime::UNIX_EPOCH);
    };
    if let (Some(_), Some(until)) = (sync.run_id, sync.leased_until) {
        return Some(until);
    }
    let Some(ended) = sync.ended_at else {
        return Some(DateTime::UNIX_EPOCH);
    };
    let regular = schedule.next_after(ended);
    // Nine doublings are more than a day.
    let doublings = u32::try_from(sync.failures - 1).map(|failures| failures.min(9));
    Some(doublings.map_or(regular, |doublings| regular.min(ended + FIRST_RETRY * (1 << doublings))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_failed_is_tried_again_before_its_time() {
        let ended: DateTime<Utc> = "2026-11-25T12:00:00Z".parse().unwrap();
        let source = |schedule: &str| source::Model {
            schedule: Some(schedule.to_owned()),
            url: Some("https://example.org/".to_owned()),
            ..write::empty_source(&"test".parse().unwrap())
        };
        let sync = |failures| sync::Model {
            source_id: "test".parse::<Source>().unwrap().key(),
            run_id: None,
            leased_until: None,
            ended_at: Some(ended),
            failures,
        };
        for (schedule, failures, minutes) in [
            ("1d", 0, 24 * 60),
            ("1d", 1, 5),
            ("1d", 3, 20),
            ("1d", 1000, 24 * 60),
            ("2m", 2, 2),
            ("daily 12:04", 1, 4),
        ] {
            let next = next(&source(schedule), Some(&sync(failures))).unwrap();
            assert_eq!(
                (next - ended).num_minutes(),
                minutes,
                "{schedule} after {failures} failures"
            );
        }
        assert_eq!(next(&source("1d"), None), Some(DateTime::UNIX_EPOCH));
        assert_eq!(next(&source("whenever"), None), None);
    }
}
