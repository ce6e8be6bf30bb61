//! A row in the form in which SQLite stores it: <https://www.sqlite.org/fileformat2.html#record_format>.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::table::Cell;

/// A row, cell by cell.
#[derive(Default)]
pub(super) struct Record {
    /// What kind of value each cell is, and how long.
    kinds: Vec<u8>,
    /// What stands in them.
    values: Vec<u8>,
}

impl Record {
    /// Forgets all cells.
    pub fn clear(&mut self) {
        self.kinds.clear();
        self.values.clear();
    }

    /// Adds a cell behind the others, as sqlx would bind its value.
    pub fn push(&mut self, cell: Cell) {
        match cell {
            Cell::Bool(Some(value)) => self.push_number(i64::from(value)),
            Cell::Integer(Some(value)) => self.push_number(i64::from(value)),
            Cell::BigInteger(Some(value)) => self.push_number(value),
            Cell::Text(Some(value)) => self.push_text(value),
            Cell::Bytes(Some(value)) => self.push_bytes(value),
            Cell::Key(Some(value)) => self.push_bytes(value.as_bytes()),
            Cell::Instant(Some(value)) => self.push_text(&text_of(value)),
            Cell::Bool(None)
            | Cell::Integer(None)
            | Cell::BigInteger(None)
            | Cell::Text(None)
            | Cell::Bytes(None)
            | Cell::Key(None)
            | Cell::Instant(None) => self.kinds.push(0),
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.head() + self.values.len()
    }

    /// Writes it behind what is there already.
    pub fn write(&self, to: &mut Vec<u8>) {
        write_variable_length(to, self.head() as u64);
        to.extend(&self.kinds);
        to.extend(&self.values);
    }

    /// How many bytes tell the kinds of the cells, those that tell this number among them: two if one is not enough, since
    /// a table has a few dozen columns.
    fn head(&self) -> usize {
        let kinds = self.kinds.len();
        if kinds < 0x7F { kinds + 1 } else { kinds + 2 }
    }

    /// The shortest form: 0 and 1 have kinds of their own.
    fn push_number(&mut self, value: i64) {
        let (kind, length) = match value {
            0 => (8, 0),
            1 => (9, 0),
            -0x80..=0x7F => (1, 1),
            -0x8000..=0x7FFF => (2, 2),
            -0x80_0000..=0x7F_FFFF => (3, 3),
            -0x8000_0000..=0x7FFF_FFFF => (4, 4),
            -0x8000_0000_0000..=0x7FFF_FFFF_FFFF => (5, 6),
            _ => (6, 8),
        };
        self.kinds.push(kind);
        self.values.extend(&value.to_be_bytes()[8 - length..]);
    }

    fn push_bytes(&mut self, value: &[u8]) {
        write_variable_length(&mut self.kinds, 12 + 2 * value.len() as u64);
        self.values.extend(value);
    }

    fn push_text(&mut self, value: &str) {
        write_variable_length(&mut self.kinds, 13 + 2 * value.len() as u64);
        self.values.extend(value.as_bytes());
    }
}

/// An instant as every other statement writes it.
fn text_of(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// Writes a number in as few bytes as it takes, seven of its bits in each. It is a length or a number of rows, so that it
/// never has so many bits that SQLite would write the last byte otherwise.
pub(super) fn write_variable_length(to: &mut Vec<u8>, number: u64) {
    let mut shift = (number | 1).ilog2() / 7 * 7;
    while shift > 0 {
        to.push(last_byte(number >> shift) | 0x80);
        shift -= 7;
    }
    to.push(last_byte(number) & 0x7F);
}

fn last_byte(number: u64) -> u8 {
    let [.., last] = number.to_be_bytes();
    last
}
