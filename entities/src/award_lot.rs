//! Which lots an award is about.

use sea_orm::entity::prelude::*;

/// One entry of an award's `relatedLots`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_lot")]
pub struct Model {
    /// The process both belong to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// The award.
    #[sea_orm(primary_key, auto_increment = false)]
    pub award_id: Uuid,
    /// The lot.
    #[sea_orm(primary_key, auto_increment = false)]
    pub lot_id: Uuid,
    /// The award.
    #[sea_orm(belongs_to, from = "(tender_id, award_id)", to = "(tender_id, id)")]
    pub award: BelongsTo<super::award::Entity>,
    /// The lot.
    #[sea_orm(belongs_to, from = "(tender_id, lot_id)", to = "(tender_id, id)")]
    pub lot: BelongsTo<super::lot::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
