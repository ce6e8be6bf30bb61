//! JSON Lines: one document a line. Columns without a value are left out, amounts are strings as in the API.

use actix_web::web::Bytes;
use chrono::SecondsFormat;

use super::table::{Cell, Header, Row, Type};

/// Writes rows as lines.
pub struct Encoder {
    columns: Vec<Header>,
}

impl Encoder {
    /// For rows of these columns.
    pub fn new(columns: Vec<Header>) -> Self {
        Self { columns }
    }

    /// The lines of these rows.
    pub fn write(&self, rows: &[Row]) -> Bytes {
        let mut text = Vec::new();
        for row in rows {
            match self.document(row) {
                Some(document) => text.extend_from_slice(document.as_bytes()),
                None => self.object(row, &mut text),
            }
            text.push(b'\n');
        }
        text.into()
    }

    /// A list of documents is written as the documents themselves: an OCDS release is a line, digit for digit.
    fn document<'r>(&self, row: &'r Row) -> Option<&'r str> {
        let is_list_of_documents = matches!(self.columns.as_slice(), [_, last] if last.kind == Type::Json);
        match row.last() {
            Some(Cell::Json(document)) if is_list_of_documents => Some(document),
            _ => None,
        }
    }

    fn object(&self, row: &Row, text: &mut Vec<u8>) {
        text.push(b'{');
        let start = text.len();
        for (column, cell) in self.columns.iter().zip(row) {
            if *cell == Cell::Absent {
                continue;
            }
            if text.len() > start {
                text.push(b',');
            }
            string(column.name, text);
            text.push(b':');
            match cell {
                Cell::Absent => {}
                Cell::Text(words) => string(words, text),
                Cell::Json(document) => text.extend_from_slice(document.as_bytes()),
                Cell::Integer(number) => text.extend_from_slice(number.to_string().as_bytes()),
                Cell::Amount(amount) => string(&amount.to_string(), text),
                Cell::Instant(instant) => string(&instant.to_rfc3339_opts(SecondsFormat::AutoSi, true), text),
            }
        }
        text.push(b'}');
    }
}

fn string(words: &str, text: &mut Vec<u8>) {
    serde_json::to_writer(text, words).expect("a text in memory takes every text");
}
