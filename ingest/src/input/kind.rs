//! What a stream holds, told by its first bytes.

use std::io::{self, Chain, Cursor, Read};

use super::tar;
use super::text::{self, FileEncoding};

/// How much is looked at to tell what a stream holds.
const HEAD: usize = 4096;

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A stream packed with gzip.
    Gzip,
    /// A stream packed with Zstandard.
    Zstandard,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
    /// What looks like JSON.
    Json(FileEncoding),
    /// Nothing, or white space.
    Blank,
    /// Something else.
    Other,
}

/// A stream with the bytes in front again that were taken off it.
pub(super) type Restored<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of a stream, and the whole stream.
pub(super) fn peek<R: Read>(mut stream: R) -> io::Result<(Vec<u8>, Restored<R>)> {
    let mut head = Vec::with_capacity(HEAD);
    stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(stream)))
}

/// Tells by its first bytes what a stream holds.
pub(super) fn kind(head: &[u8]) -> Kind {
    match head {
        [0x1F, 0x8B, ..] => Kind::Gzip,
        // A frame, or one that readers skip.
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Kind::Zstandard,
        // The second is that of an archive without members.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Kind::Zip,
        _ if tar::is_header(head) => Kind::Tar,
        _ => readable(head),
    }
}

fn readable(head: &[u8]) -> Kind {
    let encoding = text::encoding(head);
    match text::first_letter(head, encoding) {
        Some(b'{' | b'[') => Kind::Json(encoding),
        // White space as far as one can see: whoever reads on will tell.
        None if head.len() == HEAD => Kind::Json(encoding),
        None => Kind::Blank,
        Some(_) => Kind::Other,
    }
}

/// What to do with content of a well-known kind that cannot be read.
pub(super) fn hint(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'<', ..] | [0xEF, 0xBB, 0xBF, b'<', ..] => Some("it is XML or HTML"),
        [b'B', b'Z', b'h', ..] => Some("it is packed with bzip2: unpack it first"),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some("it is packed with xz: unpack it first"),
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Some("it is a 7z archive: unpack it first"),
        [b'R', b'a', b'r', b'!', ..] => Some("it is a rar archive: unpack it first"),
        [b'P', b'K', 7, 8, ..] => Some("it is one part of a zip archive: put the parts together first"),
        [b'%', b'P', b'D', b'F', ..] => Some("it is a PDF"),
        [b'P', b'A', b'R', b'1', ..] => Some("it is a Parquet file"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        for (head, expected) in [
            (&b"\x1F\x8B\x08"[..], Kind::Gzip),
            (b"\x28\xB5\x2F\xFD", Kind::Zstandard),
            (b"\x5A\x2A\x4D\x18", Kind::Zstandard),
            (b"PK\x03\x04", Kind::Zip),
            (b" \n[1]", Kind::Json(FileEncoding::Utf8)),
            (b"\xEF\xBB\xBF\r\n{", Kind::Json(FileEncoding::Utf8WithMark)),
            (b"\xFF\xFE{\0", Kind::Json(FileEncoding::Utf16Little)),
            (b"\xFE\xFF\0{", Kind::Json(FileEncoding::Utf16Big)),
            (b"{\0\"\0", Kind::Json(FileEncoding::Utf16Little)),
            (b"\0[\0{", Kind::Json(FileEncoding::Utf16Big)),
            (b"\xFF\xFE\0\0{\0\0\0", Kind::Other),
            (b"", Kind::Blank),
            (b"\xEF\xBB\xBF", Kind::Blank),
            (b" \n", Kind::Blank),
            (b"\xFF\xFE", Kind::Blank),
            (b"ocid,title", Kind::Other),
            (&[0; 2048], Kind::Other),
            (&[b' '; HEAD], Kind::Json(FileEncoding::Utf8)),
        ] {
            assert_eq!(kind(head), expected, "{head:?}");
        }
    }
}
