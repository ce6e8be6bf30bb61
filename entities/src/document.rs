//! A published document: notice, specification, contract text, report.

use sea_orm::entity::prelude::*;

/// One document of a process.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    /// The process it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// [`crate::key::part`] of the owner and the document's `id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// A [`crate::value::code::Owner`]: the section that lists it.
    pub owner: String,
    /// Key of the award or contract that lists it; the tender's own key otherwise.
    pub owner_id: Uuid,
    /// Place in the published list, from 0.
    pub position: i32,
    /// The `id` in the publisher's data; empty where there is none.
    pub local_id: String,
    /// `documentType`, an open codelist.
    pub document_type: Option<String>,
    /// `datePublished`.
    pub date_published: Option<DateTimeUtc>,
    /// `dateModified`.
    pub date_modified: Option<DateTimeUtc>,
    /// `format`, an IANA media type.
    pub format: Option<String>,
    /// `language`, ISO 639-1.
    pub language: Option<String>,
    /// `url`.
    pub url: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// The process it belongs to.
    #[sea_orm(belongs_to, from = "tender_id", to = "id")]
    pub tender: BelongsTo<super::tender::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
