//! Who loaded what and when: reports of runs, what was fetched and when to fetch again, and what packages say of a source.

use sea_orm_migration::prelude::*;

use crate::table::{create, create_index, drop_all, instant, instant_or_null, key, key_or_null, text, text_or_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager).await?;

        let download = vec![
            key("source_id"),
            text("url"),
            text_or_null("etag"),
            text_or_null("last_modified"),
            instant("fetched_at"),
        ];
        create(manager, "download", download, &["source_id", "url"]).await?;

        let sync = vec![
            key("source_id"),
            key_or_null("run_id"),
            instant_or_null("leased_until"),
            instant_or_null("ended_at"),
            count("failures"),
        ];
        create(manager, "sync", sync, &["source_id"]).await?;

        for column in source_columns() {
            let statement = Table::alter().table("source").add_column(column).take();
            manager.alter_table(statement).await?;
        }
        said_by_packages(manager).await?;
        // Whether anything still stands on a package is asked whenever a release turns out to have come in an earlier one.
        create_index(manager, "release", &["package_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("release_by_package_id").table("release").to_owned();
        manager.drop_index(index).await?;
        said_by_nobody_in_particular(manager).await?;
        for column in source_columns() {
            let column = column.get_column_name().clone();
            let statement = Table::alter().table("source").drop_column(column).take();
            manager.alter_table(statement).await?;
        }
        drop_all(manager, &["sync", "download", "run"]).await
    }
}

async fn run(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        key("id"),
        key("source_id"),
        text("command"),
        text_or_null("operator"),
        text_or_null("host"),
        count("process"),
        text("version"),
        text("inputs"),
        instant("started_at"),
        instant("seen_at"),
        instant_or_null("ended_at"),
        text("outcome"),
        text_or_null("message"),
        count("read"),
        count("new"),
        count("changed"),
        count("unchanged"),
        count("rejected"),
        count("processes_touched"),
        count("processes_created"),
        count("bytes"),
        text("rejects"),
        text("repairs"),
        text("warnings"),
    ];
    create(manager, "run", columns, &["id"]).await?;
    create_index(manager, "run", &["source_id", "started_at", "id"]).await
}

fn source_columns() -> [ColumnDef; 5] {
    [
        text_or_null("schedule"),
        text_or_null("package_publisher"),
        text_or_null("package_license"),
        key_or_null("publisher_package_id"),
        key_or_null("license_package_id"),
    ]
}

/// Until now, packages alone said who publishes a source and under which licence.
async fn said_by_packages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statement = Query::update()
        .table("source")
        .value("package_publisher", Expr::col("publisher"))
        .value("package_license", Expr::col("license"))
        .value("publisher", Option::<String>::None)
        .value("license", Option::<String>::None)
        .take();
    manager.execute(statement).await
}

fn coalesce(first: &'static str, second: &'static str) -> Expr {
    Func::coalesce([Expr::col(first), Expr::col(second)]).into()
}

async fn said_by_nobody_in_particular(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statement = Query::update()
        .table("source")
        .value("publisher", coalesce("publisher", "package_publisher"))
        .value("license", coalesce("license", "package_license"))
        .take();
    manager.execute(statement).await
}

/// A number that every row has.
fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}
