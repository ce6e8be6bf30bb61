//! Every table as text, for comparing whole databases.

use std::collections::BTreeMap;

use entities::{
    award, award_lot, award_supplier, buyer, change, classification, code_tender, compiled_release, contract, document,
    item, lot, organization, organization_claim, organization_claim_key, package, party, release, source, supplier,
    tender, tender_code,
};
use sea_orm::{DatabaseConnection, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};

/// What tells when and how something came in, and not what it is.
const HISTORY: &[&str] = &["retrieved_at", "revision", "last_ingested_at", "component"];

/// Rows by the name of their table.
pub type Tables = BTreeMap<String, Vec<String>>;

/// The rows of every table that follows from the set of releases, sorted, by the name of the table.
pub async fn dump(reader: &DatabaseConnection) -> Tables {
    let mut tables = BTreeMap::new();
    table::<source::Entity>(reader, &mut tables).await;
    table::<package::Entity>(reader, &mut tables).await;
    table::<release::Entity>(reader, &mut tables).await;
    table::<compiled_release::Entity>(reader, &mut tables).await;
    table::<tender::Entity>(reader, &mut tables).await;
    table::<lot::Entity>(reader, &mut tables).await;
    table::<item::Entity>(reader, &mut tables).await;
    table::<award::Entity>(reader, &mut tables).await;
    table::<award_lot::Entity>(reader, &mut tables).await;
    table::<award_supplier::Entity>(reader, &mut tables).await;
    table::<contract::Entity>(reader, &mut tables).await;
    table::<document::Entity>(reader, &mut tables).await;
    table::<classification::Entity>(reader, &mut tables).await;
    table::<code_tender::Entity>(reader, &mut tables).await;
    table::<tender_code::Entity>(reader, &mut tables).await;
    table::<party::Entity>(reader, &mut tables).await;
    table::<organization::Entity>(reader, &mut tables).await;
    table::<organization_claim::Entity>(reader, &mut tables).await;
    table::<organization_claim_key::Entity>(reader, &mut tables).await;
    table::<buyer::Entity>(reader, &mut tables).await;
    table::<supplier::Entity>(reader, &mut tables).await;
    tables
}

/// As [`dump`], with the table that tells how it came to be.
pub async fn dump_with_history(reader: &DatabaseConnection) -> Tables {
    let mut tables = dump(reader).await;
    table::<change::Entity>(reader, &mut tables).await;
    tables
}

async fn table<E: EntityTrait>(reader: &DatabaseConnection, tables: &mut Tables) {
    let rows = E::find().all(reader).await.unwrap();
    let mut lines: Vec<String> = rows.iter().map(line::<E>).collect();
    lines.sort();
    tables.insert(E::default().table_name().to_owned(), lines);
}

fn line<E: EntityTrait>(row: &E::Model) -> String {
    let columns = E::Column::iter().filter(|column| !HISTORY.contains(&column.as_str()));
    let columns = columns.map(|column| match row.get(column) {
        Value::Bytes(Some(body)) => format!("{}={}", column.as_str(), text(&body)),
        value => format!("{}={value:?}", column.as_str()),
    });
    columns.collect::<Vec<_>>().join(" ")
}

/// The text of a stored body.
pub fn text(body: &[u8]) -> String {
    String::from_utf8(zstd::decode_all(body).unwrap()).unwrap()
}
