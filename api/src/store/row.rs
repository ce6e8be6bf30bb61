//! Rows as they are read: only the columns that are shown, by place and not by name.

use sea_orm::{DbErr, QueryResult, TryGetable};

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
pub struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Columns<'a> {
    /// Starts at the first column.
    pub fn new(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_by_index(index)
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
                let mut columns = $crate::store::row::Columns::new(row);
                Ok(Self { $($field: columns.take()?),+ })
            }
        }
    };
}

pub(super) use row;
