//! What a process is about, in codes: the classifications of its tender and items as published, then the NUTS codes of the
//! regions to which it delivers, or of the buyer's region where no region of delivery has a code.

use sea_orm::entity::prelude::*;

/// One code that a process carries.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "classification")]
pub struct Model {
    /// The process.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// The scheme, such as `CPV`, as published.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme: String,
    /// The code, as published; of a region the code alone, in capitals.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Order of first mention, from 0.
    pub position: i32,
    /// The description that came with it.
    pub label: Option<String>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
