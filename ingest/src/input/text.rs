//! Texts in UTF-16, as UTF-8.
//!
//! All else that is read has ASCII as a part of it: `ocds::split` tells UTF-8 from Windows-1252 piece by piece.

use std::io::{self, ErrorKind, Read};

/// How much is decoded at a time, in units of UTF-16.
const PORTION: usize = 8 * 1024;

/// What the first bytes of a text say about its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileEncoding {
    /// UTF-8, or whatever else ASCII is a part of.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8WithMark,
    /// UTF-16, the low byte first, with a byte order mark or without.
    Utf16Little,
    /// UTF-16, the high byte first, with a byte order mark or without.
    Utf16Big,
}

/// The encoding of a text that is JSON, by its first bytes.
pub(super) fn encoding(head: &[u8]) -> FileEncoding {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => FileEncoding::Utf8WithMark,
        // UTF-32 begins like UTF-16 with a NUL behind it.
        [0xFF, 0xFE, 0, 0, ..] => FileEncoding::Utf8,
        [0xFF, 0xFE, ..] => FileEncoding::Utf16Little,
        [0xFE, 0xFF, ..] => FileEncoding::Utf16Big,
        // JSON begins with two characters of ASCII, the first of them no NUL.
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => FileEncoding::Utf16Little,
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => FileEncoding::Utf16Big,
        _ => FileEncoding::Utf8,
    }
}

/// The first character of a text that is neither white space nor a byte order mark, if it is one of ASCII; NUL for others.
pub(super) fn first_letter(head: &[u8], encoding: FileEncoding) -> Option<u8> {
    let visible = |byte: &u8| !byte.is_ascii_whitespace();
    match encoding {
        FileEncoding::Utf8 => head.iter().copied().find(visible),
        FileEncoding::Utf8WithMark => head[3..].iter().copied().find(visible),
        FileEncoding::Utf16Little | FileEncoding::Utf16Big => {
            let units = head.chunks_exact(2).map(|pair| unit(encoding, pair));
            let mut letters = units
                .filter(|unit| *unit != 0xFEFF)
                .map(|unit| u8::try_from(unit).unwrap_or(0));
            letters.find(visible)
        }
    }
}

fn unit(encoding: FileEncoding, pair: &[u8]) -> u16 {
    let pair = [pair[0], pair[1]];
    if encoding == FileEncoding::Utf16Big {
        u16::from_be_bytes(pair)
    } else {
        u16::from_le_bytes(pair)
    }
}

/// A stream of UTF-16 as UTF-8.
///
/// Half of a surrogate pair, and the odd byte of a text that breaks off, become bytes that are no UTF-8, so that the
/// piece that holds them is refused.
pub(super) struct Utf16<R> {
    stream: R,
    encoding: FileEncoding,
    /// Bytes that were read and not decoded: an odd one, or half of a surrogate pair.
    pending: Vec<u8>,
    decoded: Vec<u8>,
    /// How many of the decoded bytes were given out.
    given: usize,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    pub fn new(stream: R, encoding: FileEncoding) -> Utf16<R> {
        Utf16 {
            stream,
            encoding,
            pending: Vec::new(),
            decoded: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    /// Decodes the next portion.
    fn fill(&mut self) -> io::Result<()> {
        let before = self.pending.len();
        self.pending.resize(2 * PORTION, 0);
        let read = loop {
            match self.stream.read(&mut self.pending[before..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        self.pending.truncate(before + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;

        let mut units: Vec<u16> = self
            .pending
            .chunks_exact(2)
            .map(|pair| unit(self.encoding, pair))
            .collect();
        let is_high_half = |unit: &u16| (0xD800..0xDC00).contains(unit);
        if !self.ended && units.last().is_some_and(is_high_half) {
            units.pop();
        }
        self.pending.drain(..2 * units.len());
        self.decoded.clear();
        self.given = 0;
        for letter in char::decode_utf16(units) {
            match letter {
                Ok(letter) => self
                    .decoded
                    .extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(_) => self.decoded.extend_from_slice(DAMAGE),
            }
        }
        if self.ended && !self.pending.is_empty() {
            self.pending.clear();
            self.decoded.extend_from_slice(DAMAGE);
        }
        Ok(())
    }
}

/// Bytes that no encoding has: 0x81 is neither UTF-8 here nor a character of Windows-1252.
const DAMAGE: &[u8] = &[0x81];

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let rest = &self.decoded[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A reader that gives few bytes at a time.
    struct Drops<'b>(&'b [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            self.0.read(&mut buffer[..length])
        }
    }

    fn decode(bytes: &[u8], encoding: FileEncoding, portion: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let mut stream = Utf16::new(Drops(bytes, portion), encoding);
        stream.read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn halves_are_damage() {
        let lone = [0x61, 0, 0x3D, 0xD8, 0x62, 0, 0x63];
        assert_eq!(decode(&lone, FileEncoding::Utf16Little, 1), b"a\x81b\x81");
        assert_eq!(decode(&[0x3D, 0xD8], FileEncoding::Utf16Little, 1), b"\x81");
    }

    proptest! {
        #[test]
        fn every_text_comes_through(text in any::<String>(), portion in 1_usize..9) {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            prop_assert_eq!(decode(&little, FileEncoding::Utf16Little, portion), text.as_bytes());
            prop_assert_eq!(decode(&big, FileEncoding::Utf16Big, portion), text.as_bytes());
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..64), portion in 1_usize..9) {
            let text = decode(&bytes, FileEncoding::Utf16Big, portion);
            prop_assert!(text.len() <= 2 * bytes.len());
        }
    }
}
