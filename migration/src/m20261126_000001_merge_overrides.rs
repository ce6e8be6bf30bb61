//! How arrays of a source are merged that do not keep to the rules of the standard.

use sea_orm_migration::prelude::*;

use crate::table::text_or_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("source")
            .add_column(text_or_null("merge_overrides"))
            .to_owned();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::alter().table("source").drop_column("merge_overrides").to_owned();
        manager.alter_table(drop).await
    }
}
