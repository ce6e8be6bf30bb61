//! Who buys from whom: what a list of partners shows beside each of them.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::connection::{Connection, Listed, Places, Total};
use super::direct::{Direct, Objects, plain_fields};
use super::load;
use super::money::Money;
use super::tender::missing_page;
use crate::criteria::page::PageArguments;
use crate::criteria::{AwardFilter, Cursor};
use crate::error::Error;
use crate::store::keyset::{Page, Placed};
use crate::store::organization::{OrganizationById, OrganizationRow, Role};
use crate::store::partner::{self, AwardedBetween, MainCurrency, PartnerCount, PartnerPage, PartnersOf};

/// An organisation as a partner of another: what its list knows of it beside the organisation itself.
#[derive(Clone)]
pub struct Partner {
    between: AwardedBetween,
    place: Cursor,
}

impl Partner {
    /// Its place in the list of partners.
    pub fn place(&self) -> Cursor {
        self.place.clone()
    }
}

/// What the edges of suppliers and buyers have beside cursor and node.
#[derive(SimpleObject)]
#[graphql(complex, fake)]
pub struct PartnerEdge {
    #[graphql(skip)]
    between: Option<AwardedBetween>,
}

impl PartnerEdge {
    /// For an entry of a list, of partners or not.
    pub fn of(partner: Option<&Partner>) -> Self {
        Self {
            between: partner.map(|partner| partner.between.clone()),
        }
    }
}

#[ComplexObject]
impl PartnerEdge {
    /// What the supplier was awarded by the buyer, added up. Only under `Buyer.suppliers` and `Supplier.buyers`; null in
    /// other lists, which are not about one buyer and one supplier.
    async fn awarded(&self, context: &Context<'_>) -> Result<Option<Direct<AwardSummary>>> {
        let Some(between) = &self.between else {
            return Ok(None);
        };
        let awarded = load(context, between.clone()).await?.unwrap_or_default();
        Ok(Some(Direct(AwardSummary(awarded))))
    }
}

/// Awards, added up.
pub struct AwardSummary(Arc<partner::Awarded>);

/// Awards, added up. An award to several suppliers counts in full for each of them.
#[Object]
impl AwardSummary {
    /// How many awards.
    async fn count(&self) -> i32 {
        i32::try_from(self.0.count).unwrap_or(i32::MAX)
    }

    /// How many of them have a value; the rest are in no sum.
    async fn count_with_value(&self) -> i32 {
        i32::try_from(self.0.value.count()).unwrap_or(i32::MAX)
    }

    /// The sum of the values, one entry a currency, that of most awards first; empty if no award has a value.
    async fn value(&self) -> Objects<Money> {
        Money::sums(&self.0.value)
    }

    /// When the first was decided.
    async fn first_awarded_at(&self) -> Option<DateTime<Utc>> {
        self.0.first
    }

    /// When the last was decided.
    async fn last_awarded_at(&self) -> Option<DateTime<Utc>> {
        self.0.last
    }
}

plain_fields!(AwardSummary: count, count_with_value, first_awarded_at, last_awarded_at; objects: value);

/// A page of the partners of an organisation. `node` makes an entry from a partner's row and what is known beside it.
pub async fn partners<N: Listed>(
    context: &Context<'_>,
    (role, organization): (Role, Uuid),
    filter: Option<AwardFilter>,
    (first, after): (Option<i32>, Option<String>),
    node: impl Fn(Arc<OrganizationRow>, Partner) -> N,
) -> Result<Direct<Connection<N>>> {
    let keyset = partner::keyset();
    let arguments = PageArguments {
        first,
        after,
        ..PageArguments::default()
    };
    let page = arguments.check(&keyset.list_name())?;
    let of = PartnersOf {
        role,
        organization,
        filter: Arc::new(filter.unwrap_or_default()),
    };
    let currency = load(context, MainCurrency(of.clone())).await?;
    let question = PartnerPage {
        of: of.clone(),
        currency,
        page,
    };
    let found = load(context, question).await?.ok_or_else(missing_page)?;
    let named = found
        .rows
        .iter()
        .map(|row| load(context, OrganizationById::whole(row.id)));
    let named = futures_util::future::try_join_all(named).await?;
    let missing = || Error::Unreadable("an organisation with awards is missing".to_owned());
    let mut rows = Vec::with_capacity(named.len());
    for (row, organization) in found.rows.iter().zip(named) {
        let (buyer, supplier) = match role {
            Role::Buyer => (of.organization, row.id),
            Role::Supplier => (row.id, of.organization),
        };
        let partner = Partner {
            between: AwardedBetween {
                buyer,
                supplier,
                filter: of.filter.clone(),
            },
            place: row.place(keyset.value),
        };
        rows.push(Arc::new((organization.ok_or_else(missing)?, partner)));
    }
    let page = Page::alone(rows, found.has_previous, found.has_next);
    let total = Total::Partners(PartnerCount(of));
    Ok(Connection::new(&page, Places::Keyset(keyset), total, |row| {
        let (organization, partner) = row.as_ref();
        node(organization.clone(), partner.clone())
    }))
}
