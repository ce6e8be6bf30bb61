//! A decision to give a lot or a tender to one or more suppliers.

use sea_orm::entity::prelude::*;

use crate::Amount;

/// One award of a process.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award")]
pub struct Model {
    /// The process it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::part`] of the award's `id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The `id` in the publisher's data; empty where there is none.
    pub local_id: String,
    /// `date` of the decision.
    pub date: Option<DateTimeUtc>,
    /// The tender's buyer, repeated so that a buyer's awards are found at once.
    pub buyer_id: Option<Uuid>,
    /// A [`crate::value::code::AwardStatus`].
    pub status: Option<String>,
    /// `value/amount`.
    pub value_amount: Option<Amount>,
    /// `value/currency`, ISO 4217.
    pub value_currency: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
