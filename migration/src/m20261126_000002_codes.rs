//! The codes of each tender and the tenders of each code as two tables, each in the order of its key.

use sea_orm_migration::prelude::*;

use crate::table::{create, create_index, create_keys, drop_all, instant, key, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const FORMER: &str = "classification_ancestor";
const TENDER_CODE: [&str; 3] = ["tender_id", "scheme", "code"];
const CODE_TENDER: [&str; 4] = ["code", "scheme", "published_at", "tender_id"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![key("tender_id"), text("scheme"), text("code")];
        create_keys(manager, "tender_code", columns, &TENDER_CODE).await?;
        let columns = vec![text("code"), text("scheme"), instant("published_at"), key("tender_id")];
        create_keys(manager, "code_tender", columns, &CODE_TENDER).await?;
        for (table, columns) in [("tender_code", &TENDER_CODE[..]), ("code_tender", &CODE_TENDER)] {
            let mut former = Query::select();
            former.columns(columns.iter().copied()).from(FORMER);
            for &column in columns {
                former.order_by(column, Order::Asc);
            }
            fill(manager, table, columns, former).await?;
        }
        drop_all(manager, &[FORMER]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![key("tender_id"), text("scheme"), text("code"), instant("published_at")];
        create(manager, FORMER, columns, &TENDER_CODE).await?;
        create_index(manager, FORMER, &CODE_TENDER).await?;
        let latter = Query::select().columns(CODE_TENDER).from("code_tender").take();
        fill(manager, FORMER, &CODE_TENDER, latter).await?;
        drop_all(manager, &["code_tender", "tender_code"]).await
    }
}

/// Adds to a table what a statement selects.
async fn fill(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
    rows: SelectStatement,
) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert.into_table(table).columns(columns.iter().copied());
    let insert = insert
        .select_from(rows)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    manager.get_connection().execute(&*insert).await?;
    Ok(())
}
