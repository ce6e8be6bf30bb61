//! Texts as they are stored: Zstandard frames that know their length.

use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

/// Releases are short and much alike: higher levels take longer for a few percent.
const LEVEL: i32 = 1;

/// Compresses one text after the other without starting anew.
pub(crate) struct Compress(Compressor<'static>);

impl Compress {
    pub fn new() -> io::Result<Compress> {
        Ok(Compress(Compressor::new(LEVEL)?))
    }

    /// The text as it is stored.
    pub fn text(&mut self, text: &str) -> io::Result<Vec<u8>> {
        self.0.compress(text.as_bytes())
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
