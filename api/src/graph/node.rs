//! Everything that has a global id and can be asked for by it.

use async_graphql::{Context, ID, Interface, Result};

use super::award::Award;
use super::buyer::Buyer;
use super::contract::Contract;
use super::load;
use super::organization::ProcuringEntity;
use super::source::Source;
use super::supplier::Supplier;
use super::tender::Tender;
use crate::criteria::{NodeId, NodeKind};
use crate::store::award::AwardById;
use crate::store::contract::ContractById;
use crate::store::organization::{InRole, OrganizationById, Role};
use crate::store::source::SourceById;
use crate::store::tender::TenderById;

/// Something with a global id.
#[derive(Interface, Clone)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Global id: the same for ever, and enough to ask for it again."
))]
pub enum Node {
    /// A contracting process.
    Tender(Tender),
    /// An award.
    Award(Award),
    /// A contract.
    Contract(Contract),
    /// An organisation as a buyer.
    Buyer(Buyer),
    /// An organisation as a supplier.
    Supplier(Supplier),
    /// An organisation as a procuring entity.
    ProcuringEntity(ProcuringEntity),
    /// A data source.
    Source(Source),
}

/// What an id names, if the hub has it. An id that no hub ever made names nothing.
pub async fn find(context: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let Some(id) = NodeId::read(id) else { return Ok(None) };
    Ok(match id.kind {
        NodeKind::Tender => load(context, TenderById::whole(id.key))
            .await?
            .map(Tender::from)
            .map(Node::Tender),
        NodeKind::Award => {
            let key = AwardById {
                tender: id.tender,
                id: id.key,
            };
            load(context, key).await?.map(Award).map(Node::Award)
        }
        NodeKind::Contract => {
            let key = ContractById {
                tender: id.tender,
                id: id.key,
            };
            load(context, key).await?.map(Contract).map(Node::Contract)
        }
        NodeKind::Buyer => {
            let key = InRole {
                role: Role::Buyer,
                id: id.key,
            };
            load(context, key).await?.map(Buyer::from).map(Node::Buyer)
        }
        NodeKind::Supplier => {
            let key = InRole {
                role: Role::Supplier,
                id: id.key,
            };
            load(context, key).await?.map(Supplier::from).map(Node::Supplier)
        }
        NodeKind::ProcuringEntity => {
            let found = load(context, OrganizationById::whole(id.key)).await?;
            found.map(ProcuringEntity).map(Node::ProcuringEntity)
        }
        NodeKind::Source => load(context, SourceById(id.key)).await?.map(Source).map(Node::Source),
        // These are reached through their process or source; their ids are for client caches.
        NodeKind::Lot | NodeKind::Item | NodeKind::Document | NodeKind::Release | NodeKind::Run | NodeKind::Package => {
            None
        }
    })
}
