//! What an award shows.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entities::value::code::{self, Owner};
use uuid::Uuid;

use super::buyer::Buyer;
use super::connection::{Connection, Listed, Places, Total};
use super::contract::Contract;
use super::direct::{Direct, Objects, plain_fields};
use super::document::Document;
use super::item::Item;
use super::lot::Lot;
use super::money::Money;
use super::shown::{self, Shows};
use super::supplier::Supplier;
use super::tender::{Tender, buyers, lists_of_parts, owners};
use super::{load, load_level, only, trees};
use crate::criteria::code::AwardStatus;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind, PartPage};
use crate::store::award::{AwardRow, LotsOfAward};
use crate::store::contract::ContractsOfAward;
use crate::store::keyset::{Keyset, Page, Placed};
use crate::store::organization::{SupplierCountOfAward, SupplierOfAward, SuppliersOfAward};
use crate::store::part::{List, page_of};
use crate::store::tree::Branch;

/// An award.
#[derive(Clone)]
pub struct Award(pub Arc<AwardRow>);

impl Listed for Award {
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

impl Shows for Award {
    type Row = AwardRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] = &[
        ("value", &["value_amount", "value_currency"]),
        ("tender", &[]),
        ("buyer", &[]),
        ("lots", &[]),
        ("suppliers", &[]),
        ("contracts", &[]),
        ("items", &[]),
        ("documents", &[]),
    ];
}

impl Award {
    /// The lists of parts that it has itself.
    fn own(&self) -> List {
        List {
            tender: self.0.tender_id,
            owner: Owner::Award,
            owner_id: self.0.id,
        }
    }
}

/// A decision to give a lot or a whole tender to one or more suppliers.
#[Object]
impl Award {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> GlobalId {
        NodeId::of_part(NodeKind::Award, self.0.tender_id, self.0.id)
    }

    /// The id in the publisher's data; empty where none was published.
    async fn local_id(&self) -> &str {
        self.0.local_id()
    }

    /// Title, as published.
    async fn title(&self) -> Option<&str> {
        self.0.title()
    }

    /// What was decided, as published.
    async fn description(&self) -> Option<&str> {
        self.0.description()
    }

    /// Where the award stands.
    async fn status(&self) -> Option<AwardStatus> {
        self.0.status().and_then(code::AwardStatus::from_code).map(Into::into)
    }

    /// When it was decided.
    async fn date(&self) -> Option<DateTime<Utc>> {
        self.0.date()
    }

    /// Awarded value.
    async fn value(&self) -> Option<Direct<Money>> {
        Money::of(self.0.value_amount(), self.0.value_currency())
    }

    /// The process in which it was decided.
    async fn tender(&self, context: &Context<'_>) -> Result<Direct<Tender>> {
        only(Self::tenders_of(context, &[self]).await)
    }

    /// The tender's buyer.
    async fn buyer(&self, context: &Context<'_>) -> Result<Option<Direct<Buyer>>> {
        only(Self::buyers_of(context, &[self]).await)
    }

    /// The lots it is about; none where it is about the whole tender, or where the publisher did not say.
    async fn lots(&self, context: &Context<'_>) -> Result<Objects<Lot>> {
        let key = LotsOfAward {
            tender: self.0.tender_id,
            award: self.0.id,
        };
        let found = load(context, key).await?;
        let rows = found.iter().flat_map(|rows| rows.iter());
        Ok(Objects(rows.cloned().map(Lot).collect()))
    }

    /// Who it was given to, in the order published.
    async fn suppliers(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Supplier>>> {
        only(Self::suppliers_of(context, &[self], first, after).await)
    }

    /// The contracts that follow from it, in the order published.
    async fn contracts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Contract>>> {
        let page = PartPage::check(first, after.as_deref())?;
        let key = ContractsOfAward {
            tender: self.0.tender_id,
            award: self.0.id,
        };
        let contracts = load(context, key).await?.unwrap_or_default();
        let total = Total::Known(contracts.len());
        Ok(Connection::new(
            &page_of(&contracts, page, |row| row.position),
            Places::Published,
            total,
            |row| Contract(row.clone()),
        ))
    }

    /// What was awarded, piece by piece, in the order published.
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

impl Award {
    async fn tenders_of(context: &Context<'_>, awards: &[&Self]) -> Result<Vec<Direct<Tender>>> {
        owners(context, awards.iter().map(|award| award.0.tender_id).collect()).await
    }

    async fn buyers_of(context: &Context<'_>, awards: &[&Self]) -> Result<Vec<Option<Direct<Buyer>>>> {
        buyers(context, awards.iter().map(|award| award.0.buyer_id).collect()).await
    }

    async fn suppliers_of(
        context: &Context<'_>,
        awards: &[&Self],
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<Direct<Connection<Supplier>>>> {
        let page = PartPage::check(first, after.as_deref())?;
        let shown = shown::by_entries::<Supplier>(context);
        let supplier =
            |supplier: &Arc<SupplierOfAward>| Supplier::of_award(supplier.organization.clone(), supplier.position);
        let connection = |award: &Self, page: &Page<_>| {
            let total = Total::Suppliers(SupplierCountOfAward {
                tender: award.0.tender_id,
                award: award.0.id,
            });
            Connection::new(page, Places::Published, total, supplier)
        };
        let keys: Vec<Uuid> = awards.iter().map(|award| award.0.id).collect();
        if let Some(pages) = trees(context).suppliers(&keys, Branch { page, shown }) {
            let awards = awards.iter().zip(&pages);
            return Ok(awards.map(|(award, page)| connection(award, page)).collect());
        }
        let key = |award: &&Self| SuppliersOfAward {
            tender: award.0.tender_id,
            award: award.0.id,
            page,
            shown,
        };
        let pages = load_level(context, awards.iter().map(key).collect()).await?;
        let awards = awards.iter().zip(pages.iter());
        Ok(awards.map(|(award, page)| connection(award, page)).collect())
    }
}

lists_of_parts! {
    Award, Award::own;
    items_of: Item, Items;
    documents_of: Document, Documents;
}

plain_fields!(
    Award: id, local_id, title, description, status, date;
    objects: value;
    relations: tender = tenders_of(), buyer = buyers_of(), suppliers = suppliers_of(first, after),
        items = items_of(first, after), documents = documents_of(first, after)
);
