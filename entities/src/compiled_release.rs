//! The present state of a process as one OCDS document, extensions and unknown fields included.

use sea_orm::entity::prelude::*;

/// The compiled release of one process.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "compiled_release")]
pub struct Model {
    /// The process.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// The compiled release as JSON text, compressed with Zstandard.
    pub body: Vec<u8>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
