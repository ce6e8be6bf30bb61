//! How fetching from a source goes: who is at it, when it last ended, and how often it failed since it last went well.

use sea_orm::entity::prelude::*;

/// One source that is fetched from.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync")]
pub struct Model {
    /// The source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: Uuid,
    /// The run that is at it.
    pub run_id: Option<Uuid>,
    /// Until when it keeps others away, unless it asks for more.
    pub leased_until: Option<DateTimeUtc>,
    /// When the last one ended.
    pub ended_at: Option<DateTimeUtc>,
    /// How many failed in a row.
    pub failures: i64,
}

impl ActiveModelBehavior for ActiveModel {}
