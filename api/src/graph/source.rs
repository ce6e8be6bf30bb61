//! What a source shows.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};

use super::direct::plain_fields;
use super::load;
use crate::criteria::{NodeId, NodeKind};
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
    pub async fn id(&self) -> ID {
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

    /// Who publishes it.
    async fn publisher(&self) -> Option<&str> {
        self.0.publisher()
    }

    /// The country it is about, ISO 3166-1 alpha-2.
    async fn country(&self) -> Option<&str> {
        self.0.country()
    }

    /// URL of the licence under which its data may be used.
    async fn license(&self) -> Option<&str> {
        self.0.license()
    }

    /// Where it is fetched from.
    async fn url(&self) -> Option<&str> {
        self.0.url()
    }

    /// The form it comes in: `"ocds"`.
    async fn format(&self) -> Option<&str> {
        self.0.format()
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
}

plain_fields!(Source: id, slug, name, publisher, country, license, url, format, last_ingested_at);
