//! Rows as they are read: only the columns that are shown, by place and not by name.

use chrono::{DateTime, NaiveDate, Utc};
use entities::Amount;
use uuid::Uuid;

use super::driver_row::DriverRow;

/// What one row of an answer becomes.
pub trait Row: Sized + Send + Sync + 'static {
    /// The table it is read from.
    const TABLE: &'static str;
    /// The columns it always needs.
    const ALWAYS: &'static [&'static str];
    /// The columns that are read if they are shown; they stand behind the others.
    const IF_SHOWN: &'static [&'static str];
    /// The types of all of them, in that order.
    const TYPES: &'static [SqlType];

    /// Takes the columns of a row of the answer that begin after so many others, these of the second kind among them;
    /// more may follow.
    fn read(row: &DriverRow, after: usize, shown: Shown) -> Result<Self, sqlx::Error>;

    /// How many columns that are.
    fn width(shown: Shown) -> usize {
        Self::ALWAYS.len() + shown.before(Self::IF_SHOWN.len())
    }

    /// The names of those columns.
    fn columns(shown: Shown) -> impl Iterator<Item = &'static str> {
        Self::typed_columns(shown).map(|(name, _)| name)
    }

    /// The names of those columns, with their types.
    fn typed_columns(shown: Shown) -> impl Iterator<Item = (&'static str, SqlType)> {
        let names = Self::ALWAYS.iter().chain(Self::IF_SHOWN).copied();
        let typed = names.zip(Self::TYPES.iter().copied()).enumerate();
        let is_read = move |place: usize| {
            place
                .checked_sub(Self::ALWAYS.len())
                .is_none_or(|place| shown.has(place))
        };
        typed
            .filter(move |(place, _)| is_read(*place))
            .map(|(_, column)| column)
    }
}

/// Which columns of a row are shown, of those that are not always read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shown(u32);

impl Default for Shown {
    fn default() -> Self {
        Self::ALL
    }
}

impl Shown {
    /// All of them.
    pub const ALL: Self = Self(u32::MAX);
    /// None of them.
    pub const NONE: Self = Self(0);

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The columns of these names, as far as a row reads them only if they are shown.
    #[must_use]
    pub fn named<R: Row>(names: &[&str]) -> Self {
        let places = R::IF_SHOWN.iter().enumerate();
        let named = places.filter(|(_, column)| names.contains(column));
        named.fold(Self::NONE, |shown, (place, _)| shown.and(Self(1 << place)))
    }

    const fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }

    /// How many there are before this place.
    const fn before(self, place: usize) -> usize {
        (self.0 & !(u32::MAX << place)).count_ones() as usize
    }
}

/// A type of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlType {
    /// Text.
    Text,
    /// Keys.
    Uuid,
    /// Whole numbers of 32 bits.
    Integer,
    /// Whole numbers of 64 bits.
    BigInteger,
    /// Instants.
    Instant,
    /// Days.
    Date,
    /// Anything.
    Bytes,
}

impl SqlType {
    /// How many there are.
    pub const COUNT: usize = Self::Bytes as usize + 1;
}

/// Columns of a row, taken from left to right.
pub struct Columns<'a> {
    row: &'a DriverRow,
    next: usize,
}

impl DriverRow {
    /// The columns from this one on.
    pub fn columns_after(&self, columns: usize) -> Columns<'_> {
        Columns {
            row: self,
            next: columns,
        }
    }
}

impl Columns<'_> {
    /// The next column.
    pub fn take<T: Column>(&mut self) -> Result<T, sqlx::Error> {
        self.next += 1;
        T::read(self.row, self.next - 1)
    }
}

/// What stands in columns of one type.
pub trait Typed {
    /// That type.
    const SQL_TYPE: SqlType;
}

macro_rules! types {
    ($($type:ty: $sql_type:ident),+ $(,)?) => {
        $(impl Typed for $type {
            const SQL_TYPE: SqlType = SqlType::$sql_type;
        })+
    };
}

types!(
    String: Text,
    &str: Text,
    Uuid: Uuid,
    i32: Integer,
    i64: BigInteger,
    Amount: BigInteger,
    DateTime<Utc>: Instant,
    NaiveDate: Date,
    Vec<u8>: Bytes,
);

impl<T: Typed> Typed for Option<T> {
    const SQL_TYPE: SqlType = T::SQL_TYPE;
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
                row.get(column)
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

/// The columns of a row that are read if they are shown. They stay in the driver's row until they are asked for.
pub struct Cells {
    row: DriverRow,
    after: usize,
    shown: Shown,
}

impl Cells {
    /// The columns that begin after so many others.
    pub fn new(row: &DriverRow, after: usize, shown: Shown) -> Self {
        let row = row.clone();
        Self { row, after, shown }
    }

    /// What stands in the column of this place. Each column was written as what it is read as; one that is not can only
    /// be the work of another program, and counts as absent.
    pub fn get<'a, T: Cell<'a>>(&'a self, place: usize) -> T {
        debug_assert!(self.shown.has(place), "column {place} is shown, but was not read");
        if !self.shown.has(place) {
            tracing::error!(place, "a column is shown that was not read");
            return T::default();
        }
        let column = self.after + self.shown.before(place);
        T::read(&self.row, column).unwrap_or_else(|error| {
            tracing::error!(%error, column, "a column of the database cannot be read");
            T::default()
        })
    }
}

/// What a column shows; nothing, or the least, where it cannot be read.
pub trait Cell<'a>: Default {
    /// Reads the column at this place.
    fn read(row: &'a DriverRow, column: usize) -> Result<Self, sqlx::Error>;
}

impl<'a> Cell<'a> for Option<&'a str> {
    fn read(row: &'a DriverRow, column: usize) -> Result<Self, sqlx::Error> {
        row.get(column)
    }
}

impl<'a> Cell<'a> for &'a str {
    fn read(row: &'a DriverRow, column: usize) -> Result<Self, sqlx::Error> {
        Ok(Option::<&str>::read(row, column)?.unwrap_or_default())
    }
}

macro_rules! cells {
    ($($type:ty),+) => {
        $(impl Cell<'_> for $type {
            fn read(row: &DriverRow, column: usize) -> Result<Self, sqlx::Error> {
                Column::read(row, column)
            }
        })+
    };
}

cells!(Option<Uuid>, Option<i32>, Option<Amount>, Option<DateTime<Utc>>);

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

/// Declares a row: a struct whose fields are the columns of the same names that are always read. Columns behind
/// `if shown` have a method each, and stay in the driver's row until it is called.
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
            const ALWAYS: &'static [&'static str] = &[$(stringify!($field)),+];
            const IF_SHOWN: &'static [&'static str] = &[];
            const TYPES: &'static [$crate::store::row::SqlType] =
                &[$(<$type as $crate::store::row::Typed>::SQL_TYPE),+];

            fn read(
                row: &$crate::store::driver_row::DriverRow,
                after: usize,
                _: $crate::store::row::Shown,
            ) -> Result<Self, sqlx::Error> {
                let mut columns = row.columns_after(after);
                Ok(Self { $($field: columns.take()?,)+ })
            }
        }
    };
    ($(#[$doc:meta])* $name:ident from $table:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)?
    } if shown {
        $($(#[$cell_doc:meta])* $cell:ident: $cell_type:ty),+ $(,)?
    }) => {
        $(#[$doc])*
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
            cells: $crate::store::row::Cells,
        }

        impl $crate::store::Row for $name {
            const TABLE: &'static str = $table;
            const ALWAYS: &'static [&'static str] = &[$(stringify!($field)),+];
            const IF_SHOWN: &'static [&'static str] = &[$(stringify!($cell)),+];
            const TYPES: &'static [$crate::store::row::SqlType] = &[
                $(<$type as $crate::store::row::Typed>::SQL_TYPE,)+
                $(<$cell_type as $crate::store::row::Typed>::SQL_TYPE),+
            ];

            fn read(
                row: &$crate::store::driver_row::DriverRow,
                after: usize,
                shown: $crate::store::row::Shown,
            ) -> Result<Self, sqlx::Error> {
                let mut columns = row.columns_after(after);
                let after = after + Self::ALWAYS.len();
                let cells = $crate::store::row::Cells::new(row, after, shown);
                Ok(Self { $($field: columns.take()?,)+ cells })
            }
        }

        impl $name {
            $($(#[$cell_doc])*
            #[must_use]
            pub fn $cell(&self) -> $cell_type {
                let place = const {
                    $crate::store::row::place_of(stringify!($cell), <$name as $crate::store::Row>::IF_SHOWN)
                };
                self.cells.get(place)
            })+
        }
    };
}

pub(super) use row;
