//! What the rows of each table are made of, for whoever packs and writes them: the names of the columns, and cells that
//! borrow from the row.
//!
//! The table of facts says it once for both databases. It cannot fall behind: a column that it leaves out does not
//! compile, and a test compares the rest with the entities.

use chrono::{DateTime, Utc};
use entities::{
    Amount, award, award_lot, award_supplier, buyer, change, classification, code_tender, compiled_release, contract,
    document, item, lot, organization, organization_claim, organization_claim_key, organization_decision, package,
    party, release, run, source, supplier, tender, tender_code,
};
use sea_orm::prelude::Uuid;

/// A row of a table.
pub(crate) trait Row: Sized {
    /// The table's name.
    const TABLE: &'static str;
    /// The names of its columns.
    const COLUMNS: &'static [&'static str];
    /// What stands in each of them.
    const KINDS: &'static [Kind];

    /// Tells the cells in the order of [`Row::COLUMNS`].
    fn each_cell<'r>(&'r self, tell: impl FnMut(Cell<'r>));

    /// The row of these cells; `None` if they are none of this table's.
    fn of_cells<'c>(cells: impl Iterator<Item = Cell<'c>>) -> Option<Self>;
}

/// What stands in a column; `None` is null.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'r> {
    Bool(Option<bool>),
    Integer(Option<i32>),
    BigInteger(Option<i64>),
    Text(Option<&'r str>),
    Bytes(Option<&'r [u8]>),
    Key(Option<Uuid>),
    Instant(Option<DateTime<Utc>>),
}

impl<'r> Cell<'r> {
    /// The text, if it is one.
    pub fn text(self) -> Option<&'r str> {
        match self {
            Cell::Text(text) => text,
            _ => None,
        }
    }

    /// The instant, if it is one.
    pub fn instant(self) -> Option<DateTime<Utc>> {
        match self {
            Cell::Instant(instant) => instant,
            _ => None,
        }
    }
}

/// The variants of [`Cell`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Integer,
    BigInteger,
    Text,
    Bytes,
    Key,
    Instant,
}

/// A type that columns have.
trait Column: Sized {
    const KIND: Kind;

    fn cell(value: Option<&Self>) -> Cell<'_>;

    /// The value of a cell; `None` if it cannot be null and is, or is of another kind.
    fn of_cell(cell: Cell) -> Option<Self>;
}

macro_rules! columns {
    ($($type:ty: $kind:ident, $value:ident => $cell:expr, $held:ident => $own:expr;)*) => {$(
        impl Column for $type {
            const KIND: Kind = Kind::$kind;

            fn cell($value: Option<&Self>) -> Cell<'_> {
                Cell::$kind($cell)
            }

            fn of_cell(cell: Cell) -> Option<Self> {
                match cell {
                    Cell::$kind($held) => $own,
                    _ => None,
                }
            }
        }
    )*};
}

columns! {
    bool: Bool, value => value.copied(), held => held;
    i32: Integer, value => value.copied(), held => held;
    i64: BigInteger, value => value.copied(), held => held;
    Amount: BigInteger, value => value.map(|amount| amount.ten_thousandths()), held => held.map(Amount::from_ten_thousandths);
    String: Text, value => value.map(String::as_str), held => held.map(str::to_owned);
    Vec<u8>: Bytes, value => value.map(Vec::as_slice), held => held.map(<[u8]>::to_vec);
    Uuid: Key, value => value.copied(), held => held;
    DateTime<Utc>: Instant, value => value.copied(), held => held;
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = T::KIND;

    fn cell(value: Option<&Self>) -> Cell<'_> {
        T::cell(value.and_then(Option::as_ref))
    }

    fn of_cell(cell: Cell) -> Option<Self> {
        Some(T::of_cell(cell))
    }
}

/// The kind of a column, by the function that finds it in a row.
const fn kind_of<R, T: Column>(_: fn(&R) -> &T) -> Kind {
    T::KIND
}

macro_rules! tables {
    ($($table:ident { $($column:ident),* $(,)? })*) => {
        $(impl Row for $table::Model {
            const TABLE: &'static str = stringify!($table);
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];
            const KINDS: &'static [Kind] = &[$(kind_of(|row: &$table::Model| &row.$column)),*];

            fn each_cell<'r>(&'r self, mut tell: impl FnMut(Cell<'r>)) {
                let Self { $($column),* } = self;
                $(tell(Column::cell(Some($column)));)*
            }

            fn of_cells<'c>(mut cells: impl Iterator<Item = Cell<'c>>) -> Option<Self> {
                Some(Self { $($column: Column::of_cell(cells.next()?)?),* })
            }
        })*

        #[cfg(test)]
        mod tests {
            use sea_orm::{EntityTrait, IdenStatic, Iterable};

            use super::*;

            fn agrees<E: EntityTrait<Model: Row>>() {
                let columns: Vec<_> = E::Column::iter().map(|column| column.as_str()).collect();
                assert_eq!(E::Model::COLUMNS, columns);
                assert_eq!(E::Model::TABLE, E::default().table_name());
            }

            #[test]
            fn facts_agree_with_the_entities() {
                $(agrees::<$table::Entity>();)*
            }
        }
    };
}

tables! {
    award {
        tender_id, id, position, local_id, date, buyer_id, status, value_amount, value_currency, title, description,
    }
    award_lot { tender_id, award_id, lot_id }
    award_supplier { tender_id, award_id, organization_id, position, date }
    buyer { id }
    change { tender_id, revision, ocid, kind, at, paths }
    classification { tender_id, scheme, code, position, label }
    code_tender { code, scheme, published_at, tender_id }
    compiled_release { tender_id, body }
    contract {
        tender_id, id, position, local_id, award_id, date_signed, period_start, period_end, status, value_amount,
        value_currency, title, description,
    }
    document {
        tender_id, id, owner, owner_id, position, local_id, document_type, date_published, date_modified, format,
        language, url, title, description,
    }
    item {
        tender_id, id, owner, owner_id, position, local_id, lot_id, classification_scheme, classification_code,
        quantity, unit, unit_amount, unit_currency, description,
    }
    lot { tender_id, id, position, local_id, status, value_amount, value_currency, title, description }
    organization {
        id, name, tier, seen_at, seen_in, identifier_scheme, identifier_id, additional_identifiers, country, region,
        locality, postal_code, street_address,
    }
    organization_claim {
        id, component, organization_id, tier, evidence, kind, name, form, place, country, publisher, identifiers,
    }
    organization_claim_key { key, claim_id }
    organization_decision { left_key, right_key, same, decided_at }
    package { id, source_id, uri, published_at, publisher, license, metadata }
    party {
        tender_id, id, position, organization_id, claim_id, tier, evidence, seen_at, local_id, roles, name, identifier_scheme,
        identifier_id, additional_identifiers, country, region, locality, postal_code, street_address,
    }
    release { tender_id, id, source_id, package_id, release_id, date, tags, kind, retrieved_at, body }
    run {
        id, source_id, command, operator, host, process, version, inputs, started_at, seen_at, ended_at, outcome, message,
        read, new, changed, unchanged, rejected, processes_touched, processes_created, bytes, rejects, repairs, warnings,
    }
    source {
        id, slug, name, publisher, country, license, url, format, language, last_ingested_at, schedule,
        merge_overrides, package_publisher, package_license, publisher_package_id, license_package_id,
    }
    supplier { id }
    tender {
        id, ocid, source_id, published_at, updated_at, revision, has_awards, number_of_tenderers, buyer_id,
        procuring_entity_id, status, main_procurement_category, procurement_method, value_amount, value_currency,
        tender_start, tender_end, enquiry_start, enquiry_end, award_start, award_end, contract_start, contract_end,
        language, title, procurement_method_details, description,
    }
    tender_code { tender_id, scheme, code }
}
