//! Short words for the shapes that every table here shares, so that a step reads as a list of columns.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A new table.
pub fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

/// A computed key, which every row has.
pub fn key(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// A computed key that may be absent.
pub fn key_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

/// An instant, which every row has.
pub fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

/// An instant that may be absent.
pub fn instant_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

/// Text of any length, which every row has.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text of any length that may be absent.
pub fn text_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

/// An exact amount as ten-thousandths, which may be absent.
pub fn amount_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// A place in a published list, from 0.
pub fn position() -> ColumnDef {
    ColumnDef::new("position").integer().not_null().take()
}

/// Compressed text, which every row has.
pub fn body() -> ColumnDef {
    ColumnDef::new("body").blob().not_null().take()
}

/// The primary key over these columns, in this order.
pub fn primary_key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    for &column in columns {
        index.col(column);
    }
    index.primary().to_owned()
}

/// Creates a table from its columns and its primary key.
pub async fn create(
    manager: &SchemaManager<'_>,
    name: &'static str,
    columns: Vec<ColumnDef>,
    key_columns: &[&'static str],
) -> Result<(), DbErr> {
    manager.create_table(keyed(name, columns, key_columns)).await
}

fn keyed(name: &'static str, columns: Vec<ColumnDef>, key_columns: &[&'static str]) -> TableCreateStatement {
    let mut statement = table(name);
    for column in columns {
        statement.col(column);
    }
    statement.primary_key(&mut primary_key(key_columns)).take()
}

/// Creates a table whose rows are nothing but their keys. SQLite holds such rows in the tree of the keys itself, and not a
/// second time beside it.
pub async fn create_keys(
    manager: &SchemaManager<'_>,
    name: &'static str,
    columns: Vec<ColumnDef>,
    key_columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut statement = keyed(name, columns, key_columns);
    if manager.get_database_backend() == DbBackend::Sqlite {
        statement.extra("WITHOUT ROWID");
    }
    manager.create_table(statement).await
}

/// Creates the index `TABLE_by_FIRST_COLUMN` over these columns, in this order.
pub async fn create_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(format!("{table}_by_{}", columns[0])).table(table);
    for &column in columns {
        index.col(column);
    }
    manager.create_index(index.take()).await
}

/// Drops tables, newest first.
pub async fn drop_all(manager: &SchemaManager<'_>, names: &[&'static str]) -> Result<(), DbErr> {
    for &name in names {
        manager.drop_table(Table::drop().table(name).take()).await?;
    }
    Ok(())
}
