//! Rows that wait to be written, as bytes.
//!
//! A batch holds the rows of many thousand processes, and as values with a piece of memory for each text they would take
//! several times as much. So each row is packed as soon as it is made, in the form that PostgreSQL's COPY takes: its pages
//! are sent as they are, and SQLite is told cell by cell what stands in them. Pages that are too many for memory wait in a
//! [`Spool`]. The format is described in the documentation
//! of PostgreSQL under `COPY`, "Binary Format"; each value has the form that the type's `send` function gives it.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::mem;
use std::slice::Iter;

use chrono::{DateTime, Utc};
use sea_orm::prelude::Uuid;

use crate::Error;
use crate::spool::{Piece, Spool};
use crate::table::{Cell, Kind, Row};

/// How much a page holds, give or take a row, in bytes. Pages are never copied to make room.
const PAGE: usize = 256 * 1024;
/// A page with less room than this is full.
const LEAST_ROOM: usize = PAGE / 16;
/// What stands in place of the length of a value that is null.
const NULL: i32 = -1;
/// Seconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const EPOCH: i64 = 946_684_800;
/// Why the columns of a key are found.
const IN_ORDER: &str = "columns are named as in the table, and in its order";
/// Why what was packed can be read.
const PACKED_HERE: &str = "pages hold nothing but what was packed";

/// Rows of one table, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Packed<R> {
    /// Full pages, and others that were appended.
    closed: Vec<Piece>,
    /// The page that rows are added to.
    open: Vec<u8>,
    length: usize,
    /// Where full pages go; they stay in memory if there is none.
    spool: Option<Spool>,
    rows: PhantomData<fn(R) -> R>,
}

impl<R> Default for Packed<R> {
    fn default() -> Packed<R> {
        Packed {
            closed: Vec::new(),
            open: Vec::new(),
            length: 0,
            spool: None,
            rows: PhantomData,
        }
    }
}

impl<R: Row> Packed<R> {
    /// No rows yet; those to come may wait in a spool.
    pub fn on(spool: &Spool) -> Packed<R> {
        Packed {
            spool: Some(spool.clone()),
            ..Packed::default()
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Adds a row behind the others.
    pub fn push(&mut self, row: &R) {
        let page = self.room();
        // PostgreSQL allows 1,600 columns.
        let columns = i16::try_from(R::COLUMNS.len()).unwrap_or(i16::MAX);
        page.extend(columns.to_be_bytes());
        row.each_cell(|cell| pack(page, cell));
        self.length += 1;
    }

    /// Adds rows behind the others. Both wait in the same spool, or in none.
    pub fn append(&mut self, mut other: Packed<R>) {
        if other.closed.is_empty() && self.open.len() + other.open.len() <= PAGE {
            self.open.append(&mut other.open);
        } else {
            self.close();
            self.closed.append(&mut other.closed);
            self.open = other.open;
        }
        self.length += other.length;
    }

    /// The rows that are made of these, one of each or none, in the same order.
    pub fn altered(&self, mut alter: impl FnMut(R) -> Option<R>) -> Result<Packed<R>, Error> {
        let mut altered = Packed {
            spool: self.spool.clone(),
            ..Packed::default()
        };
        for row in self.rows() {
            if let Some(row) = alter(row?) {
                altered.push(&row);
            }
        }
        Ok(altered)
    }

    /// The same rows in the order of keys made of some of their cells. The columns are named in the order of the table.
    pub fn sorted_by<const COLUMNS: usize, K: Ord>(
        self,
        columns: [&str; COLUMNS],
        key: impl Fn([Cell; COLUMNS]) -> K,
    ) -> Result<Packed<R>, Error> {
        let mut behind = 0;
        let passed_over = columns.map(|column| {
            let rest = &R::COLUMNS[behind..];
            let passed_over = rest.iter().position(|name| *name == column).expect(IN_ORDER);
            behind += passed_over + 1;
            passed_over
        });
        let pages: Vec<Cow<[u8]>> = self.pages().collect::<Result<_, _>>()?;
        let mut places = Vec::with_capacity(self.length);
        for (number, page) in pages.iter().enumerate() {
            let mut place = 0;
            while place < page.len() {
                let start = place;
                let mut cells = cells::<R>(page, &mut place);
                let key = key(passed_over.map(|count| cells.nth(count).expect(PACKED_HERE)));
                cells.pass_over_rest();
                // There are many rows: half the memory is enough to tell where each begins, as pages are small.
                let [number, start] = [number, start].map(|place| u32::try_from(place).expect(PACKED_HERE));
                places.push((key, number, start));
            }
        }
        places.sort_unstable_by(|(one, ..), (other, ..)| one.cmp(other));
        let mut sorted = Packed {
            spool: self.spool.clone(),
            ..Packed::default()
        };
        for (_, number, start) in places {
            let (page, start) = (&pages[number as usize], start as usize);
            let mut end = start;
            cells::<R>(page, &mut end).pass_over_rest();
            sorted.room().extend(&page[start..end]);
            sorted.length += 1;
        }
        Ok(sorted)
    }

    /// The bytes of all rows; each page holds whole rows.
    pub fn pages(&self) -> impl Iterator<Item = Result<Cow<'_, [u8]>, Error>> {
        (0..=self.closed.len()).map(|number| self.page(number))
    }

    /// Goes from row to row.
    pub fn cursor(&self) -> Cursor<'_, R> {
        Cursor {
            packed: self,
            page: Cow::Borrowed(&[]),
            place: 0,
            next_page: 0,
        }
    }

    /// The rows as they were before they were packed.
    pub fn rows(&self) -> impl Iterator<Item = Result<R, Error>> {
        let mut cursor = self.cursor();
        std::iter::from_fn(move || {
            let cells = cursor.next_row().transpose()?;
            Some(cells.map(|cells| R::of_cells(cells).expect(PACKED_HERE)))
        })
    }

    /// A page, counted from 0; the last one is that which rows are added to.
    fn page(&self, number: usize) -> Result<Cow<'_, [u8]>, Error> {
        match self.closed.get(number) {
            Some(page) => page.bytes(),
            None => Ok(Cow::Borrowed(&self.open)),
        }
    }

    /// The page that the next row is added to.
    fn room(&mut self) -> &mut Vec<u8> {
        if self.open.len() + LEAST_ROOM > PAGE {
            self.close();
        }
        &mut self.open
    }

    /// Goes over to a new page.
    fn close(&mut self) {
        if self.open.is_empty() {
            return;
        }
        // Few rows take little: only what comes after a full page is likely to be one itself.
        let room = if self.open.len() + LEAST_ROOM > PAGE { PAGE } else { 0 };
        let full = mem::replace(&mut self.open, Vec::with_capacity(room));
        self.closed.push(match &self.spool {
            Some(spool) => spool.put(full),
            None => Piece::Held(full),
        });
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
    packed: &'p Packed<R>,
    page: Cow<'p, [u8]>,
    /// Where the next row begins in the page.
    place: usize,
    next_page: usize,
}

impl<R: Row> Cursor<'_, R> {
    /// The cells of the next row, of which none may be left out; `None` behind the last one.
    pub fn next_row(&mut self) -> Result<Option<Cells<'_>>, Error> {
        while self.place == self.page.len() {
            if self.next_page > self.packed.closed.len() {
                return Ok(None);
            }
            self.page = self.packed.page(self.next_page)?;
            self.next_page += 1;
            self.place = 0;
        }
        Ok(Some(cells::<R>(&self.page, &mut self.place)))
    }
}

/// The cells of a packed row.
pub(crate) struct Cells<'c> {
    page: &'c [u8],
    place: &'c mut usize,
    kinds: Iter<'static, Kind>,
}

impl<'c> Iterator for Cells<'c> {
    type Item = Cell<'c>;

    fn next(&mut self) -> Option<Cell<'c>> {
        let kind = *self.kinds.next()?;
        let length = i32::from_be_bytes(take(self.page, self.place));
        let value = usize::try_from(length).ok().map(|length| {
            let start = *self.place;
            *self.place += length;
            &self.page[start..*self.place]
        });
        Some(unpack(kind, value))
    }

    /// Passes over cells without a look at what stands in them.
    fn nth(&mut self, cells: usize) -> Option<Cell<'c>> {
        for _ in 0..cells {
            self.pass_over()?;
        }
        self.next()
    }
}

impl Cells<'_> {
    fn pass_over(&mut self) -> Option<()> {
        self.kinds.next()?;
        let length = i32::from_be_bytes(take(self.page, self.place));
        *self.place += usize::try_from(length).unwrap_or_default();
        Some(())
    }

    /// Passes over all cells that are left.
    fn pass_over_rest(mut self) {
        while self.pass_over().is_some() {}
    }
}

/// The cells of the row that begins at a place of a page.
fn cells<'c, R: Row>(page: &'c [u8], place: &'c mut usize) -> Cells<'c> {
    take::<2>(page, place);
    Cells {
        page,
        place,
        kinds: R::KINDS.iter(),
    }
}

fn take<const LENGTH: usize>(page: &[u8], place: &mut usize) -> [u8; LENGTH] {
    let bytes = page[*place..].first_chunk().expect(PACKED_HERE);
    *place += LENGTH;
    *bytes
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
        let pages = packed.pages().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(pages, [expected]);
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
        packed.append(rows[20..21].iter().collect());
        packed.append(rows[21..].iter().collect());
        assert_eq!(packed.len(), 50);
        assert_eq!(unpacked(&packed), rows);
        let odd = packed.altered(|row| row.release_id.is_some().then_some(row)).unwrap();
        assert_eq!(unpacked(&odd), rows[10..]);
        assert_eq!(unpacked(&Packed::<release::Model>::default()).len(), 0);
    }

    #[test]
    fn rows_that_are_too_many_for_memory_come_back_as_well() {
        let spool = Spool::default();
        let mut packed = Packed::on(&spool);
        for _ in 0..50 {
            let mut more = Packed::on(&spool);
            (0..50).for_each(|number| more.push(&row(number)));
            packed.append(more);
        }
        assert!(packed.closed.iter().any(|page| matches!(page, Piece::Held(_))));
        assert!(packed.closed.iter().any(|page| matches!(page, Piece::Written(_))));
        let copy = packed.altered(Some).unwrap();
        assert_eq!(copy.len(), 2500);
        for rows in [packed.rows(), copy.rows()] {
            for (number, found) in rows.enumerate() {
                assert_eq!(found.unwrap(), row(u8::try_from(number % 50).unwrap()));
            }
        }
    }

    #[test]
    fn pages_are_no_larger_than_they_should_be() {
        let mut packed = Packed::default();
        for _ in 0..50 {
            packed.append((0..5).map(row).collect::<Vec<_>>().iter().collect());
        }
        assert!(packed.closed.len() > 1);
        for page in &packed.closed {
            let Piece::Held(page) = page else {
                panic!("there is no spool")
            };
            assert!(page.capacity() <= 2 * PAGE, "{}", page.capacity());
        }
    }

    #[test]
    fn rows_are_put_in_order() {
        let spool = Spool::default();
        let mut packed = Packed::on(&spool);
        // Each number once, all of them mixed.
        (0..=u8::MAX).for_each(|number| packed.push(&row(number.wrapping_mul(7))));
        let sorted = packed
            .sorted_by(["tender_id", "date"], |[_, date]| std::cmp::Reverse(date.instant()))
            .unwrap();
        assert_eq!(sorted.len(), 256);
        let expected: Vec<_> = (0..=u8::MAX).rev().map(row).collect();
        assert_eq!(unpacked(&sorted), expected);
    }

    fn unpacked<R: Row>(packed: &Packed<R>) -> Vec<R> {
        packed.rows().collect::<Result<_, _>>().unwrap()
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
