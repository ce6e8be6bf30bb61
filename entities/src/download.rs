//! What was fetched from where, and what its server said of it: so that only what changed is fetched again.

use sea_orm::entity::prelude::*;

/// One address of a source whose content is loaded completely.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download")]
pub struct Model {
    /// The source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: Uuid,
    /// The address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub url: String,
    /// The `ETag` it came with.
    pub etag: Option<String>,
    /// The `Last-Modified` it came with.
    pub last_modified: Option<String>,
    /// When it was fetched.
    pub fetched_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
