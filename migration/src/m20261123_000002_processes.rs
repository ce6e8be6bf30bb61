//! The compiled release of each process as rows: tender, lots, items, awards, contracts, documents, classifications.

use sea_orm_migration::prelude::*;

use crate::table::{
    amount_or_null, create, create_index, drop_all, instant, instant_or_null, key, key_or_null, position, text,
    text_or_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tender(manager).await?;
        lot(manager).await?;
        item(manager).await?;
        award(manager).await?;
        contract(manager).await?;
        document(manager).await?;
        classification(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "classification_ancestor",
            "classification",
            "document",
            "contract",
            "award_lot",
            "award",
            "item",
            "lot",
            "tender",
        ];
        drop_all(manager, &tables).await
    }
}

async fn tender(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("id"),
        text("ocid"),
        key("source_id"),
        instant("published_at"),
        instant("updated_at"),
        ColumnDef::new("revision").big_integer().not_null().take(),
        ColumnDef::new("has_awards").boolean().not_null().take(),
        ColumnDef::new("number_of_tenderers").integer().take(),
        key_or_null("buyer_id"),
        key_or_null("procuring_entity_id"),
        text_or_null("status"),
        text_or_null("main_procurement_category"),
        text_or_null("procurement_method"),
        amount_or_null("value_amount"),
        text_or_null("value_currency"),
        instant_or_null("tender_start"),
        instant_or_null("tender_end"),
        instant_or_null("enquiry_start"),
        instant_or_null("enquiry_end"),
        instant_or_null("award_start"),
        instant_or_null("award_end"),
        instant_or_null("contract_start"),
        instant_or_null("contract_end"),
        text_or_null("language"),
        text_or_null("title"),
        text_or_null("procurement_method_details"),
        text_or_null("description"),
    ];
    create(manager, "tender", columns, &["id"]).await?;
    // One index an order, ending in the key that breaks ties; buyer and source are the filters that narrow most.
    create_index(manager, "tender", &["published_at", "id"]).await?;
    create_index(manager, "tender", &["updated_at", "id"]).await?;
    create_index(manager, "tender", &["tender_end", "id"]).await?;
    create_index(manager, "tender", &["value_amount", "id"]).await?;
    create_index(manager, "tender", &["buyer_id", "published_at", "id"]).await?;
    create_index(manager, "tender", &["source_id", "published_at", "id"]).await
}

async fn lot(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        key("id"),
        position(),
        text("local_id"),
        text_or_null("status"),
        amount_or_null("value_amount"),
        text_or_null("value_currency"),
        text_or_null("title"),
        text_or_null("description"),
    ];
    create(manager, "lot", columns, &["tender_id", "id"]).await
}

async fn item(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        key("id"),
        text("owner"),
        key("owner_id"),
        position(),
        text("local_id"),
        key_or_null("lot_id"),
        text_or_null("classification_scheme"),
        text_or_null("classification_code"),
        amount_or_null("quantity"),
        text_or_null("unit"),
        amount_or_null("unit_amount"),
        text_or_null("unit_currency"),
        text_or_null("description"),
    ];
    create(manager, "item", columns, &["tender_id", "id"]).await
}

async fn award(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        key("id"),
        position(),
        text("local_id"),
        instant_or_null("date"),
        key_or_null("buyer_id"),
        text_or_null("status"),
        amount_or_null("value_amount"),
        text_or_null("value_currency"),
        text_or_null("title"),
        text_or_null("description"),
    ];
    create(manager, "award", columns, &["tender_id", "id"]).await?;
    create_index(manager, "award", &["date", "tender_id", "id"]).await?;
    create_index(manager, "award", &["value_amount", "tender_id", "id"]).await?;
    create_index(manager, "award", &["buyer_id", "date", "tender_id", "id"]).await?;

    let columns = vec![key("tender_id"), key("award_id"), key("lot_id")];
    create(manager, "award_lot", columns, &["tender_id", "award_id", "lot_id"]).await
}

async fn contract(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        key("id"),
        position(),
        text("local_id"),
        key_or_null("award_id"),
        instant_or_null("date_signed"),
        instant_or_null("period_start"),
        instant_or_null("period_end"),
        text_or_null("status"),
        amount_or_null("value_amount"),
        text_or_null("value_currency"),
        text_or_null("title"),
        text_or_null("description"),
    ];
    create(manager, "contract", columns, &["tender_id", "id"]).await
}

async fn document(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        key("id"),
        text("owner"),
        key("owner_id"),
        position(),
        text("local_id"),
        text_or_null("document_type"),
        instant_or_null("date_published"),
        instant_or_null("date_modified"),
        text_or_null("format"),
        text_or_null("language"),
        text_or_null("url"),
        text_or_null("title"),
        text_or_null("description"),
    ];
    create(manager, "document", columns, &["tender_id", "id"]).await
}

async fn classification(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("tender_id"),
        text("scheme"),
        text("code"),
        position(),
        text_or_null("label"),
    ];
    create(manager, "classification", columns, &["tender_id", "scheme", "code"]).await?;

    let columns = vec![key("tender_id"), text("scheme"), text("code"), instant("published_at")];
    create(
        manager,
        "classification_ancestor",
        columns,
        &["tender_id", "scheme", "code"],
    )
    .await?;
    create_index(
        manager,
        "classification_ancestor",
        &["code", "scheme", "published_at", "tender_id"],
    )
    .await
}
