//! Which organisations an award was given to.

use sea_orm::entity::prelude::*;

/// One entry of an award's `suppliers`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_supplier")]
pub struct Model {
    /// The process the award belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// The award.
    #[sea_orm(primary_key, auto_increment = false)]
    pub award_id: Uuid,
    /// The organisation that supplies.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The award's date, repeated so that a supplier's newest awards are found at once.
    pub date: Option<DateTimeUtc>,
    /// The award.
    #[sea_orm(belongs_to, from = "(tender_id, award_id)", to = "(tender_id, id)")]
    pub award: BelongsTo<super::award::Entity>,
    /// The supplier.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
