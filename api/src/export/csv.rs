//! Comma-separated values by RFC 4180, in UTF-8, with a line of names: for spreadsheets.
//!
//! A spreadsheet runs a text that begins like a formula. Such a text gets an apostrophe before it, which spreadsheets
//! take as the sign of plain text; the other forms have the text as it is.

use std::borrow::Cow;

use actix_web::web::Bytes;
use chrono::SecondsFormat;

use super::table::{Cell, Header, Row};

/// With what formulas begin, in one spreadsheet or another.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes rows as lines.
pub struct Encoder {
    columns: Vec<Header>,
    has_names: bool,
}

impl Encoder {
    /// For rows of these columns.
    pub fn new(columns: Vec<Header>) -> Self {
        Self {
            columns,
            has_names: false,
        }
    }

    /// The lines of these rows, after the line of names if it was not written yet.
    pub fn write(&mut self, rows: &[Row]) -> Result<Bytes, csv::Error> {
        let mut lines = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        if !std::mem::replace(&mut self.has_names, true) {
            lines.write_record(self.columns.iter().map(|column| column.name))?;
        }
        for row in rows {
            for cell in row {
                lines.write_field(shown(cell).as_bytes())?;
            }
            lines.write_record(None::<&[u8]>)?;
        }
        let text = lines.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(text.into())
    }
}

fn shown(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Absent => Cow::Borrowed(""),
        Cell::Text(text) => harmless(text),
        Cell::Json(document) => harmless(document),
        Cell::Integer(number) => number.to_string().into(),
        Cell::Amount(amount) => amount.to_string().into(),
        Cell::Instant(instant) => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
    }
}

fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) {
        return format!("'{text}").into();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::table::Type;

    #[test]
    fn a_text_that_begins_like_a_formula_is_plain_text() {
        let column = Header {
            name: "title",
            kind: Type::Text,
        };
        let mut encoder = Encoder::new(vec![column]);
        let texts = ["=1+1", "+31 20", "-5", "@SUM(A1)", "\tx", "a=b", "een, \"twee\"", ""];
        let rows: Vec<Row> = texts.iter().map(|text| vec![Cell::Text((*text).to_owned())]).collect();
        let written = encoder.write(&rows).expect("memory takes every text");
        let expected =
            "title\r\n'=1+1\r\n'+31 20\r\n'-5\r\n'@SUM(A1)\r\n'\tx\r\na=b\r\n\"een, \"\"twee\"\"\"\r\n\"\"\r\n";
        assert_eq!(String::from_utf8_lossy(&written), expected);
    }

    #[test]
    fn a_negative_number_is_no_formula() {
        let cell = Cell::Amount("-12.5".parse().expect("an amount"));
        assert_eq!(shown(&cell), "-12.5");
    }
}
