//! Texts as they are stored: Zstandard frames that know their length.

use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{compress_bound, get_frame_content_size};

/// Releases are short and much alike: higher levels take longer for a few percent.
const LEVEL: i32 = 1;

/// Compresses one text after the other without starting anew.
pub(crate) struct Compress {
    compressor: Compressor<'static>,
    /// Has room for the longest text so far as it would be at worst, several times as long as most come out.
    buffer: Vec<u8>,
}

impl Compress {
    pub fn new() -> io::Result<Compress> {
        Ok(Compress {
            compressor: Compressor::new(LEVEL)?,
            buffer: Vec::new(),
        })
    }

    /// The text as it is stored.
    pub fn text(&mut self, text: &str) -> io::Result<Vec<u8>> {
        self.buffer.clear();
        self.buffer.reserve(compress_bound(text.len()));
        self.compressor.compress_to_buffer(text.as_bytes(), &mut self.buffer)?;
        Ok(self.buffer.clone())
    }
}

/// Reads stored texts one after the other.
pub(crate) struct Decompress(Decompressor<'static>);

impl Decompress {
    pub fn new() -> io::Result<Decompress> {
        Ok(Decompress(Decompressor::new()?))
    }

    /// The text that was stored; `None` if the bytes are damaged.
    pub fn text(&mut self, body: &[u8]) -> Option<String> {
        let length = usize::try_from(get_frame_content_size(body).ok()??).ok()?;
        String::from_utf8(self.0.decompress(body, length).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_text_comes_back() {
        let body = Compress::new().unwrap().text("{\"title\":\"één\"}").unwrap();
        let mut decompress = Decompress::new().unwrap();
        assert_eq!(decompress.text(&body).as_deref(), Some("{\"title\":\"één\"}"));
        assert_eq!(decompress.text(&body[..body.len() - 1]), None);
        assert_eq!(decompress.text(b"not a frame"), None);
    }
}
