//! What an item shows.

use std::sync::Arc;

use async_graphql::Object;
use async_graphql::connection::EmptyFields;

use super::classification::Classification;
use super::connection::Listed;
use super::direct::{Direct, plain_fields};
use super::money::Money;
use super::shown::Shows;
use crate::criteria::{Cursor, Decimal, GlobalId, NodeId, NodeKind};
use crate::store::keyset::Keyset;
use crate::store::part::ItemRow;

/// An item.
#[derive(Clone)]
pub struct Item(pub Arc<ItemRow>);

impl Listed for Item {
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

impl Shows for Item {
    type Row = ItemRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] = &[
        ("classification", &["classification_scheme", "classification_code"]),
        ("unitValue", &["unit_amount", "unit_currency"]),
    ];
}

/// Goods, works or a service that is bought.
#[Object]
impl Item {
    /// Global id, for client caches.
    async fn id(&self) -> GlobalId {
        NodeId::of_part(NodeKind::Item, self.0.tender_id, self.0.id)
    }

    /// The id in the publisher's data; empty where none was published.
    async fn local_id(&self) -> &str {
        self.0.local_id()
    }

    /// What it is, as published.
    async fn description(&self) -> Option<&str> {
        self.0.description()
    }

    /// What it is, in codes.
    async fn classification(&self) -> Option<Direct<Classification>> {
        let row = &self.0;
        Some(Direct(Classification {
            scheme: row.classification_scheme()?.to_owned(),
            code: row.classification_code()?.to_owned(),
            label: None,
        }))
    }

    /// How much.
    async fn quantity(&self) -> Option<Decimal> {
        self.0.quantity().map(Decimal::from)
    }

    /// Of which unit, as published: `"piece"`, `"m2"`.
    async fn unit(&self) -> Option<&str> {
        self.0.unit()
    }

    /// Price of one unit.
    async fn unit_value(&self) -> Option<Direct<Money>> {
        Money::of(self.0.unit_amount(), self.0.unit_currency())
    }

    /// Global id of the lot it belongs to.
    async fn lot_id(&self) -> Option<GlobalId> {
        self.0
            .lot_id()
            .map(|lot| NodeId::of_part(NodeKind::Lot, self.0.tender_id, lot))
    }
}

plain_fields!(Item: id, local_id, description, quantity, unit, lot_id; objects: classification, unit_value);
