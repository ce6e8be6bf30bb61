//! The index of a buyer's awards holds what statistics add up, so that they read it alone and not the awards, which lie
//! scattered over the whole table.

use sea_orm_migration::prelude::*;

use crate::table::create_index;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "award";
const FORMER: [&str; 4] = ["buyer_id", "date", "tender_id", "id"];
const VALUES: [&str; 2] = ["value_currency", "value_amount"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_former(manager).await?;
        create_index(manager, TABLE, &[&FORMER[..], &VALUES].concat()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_former(manager).await?;
        create_index(manager, TABLE, &FORMER).await
    }
}

/// Both indexes have the same name. It may be gone: SQLite does not undo a step that was interrupted.
async fn drop_former(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut drop = Index::drop();
    drop.name("award_by_buyer_id").table(TABLE).if_exists();
    manager.drop_index(drop).await
}
