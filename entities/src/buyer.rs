//! Organisations in the role of buyer: those that a tender names as its buyer.

use sea_orm::entity::prelude::*;

/// One organisation that buys.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "buyer")]
pub struct Model {
    /// The organisation's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who it is.
    #[sea_orm(belongs_to, from = "id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
    /// What it put out to tender.
    #[sea_orm(has_many)]
    pub tenders: HasMany<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
