//! What a supplier shows: an organisation, and what it was awarded.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Object, Result};

use super::award::Award;
use super::branches;
use super::buyer::Buyer;
use super::connection::{Connection, Listed, Total};
use super::contract::Contract;
use super::direct::{Direct, Objects, plain_fields};
use super::organization::{Address, Identifier, additional_identifiers, address, aliases, identifier, under};
use super::partner::{Partner, PartnerEdge, partners};
use super::shown::{self, Shows};
use super::statistics::{Awards, Statistics};
use super::tender::Tender;
use super::tender_list;
use crate::criteria::page::PageArguments;
use crate::criteria::{
    AwardDimension, AwardFilter, AwardOrder, ContractFilter, ContractOrder, Cursor, GlobalId, Grouping, NodeId,
    NodeKind, StatisticsOrder, TenderFilter, TenderOrder,
};
use crate::store::award::{self, AwardList};
use crate::store::contract::{self, ContractList};
use crate::store::keyset::{Keyset, Placed};
use crate::store::organization::{OrganizationRow, Role};
use crate::store::statistics::Subject;

/// An organisation as a supplier, with its place in the list it was reached through.
#[derive(Clone)]
pub struct Supplier {
    row: Arc<OrganizationRow>,
    /// Place among the suppliers of an award; 0 elsewhere.
    position: i32,
    partner: Option<Partner>,
}

impl From<Arc<OrganizationRow>> for Supplier {
    fn from(row: Arc<OrganizationRow>) -> Self {
        Self {
            row,
            position: 0,
            partner: None,
        }
    }
}

impl Supplier {
    /// A supplier of an award, at its place in the published list.
    pub fn of_award(row: Arc<OrganizationRow>, position: i32) -> Self {
        Self {
            position,
            ..Self::from(row)
        }
    }

    /// A buyer's partner.
    pub fn partner(row: Arc<OrganizationRow>, partner: Partner) -> Self {
        Self {
            partner: Some(partner),
            ..Self::from(row)
        }
    }
}

impl Listed for Supplier {
    type EdgeFields = PartnerEdge;
    type ListFields = EmptyFields;

    fn edge_fields(&self) -> PartnerEdge {
        PartnerEdge::of(self.partner.as_ref())
    }

    fn place(&self, keyset: &Keyset) -> Option<Cursor> {
        let place = || self.row.place(keyset.value);
        Some(self.partner.as_ref().map_or_else(place, Partner::place))
    }

    fn position(&self) -> i32 {
        self.position
    }
}

impl Shows for Supplier {
    type Row = OrganizationRow;
    const FIELDS: &'static [(&'static str, &'static [&'static str])] = &[
        ("identifier", &["identifier_scheme", "identifier_id"]),
        ("aliases", &["name"]),
        (
            "address",
            &["street_address", "locality", "region", "postal_code", "country"],
        ),
        ("tenders", &[]),
        ("awards", &[]),
        ("contracts", &[]),
        ("buyers", &[]),
        ("awardStatistics", &[]),
    ];
}

/// An organisation that was awarded something.
#[Object]
impl Supplier {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> GlobalId {
        NodeId::of(NodeKind::Supplier, self.row.id)
    }

    /// Name in its newest mention.
    pub async fn name(&self) -> &str {
        self.row.name()
    }

    /// Its entry in a register.
    pub async fn identifier(&self) -> Option<Direct<Identifier>> {
        identifier(&self.row)
    }

    /// Its entries in further registers.
    pub async fn additional_identifiers(&self) -> Objects<Identifier> {
        additional_identifiers(&self.row)
    }

    /// Other spellings under which it was published, at most 100, in the order of the alphabet.
    pub async fn aliases(&self, context: &Context<'_>) -> Result<Vec<String>> {
        aliases(context, &self.row).await
    }

    /// Where it is, as its newest mention says.
    pub async fn address(&self) -> Option<Direct<Address>> {
        address(&self.row)
    }

    /// The tenders in which it was awarded something.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn tenders(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of the tenders; all if not given.")] filter: Option<TenderFilter>,
        #[graphql(desc = "In which order; if not given, best first where the filter searches, else newest first.")]
        order_by: Option<TenderOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Tender>>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
        };
        tender_list::page(context, Some((Role::Supplier, self.row.id)), filter, order_by, &page).await
    }

    /// What it was awarded.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn awards(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of its awards; all if not given.")] filter: Option<AwardFilter>,
        #[graphql(desc = "In which order; newest first if not given.")] order_by: Option<AwardOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Award>>> {
        let list = AwardList {
            filter: filter.unwrap_or_default(),
            order: order_by.unwrap_or_default(),
            shown: shown::by_entries::<Award>(context),
            beside: branches::beside_entries(context),
        };
        let keyset = award::keyset(list.order);
        let page = PageArguments {
            first,
            after,
            last,
            before,
        };
        under(
            context,
            (Role::Supplier, self.row.id),
            (list, keyset),
            &page,
            Total::AwardsUnder,
            Award,
        )
        .await
    }

    /// The contracts that follow from its awards.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn contracts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of its contracts; all if not given.")] filter: Option<ContractFilter>,
        #[graphql(desc = "In which order; newest first if not given.")] order_by: Option<ContractOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Contract>>> {
        let list = ContractList {
            filter: filter.unwrap_or_default(),
            order: order_by.unwrap_or_default(),
            shown: shown::by_entries::<Contract>(context),
        };
        let keyset = contract::keyset(list.order);
        let page = PageArguments {
            first,
            after,
            last,
            before,
        };
        under(
            context,
            (Role::Supplier, self.row.id),
            (list, keyset),
            &page,
            Total::ContractsUnder,
            Contract,
        )
        .await
    }

    /// Who awarded it something, those with the largest awarded value first: values in the currency of most of these awards are compared,
    /// since others cannot be. Without a value in it, who has more awards comes first. Each edge tells what was `awarded`.
    async fn buyers(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which awards count; all if not given: `{status: [ACTIVE]}`.")] filter: Option<AwardFilter>,
        #[graphql(desc = "How many, 0 to 100; 20 if not given.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Direct<Connection<Buyer>>> {
        partners(
            context,
            (Role::Supplier, self.row.id),
            filter,
            (first, after),
            Buyer::partner,
        )
        .await
    }

    /// Counts and sums of what it was awarded, in groups, for charts.
    async fn award_statistics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them count; all if not given.")] filter: Option<AwardFilter>,
        #[graphql(desc = "By what, at most three: `[YEAR, CATEGORY]`. An empty list makes one group of all.")]
        group_by: Vec<AwardDimension>,
        #[graphql(
            desc = "Converts all values to this currency, ISO 4217: `\"EUR\"`, at the rates of the day. If not given, values are \
                          added up by currency."
        )]
        currency: Option<String>,
        #[graphql(desc = "In which order; years and months in time, of others the largest first, if not given.")]
        order_by: Option<StatisticsOrder>,
        #[graphql(desc = "How many groups, 0 to 1000; 100 if not given.")] first: Option<i32>,
    ) -> Result<Direct<Statistics<Awards>>> {
        let grouping = Grouping::check(group_by, currency, order_by, first)?;
        let subject = Subject::Awards(filter.unwrap_or_default().into());
        Statistics::new(context, subject, grouping, Some((Role::Supplier, self.row.id))).await
    }
}

plain_fields!(Supplier: id, name; objects: identifier, additional_identifiers, address);
