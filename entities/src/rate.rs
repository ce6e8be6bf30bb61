//! Exchange rates: what a euro was worth on a day.

use sea_orm::entity::prelude::*;

/// The rate of one currency on one day. Every calendar day has a row of its own, so that an amount finds its rate by
/// equality: a day without a publication repeats the one before, for as long as that holds.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rate")]
pub struct Model {
    /// ISO 4217.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// The day, in UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Units of the currency for one euro, in hundred-millionths.
    pub per_euro: i64,
}

impl ActiveModelBehavior for ActiveModel {}
