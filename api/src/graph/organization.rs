//! What organisations show, in each of their roles.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object, Result, SimpleObject};
use serde::Deserialize;

use super::award::Award;
use super::connection::{Connection, Listed, Places, Total};
use super::direct::{Direct, Objects, plain_fields};
use super::load;
use super::tender::{Tender, missing_page};
use crate::criteria::page::PageArguments;
use crate::criteria::{AwardFilter, AwardOrder, Cursor, NodeId, NodeKind, TenderFilter, TenderOrder};
use crate::store::award::{self, AwardCountUnder, AwardList, AwardsUnder, Under};
use crate::store::keyset::{Keyset, Placed};
use crate::store::organization::{AliasesOf, OrganizationRow};
use crate::store::tender::{self, TenderCountOfBuyer, TenderList, TendersOfBuyer};

/// An entry in a register.
#[derive(SimpleObject, Clone, Debug, Deserialize)]
pub struct Identifier {
    /// The register, as a code of org-id.guide where there is one: `"NL-KVK"`.
    pub scheme: String,
    /// The number in it.
    pub id: String,
}

/// Where an organisation is.
#[expect(clippy::struct_field_names, reason = "`streetAddress` is the standard's name")]
#[derive(SimpleObject, Clone, Debug)]
pub struct Address {
    /// Street and number, as published.
    pub street_address: Option<String>,
    /// Town, as published.
    pub locality: Option<String>,
    /// Region, as published; sometimes a NUTS code.
    pub region: Option<String>,
    /// Postal code, as published.
    pub postal_code: Option<String>,
    /// Country, ISO 3166-1 alpha-2: `"NL"`.
    pub country: Option<String>,
}

/// An organisation, whatever its role.
#[derive(Interface, Clone)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Global id of the organisation in this role."),
    field(name = "name", ty = "&str", desc = "Name in its newest mention."),
    field(
        name = "identifier",
        ty = "Option<Direct<Identifier>>",
        desc = "Its entry in a register."
    ),
    field(
        name = "additional_identifiers",
        ty = "Objects<Identifier>",
        desc = "Its entries in further registers."
    ),
    field(
        name = "aliases",
        ty = "Vec<String>",
        desc = "Other spellings under which it was published, at most 100, in the order of the alphabet."
    ),
    field(
        name = "address",
        ty = "Option<Direct<Address>>",
        desc = "Where it is, as its newest mention says."
    )
)]
pub enum Organization {
    /// As a buyer.
    Buyer(Buyer),
    /// As a supplier.
    Supplier(Supplier),
    /// As a procuring entity.
    ProcuringEntity(ProcuringEntity),
}

plain_fields!(fields of Identifier: scheme, id);
plain_fields!(fields of Address: street_address, locality, region, postal_code, country);

fn identifier(row: &OrganizationRow) -> Option<Direct<Identifier>> {
    Some(Direct(Identifier {
        scheme: row.identifier_scheme()?.to_owned(),
        id: row.identifier_id()?.to_owned(),
    }))
}

fn additional_identifiers(row: &OrganizationRow) -> Objects<Identifier> {
    // The column is written by the hub itself; what cannot be read is as good as absent.
    let identifiers = row
        .additional_identifiers()
        .and_then(|json| serde_json::from_str(json).ok());
    Objects(identifiers.unwrap_or_default())
}

fn address(row: &OrganizationRow) -> Option<Direct<Address>> {
    let parts = [
        row.street_address(),
        row.locality(),
        row.region(),
        row.postal_code(),
        row.country(),
    ];
    parts.iter().any(Option::is_some).then(|| {
        Direct(Address {
            street_address: row.street_address().map(str::to_owned),
            locality: row.locality().map(str::to_owned),
            region: row.region().map(str::to_owned),
            postal_code: row.postal_code().map(str::to_owned),
            country: row.country().map(str::to_owned),
        })
    })
}

async fn aliases(context: &Context<'_>, row: &OrganizationRow) -> Result<Vec<String>> {
    let names = load(context, AliasesOf(row.id)).await?.unwrap_or_default();
    Ok(names.iter().filter(|name| **name != row.name()).cloned().collect())
}

async fn awards(
    context: &Context<'_>,
    role: Under,
    organization: uuid::Uuid,
    list: AwardList,
    page: &PageArguments,
) -> Result<Direct<Connection<Award>>> {
    let (list, keyset) = (Arc::new(list.clone()), award::keyset(list.order));
    let page = page.check(&keyset.list_name())?;
    let key = AwardsUnder {
        role,
        organization,
        list: list.clone(),
        page,
    };
    let found = load(context, key).await?.ok_or_else(missing_page)?;
    let total = Total::AwardsUnder(AwardCountUnder {
        role,
        organization,
        list,
    });
    Ok(Connection::new(&found, Places::Keyset(keyset), total, |row| {
        Award(row.clone())
    }))
}

/// An organisation as a buyer.
#[derive(Clone)]
pub struct Buyer(pub Arc<OrganizationRow>);

impl Listed for Buyer {
    fn place(&self, keyset: &Keyset) -> Option<Cursor> {
        Some(self.0.place(keyset.value))
    }

    fn position(&self) -> i32 {
        0
    }
}

/// An organisation that buys: a ministry, a municipality, a school.
#[Object]
impl Buyer {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> ID {
        NodeId::of(NodeKind::Buyer, self.0.id)
    }

    /// Name in its newest mention.
    pub async fn name(&self) -> &str {
        self.0.name()
    }

    /// Its entry in a register.
    pub async fn identifier(&self) -> Option<Direct<Identifier>> {
        identifier(&self.0)
    }

    /// Its entries in further registers.
    pub async fn additional_identifiers(&self) -> Objects<Identifier> {
        additional_identifiers(&self.0)
    }

    /// Other spellings under which it was published, at most 100, in the order of the alphabet.
    pub async fn aliases(&self, context: &Context<'_>) -> Result<Vec<String>> {
        aliases(context, &self.0).await
    }

    /// Where it is, as its newest mention says.
    pub async fn address(&self) -> Option<Direct<Address>> {
        address(&self.0)
    }

    /// The tenders it put out.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn tenders(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of its tenders; all if not given.")] filter: Option<TenderFilter>,
        #[graphql(desc = "In which order; newest first if not given.")] order_by: Option<TenderOrder>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Direct<Connection<Tender>>> {
        let list = Arc::new(TenderList {
            filter: filter.unwrap_or_default(),
            order: order_by.unwrap_or_default(),
        });
        let keyset = tender::keyset(list.order);
        let page = PageArguments {
            first,
            after,
            last,
            before,
        }
        .check(&keyset.list_name())?;
        let buyer = self.0.id;
        let found = load(
            context,
            TendersOfBuyer {
                buyer,
                list: list.clone(),
                page,
            },
        )
        .await?;
        let found = found.ok_or_else(missing_page)?;
        let total = Total::OfBuyer(TenderCountOfBuyer { buyer, list });
        Ok(Connection::new(&found, Places::Keyset(keyset), total, |row| {
            Tender(row.clone())
        }))
    }

    /// The awards in its tenders.
    #[expect(clippy::too_many_arguments, reason = "the arguments are the API's")]
    async fn awards(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of the awards; all if not given.")] filter: Option<AwardFilter>,
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
        };
        awards(
            context,
            Under::Buyer,
            self.0.id,
            list,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}

plain_fields!(Buyer: id, name, identifier, address);

/// An organisation as a supplier, with its place in the list it was reached through.
#[derive(Clone)]
pub struct Supplier {
    /// The organisation.
    pub row: Arc<OrganizationRow>,
    /// Place among the suppliers of an award; 0 elsewhere.
    pub position: i32,
}

impl Listed for Supplier {
    fn place(&self, keyset: &Keyset) -> Option<Cursor> {
        Some(self.row.place(keyset.value))
    }

    fn position(&self) -> i32 {
        self.position
    }
}

/// An organisation that was awarded something.
#[Object]
impl Supplier {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> ID {
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
        };
        awards(
            context,
            Under::Supplier,
            self.row.id,
            list,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}

plain_fields!(Supplier: id, name, identifier, address);

/// An organisation as a procuring entity.
#[derive(Clone)]
pub struct ProcuringEntity(pub Arc<OrganizationRow>);

/// An organisation that runs a procedure, for itself or for the buyer.
#[Object]
impl ProcuringEntity {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> ID {
        NodeId::of(NodeKind::ProcuringEntity, self.0.id)
    }

    /// Name in its newest mention.
    pub async fn name(&self) -> &str {
        self.0.name()
    }

    /// Its entry in a register.
    pub async fn identifier(&self) -> Option<Direct<Identifier>> {
        identifier(&self.0)
    }

    /// Its entries in further registers.
    pub async fn additional_identifiers(&self) -> Objects<Identifier> {
        additional_identifiers(&self.0)
    }

    /// Other spellings under which it was published, at most 100, in the order of the alphabet.
    pub async fn aliases(&self, context: &Context<'_>) -> Result<Vec<String>> {
        aliases(context, &self.0).await
    }

    /// Where it is, as its newest mention says.
    pub async fn address(&self) -> Option<Direct<Address>> {
        address(&self.0)
    }
}

plain_fields!(ProcuringEntity: id, name, identifier, address);
