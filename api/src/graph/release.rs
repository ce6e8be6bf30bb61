//! What a release shows.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entities::value::code::ReleaseKind;

use super::connection::Listed;
use super::direct::{Direct, plain_fields};
use super::load;
use super::package::Package;
use super::scalar::Json;
use super::source::Source;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind};
use crate::error::Error;
use crate::store::keyset::{Keyset, Placed};
use crate::store::package::PackageById;
use crate::store::release::{ReleaseRow, TextOfRelease};
use crate::store::release_conflict::{ConflictOfRelease, ReleaseConflict};
use crate::store::source::SourceById;

/// A release.
#[derive(Clone)]
pub struct Release(pub Arc<ReleaseRow>);

impl Listed for Release {
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

impl Release {
    async fn conflict(&self, context: &Context<'_>) -> Result<ReleaseConflict> {
        let key = ConflictOfRelease {
            tender: self.0.tender_id,
            id: self.0.id,
        };
        Ok(load(context, key).await?.unwrap_or_default())
    }
}

/// One publication about a process, as the publisher sent it.
#[Object]
impl Release {
    /// Global id, for client caches.
    async fn id(&self) -> GlobalId {
        NodeId::of_part(NodeKind::Release, self.0.tender_id, self.0.id)
    }

    /// The id in the publisher's data, unique within its process at best.
    async fn release_id(&self) -> Option<&str> {
        self.0.release_id()
    }

    /// When it was published, by its own date.
    async fn date(&self) -> DateTime<Utc> {
        self.0.date
    }

    /// What it announces, codes of the OCDS codelist: `["tender"]`.
    async fn tag(&self) -> Vec<&str> {
        self.0.tag()
    }

    /// Whether it is a snapshot that the publisher merged from other releases: the whole process, not only what is new.
    async fn is_compiled(&self) -> bool {
        self.0.kind() == ReleaseKind::Compiled.as_str()
    }

    /// Whether another release of the process has the same `releaseId` and says something else, which OCDS does not allow.
    /// All of them count, in the order of their dates. `false` if it has no `releaseId`.
    async fn is_conflicting(&self, context: &Context<'_>) -> Result<bool> {
        Ok(self.conflict(context).await?.by_id)
    }

    /// Whether another release of the process has exactly the same date. Nothing published tells which of them came first:
    /// that they are merged in the order of their ids, and of what they say, is a convention of the hub.
    async fn shares_date(&self, context: &Context<'_>) -> Result<bool> {
        Ok(self.conflict(context).await?.by_date)
    }

    /// When the hub took it in: it was retrieved from its source then.
    async fn retrieved_at(&self) -> DateTime<Utc> {
        self.0.retrieved_at
    }

    /// Where it was read from.
    async fn source(&self, context: &Context<'_>) -> Result<Direct<Source>> {
        let found = load(context, SourceById(self.0.source_id)).await?;
        Ok(found
            .map(Source)
            .map(Direct)
            .ok_or_else(|| Error::Unreadable("source of a release is missing".to_owned()))?)
    }

    /// The package it came in: who published it, and under which licence. Of several packages the one published first;
    /// null for a release that was published on its own.
    async fn package(&self, context: &Context<'_>) -> Result<Option<Direct<Package>>> {
        let Some(id) = self.0.package_id else { return Ok(None) };
        Ok(load(context, PackageById(id)).await?.map(Package).map(Direct))
    }

    /// The release itself, digit for digit as published.
    async fn ocds(&self, context: &Context<'_>) -> Result<Json> {
        let key = TextOfRelease {
            tender: self.0.tender_id,
            id: self.0.id,
        };
        let found = load(context, key).await?;
        Ok(found
            .map(Json)
            .ok_or_else(|| Error::Unreadable("text of a release is missing".to_owned()))?)
    }
}

plain_fields!(Release: id, release_id, date, is_compiled, retrieved_at);
