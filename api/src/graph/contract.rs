//! What a contract shows.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entities::value::code::{self, Owner};

use super::award::Award;
use super::connection::{Connection, Listed};
use super::direct::{Direct, plain_fields};
use super::document::Document;
use super::item::Item;
use super::money::{Money, Period};
use super::shown::Shows;
use super::tender::{Tender, lists_of_parts, owners};
use super::{load, only};
use crate::criteria::code::ContractStatus;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind};
use crate::store::award::AwardById;
use crate::store::contract::ContractRow;
use crate::store::keyset::{Keyset, Placed};
use crate::store::part::List;

/// A contract.
#[derive(Clone)]
pub struct Contract(pub Arc<ContractRow>);

impl Listed for Contract {
    type EdgeFields = EmptyFields;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> EmptyFields {
        EmptyFields
    }

    fn place(&self, keyset: &Keyset) -> Option<Cursor> {
        Some(self.0.place(keyset.value))
    }

    fn position(&self) -> i32 {
        self.0.position
    }
}

impl Shows for Contract {
    type Row = ContractRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] = &[
        ("value", &["value_amount", "value_currency"]),
        ("period", &["period_start", "period_end"]),
        ("tender", &[]),
        ("award", &[]),
        ("items", &[]),
        ("documents", &[]),
    ];
}

impl Contract {
    /// The lists of parts that it has itself.
    fn own(&self) -> List {
        List {
            tender: self.0.tender_id,
            owner: Owner::Contract,
            owner_id: self.0.id,
        }
    }
}

/// An agreement that was signed after an award.
#[Object]
impl Contract {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> GlobalId {
        NodeId::of_part(NodeKind::Contract, self.0.tender_id, self.0.id)
    }

    /// The id in the publisher's data; empty where none was published.
    async fn local_id(&self) -> &str {
        self.0.local_id()
    }

    /// Title, as published.
    async fn title(&self) -> Option<&str> {
        self.0.title()
    }

    /// What was agreed, as published.
    async fn description(&self) -> Option<&str> {
        self.0.description()
    }

    /// Where the contract stands.
    async fn status(&self) -> Option<ContractStatus> {
        self.0
            .status()
            .and_then(code::ContractStatus::from_code)
            .map(Into::into)
    }

    /// When it was signed.
    async fn date_signed(&self) -> Option<DateTime<Utc>> {
        self.0.date_signed()
    }

    /// When it runs.
    async fn period(&self) -> Option<Direct<Period>> {
        Period::of(self.0.period_start(), self.0.period_end())
    }

    /// Contracted value.
    async fn value(&self) -> Option<Direct<Money>> {
        Money::of(self.0.value_amount(), self.0.value_currency())
    }

    /// The process that it follows from.
    async fn tender(&self, context: &Context<'_>) -> Result<Direct<Tender>> {
        only(Self::tenders_of(context, &[self]).await)
    }

    /// The award it follows from; absent where the publisher named none that the process has.
    async fn award(&self, context: &Context<'_>) -> Result<Option<Direct<Award>>> {
        let Some(id) = self.0.award_id else { return Ok(None) };
        let found = load(
            context,
            AwardById {
                tender: self.0.tender_id,
                id,
            },
        )
        .await?;
        Ok(found.map(Award).map(Direct))
    }

    /// What was contracted, piece by piece, in the order published.
    async fn items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Item>>> {
        only(Self::items_of(context, &[self], first, after).await)
    }

    /// Its documents, in the order published.
    async fn documents(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Document>>> {
        only(Self::documents_of(context, &[self], first, after).await)
    }
}

impl Contract {
    async fn tenders_of(context: &Context<'_>, contracts: &[&Self]) -> Result<Vec<Direct<Tender>>> {
        owners(context, contracts.iter().map(|contract| contract.0.tender_id).collect()).await
    }
}

lists_of_parts! {
    Contract, Contract::own;
    items_of: Item, Items;
    documents_of: Document, Documents;
}

plain_fields!(
    Contract: id, local_id, title, description, status, date_signed;
    objects: period, value;
    relations: tender = tenders_of(), items = items_of(first, after), documents = documents_of(first, after)
);
