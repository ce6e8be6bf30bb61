//! Opening one stream: what it holds is told by its first bytes, never by its name.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::Document;

/// How much is looked at to tell what a stream holds.
const HEAD: usize = 4096;
const GZIP: &[u8] = &[0x1F, 0x8B];
const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// What a stream turned out to hold.
pub(crate) enum Content {
    /// What looks like JSON, decompressed.
    Json(Box<dyn Read + Send>),
    /// Something else; its first bytes.
    Other(Vec<u8>),
    /// Nothing.
    Empty,
}

/// Counts the bytes that were read, before decompression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<AtomicU64>);

impl Meter {
    /// The bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Opens a document and looks at its first bytes.
pub(crate) fn open(document: &Document, meter: &Meter) -> io::Result<Content> {
    let raw: Box<dyn Read + Send> = match &document.path {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(io::stdin()),
    };
    let (head, stream) = peek(Metered {
        stream: raw,
        meter: meter.clone(),
    })?;
    if head.starts_with(GZIP) {
        let (head, stream) = peek(MultiGzDecoder::new(stream))?;
        return Ok(content(head, stream));
    }
    Ok(content(head, stream))
}

fn content(head: Vec<u8>, stream: impl Read + Send + 'static) -> Content {
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head).trim_ascii_start();
    match text.first() {
        Some(b'{' | b'[') => Content::Json(Box::new(stream)),
        // White space as far as one can see: whoever reads on will tell.
        None if head.len() == HEAD => Content::Json(Box::new(stream)),
        None => Content::Empty,
        Some(_) => Content::Other(head),
    }
}

/// A stream with the bytes in front again that were taken off it.
type Restored<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of a stream, and the whole stream.
fn peek<R: Read>(mut stream: R) -> io::Result<(Vec<u8>, Restored<R>)> {
    let mut head = Vec::with_capacity(HEAD);
    stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(stream)))
}

struct Metered<R> {
    stream: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.meter.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
