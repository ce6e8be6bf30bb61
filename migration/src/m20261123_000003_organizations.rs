//! Who buys and who supplies: parties as processes name them, the organisations behind them, and their roles.

use sea_orm_migration::prelude::*;

use crate::table::{create, create_index, drop_all, instant, instant_or_null, key, position, text, text_or_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        party(manager).await?;
        organization(manager).await?;
        create(manager, "buyer", vec![key("id")], &["id"]).await?;
        create(manager, "supplier", vec![key("id")], &["id"]).await?;

        let award_supplier = vec![
            key("tender_id"),
            key("award_id"),
            key("organization_id"),
            position(),
            instant_or_null("date"),
        ];
        create(
            manager,
            "award_supplier",
            award_supplier,
            &["tender_id", "award_id", "organization_id"],
        )
        .await?;
        create_index(
            manager,
            "award_supplier",
            &["organization_id", "date", "tender_id", "award_id"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            manager,
            &["award_supplier", "supplier", "buyer", "organization", "party"],
        )
        .await
    }
}

async fn party(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        key("id"),
        position(),
        key("organization_id"),
        text("tier"),
        text("evidence"),
        instant("seen_at"),
        text("local_id"),
        text("roles"),
        text("name"),
        text_or_null("identifier_scheme"),
        text_or_null("identifier_id"),
        text_or_null("additional_identifiers"),
        text_or_null("country"),
        text_or_null("region"),
        text_or_null("locality"),
        text_or_null("postal_code"),
        text_or_null("street_address"),
    ];
    create(manager, "party", columns, &["tender_id", "id"]).await?;
    // Serves both questions about an organisation: its newest mention, and the spellings it was published under.
    create_index(manager, "party", &["organization_id", "seen_at", "tender_id", "name"]).await
}

async fn organization(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("id"),
        text("name"),
        text("tier"),
        instant("seen_at"),
        key("seen_in"),
        text_or_null("identifier_scheme"),
        text_or_null("identifier_id"),
        text_or_null("additional_identifiers"),
        text_or_null("country"),
        text_or_null("region"),
        text_or_null("locality"),
        text_or_null("postal_code"),
        text_or_null("street_address"),
    ];
    create(manager, "organization", columns, &["id"]).await?;
    create_index(manager, "organization", &["name", "id"]).await
}
