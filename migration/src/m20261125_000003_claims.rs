//! Who is who: what parties claim to be, by what claims are found, and what operators decided about them.

use sea_orm_migration::prelude::*;

use crate::table::{create, create_index, drop_all, instant, key, key_or_null, text, text_or_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let claim = vec![
            key("id"),
            key("component"),
            key("organization_id"),
            text("tier"),
            text("evidence"),
            text("kind"),
            text("name"),
            text_or_null("form"),
            text_or_null("place"),
            text_or_null("country"),
            text("publisher"),
            text("identifiers"),
        ];
        create(manager, "organization_claim", claim, &["id"]).await?;
        create_index(manager, "organization_claim", &["component"]).await?;

        let claim_key = vec![key("key"), key("claim_id")];
        create(manager, "organization_claim_key", claim_key, &["key", "claim_id"]).await?;

        let decision = vec![
            key("left_key"),
            key("right_key"),
            ColumnDef::new("same").boolean().not_null().take(),
            instant("decided_at"),
        ];
        create(manager, "organization_decision", decision, &["left_key", "right_key"]).await?;

        // Absent in rows written before there were claims, until `tendergraph organizations rebuild` has seen them.
        let column = Table::alter().table("party").add_column(key_or_null("claim_id")).take();
        manager.alter_table(column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Table::alter().table("party").drop_column("claim_id").take();
        manager.alter_table(column).await?;
        drop_all(
            manager,
            &["organization_decision", "organization_claim_key", "organization_claim"],
        )
        .await
    }
}
