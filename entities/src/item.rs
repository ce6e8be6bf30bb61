//! Goods, works or a service that is bought, awarded or contracted.

use sea_orm::entity::prelude::*;

use crate::Amount;

/// One item of the tender, an award or a contract.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "item")]
pub struct Model {
    /// The process it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::part`] of the owner and the item's `id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// A [`crate::value::code::Owner`]: the section that lists it.
    pub owner: String,
    /// Key of the award or contract that lists it; the tender's own key otherwise.
    pub owner_id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The `id` in the publisher's data; empty where there is none.
    pub local_id: String,
    /// The lot named by `relatedLot`.
    pub lot_id: Option<Uuid>,
    /// `classification/scheme`.
    pub classification_scheme: Option<String>,
    /// `classification/id`, as published.
    pub classification_code: Option<String>,
    /// `quantity`.
    pub quantity: Option<Amount>,
    /// `unit/name`.
    pub unit: Option<String>,
    /// `unit/value/amount`.
    pub unit_amount: Option<Amount>,
    /// `unit/value/currency`, ISO 4217.
    pub unit_currency: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
