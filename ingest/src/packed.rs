//! Rows that wait to be written, as bytes.
//!
//! A batch holds the rows of many thousand processes, and as values with a piece of memory for each text they would take
//! several times as much. So each row is packed as soon as it is made, in the form that PostgreSQL's COPY takes: its pages
//! are sent as they are, and SQLite is told cell by cell what stands in them. The format is described in the documentation
//! of PostgreSQL under `COPY`, "Binary Format"; each value has the form that the type's `send` function gives it.

use std::marker::PhantomData;
use std::slice::Iter;

use chrono::{DateTime, Utc};
use sea_orm::prelude::Uuid;

use crate::table::{Cell, Kind, Row};

/// How much a page holds, give or take a row, in bytes. Pages are never copied to make room.
const PAGE: usize = 256 * 1024;
/// A page with less room than this is full.
const LEAST_ROOM: usize = PAGE / 16;
/// What stands in place of the length of a value that is null.
const NULL: i32 = -1;
/// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800;
/// Why what was packed can be read.
const PACKED_HERE: &str = "pages hold nothing but what was packed";

/// Rows of one table, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Packed<R> {
    pages: Vec<Vec<u8>>,
    length: usize,
    rows: PhantomData<fn(R) -> R>,
}

impl<R> Default for Packed<R> {
    fn default() -> Packed<R> {
        Packed {
            pages: Vec::new(),
            length: 0,
            rows: PhantomData,
        }
    }
}

impl<R: Row> Packed<R> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Adds a row behind the others.
    pub fn push(&mut self, row: &R) {
        let page = self.page_with_room();
        // PostgreSQL allows 1,600 columns.
        let columns = i16::try_from(R::COLUMNS.len()).unwrap_or(i16::MAX);
        page.extend(columns.to_be_bytes());
        row.each_cell(|cell| pack(page, cell));
        self.length += 1;
    }

    /// Adds rows behind the others.
    pub fn append(&mut self, mut other: Packed<R>) {
        self.pages.append(&mut other.pages);
        self.length += other.length;
    }

    /// The bytes of all rows; each page holds whole rows.
    pub fn pages(&self) -> impl Iterator<Item = &[u8]> {
        self.pages.iter().map(Vec::as_slice)
    }

    /// Goes from row to row.
    pub fn cursor(&self) -> Cursor<'_, R> {
        Cursor {
            rest: &[],
            pages: self.pages.iter(),
            rows: PhantomData,
        }
    }

    /// The rows as they were before they were packed.
    pub fn rows(&self) -> impl Iterator<Item = R> {
        let mut cursor = self.cursor();
        std::iter::from_fn(move || {
            let row = R::of_cells(cursor.next_row()?);
            Some(row.expect(PACKED_HERE))
        })
    }

    fn page_with_room(&mut self) -> &mut Vec<u8> {
        let is_full = |page: &Vec<u8>| page.len() + LEAST_ROOM > PAGE;
        if self.pages.last().is_none_or(is_full) {
            // Few rows take little: only what comes after a full page is likely to be one itself.
            let room = if self.pages.is_empty() { 0 } else { PAGE };
            self.pages.push(Vec::with_capacity(room));
        }
        self.pages.last_mut().expect("a page was added where there was none")
    }
}

impl<R: Row> FromIterator<R> for Packed<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Packed<R> {
        let mut packed = Packed::default();
        rows.into_iter().for_each(|row| packed.push(&row));
        packed
    }
}

impl<'r, R: Row + 'r> FromIterator<&'r R> for Packed<R> {
    fn from_iter<I: IntoIterator<Item = &'r R>>(rows: I) -> Packed<R> {
        let mut packed = Packed::default();
        rows.into_iter().for_each(|row| packed.push(row));
        packed
    }
}

/// A place between two packed rows.
pub(crate) struct Cursor<'p, R> {
    rest: &'p [u8],
    pages: Iter<'p, Vec<u8>>,
    rows: PhantomData<fn() -> R>,
}

impl<'p, R: Row> Cursor<'p, R> {
    /// The cells of the next row, of which none may be left out; `None` behind the last one.
    pub fn next_row(&mut self) -> Option<Cells<'_, 'p>> {
        if self.rest.is_empty() {
            self.rest = self.pages.next()?;
        }
        take::<2>(&mut self.rest);
        Some(Cells {
            rest: &mut self.rest,
            kinds: R::KINDS.iter(),
        })
    }
}

/// The cells of a packed row.
pub(crate) struct Cells<'c, 'p> {
    rest: &'c mut &'p [u8],
    kinds: Iter<'static, Kind>,
}

impl<'p> Iterator for Cells<'_, 'p> {
    type Item = Cell<'p>;

    fn next(&mut self) -> Option<Cell<'p>> {
        let kind = *self.kinds.next()?;
        let length = i32::from_be_bytes(take(self.rest));
        let value = usize::try_from(length).ok().map(|length| {
            let (value, rest) = self.rest.split_at(length);
            *self.rest = rest;
            value
        });
        Some(unpack(kind, value))
    }
}

fn take<const LENGTH: usize>(rest: &mut &[u8]) -> [u8; LENGTH] {
    let (first, others) = rest.split_first_chunk().expect(PACKED_HERE);
    *rest = others;
    *first
}

fn pack(page: &mut Vec<u8>, cell: Cell) {
    let mut value = |bytes: &[u8]| {
        // A value of more than 1 GiB is refused by the server; no release comes near it.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        page.extend(length.to_be_bytes());
        page.extend(bytes);
    };
    match cell {
        Cell::Bool(Some(held)) => value(&[u8::from(held)]),
        Cell::Integer(Some(held)) => value(&held.to_be_bytes()),
        Cell::BigInteger(Some(held)) => value(&held.to_be_bytes()),
        Cell::Text(Some(held)) => value(held.as_bytes()),
        Cell::Bytes(Some(held)) => value(held),
        Cell::Key(Some(held)) => value(held.as_bytes()),
        Cell::Instant(Some(held)) => value(&microseconds(held).to_be_bytes()),
        Cell::Bool(None)
        | Cell::Integer(None)
        | Cell::BigInteger(None)
        | Cell::Text(None)
        | Cell::Bytes(None)
        | Cell::Key(None)
        | Cell::Instant(None) => page.extend(NULL.to_be_bytes()),
    }
}

fn unpack(kind: Kind, value: Option<&[u8]>) -> Cell<'_> {
    fn number<const LENGTH: usize>(value: &[u8]) -> [u8; LENGTH] {
        value.try_into().expect(PACKED_HERE)
    }
    match kind {
        Kind::Bool => Cell::Bool(value.map(|value| value != [0])),
        Kind::Integer => Cell::Integer(value.map(|value| i32::from_be_bytes(number(value)))),
        Kind::BigInteger => Cell::BigInteger(value.map(|value| i64::from_be_bytes(number(value)))),
        Kind::Text => Cell::Text(value.map(|value| str::from_utf8(value).expect(PACKED_HERE))),
        Kind::Bytes => Cell::Bytes(value),
        Kind::Key => Cell::Key(value.map(|value| Uuid::from_bytes(number(value)))),
        Kind::Instant => Cell::Instant(value.map(|value| instant(i64::from_be_bytes(number(value))))),
    }
}

/// Microseconds since 2000-01-01.
fn microseconds(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros() - EPOCH * 1_000_000
}

fn instant(microseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(microseconds + EPOCH * 1_000_000).expect(PACKED_HERE)
}

#[cfg(test)]
mod tests {
    use entities::{classification, release};

    use super::*;

    #[test]
    fn rows_have_the_form_that_postgresql_reads() {
        let mut packed = Packed::default();
        packed.push(&classification::Model {
            tender_id: Uuid::from_u128(1),
            scheme: String::new(),
            code: "7é".to_owned(),
            position: 258,
            label: None,
        });
        let key = [[0, 0, 0, 16].as_slice(), &[0; 15], &[1]].concat();
        let rest = [
            [0, 0, 0, 0].as_slice(),
            &[0, 0, 0, 3, b'7', 0xC3, 0xA9],
            &[0, 0, 0, 4, 0, 0, 1, 2],
            &[255, 255, 255, 255],
        ];
        let expected = [[0, 5].as_slice(), &key, &rest.concat()].concat();
        assert_eq!(packed.pages().collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn instants_count_from_the_year_2000() {
        let moment = DateTime::from_timestamp(EPOCH - 1, 500_000_000).unwrap();
        assert_eq!(microseconds(moment), -500_000);
        assert_eq!(instant(-500_000), moment);
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let rows: Vec<_> = (0..50).map(row).collect();
        let mut packed: Packed<_> = rows[..20].iter().collect();
        packed.append(rows[20..].iter().collect());
        assert_eq!(packed.len(), 50);
        assert_eq!(packed.rows().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn pages_are_no_larger_than_they_should_be() {
        let packed: Packed<_> = (0..50).map(row).collect();
        assert!(packed.pages.len() > 1);
        for page in &packed.pages[1..] {
            assert!(page.capacity() <= PAGE + LEAST_ROOM, "{}", page.capacity());
        }
    }

    fn row(number: u8) -> release::Model {
        release::Model {
            tender_id: Uuid::from_u128(number.into()),
            id: Uuid::max(),
            source_id: Uuid::nil(),
            package_id: number.is_multiple_of(2).then(Uuid::nil),
            release_id: (number > 9).then(|| number.to_string()),
            date: DateTime::from_timestamp(i64::from(number), 0).unwrap(),
            tags: String::new(),
            kind: "individual".to_owned(),
            retrieved_at: DateTime::UNIX_EPOCH,
            body: vec![number; 15_000],
        }
    }
}
