//! A table as a file of SQLite, made in memory and without SQLite: the form in which it takes rows from others fastest.
//!
//! The form is that of <https://www.sqlite.org/fileformat2.html>, whose sections are named below. Page 1 says what the
//! table is, and page 2 is its root. Behind them stand its leaves, and the pages on which rows go on that are too long for
//! one.

use super::record::{Record, write_variable_length};
use crate::table::Cell;

/// Bytes of a page: as many as SQLite allows, so that few rows are too long for one.
const PAGE: usize = 65_536;
/// How many pages are enough for a file. SQLite keeps twice as many of one at hand.
const MOST_PAGES: usize = 16;
/// Bytes that the first page begins with and others do not (1.3).
const FILE_HEADER: usize = 100;
/// Bytes that a leaf, and a page above leaves, begins with (1.6).
const LEAF_HEADER: usize = 8;
const INTERIOR_HEADER: usize = 12;
/// What kind of page it is (1.6).
const LEAF: u8 = 13;
const INTERIOR: u8 = 5;
/// Where a page above leaves names the last of them (1.6).
const LAST_CHILD: usize = 8;
/// Bytes of the number of a page.
const PAGE_NUMBER: usize = 4;
/// The indexes of the first page and of the root.
const FIRST: usize = 0;
const ROOT: usize = 1;

/// A table that rows are added to.
pub(super) struct TableFile {
    bytes: Vec<u8>,
    /// The leaf that rows are added to.
    leaf: Page,
    /// Those that are full, each with the number of its last row.
    full: Vec<(Page, u64)>,
    /// How many rows there are.
    rows: u64,
    /// Room for a row and for the cell that it is in a leaf.
    record: Record,
    cell: Vec<u8>,
}

impl TableFile {
    /// A table of this name with these columns, without rows.
    pub fn new(table: &str, columns: &[&str]) -> TableFile {
        let mut bytes = Vec::with_capacity((MOST_PAGES + 2) * PAGE);
        bytes.resize(2 * PAGE, 0);
        describe(&mut bytes, table, columns);
        TableFile {
            bytes,
            leaf: Page::of_leaf(ROOT),
            full: Vec::new(),
            rows: 0,
            record: Record::default(),
            cell: Vec::new(),
        }
    }

    /// Adds a row behind the others.
    pub fn push<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) {
        self.record.clear();
        cells.for_each(|cell| self.record.push(cell));
        let length = self.record.len();
        let local = local_length(length);

        let mut cell = std::mem::take(&mut self.cell);
        cell.clear();
        write_variable_length(&mut cell, length as u64);
        write_variable_length(&mut cell, self.rows + 1);
        let here = cell.len() + local;
        self.record.write(&mut cell);
        let room = if local == length { here } else { here + PAGE_NUMBER };
        if !self.leaf.has_room(room) {
            self.full.push((self.leaf, self.rows));
            self.leaf = Page::of_leaf(self.add_page());
        }
        let rest = (local < length).then(|| self.overflow(&cell[here..]));
        let place = self.leaf.add(&mut self.bytes, room);
        place[..here].copy_from_slice(&cell[..here]);
        if let Some(page) = rest {
            place[here..].copy_from_slice(&page);
        }
        self.rows += 1;
        self.cell = cell;
    }

    /// Whether more rows should go into another file.
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= MOST_PAGES * PAGE
    }

    /// The bytes of the file.
    pub fn finish(mut self) -> Vec<u8> {
        if !self.full.is_empty() {
            self.add_root();
        }
        self.leaf.finish(&mut self.bytes, LEAF);
        let pages = page_number(self.bytes.len() / PAGE - 1);
        self.bytes[28..32].copy_from_slice(&pages);
        self.bytes
    }

    /// Makes a page above the leaves. It takes the place of the first of them, since the first page says where the root is.
    fn add_root(&mut self) {
        for (leaf, _) in &self.full {
            leaf.finish(&mut self.bytes, LEAF);
        }
        let moved = self.add_page();
        self.bytes.copy_within(ROOT * PAGE..(ROOT + 1) * PAGE, moved * PAGE);
        let mut root = Page::new(ROOT, INTERIOR_HEADER);
        let mut cell = Vec::new();
        for (leaf, last_row) in &self.full {
            let index = if leaf.index == ROOT { moved } else { leaf.index };
            cell.clear();
            cell.extend(page_number(index));
            write_variable_length(&mut cell, *last_row);
            root.add(&mut self.bytes, cell.len()).copy_from_slice(&cell);
        }
        root.finish(&mut self.bytes, INTERIOR);
        let last_child = &mut self.bytes[ROOT * PAGE + LAST_CHILD..][..PAGE_NUMBER];
        last_child.copy_from_slice(&page_number(self.leaf.index));
    }

    /// Puts what a leaf does not hold of a row on pages of their own, each of which names the next (1.6), and returns the
    /// number of the first.
    fn overflow(&mut self, rest: &[u8]) -> [u8; PAGE_NUMBER] {
        let first = self.bytes.len() / PAGE;
        let mut parts = rest.chunks(PAGE - PAGE_NUMBER).peekable();
        while let Some(part) = parts.next() {
            let index = self.add_page();
            let next = parts.peek().map_or([0; PAGE_NUMBER], |_| page_number(index + 1));
            let page = &mut self.bytes[index * PAGE..];
            page[..PAGE_NUMBER].copy_from_slice(&next);
            page[PAGE_NUMBER..PAGE_NUMBER + part.len()].copy_from_slice(part);
        }
        page_number(first)
    }

    /// Adds an empty page, and returns its index.
    fn add_page(&mut self) -> usize {
        let index = self.bytes.len() / PAGE;
        self.bytes.resize(self.bytes.len() + PAGE, 0);
        index
    }
}

/// A page that cells are added to: what they are from its end, and where from its beginning (1.6).
#[derive(Clone, Copy)]
struct Page {
    /// Counted from 0.
    index: usize,
    /// Where its header begins, and where that ends.
    header: usize,
    places: usize,
    /// How many cells it has.
    cells: usize,
    /// Where the last one begins.
    start: usize,
}

impl Page {
    fn new(index: usize, header_length: usize) -> Page {
        let header = if index == FIRST { FILE_HEADER } else { 0 };
        Page {
            index,
            header,
            places: header + header_length,
            cells: 0,
            start: PAGE,
        }
    }

    fn of_leaf(index: usize) -> Page {
        Page::new(index, LEAF_HEADER)
    }

    /// Where the place of the next cell goes.
    fn next_place(&self) -> usize {
        self.places + 2 * self.cells
    }

    /// Whether there is room for another cell of so many bytes.
    fn has_room(&self, length: usize) -> bool {
        self.next_place() + 2 + length <= self.start
    }

    /// Adds a cell of so many bytes, for which there is room, to a page of the file, and returns where it goes.
    fn add<'b>(&mut self, file: &'b mut [u8], length: usize) -> &'b mut [u8] {
        let place = self.next_place();
        self.start -= length;
        self.cells += 1;
        let page = &mut file[self.index * PAGE..][..PAGE];
        page[place..place + 2].copy_from_slice(&in_two_bytes(self.start));
        &mut page[self.start..self.start + length]
    }

    /// Writes its header.
    fn finish(&self, file: &mut [u8], kind: u8) {
        let header = &mut file[self.index * PAGE + self.header..][..LEAF_HEADER];
        header[0] = kind;
        header[3..5].copy_from_slice(&in_two_bytes(self.cells));
        header[5..7].copy_from_slice(&in_two_bytes(self.start));
    }
}

/// Writes the header of the file (1.3) and, in its table of tables (2.6), the table.
fn describe(file: &mut [u8], table: &str, columns: &[&str]) {
    file[..16].copy_from_slice(b"SQLite format 3\0");
    // A page of 65,536 bytes is told as 1. Nothing is written by way of a log.
    file[16..20].copy_from_slice(&[0, 1, 1, 1]);
    file[21..24].copy_from_slice(&[64, 32, 32]);
    // It has been changed once, as the number of pages has: so that counts.
    file[27] = 1;
    file[95] = 1;
    // The tables have been described once, in the fourth form of descriptions; texts are in UTF-8.
    file[43] = 1;
    file[47] = 4;
    file[59] = 1;

    // Columns without a type take values as they are.
    let sql = format!("CREATE TABLE \"{table}\" (\"{}\")", columns.join("\", \""));
    let mut record = Record::default();
    for cell in ["table", table, table].map(|text| Cell::Text(Some(text))) {
        record.push(cell);
    }
    record.push(Cell::Integer(Some(2)));
    record.push(Cell::Text(Some(&sql)));
    let mut cell = Vec::new();
    write_variable_length(&mut cell, record.len() as u64);
    write_variable_length(&mut cell, 1);
    record.write(&mut cell);
    let mut first = Page::of_leaf(FIRST);
    first.add(file, cell.len()).copy_from_slice(&cell);
    first.finish(file, LEAF);
}

/// How many bytes of a row of this length stand in its leaf (1.6).
fn local_length(length: usize) -> usize {
    const MOST: usize = PAGE - 35;
    const LEAST: usize = (PAGE - 12) * 32 / 255 - 23;
    if length <= MOST {
        return length;
    }
    let surplus = LEAST + (length - LEAST) % (PAGE - PAGE_NUMBER);
    if surplus <= MOST { surplus } else { LEAST }
}

/// How a page is named that has this index.
fn page_number(index: usize) -> [u8; PAGE_NUMBER] {
    // A file holds the rows of a part of a batch: a few gibibytes at most, while the number would do for 256 tebibytes.
    u32::try_from(index + 1).unwrap_or(u32::MAX).to_be_bytes()
}

/// A number below 65,536, or 65,536, which is told as 0 (1.6).
fn in_two_bytes(number: usize) -> [u8; 2] {
    let [.., high, low] = number.to_be_bytes();
    [high, low]
}
