//! An agreement signed after an award.

use sea_orm::entity::prelude::*;

use crate::Amount;

/// One contract of a process.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract")]
pub struct Model {
    /// The process it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::part`] of the contract's `id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The `id` in the publisher's data; empty where there is none.
    pub local_id: String,
    /// The award named by `awardID`, if the process has it.
    pub award_id: Option<Uuid>,
    /// `dateSigned`.
    pub date_signed: Option<DateTimeUtc>,
    /// `period/startDate`.
    pub period_start: Option<DateTimeUtc>,
    /// `period/endDate`.
    pub period_end: Option<DateTimeUtc>,
    /// A [`crate::value::code::ContractStatus`].
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
