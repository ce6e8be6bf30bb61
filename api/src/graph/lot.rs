//! What a lot shows.

use std::sync::Arc;

use async_graphql::Object;
use async_graphql::connection::EmptyFields;
use entities::value::code;

use super::connection::Listed;
use super::direct::{Direct, plain_fields};
use super::money::Money;
use super::shown::Shows;
use crate::criteria::code::TenderStatus;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind};
use crate::store::keyset::Keyset;
use crate::store::part::LotRow;

/// A lot.
#[derive(Clone)]
pub struct Lot(pub Arc<LotRow>);

impl Listed for Lot {
    type EdgeFields = EmptyFields;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> EmptyFields {
        EmptyFields
    }

    fn place(&self, _keyset: &Keyset) -> Option<Cursor> {
        None
    }

    fn position(&self) -> i32 {
        self.0.position
    }
}

impl Shows for Lot {
    type Row = LotRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] =
        &[("value", &["value_amount", "value_currency"])];
}

/// A part of a tender that is awarded on its own.
#[Object]
impl Lot {
    /// Global id, for client caches.
    async fn id(&self) -> GlobalId {
        NodeId::of_part(NodeKind::Lot, self.0.tender_id, self.0.id)
    }

    /// The id in the publisher's data; empty where none was published.
    async fn local_id(&self) -> &str {
        self.0.local_id()
    }

    /// Title, as published.
    async fn title(&self) -> Option<&str> {
        self.0.title()
    }

    /// What the lot is about, as published.
    async fn description(&self) -> Option<&str> {
        self.0.description()
    }

    /// Where the lot stands.
    async fn status(&self) -> Option<TenderStatus> {
        self.0.status().and_then(code::TenderStatus::from_code).map(Into::into)
    }

    /// Estimated value.
    async fn value(&self) -> Option<Direct<Money>> {
        Money::of(self.0.value_amount(), self.0.value_currency())
    }
}

plain_fields!(Lot: id, local_id, title, description, status; objects: value);
