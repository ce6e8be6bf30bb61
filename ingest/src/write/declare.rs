//! What an operator says of a source, and what is known of all of them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, SubsecRound, Utc};
use entities::{release, run, source};
use ocds::rules::Overrides;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use super::again::{self, Concerned};
use super::connection::{self, Transaction};
use super::{check, next_revision, sources};
use crate::prepare::Commit;
use crate::schedule::Schedule;
use crate::source::Source;
use crate::{Database, Error};

/// What an operator says of a source. What is `None` stays as it is, what is blank is forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Declaration {
    /// What to call it in a list.
    pub name: Option<String>,
    /// Who publishes it; packages say so themselves where this is not said.
    pub publisher: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country it is about.
    pub country: Option<String>,
    /// URL of the licence; packages say so themselves where this is not said.
    pub license: Option<String>,
    /// Where it is fetched from.
    pub url: Option<String>,
    /// The form it comes in.
    pub format: Option<String>,
    /// ISO 639-1 code of the language of texts that do not name theirs.
    pub language: Option<String>,
    /// When it is fetched; see [`Schedule`].
    pub schedule: Option<String>,
    /// How arrays are merged that do not keep to the rules of the standard: paths such as `awards`, each with `append` or
    /// `position`; see [`Overrides`]. All that apply; none if there are none any more.
    pub merge_overrides: Option<BTreeMap<String, String>>,
}

impl Declaration {
    /// The row with what is said.
    fn applied(&self, mut row: source::Model) -> Result<source::Model, Error> {
        let schedule = filled(self.schedule.as_ref()).map(str::parse::<Schedule>).transpose()?;
        let country = filled(self.country.as_ref()).map(str::to_ascii_uppercase);
        let language = filled(self.language.as_ref()).map(str::to_ascii_lowercase);
        letters("country", country.as_deref(), 2..=2, "NL")?;
        letters("language", language.as_deref(), 2..=3, "nl")?;
        if let Some(url) = filled(self.url.as_ref())
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            return Err(wrong("url", url, "https://example.org/releases.jsonl.gz"));
        }
        let text = |said: &Option<String>| filled(said.as_ref()).map(str::to_owned);
        for (column, said, value) in [
            (&mut row.name, &self.name, text(&self.name)),
            (&mut row.publisher, &self.publisher, text(&self.publisher)),
            (&mut row.country, &self.country, country),
            (&mut row.license, &self.license, text(&self.license)),
            (&mut row.url, &self.url, text(&self.url)),
            (&mut row.format, &self.format, text(&self.format)),
            (&mut row.language, &self.language, language),
            (
                &mut row.schedule,
                &self.schedule,
                schedule.map(|schedule| schedule.to_string()),
            ),
        ] {
            if said.is_some() {
                *column = value;
            }
        }
        if let Some(said) = &self.merge_overrides {
            let said = said.iter().map(|(path, strategy)| (path.as_str(), strategy.as_str()));
            let overrides = Overrides::new(said)?;
            row.merge_overrides = (!overrides.is_empty()).then(|| overrides.to_json());
        }
        Ok(row)
    }
}

/// What is said, unless it is blank.
fn filled(said: Option<&String>) -> Option<&str> {
    said.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn letters(
    field: &'static str,
    said: Option<&str>,
    lengths: std::ops::RangeInclusive<usize>,
    example: &'static str,
) -> Result<(), Error> {
    match said {
        Some(code) if !lengths.contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Err(wrong(field, code, example))
        }
        _ => Ok(()),
    }
}

fn wrong(field: &'static str, value: &str, example: &'static str) -> Error {
    Error::Declaration {
        field,
        value: value.to_owned(),
        example,
    }
}

/// What came of what an operator said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Whether anything is other than before.
    pub is_changed: bool,
    /// How many processes are other ones, because their releases are merged in another way.
    pub processes_updated: u64,
}

/// Takes down what an operator says of a source, which is made if it is new. If its releases are merged in another way from
/// now on, all processes that have one are compiled again, in the same transaction.
///
/// # Errors
/// [`Error::Declaration`], [`Error::Schedule`] or [`Error::Override`] if something cannot be meant so, and those of the
/// database. Then nothing is other than before.
pub async fn declare(
    database: &Database,
    source: &Source,
    declaration: &Declaration,
    now: DateTime<Utc>,
) -> Result<Declared, Error> {
    check(database).await?;
    let now = now.trunc_subsecs(6);
    let mut transaction = Transaction::begin(database).await?;
    let revision = next_revision(&mut transaction, now).await?;
    let known = sources::find(&mut transaction, source.key()).await?;
    let is_new = known.is_none();
    let before = known.unwrap_or_else(|| sources::empty(source));
    let row = declaration.applied(before.clone())?;
    if !is_new && row == before {
        transaction.rollback().await?;
        return Ok(Declared::default());
    }
    let is_merged_otherwise = row.merge_overrides != before.merge_overrides;
    let former = sources::rules(&mut transaction).await?;
    sources::ensure(&mut transaction, source).await?;
    let statement = Query::update()
        .table(source::Entity)
        .values([
            (source::Column::Name, row.name.into()),
            (source::Column::Publisher, row.publisher.into()),
            (source::Column::Country, row.country.into()),
            (source::Column::License, row.license.into()),
            (source::Column::Url, row.url.into()),
            (source::Column::Format, row.format.into()),
            (source::Column::Language, row.language.into()),
            (source::Column::Schedule, row.schedule.into()),
            (source::Column::MergeOverrides, row.merge_overrides.into()),
        ])
        .and_where(source::Column::Id.eq(row.id))
        .to_owned();
    transaction.execute(&statement).await?;
    let mut declared = Declared {
        is_changed: true,
        processes_updated: 0,
    };
    if is_merged_otherwise {
        let commit = Commit {
            source: source.key(),
            revision,
            now,
        };
        let mut concerned = Concerned::by(&mut transaction, source.key()).await?;
        while let Some(tenders) = concerned.next(&mut transaction).await? {
            let outcome = again::compile(&mut transaction, &tenders, Some(&former), commit).await?;
            declared.processes_updated += outcome.updated;
        }
    }
    transaction.commit().await?;
    Ok(declared)
}

/// A source as an operator sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// Its short name.
    pub slug: String,
    /// What to call it in a list.
    pub name: Option<String>,
    /// Who publishes it, as the operator or else its packages say.
    pub publisher: Option<String>,
    /// The country it is about.
    pub country: Option<String>,
    /// URL of the licence, as the operator or else its packages say.
    pub license: Option<String>,
    /// Where it is fetched from.
    pub url: Option<String>,
    /// The form it comes in.
    pub format: Option<String>,
    /// The language of its texts.
    pub language: Option<String>,
    /// When it is fetched.
    pub schedule: Option<String>,
    /// How arrays are merged that do not keep to the rules of the standard: paths, each with `append` or `position`.
    pub merge_overrides: BTreeMap<String, String>,
    /// How many of its releases are stored.
    pub releases: u64,
    /// When a load from it last changed something.
    pub last_ingested_at: Option<DateTime<Utc>>,
    /// How the newest load from it ended, and when it began.
    pub last_run: Option<LastRun>,
}

/// The newest load from a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// How it ended, if it did.
    pub outcome: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Why it failed.
    pub message: Option<String>,
}

/// All sources, by slug.
///
/// # Errors
/// Those of the database.
pub async fn list(database: &Database) -> Result<Vec<Listed>, Error> {
    #[derive(FromQueryResult)]
    struct Count {
        source_id: Uuid,
        count: i64,
    }
    check(database).await?;
    let statement = release::Entity::find()
        .select_only()
        .column(release::Column::SourceId)
        .column_as(release::Column::Id.count(), "count")
        .group_by(release::Column::SourceId)
        .into_query();
    let counts: Vec<Count> = connection::fetch(database, &statement).await?;
    let counts: HashMap<Uuid, u64> = counts
        .into_iter()
        .map(|row| (row.source_id, row.count.unsigned_abs()))
        .collect();
    let statement = source::Entity::find().order_by_asc(source::Column::Slug).into_query();
    let mut listed = Vec::new();
    for row in connection::fetch::<source::Model>(database, &statement).await? {
        listed.push(Listed {
            releases: counts.get(&row.id).copied().unwrap_or_default(),
            last_run: last_run(database, row.id).await?,
            slug: row.slug,
            name: row.name,
            publisher: row.publisher.or(row.package_publisher),
            country: row.country,
            license: row.license.or(row.package_license),
            url: row.url,
            format: row.format,
            language: row.language,
            schedule: row.schedule,
            merge_overrides: overrides(row.merge_overrides.as_deref()),
            last_ingested_at: row.last_ingested_at,
        });
    }
    Ok(listed)
}

fn overrides(stored: Option<&str>) -> BTreeMap<String, String> {
    let overrides = stored.and_then(|text| Overrides::parse(text).ok()).unwrap_or_default();
    let said = overrides.iter();
    said.map(|(path, strategy)| (path.to_owned(), strategy.as_str().to_owned()))
        .collect()
}

async fn last_run(database: &Database, source: Uuid) -> Result<Option<LastRun>, Error> {
    let statement = run::Entity::find()
        .filter(run::Column::SourceId.eq(source))
        .order_by_desc(run::Column::StartedAt)
        .order_by_desc(run::Column::Id)
        .limit(1)
        .into_query();
    let newest: Option<run::Model> = connection::fetch(database, &statement).await?.pop();
    Ok(newest.map(|run| LastRun {
        outcome: run.outcome,
        started_at: run.started_at,
        message: run.message,
    }))
}
