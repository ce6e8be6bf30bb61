//! A release as it was published: immutable, compressed, the truth that everything else is derived from.

use sea_orm::entity::prelude::*;

/// One release of a process.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub struct Model {
    /// The process it is about.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::release`] of source, ocid, release id and content.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The source it was read from.
    pub source_id: Uuid,
    /// The package it came in: of several the one published first. None for a release published on its own.
    pub package_id: Option<Uuid>,
    /// The `id` in the publisher's data; some publishers leave it out.
    pub release_id: Option<String>,
    /// The release's `date`.
    pub date: DateTimeUtc,
    /// The release's `tag`s, separated by commas.
    pub tags: String,
    /// A [`crate::value::code::ReleaseKind`].
    pub kind: String,
    /// When the hub took it in.
    pub retrieved_at: DateTimeUtc,
    /// The JSON text as published, compressed with Zstandard.
    pub body: Vec<u8>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
    /// The source it was read from.
    #[sea_orm(belongs_to, from = "source_id", to = "id")]
    pub source: BelongsTo<super::source::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
