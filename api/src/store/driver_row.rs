//! The rows of an answer as the driver of the database hands them over.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Postgres, Row as _, Sqlite, ValueRef as _};

/// Where the columns of a row stand in it, by their numbers.
pub type Places = Arc<[usize]>;

/// The rows of an answer as the driver of the database hands them over.
pub enum DriverRows {
    /// Of PostgreSQL.
    Postgres(Vec<PgRow>),
    /// Of SQLite.
    Sqlite(Vec<SqliteRow>),
}

impl DriverRows {
    fn len(&self) -> usize {
        match self {
            Self::Postgres(rows) => rows.len(),
            Self::Sqlite(rows) => rows.len(),
        }
    }

    /// Each of the rows, whose columns stand at these places; `None` if each stands at its number.
    pub fn each(self, places: Option<&Places>) -> Vec<DriverRow> {
        let count = self.len();
        let answer = Arc::new(Answer {
            rows: self,
            places: places.cloned(),
        });
        let row = |number| DriverRow {
            answer: Arc::clone(&answer),
            number,
        };
        (0..count).map(row).collect()
    }
}

struct Answer {
    rows: DriverRows,
    places: Option<Places>,
}

/// A row of an answer. The answer stays as long as one of its rows does.
#[derive(Clone)]
pub struct DriverRow {
    answer: Arc<Answer>,
    number: usize,
}

impl DriverRow {
    /// Whether there is nothing in the column of this number.
    pub fn is_null(&self, number: usize) -> Result<bool, sqlx::Error> {
        let place = self.place(number);
        match &self.answer.rows {
            DriverRows::Postgres(rows) => Ok(rows[self.number].try_get_raw(place)?.is_null()),
            DriverRows::Sqlite(rows) => Ok(rows[self.number].try_get_raw(place)?.is_null()),
        }
    }

    /// Where the column of this number stands. A place that no row has is for the driver to tell of.
    fn place(&self, number: usize) -> usize {
        match &self.answer.places {
            Some(places) => places.get(number).copied().unwrap_or(usize::MAX),
            None => number,
        }
    }

    /// Reads the column of this number.
    pub(super) fn get<'r, T>(&'r self, number: usize) -> Result<T, sqlx::Error>
    where
        T: sqlx::Decode<'r, Postgres> + sqlx::Decode<'r, Sqlite>,
    {
        let place = self.place(number);
        match &self.answer.rows {
            DriverRows::Postgres(rows) => rows[self.number].try_get_unchecked(place),
            DriverRows::Sqlite(rows) => rows[self.number].try_get_unchecked(place),
        }
    }
}
