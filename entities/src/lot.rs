//! A part of a tender that is awarded on its own (OCDS lots extension).

use sea_orm::entity::prelude::*;

use crate::Amount;

/// One lot of `tender/lots`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lot")]
pub struct Model {
    /// The process it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::part`] of the lot's `id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The `id` in the publisher's data; empty where there is none.
    pub local_id: String,
    /// A [`crate::value::code::TenderStatus`].
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
