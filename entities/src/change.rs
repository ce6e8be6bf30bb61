//! What changed, in the order of commits: how servers, indexes and copies stay fresh.

use sea_orm::entity::prelude::*;

/// One process touched by one commit.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// The process.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tender_id: Uuid,
    /// The data revision that the commit made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i64,
    /// Its ocid, kept for processes that are gone.
    pub ocid: String,
    /// A [`crate::value::code::ChangeKind`].
    pub kind: String,
    /// When it was committed.
    pub at: DateTimeUtc,
    /// Paths of the compiled release that differ, as a JSON array of text.
    pub paths: String,
}

impl ActiveModelBehavior for ActiveModel {}
