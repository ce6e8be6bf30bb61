//! Where pages of rows wait that are too many for memory: a file without a name, which is gone with the batch.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes of pages stay in memory, however many there are.
const HELD: usize = 32 * 1024 * 1024;

/// The pages of one batch. Clones are the same spool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spool(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    /// How many bytes have stayed in memory.
    held: usize,
    /// Where the others are; none before there are any.
    file: Option<File>,
    /// The length of the file.
    length: u64,
    /// Whether there is no room for more.
    is_full: bool,
}

/// A page that waits.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// In memory.
    Held(Vec<u8>),
    /// In the file.
    Written(Written),
}

/// A page in the file of its spool.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    spool: Spool,
    start: u64,
    length: usize,
}

impl Written {
    /// Reads the page.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut pages = self.spool.pages();
        let file = pages.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(self.start))?;
        let mut page = vec![0; self.length];
        file.read_exact(&mut page)?;
        Ok(page)
    }
}

impl Spool {
    /// Takes a page. What cannot be written to the file, as on a full disk, stays in memory: it is better to take more of it
    /// than to stop.
    pub fn put(&self, page: Vec<u8>) -> Page {
        let mut pages = self.pages();
        if pages.held + page.capacity() > HELD && !pages.is_full {
            match pages.write(&page) {
                Ok(start) => {
                    return Page::Written(Written {
                        spool: self.clone(),
                        start,
                        length: page.len(),
                    });
                }
                Err(error) => {
                    pages.is_full = true;
                    tracing::warn!(
                        "rows that wait to be written stay in memory, since they cannot wait in {}: {error}",
                        std::env::temp_dir().display()
                    );
                }
            }
        }
        pages.held += page.capacity();
        Page::Held(page)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        // Whoever panicked has not left half a page behind that anybody knows of.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// Adds a page to the file, and tells where it begins.
    fn write(&mut self, page: &[u8]) -> io::Result<u64> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let start = file.seek(SeekFrom::Start(self.length))?;
        file.write_all(page)?;
        self.length += page.len() as u64;
        Ok(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_back_from_the_file_in_any_order() {
        let spool = Spool::default();
        let page = |number: u8| vec![number; HELD / 2 + usize::from(number)];
        let pages: Vec<Page> = (0..4).map(|number| spool.put(page(number))).collect();
        assert!(matches!(pages[0], Page::Held(_)));
        for number in [3, 1, 2] {
            let Page::Written(written) = &pages[number] else {
                panic!("page {number} should not be in memory");
            };
            assert_eq!(written.read().unwrap(), page(u8::try_from(number).unwrap()));
        }
    }
}
