//! What an operator decided about who is who. Decisions are never derived: they survive whatever is loaded.

use sea_orm::entity::prelude::*;

/// Two claims, or all claims with a number, that are or are not the same organisation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_decision")]
pub struct Model {
    /// The smaller of the two keys: the id of a claim, or [`crate::key::organization_by_identifier`] of a number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub left_key: Uuid,
    /// The greater of the two.
    #[sea_orm(primary_key, auto_increment = false)]
    pub right_key: Uuid,
    /// Whether they are the same organisation.
    pub same: bool,
    /// When it was decided.
    pub decided_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
