//! The data revision: a counter that grows with each commit.

use sea_orm::entity::prelude::*;

/// The only row of its table. Taking it for update is also how writers queue.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Grows by one with each commit that changed data.
    pub value: i64,
    /// When it last grew.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// The key of the only row.
pub const ID: i32 = 1;
