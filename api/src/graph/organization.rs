//! What organisations show, in each of their roles.

use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Interface, Object, Result, SimpleObject};
use serde::Deserialize;
use uuid::Uuid;

use super::buyer::Buyer;
use super::connection::{Connection, Listed, Places, Total};
use super::direct::{Direct, Objects, plain_fields};
use super::load;
use super::supplier::Supplier;
use super::tender::missing_page;
use crate::criteria::page::PageArguments;
use crate::criteria::{GlobalId, NodeId, NodeKind};
use crate::error::Error;
use crate::store::keyset::{Keyset, Page};
use crate::store::nested::{CountUnder, Listing, Under};
use crate::store::organization::{AliasesOf, OrganizationRow, Role};
use crate::store::{self, Store};

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
    field(name = "id", ty = "GlobalId", desc = "Global id of the organisation in this role."),
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

pub(super) fn identifier(row: &OrganizationRow) -> Option<Direct<Identifier>> {
    Some(Direct(Identifier {
        scheme: row.identifier_scheme()?.to_owned(),
        id: row.identifier_id()?.to_owned(),
    }))
}

pub(super) fn additional_identifiers(row: &OrganizationRow) -> Objects<Identifier> {
    // The column is written by the hub itself; what cannot be read is as good as absent.
    let identifiers = row
        .additional_identifiers()
        .and_then(|json| serde_json::from_str(json).ok());
    Objects(identifiers.unwrap_or_default())
}

pub(super) fn address(row: &OrganizationRow) -> Option<Direct<Address>> {
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

pub(super) async fn aliases(context: &Context<'_>, row: &OrganizationRow) -> Result<Vec<String>> {
    let names = load(context, AliasesOf(row.id)).await?.unwrap_or_default();
    Ok(names.iter().filter(|name| **name != row.name()).cloned().collect())
}

/// A page of a list under one organisation.
pub(super) async fn under<L, N>(
    context: &Context<'_>,
    (role, organization): (Role, Uuid),
    (list, keyset): (L, Keyset),
    page: &PageArguments,
    total: impl Fn(CountUnder<L>) -> Total,
    node: impl Fn(Arc<L::Row>) -> N,
) -> Result<Direct<Connection<N>>>
where
    L: Listing,
    N: Listed,
    Store: Loader<Under<L>, Value = Arc<Page<L::Row>>, Error = Error>,
{
    let (list, page) = (Arc::new(list), page.check(&keyset.list_name())?);
    let key = Under {
        role,
        organization,
        list: list.clone(),
        page,
    };
    let found = load(context, key).await?.ok_or_else(missing_page)?;
    found.beside.tell(context.data_unchecked::<store::Loader>()).await;
    let total = total(CountUnder {
        role,
        organization,
        list,
    });
    Ok(Connection::new(&found, Places::Keyset(keyset), total, |row| {
        node(row.clone())
    }))
}

/// An organisation as a procuring entity.
#[derive(Clone)]
pub struct ProcuringEntity(pub Arc<OrganizationRow>);

/// An organisation that runs a procedure, for itself or for the buyer.
#[Object]
impl ProcuringEntity {
    /// Global id, for `node(id:)` and for client caches.
    pub async fn id(&self) -> GlobalId {
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

plain_fields!(ProcuringEntity: id, name; objects: identifier, additional_identifiers, address);
