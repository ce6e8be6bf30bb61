//! Every code under which a process is found: its own codes and all above them, for schemes that are trees.

use sea_orm::entity::prelude::*;

/// One code that is, or stands above, a code of a process. Made so that a subtree is one equality.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tender_code")]
pub struct Model {
    /// The process.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// `CPV` or `NUTS`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: String,
    /// The symbols that the codes below begin with: `72`, `722`, `7226`; `NL`, `NL3`, `NL32`. A text that is no code of the
    /// scheme stands here itself, as published.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
