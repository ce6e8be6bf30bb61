//! Where texts and rows wait that are too many for memory: a file without a name, which is gone with the batch.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Error;

/// How many bytes stay in memory, however many there are.
const HELD: usize = 8 * 1024 * 1024;

/// What waits of one batch. Clones are the same spool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spool(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    /// How many bytes have stayed in memory.
    held: usize,
    /// Where the others are; none before there are any.
    file: Option<Arc<File>>,
    /// How many bytes of the file are taken.
    length: u64,
    /// Whether there is no room for more.
    is_full: bool,
}

/// Bytes that wait.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// In memory.
    Held(Vec<u8>),
    /// In the file.
    Written(Written),
}

/// Bytes in the file of a spool.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    file: Arc<File>,
    start: u64,
    length: usize,
}

impl Piece {
    /// No bytes.
    pub const EMPTY: Piece = Piece::Held(Vec::new());

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            Piece::Held(bytes) => bytes.len(),
            Piece::Written(written) => written.length,
        }
    }

    /// The text that the bytes are, and nothing more of where they were.
    ///
    /// # Errors
    /// [`Error::Spool`] if the file cannot be read, or is not what was written.
    pub fn into_text(self) -> Result<String, Error> {
        let bytes = match self {
            Piece::Held(bytes) => bytes,
            Piece::Written(written) => written.read().map_err(Error::Spool)?,
        };
        String::from_utf8(bytes).map_err(|_| damaged())
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`Error::Spool`] if the file cannot be read.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            Piece::Held(bytes) => Ok(Cow::Borrowed(bytes)),
            Piece::Written(written) => written.read().map(Cow::Owned).map_err(Error::Spool),
        }
    }
}

/// What waited is not what was put there.
pub(crate) fn damaged() -> Error {
    Error::Spool(io::ErrorKind::InvalidData.into())
}

impl Written {
    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.length];
        self.file.read_exact_at(&mut bytes, self.start)?;
        Ok(bytes)
    }
}

impl Spool {
    /// Takes bytes. What cannot be written to the file, as on a full disk, stays in memory: it is better to take more of it
    /// than to stop.
    pub fn put(&self, bytes: Vec<u8>) -> Piece {
        let place = self.content().place(&bytes);
        let Some(place) = place else {
            return Piece::Held(bytes);
        };
        // Written while nobody waits for it: others have places of their own.
        let written = place.and_then(|place| {
            place.file.write_all_at(&bytes, place.start)?;
            Ok(place)
        });
        match written {
            Ok(written) => Piece::Written(written),
            Err(error) => {
                self.content().is_full = true;
                tracing::warn!(
                    "what waits to be written stays in memory, since it cannot wait in {}: {error}",
                    std::env::temp_dir().display()
                );
                Piece::Held(bytes)
            }
        }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // Whoever panicked has not left anything half done that anybody knows of.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    /// Where in the file to write bytes; `None` if they stay in memory.
    fn place(&mut self, bytes: &Vec<u8>) -> Option<io::Result<Written>> {
        if self.is_full || self.held + bytes.capacity() <= HELD {
            self.held += bytes.capacity();
            return None;
        }
        let file = match &self.file {
            Some(file) => file.clone(),
            None => match tempfile::tempfile() {
                Ok(file) => self.file.insert(Arc::new(file)).clone(),
                Err(error) => return Some(Err(error)),
            },
        };
        let start = self.length;
        self.length += bytes.len() as u64;
        Some(Ok(Written {
            file,
            start,
            length: bytes.len(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_in_any_order() {
        let spool = Spool::default();
        let bytes = |number: u8| vec![number; HELD / 2 + usize::from(number)];
        let pieces: Vec<Piece> = (0..4).map(|number| spool.put(bytes(number))).collect();
        assert!(matches!(pieces[0], Piece::Held(_)));
        assert!(matches!(pieces[3], Piece::Written(_)));
        for number in [3, 1, 0, 2] {
            let expected = bytes(number);
            let piece = &pieces[usize::from(number)];
            assert_eq!((piece.len(), &*piece.bytes().unwrap()), (expected.len(), &expected[..]));
        }
    }
}
