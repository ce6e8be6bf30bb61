//! Rows as they are read: only the columns that are shown, by place and not by name.

use chrono::{DateTime, Utc};
use entities::Amount;
use sea_orm::{DbErr, QueryResult};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// What one row of an answer becomes.
pub trait Row: Sized + Send + Sync + 'static {
    /// The table it is read from.
    const TABLE: &'static str;
    /// The columns it needs, in the order in which [`Row::read`] takes them.
    const COLUMNS: &'static [&'static str];

    /// Takes the columns from the start of a row of the answer; more may follow them.
    fn read(row: &QueryResult) -> Result<Self, DbErr>;
}

/// Columns of an answer, taken from left to right.
///
/// They are read from the driver's row: SeaORM's own way writes an error message for each NULL before it drops it, and
/// looks up the type of each value that the statement has just named, which together cost more than the values.
pub struct Columns<'a> {
    row: DriverRow<'a>,
    next: usize,
}

enum DriverRow<'a> {
    Postgres(&'a PgRow),
    Sqlite(&'a SqliteRow),
}

impl<'a> Columns<'a> {
    /// Starts at the first column.
    pub fn new(row: &'a QueryResult) -> Result<Self, DbErr> {
        Self::after(row, 0)
    }

    /// Starts after so many columns.
    pub fn after(row: &'a QueryResult, columns: usize) -> Result<Self, DbErr> {
        let row = match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
            (Some(row), _) => DriverRow::Postgres(row),
            (None, Some(row)) => DriverRow::Sqlite(row),
            (None, None) => {
                return Err(DbErr::Custom(
                    "rows are read from PostgreSQL and SQLite only".to_owned(),
                ));
            }
        };
        Ok(Self { row, next: columns })
    }

    /// The next column.
    pub fn take<T: Column>(&mut self) -> Result<T, DbErr> {
        self.next += 1;
        T::read(&self.row, self.next - 1).map_err(|error| DbErr::Type(error.to_string()))
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    /// Reads the column at this place.
    #[expect(private_interfaces, reason = "only the types below are columns")]
    fn read(row: &DriverRow<'_>, index: usize) -> Result<Self, sqlx::Error>;
}

macro_rules! columns {
    ($($type:ty),+) => {
        $(impl Column for $type {
            #[expect(private_interfaces, reason = "see the trait")]
            fn read(row: &DriverRow<'_>, index: usize) -> Result<Self, sqlx::Error> {
                match row {
                    DriverRow::Postgres(row) => row.try_get_unchecked(index),
                    DriverRow::Sqlite(row) => row.try_get_unchecked(index),
                }
            }
        })+
    };
}

columns!(
    String,
    Option<String>,
    Uuid,
    Option<Uuid>,
    i32,
    Option<i32>,
    i64,
    Option<i64>,
    Vec<u8>
);
columns!(DateTime<Utc>, Option<DateTime<Utc>>);

impl Column for Option<Amount> {
    #[expect(private_interfaces, reason = "see the trait")]
    fn read(row: &DriverRow<'_>, index: usize) -> Result<Self, sqlx::Error> {
        Ok(Option::<i64>::read(row, index)?.map(Amount::from_ten_thousandths))
    }
}

/// Declares a row: a struct whose fields are the columns of the same names.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident from $table:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),+ }

        impl $crate::store::Row for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read(row: &sea_orm::QueryResult) -> Result<Self, sea_orm::DbErr> {
                let mut columns = $crate::store::row::Columns::new(row)?;
                Ok(Self { $($field: columns.take()?),+ })
            }
        }
    };
}

pub(super) use row;
