//! What a source shows.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use ocds::rules::Overrides;

use super::connection::{Connection, Places, Total};
use super::direct::{Direct, Objects, plain_fields};
use super::load;
use super::run::Run;
use super::tender::missing_page;
use crate::criteria::code::MergeStrategy;
use crate::criteria::page::PageArguments;
use crate::criteria::{GlobalId, NodeId, NodeKind};
use crate::store::run::{self, RunCountOfSource, RunsOfSource};
use crate::store::source::{ReleaseSpan, ReleaseSpanOfSource, SourceRow, TenderCountOfSource};

/// A source.
#[derive(Clone)]
pub struct Source(pub Arc<SourceRow>);

impl Source {
    async fn span(&self, context: &Context<'_>) -> Result<ReleaseSpan> {
        Ok(load(context, ReleaseSpanOfSource(self.0.id)).await?.unwrap_or_default())
    }
}

/// A data feed that the hub was loaded from.
#[Object]
impl Source {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> GlobalId {
        NodeId::of(NodeKind::Source, self.0.id)
    }

    /// Short name, as filters take it: `"tenderned"`.
    async fn slug(&self) -> &str {
        self.0.slug()
    }

    /// What to call it in a list.
    async fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// Who publishes it: as the hub's operator says, else as the newest of its packages says that says so.
    async fn publisher(&self) -> Option<&str> {
        self.0.publisher().or_else(|| self.0.package_publisher())
    }

    /// The country it is about, ISO 3166-1 alpha-2.
    async fn country(&self) -> Option<&str> {
        self.0.country()
    }

    /// URL of the licence under which its data may be used: as the hub's operator says, else as the newest of its packages
    /// says that says so.
    async fn license(&self) -> Option<&str> {
        self.0.license().or_else(|| self.0.package_license())
    }

    /// Where it is fetched from.
    async fn url(&self) -> Option<&str> {
        self.0.url()
    }

    /// The form it comes in: `"ocds"`.
    async fn format(&self) -> Option<&str> {
        self.0.format()
    }

    /// The language of texts that do not name theirs, ISO 639-1: `"nl"`.
    async fn language(&self) -> Option<&str> {
        self.0.language()
    }

    /// When the hub fetches it by itself: `"6h"`, `"daily 03:00"`. Null if it does not.
    async fn schedule(&self) -> Option<&str> {
        self.0.schedule()
    }

    /// The arrays of its releases that are merged otherwise than OCDS says, because its publisher does not keep to the
    /// standard there; in the order of their paths. The hub's operator says so; none for most sources.
    async fn merge_overrides(&self) -> Objects<MergeOverride> {
        let overrides = self.0.merge_overrides().and_then(|text| Overrides::parse(text).ok());
        let overrides = overrides.unwrap_or_default();
        let said = overrides.iter().map(|(path, strategy)| MergeOverride {
            path: path.to_owned(),
            strategy: strategy.into(),
        });
        Objects(said.collect())
    }

    /// How many processes have their newest release from it.
    async fn tender_count(&self, context: &Context<'_>) -> Result<i32> {
        let count = load(context, TenderCountOfSource(self.0.id)).await?.unwrap_or_default();
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// How many releases were taken from it.
    async fn release_count(&self, context: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.span(context).await?.count).unwrap_or(i32::MAX))
    }

    /// Date of its oldest release.
    async fn first_published_at(&self, context: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.span(context).await?.first)
    }

    /// Date of its newest release.
    async fn last_published_at(&self, context: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.span(context).await?.last)
    }

    /// When a load from it last changed something.
    async fn last_ingested_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_ingested_at
    }

    /// The loads from it, newest first: who loaded what and when, and what came of it. Answers that hold it are never kept:
    /// a load that changes nothing leaves a report all the same.
    #[graphql(cache_control(no_cache))]
    async fn runs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Run>>> {
        let keyset = run::keyset();
        let arguments = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        let page = arguments.check(&keyset.list_name())?;
        let source = self.0.id;
        let found = load(context, RunsOfSource { source, page }).await?;
        let page = found.ok_or_else(missing_page)?;
        let total = Total::Runs(RunCountOfSource(source));
        Ok(Connection::new(&page, Places::Keyset(keyset), total, |row| {
            Run(row.clone())
        }))
    }
}

plain_fields!(
    Source: id, slug, name, publisher, country, license, url, format, language, schedule, last_ingested_at; objects: merge_overrides
);

/// An array that is merged otherwise than OCDS says.
#[derive(Clone, Debug, SimpleObject)]
pub struct MergeOverride {
    /// The path of the array without the places of objects in lists: `"contracts/implementation/milestones"`.
    path: String,
    /// How its objects are matched.
    strategy: MergeStrategy,
}

plain_fields!(fields of MergeOverride: path, strategy);
