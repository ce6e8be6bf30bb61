//! What a change shows.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entities::value::code;

use super::connection::Listed;
use super::direct::{Direct, plain_fields};
use super::load;
use super::tender::Tender;
use crate::criteria::Cursor;
use crate::criteria::code::ChangeKind;
use crate::store::change::{self, ChangeRow};
use crate::store::keyset::{Keyset, Placed};
use crate::store::tender::TenderById;

/// A change.
#[derive(Clone)]
pub struct Change(pub Arc<ChangeRow>);

impl Listed for Change {
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

impl Change {
    fn kind_code(&self) -> code::ChangeKind {
        // The column is written by the hub itself, from this list.
        code::ChangeKind::from_code(self.0.kind()).unwrap_or(code::ChangeKind::Updated)
    }
}

/// One tender that was published, changed or removed.
#[Object]
impl Change {
    /// Give it to `changes(after:)` to go on behind this change, now or in a year.
    async fn cursor(&self) -> String {
        let keyset = change::keyset();
        self.0.place(keyset.value).write(&keyset.list_name())
    }

    /// What happened.
    async fn kind(&self) -> ChangeKind {
        self.kind_code().into()
    }

    /// When it was committed.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The open contracting id of the tender.
    async fn ocid(&self) -> &str {
        self.0.ocid()
    }

    /// The tender as it is now, which may be newer than this change; later changes follow in the list. Null if this change
    /// removed it, or a later one did.
    async fn tender(&self, context: &Context<'_>) -> Result<Option<Direct<Tender>>> {
        if self.kind_code() == code::ChangeKind::Removed {
            return Ok(None);
        }
        let found = load(context, TenderById::whole(self.0.tender_id)).await?;
        Ok(found.map(Tender::from).map(Direct))
    }

    /// Paths that changed, as in the compiled release: `"tender/tenderPeriod/endDate"`, at most 200, in the order of the
    /// alphabet. Empty for a tender that is new or removed.
    async fn paths(&self) -> Vec<String> {
        // The column is written by the hub itself; what cannot be read is as good as absent.
        serde_json::from_str(self.0.paths()).unwrap_or_default()
    }
}

plain_fields!(Change: cursor, kind, at, ocid);
