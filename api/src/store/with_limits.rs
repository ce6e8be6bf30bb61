//! Statements for PostgreSQL with the numbers of rows that are wanted in their text, where all other values are bound.
//!
//! PostgreSQL plans a statement once for all its values only if it knows how many rows are wanted: where it does not, it
//! expects a tenth of all. These numbers are the only values that are unsigned.

use std::fmt::{self, Write as _};

use sea_orm::Value;
use sea_orm::sea_query::backend::QueryBuilder;
use sea_orm::sea_query::{PostgresQueryBuilder, SelectStatement, SqlWriter, SqlWriterValues, Values};

/// Such a statement while it is written.
pub(super) struct WithLimits(SqlWriterValues);

impl WithLimits {
    /// Its text, and the values that are bound.
    pub fn build(select: &SelectStatement) -> (String, Values) {
        let (placeholder, is_numbered) = PostgresQueryBuilder.placeholder();
        let mut writer = Self(SqlWriterValues::new(placeholder, is_numbered));
        select.build_collect_any_into(&PostgresQueryBuilder, &mut writer);
        writer.0.into_parts()
    }
}

impl SqlWriter for WithLimits {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, builder: &T) {
        match value {
            Value::BigUnsigned(Some(rows)) => {
                write!(self, "{rows}").expect("a text in memory takes every number");
            }
            value => self.0.push_param(value, builder),
        }
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}

impl fmt::Write for WithLimits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text)
    }
}

impl fmt::Display for WithLimits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
