//! The news: which process changed in which commit, and the counter of commits.

use sea_orm_migration::prelude::*;

use crate::table::{create, create_index, drop_all, instant, key, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = vec![
            key("tender_id"),
            ColumnDef::new("revision").big_integer().not_null().take(),
            text("ocid"),
            text("kind"),
            instant("at"),
            text("paths"),
        ];
        create(manager, "change", change, &["tender_id", "revision"]).await?;
        create_index(manager, "change", &["revision", "tender_id"]).await?;

        let revision = vec![
            ColumnDef::new("id").integer().not_null().take(),
            ColumnDef::new("value").big_integer().not_null().take(),
            instant("at"),
        ];
        create(manager, "revision", revision, &["id"]).await?;
        let first = Query::insert()
            .into_table("revision")
            .columns(["id", "value", "at"])
            .values_panic([1.into(), 0.into(), Expr::current_timestamp()])
            .to_owned();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["revision", "change"]).await
    }
}
