//! Contracts in orders of their own, and exchange rates.

use sea_orm_migration::prelude::*;

use crate::table::{create, create_index, drop_all, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The orders of contracts, each ending in the key that breaks ties.
const ORDERS: [&str; 3] = ["date_signed", "value_amount", "period_end"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ORDERS {
            create_index(manager, "contract", &[column, "tender_id", "id"]).await?;
        }
        let rate = vec![
            text("currency"),
            ColumnDef::new("day").date().not_null().take(),
            ColumnDef::new("per_euro").big_integer().not_null().take(),
        ];
        create(manager, "rate", rate, &["currency", "day"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["rate"]).await?;
        for column in ORDERS {
            let name = format!("contract_by_{column}");
            manager
                .drop_index(Index::drop().name(name).table("contract").to_owned())
                .await?;
        }
        Ok(())
    }
}
