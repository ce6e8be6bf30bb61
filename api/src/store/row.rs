//! Rows as they are read: only the columns that are shown, by place and not by name.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entities::Amount;
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

    /// Takes the columns of a row of the answer that begin after so many others; more may follow them.
    fn read(row: &Arc<DriverRow>, after: usize) -> Result<Self, sqlx::Error>;
}

/// A row as the driver of the database hands it over.
pub enum DriverRow {
    /// Of PostgreSQL.
    Postgres(PgRow),
    /// Of SQLite.
    Sqlite(SqliteRow),
}

impl DriverRow {
    /// The columns from this one on.
    pub fn columns_after(&self, columns: usize) -> Columns<'_> {
        Columns {
            row: self,
            next: columns,
        }
    }

    /// The text in a column, which stays where it is. Each column was written as what it is read as; one that is not
    /// can only be the work of another program, and counts as absent.
    pub fn text(&self, column: usize) -> Option<&str> {
        let text = match self {
            Self::Postgres(row) => row.try_get_unchecked(column),
            Self::Sqlite(row) => row.try_get_unchecked(column),
        };
        text.unwrap_or_else(|error: sqlx::Error| {
            tracing::error!(%error, column, "a text in the database cannot be read");
            None
        })
    }
}

/// Columns of a row, taken from left to right.
pub struct Columns<'a> {
    row: &'a DriverRow,
    next: usize,
}

impl Columns<'_> {
    /// The next column.
    pub fn take<T: Column>(&mut self) -> Result<T, sqlx::Error> {
        self.next += 1;
        T::read(self.row, self.next - 1)
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    /// Reads the column at this place.
    fn read(row: &DriverRow, column: usize) -> Result<Self, sqlx::Error>;
}

macro_rules! columns {
    ($($type:ty),+) => {
        $(impl Column for $type {
            fn read(row: &DriverRow, column: usize) -> Result<Self, sqlx::Error> {
                match row {
                    DriverRow::Postgres(row) => row.try_get_unchecked(column),
                    DriverRow::Sqlite(row) => row.try_get_unchecked(column),
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
    Vec<u8>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    NaiveDate
);

impl Column for Option<Amount> {
    fn read(row: &DriverRow, column: usize) -> Result<Self, sqlx::Error> {
        Ok(Option::<i64>::read(row, column)?.map(Amount::from_ten_thousandths))
    }
}

/// A text column as it is shown.
pub trait Text<'a> {
    /// From what stands in the column.
    fn from_column(text: Option<&'a str>) -> Self;
}

impl<'a> Text<'a> for Option<&'a str> {
    fn from_column(text: Self) -> Self {
        text
    }
}

impl<'a> Text<'a> for &'a str {
    fn from_column(text: Option<&'a str>) -> Self {
        text.unwrap_or_default()
    }
}

/// The place of a column in a list of them.
pub const fn place_of(column: &str, columns: &[&str]) -> usize {
    let mut place = 0;
    while !is_same(column.as_bytes(), columns[place].as_bytes()) {
        place += 1;
    }
    place
}

/// Texts cannot be compared with `==` before the program runs.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

/// Declares a row: a struct whose fields are the columns of the same names. Columns under `texts` stay in the driver's
/// row until they are asked for, by a method each, because most never are.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident from $table:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)?
    }) => {
        $(#[$doc])*
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::store::Row for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read(row: &std::sync::Arc<$crate::store::row::DriverRow>, after: usize) -> Result<Self, sqlx::Error> {
                let mut columns = row.columns_after(after);
                Ok(Self { $($field: columns.take()?,)+ })
            }
        }
    };
    ($(#[$doc:meta])* $name:ident from $table:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)?
    } texts {
        $($(#[$text_doc:meta])* $text:ident: $text_type:ty),+ $(,)?
    }) => {
        $(#[$doc])*
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
            texts: std::sync::Arc<$crate::store::row::DriverRow>,
            after: usize,
        }

        impl $crate::store::Row for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field),)+ $(stringify!($text)),+];

            fn read(row: &std::sync::Arc<$crate::store::row::DriverRow>, after: usize) -> Result<Self, sqlx::Error> {
                let mut columns = row.columns_after(after);
                Ok(Self { $($field: columns.take()?,)+ texts: row.clone(), after })
            }
        }

        impl $name {
            $($(#[$text_doc])*
            #[must_use]
            pub fn $text(&self) -> $text_type {
                let place = const {
                    $crate::store::row::place_of(stringify!($text), <$name as $crate::store::Row>::COLUMNS)
                };
                $crate::store::row::Text::from_column(self.texts.text(self.after + place))
            })+
        }
    };
}

pub(super) use row;
