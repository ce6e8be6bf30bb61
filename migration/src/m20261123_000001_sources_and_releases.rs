//! What came in: sources, packages, and releases as they were published.

use sea_orm_migration::prelude::*;

use crate::table::{
    body, create, create_index, drop_all, instant, instant_or_null, key, key_or_null, text, text_or_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let source = vec![
            key("id"),
            ColumnDef::new("slug").text().not_null().unique_key().take(),
            text_or_null("name"),
            text_or_null("publisher"),
            text_or_null("country"),
            text_or_null("license"),
            text_or_null("url"),
            text_or_null("format"),
            text_or_null("language"),
            instant_or_null("last_ingested_at"),
        ];
        create(manager, "source", source, &["id"]).await?;

        let package = vec![
            key("id"),
            key("source_id"),
            text_or_null("uri"),
            instant_or_null("published_at"),
            text_or_null("publisher"),
            text_or_null("license"),
            text("metadata"),
        ];
        create(manager, "package", package, &["id"]).await?;

        let release = vec![
            key("tender_id"),
            key("id"),
            key("source_id"),
            key_or_null("package_id"),
            text_or_null("release_id"),
            instant("date"),
            text("tags"),
            text("kind"),
            instant("retrieved_at"),
            body(),
        ];
        create(manager, "release", release, &["tender_id", "id"]).await?;
        create_index(manager, "release", &["source_id", "date"]).await?;

        create(
            manager,
            "compiled_release",
            vec![key("tender_id"), body()],
            &["tender_id"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["compiled_release", "release", "package", "source"]).await
    }
}
