//! What a tender shows.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use entities::value::code;
use uuid::Uuid;

use super::award::Award;
use super::buyer::Buyer;
use super::classification::Classification;
use super::connection::{Connection, Listed, Places, Total};
use super::contract::Contract;
use super::direct::{Direct, Objects, plain_fields};
use super::document::Document;
use super::facet::TenderFacets;
use super::found_tender::FoundTender;
use super::history::{FieldChange, HistoryRequest};
use super::item::Item;
use super::lot::Lot;
use super::money::{Money, Period};
use super::organization::{Organization, ProcuringEntity};
use super::release::Release;
use super::scalar::Json;
use super::shown::{self, Shows};
use super::source::Source;
use super::{load, load_all, load_level, only, trees};
use crate::criteria::code::{ProcurementCategory, ProcurementMethod, TenderStatus};
use crate::criteria::page::PageArguments;
use crate::criteria::{Cursor, GlobalId, NodeId, NodeKind, OrderDirection, PartPage};
use crate::error::Error;
use crate::store::classification::ClassificationsOf;
use crate::store::found::Hit;
use crate::store::keyset::{Keyset, Page, Placed};
use crate::store::merged::{CompiledReleaseAt, HistoryOf, Moment};
use crate::store::organization::OrganizationById;
use crate::store::part::{List, PartCount, PartsOf};
use crate::store::release::{self, CompiledReleaseOf, ReleaseCountOfTender, ReleasesOfTender};
use crate::store::source::SourceById;
use crate::store::tender::{TenderById, TenderRow};
use crate::store::tree::{Branch, InTree};

/// A contracting process, and what a list that was searched knows of it.
#[derive(Clone)]
pub struct Tender {
    row: Arc<TenderRow>,
    hit: Option<Arc<Hit>>,
}

impl From<Arc<TenderRow>> for Tender {
    fn from(row: Arc<TenderRow>) -> Self {
        Self { row, hit: None }
    }
}

impl From<Arc<Hit>> for Tender {
    fn from(hit: Arc<Hit>) -> Self {
        Self {
            row: Arc::clone(&hit.row),
            hit: Some(hit),
        }
    }
}

impl Listed for Tender {
    type EdgeFields = FoundTender;
    type ListFields = TenderFacets;

    fn edge_fields(&self) -> FoundTender {
        FoundTender::of(self.hit.clone())
    }

    fn place(&self, keyset: &Keyset) -> Option<Cursor> {
        let place = || self.row.place(keyset.value);
        Some(self.hit.as_ref().map_or_else(place, |hit| hit.cursor()))
    }

    fn position(&self) -> i32 {
        0
    }
}

impl Shows for Tender {
    type Row = TenderRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] = &[
        ("id", &[]),
        ("buyer", &[]),
        ("classifications", &[]),
        ("lots", &[]),
        ("items", &[]),
        ("awards", &[]),
        ("contracts", &[]),
        ("documents", &[]),
        ("releases", &[]),
        ("history", &[]),
        ("value", &["value_amount", "value_currency"]),
        ("tenderPeriod", &["tender_start", "tender_end"]),
        ("enquiryPeriod", &["enquiry_start", "enquiry_end"]),
        ("awardPeriod", &["award_start", "award_end"]),
        ("contractPeriod", &["contract_start", "contract_end"]),
        ("procuringEntity", &["procuring_entity_id"]),
        ("source", &["source_id", "ocid"]),
        ("ocds", &["ocid"]),
    ];
}

/// A contracting process: one purchase from its announcement to its contracts, known by its ocid.
#[Object]
impl Tender {
    /// Global id, for `node(id:)` and for client caches. It stays the same when the hub is rebuilt.
    pub async fn id(&self) -> GlobalId {
        NodeId::of(NodeKind::Tender, self.row.id)
    }

    /// Open contracting id: the publisher's prefix and a local identifier, `"ocds-b5fd17-1"`.
    async fn ocid(&self) -> &str {
        self.row.ocid()
    }

    /// Title, as published.
    async fn title(&self) -> Option<&str> {
        self.row.title()
    }

    /// What is bought, as published.
    async fn description(&self) -> Option<&str> {
        self.row.description()
    }

    /// Language of the texts, ISO 639-1: `"nl"`.
    async fn language(&self) -> Option<&str> {
        self.row.language()
    }

    /// Where the process stands.
    async fn status(&self) -> Option<TenderStatus> {
        self.row
            .status()
            .and_then(code::TenderStatus::from_code)
            .map(Into::into)
    }

    /// When the process was first published.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        Some(self.row.published_at)
    }

    /// When the process was last published about.
    async fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.row.updated_at()
    }

    /// What kind of thing is mainly bought.
    async fn main_procurement_category(&self) -> Option<ProcurementCategory> {
        self.row
            .main_procurement_category()
            .and_then(code::ProcurementCategory::from_code)
            .map(Into::into)
    }

    /// How suppliers can take part.
    async fn procurement_method(&self) -> Option<ProcurementMethod> {
        self.row
            .procurement_method()
            .and_then(code::ProcurementMethod::from_code)
            .map(Into::into)
    }

    /// The procedure in the publisher's words.
    async fn procurement_method_details(&self) -> Option<&str> {
        self.row.procurement_method_details()
    }

    /// Estimated value.
    async fn value(&self) -> Option<Direct<Money>> {
        Money::of(self.row.value_amount(), self.row.value_currency())
    }

    /// When offers can be submitted; its end is the deadline.
    async fn tender_period(&self) -> Option<Direct<Period>> {
        Period::of(self.row.tender_start(), self.row.tender_end())
    }

    /// When questions can be asked.
    async fn enquiry_period(&self) -> Option<Direct<Period>> {
        Period::of(self.row.enquiry_start(), self.row.enquiry_end())
    }

    /// When offers are evaluated and the award decided.
    async fn award_period(&self) -> Option<Direct<Period>> {
        Period::of(self.row.award_start(), self.row.award_end())
    }

    /// When the contract is expected to run.
    async fn contract_period(&self) -> Option<Direct<Period>> {
        Period::of(self.row.contract_start(), self.row.contract_end())
    }

    /// How many organisations submitted an offer, as published.
    async fn number_of_tenderers(&self) -> Option<i32> {
        self.row.number_of_tenderers()
    }

    /// The organisation that buys.
    async fn buyer(&self, context: &Context<'_>) -> Result<Option<Direct<Buyer>>> {
        only(Self::buyers_of(context, &[self]).await)
    }

    /// The organisation that runs the procedure, where it was published; often the buyer itself.
    async fn procuring_entity(&self, context: &Context<'_>) -> Result<Option<Organization>> {
        let Some(id) = self.row.procuring_entity_id() else {
            return Ok(None);
        };
        let found = load(context, OrganizationById::whole(id)).await?;
        Ok(found.map(|row| Organization::ProcuringEntity(ProcuringEntity(row))))
    }

    /// What is bought and where, in codes: the classifications of the tender and its items in the order of first mention,
    /// then the regions to which is delivered (NUTS), or the buyer's region where no region of delivery has a code.
    async fn classifications(&self, context: &Context<'_>) -> Result<Objects<Classification>> {
        let found = load(context, ClassificationsOf(self.row.id)).await?;
        let rows = found.iter().flat_map(|rows| rows.iter());
        Ok(Objects(rows.map(Classification::from).collect()))
    }

    /// The parts that are awarded on their own, in the order published.
    async fn lots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Lot>>> {
        only(Self::lots_of(context, &[self], first, after).await)
    }

    /// What is bought, piece by piece, in the order published.
    async fn items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Item>>> {
        only(Self::items_of(context, &[self], first, after).await)
    }

    /// The decisions to give the work to suppliers, in the order published.
    async fn awards(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Award>>> {
        only(Self::awards_of(context, &[self], first, after).await)
    }

    /// The contracts that were signed, in the order published.
    async fn contracts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Contract>>> {
        only(Self::contracts_of(context, &[self], first, after).await)
    }

    /// The documents of the tender, in the order published; awards list their own.
    async fn documents(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Document>>> {
        only(Self::documents_of(context, &[self], first, after).await)
    }

    /// Each release as it was published, newest first.
    async fn releases(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Release>>> {
        let keyset = release::keyset();
        let arguments = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        let page = arguments.check(&keyset.list_name())?;
        let found = load(
            context,
            ReleasesOfTender {
                tender: self.row.id,
                page,
            },
        )
        .await?;
        let page = found.ok_or_else(missing_page)?;
        let total = Total::Releases(ReleaseCountOfTender(self.row.id));
        Ok(Connection::new(&page, Places::Keyset(keyset), total, |row| {
            Release(row.clone())
        }))
    }

    /// What changed between the releases, field by field, in the order of the releases; the first one adds all it has. The
    /// `release` of a change tells whether its place in that order is doubtful: `release { isConflicting sharesDate }`.
    /// Where the publisher sends no releases but only the merged whole, what changed from one to the next.
    async fn history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only these fields and all within them: `[\"tender/tenderPeriod\", \"awards/status\"]`.")]
        paths: Option<Vec<String>>,
        #[graphql(desc = "Oldest first, or newest first.", default_with = "OrderDirection::Asc")]
        direction: OrderDirection,
    ) -> Result<Direct<Connection<FieldChange>>> {
        let arguments = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        let request = HistoryRequest::check(direction, paths, &arguments)?;
        let found = load(context, HistoryOf(self.row.id)).await?;
        Ok(request.page(&found.ok_or_else(missing_page)?))
    }

    /// The source of its newest release: who publishes it, under which licence.
    async fn source(&self, context: &Context<'_>) -> Result<Direct<Source>> {
        let found = match self.row.source_id() {
            Some(id) => load(context, SourceById(id)).await?,
            None => None,
        };
        Ok(found
            .map(Source)
            .map(Direct)
            .ok_or_else(|| Error::Unreadable(format!("source of {} is missing", self.row.ocid())))?)
    }

    /// The whole compiled release, extensions and unknown fields included, as one OCDS document. With `asOf` or `knownAt`
    /// as it stood then: `{}` if nothing had been published.
    async fn ocds(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "By the dates of the publisher: merged from the releases dated up to then, `\"2024-05-01T00:00:00Z\"`."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(
            desc = "By what the hub knew: merged from the releases it had taken in by then. With `asOf` both must hold."
        )]
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Json> {
        let moment = Moment { as_of, known_at };
        if moment != Moment::default() {
            let tender = self.row.id;
            let found = load(context, CompiledReleaseAt { tender, moment }).await?;
            return Ok(Json(found.unwrap_or_else(|| "{}".into())));
        }
        let found = load(context, CompiledReleaseOf(self.row.id)).await?;
        Ok(found
            .map(Json)
            .ok_or_else(|| Error::Unreadable(format!("compiled release of {} is missing", self.row.ocid())))?)
    }
}

plain_fields!(
    Tender: id, ocid, title, description, language, status, published_at, updated_at, main_procurement_category, procurement_method, procurement_method_details, number_of_tenderers;
    objects: value, tender_period, enquiry_period, award_period, contract_period;
    relations: buyer = buyers_of(), lots = lots_of(first, after), items = items_of(first, after),
        awards = awards_of(first, after), contracts = contracts_of(first, after), documents = documents_of(first, after)
);

impl Tender {
    async fn buyers_of(context: &Context<'_>, tenders: &[&Self]) -> Result<Vec<Option<Direct<Buyer>>>> {
        buyers(context, tenders.iter().map(|tender| tender.row.buyer_id).collect()).await
    }
}

/// Answers the lists of parts of many objects. `$list` names the list that an object has.
macro_rules! lists_of_parts {
    ($object:ident, $list:expr; $($many:ident: $node:ident, $total:ident;)+) => {
        impl $object {
            $(async fn $many(
                context: &async_graphql::Context<'_>,
                objects: &[&Self],
                first: Option<i32>,
                after: Option<String>,
            ) -> async_graphql::Result<Vec<$crate::graph::direct::Direct<$crate::graph::connection::Connection<$node>>>> {
                let lists = objects.iter().map(|&object| $list(object)).collect();
                let total = $crate::graph::connection::Total::$total;
                $crate::graph::tender::parts(context, lists, first, after, total, $node).await
            })+
        }
    };
}
pub(super) use lists_of_parts;

lists_of_parts! {
    Tender, |tender: &Tender| List::of_tender(tender.row.id);
    lots_of: Lot, Lots;
    items_of: Item, Items;
    awards_of: Award, AwardsOfTender;
    contracts_of: Contract, ContractsOfTender;
    documents_of: Document, Documents;
}

/// The buyers with these keys, in the order of the keys.
pub async fn buyers(context: &Context<'_>, keys: Vec<Option<Uuid>>) -> Result<Vec<Option<Direct<Buyer>>>> {
    let shown = shown::by_object::<Buyer>(context);
    let buyer = |row: Arc<_>| Direct(Buyer::from(row));
    if let Some(buyers) = trees(context).buyers(&keys, shown) {
        return Ok(buyers.into_iter().map(|row| row.map(buyer)).collect());
    }
    let key = |id| OrganizationById { id, shown };
    let found = load_all(context, keys.iter().flatten().copied().map(key).collect()).await?;
    let found = |id| found.get(&key(id)).cloned().map(buyer);
    Ok(keys.into_iter().map(|id| found(id?)).collect())
}

/// The processes that own parts, in the order of their keys.
pub async fn owners(context: &Context<'_>, keys: Vec<Uuid>) -> Result<Vec<Direct<Tender>>> {
    let shown = shown::by_object::<Tender>(context);
    let key = |id| TenderById { id, shown };
    let found = load_all(context, keys.iter().copied().map(key).collect()).await?;
    let missing = || Error::Unreadable("the process of a part is missing".to_owned());
    let owner = |id| found.get(&key(id)).cloned().map(Tender::from).map(Direct);
    keys.into_iter().map(|id| Ok(owner(id).ok_or_else(missing)?)).collect()
}

/// A page of the parts in each of these lists.
pub async fn parts<R: InTree, N: Listed + Shows<Row = R>>(
    context: &Context<'_>,
    lists: Vec<List>,
    first: Option<i32>,
    after: Option<String>,
    total: impl Fn(PartCount<R>) -> Total,
    node: impl Fn(Arc<R>) -> N,
) -> Result<Vec<Direct<Connection<N>>>> {
    let shown = shown::by_entries::<N>(context);
    let page = PartPage::check(first, after.as_deref())?;
    let connection = |list: List, page: &Page<R>| {
        let total = total(PartCount::new(list));
        Connection::new(page, Places::Published, total, |row| node(row.clone()))
    };
    if let Some(pages) = trees(context).parts(&lists, Branch { page, shown }) {
        let lists = lists.into_iter().zip(&pages);
        return Ok(lists.map(|(list, page)| connection(list, page)).collect());
    }
    let keys = lists.iter().map(|&list| PartsOf::<R>::new(list, page, shown));
    let pages = load_level(context, keys.collect()).await?;
    let lists = lists.into_iter().zip(pages.iter());
    Ok(lists.map(|(list, page)| connection(list, page)).collect())
}

/// Loaders answer every question for a page, if only with an empty one.
pub fn missing_page() -> Error {
    Error::Unreadable("a page was asked for and not answered".to_owned())
}
