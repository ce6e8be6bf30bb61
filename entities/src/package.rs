//! The envelope that releases came in, without the releases.

use sea_orm::entity::prelude::*;

/// One release or record package, known by its source and its own metadata (OCDS 1.1 release package).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "package")]
pub struct Model {
    /// [`crate::key::package`] of source and metadata.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The source it was read from.
    pub source_id: Uuid,
    /// The package's own `uri`.
    pub uri: Option<String>,
    /// The package's `publishedDate`.
    pub published_at: Option<DateTimeUtc>,
    /// `publisher/name`.
    pub publisher: Option<String>,
    /// The package's `license`.
    pub license: Option<String>,
    /// Everything the envelope said, as compact JSON, digit for digit.
    pub metadata: String,
    /// The source it was read from.
    #[sea_orm(belongs_to, from = "source_id", to = "id")]
    pub source: BelongsTo<super::source::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
