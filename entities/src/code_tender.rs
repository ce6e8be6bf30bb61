//! The processes under every code, in the order in which they were published: [`super::tender_code`] the other way round.
//!
//! An index could not do that as well: rows are added in one order only, and of one of the two all pages would be touched
//! for every few rows.

use sea_orm::entity::prelude::*;

/// One process that has a code, or one below it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_tender")]
pub struct Model {
    /// The symbols that the codes below begin with, as in [`super::tender_code::Model::code`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// `CPV` or `NUTS`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: String,
    /// The tender's, repeated so that the newest under a code are found at once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub published_at: DateTimeUtc,
    /// The process.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
