//! Which encoding a text is in, judged by its bytes.
//!
//! JSON is UTF-8. Some publishers export Latin-1 or Windows-1252 all the same, and files that were put together can be
//! both. So every piece is judged for itself, and one that is broken changes nothing about the others:
//!
//! - What is valid UTF-8 is UTF-8: text in another encoding that has letters beyond ASCII hardly ever is.
//! - Of the rest, what holds at most one sequence of UTF-8 for every four bytes that belong to none is Windows-1252, of
//!   which Latin-1 is a part.
//! - Anything else is UTF-8 that was damaged, and what was lost cannot be told: a mixture, a byte that Windows-1252 leaves
//!   open, or a text that ends in half a letter, such as `caf` and the first byte of an `é`.

use std::borrow::Cow;

/// How a text was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// UTF-8, of which ASCII is a part.
    Utf8,
    /// ISO 8859-1, in which each byte is the character of its number.
    Latin1,
    /// Latin-1 with quotation marks, dashes, the euro and more in the place of control characters.
    Windows1252,
}

/// What Windows-1252 has at 0x80 to 0x9F; NUL where it leaves a place open.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// Up to how many sequences that happen to be UTF-8 are believed to be chance, among how many bytes that are not.
const STRAY_BYTES_FOR_ONE_SEQUENCE: usize = 4;

/// The text that bytes stand for, and their encoding; `None` if they are damaged. See the [module](self) for the rules.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<(Cow<'_, str>, Encoding)> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some((Cow::Borrowed(text), Encoding::Utf8));
    }
    is_single_byte(bytes).then(|| single_byte(bytes)).flatten()
}

/// Whether bytes that are not UTF-8 are one character each.
fn is_single_byte(bytes: &[u8]) -> bool {
    let (mut sequences, mut stray) = (0, 0);
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        sequences += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        stray += chunk.invalid().len();
        at += chunk.valid().len();
        if is_cut_off(bytes, at) {
            return false;
        }
        at += chunk.invalid().len();
    }
    sequences * STRAY_BYTES_FOR_ONE_SEQUENCE <= stray
}

/// Whether the byte at this place is the first of a sequence that a limit of length cut off: read as a character of its
/// own, it would be a capital that ends a word in small letters.
fn is_cut_off(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    matches!(
        (before, bytes.get(at), bytes.get(at + 1)),
        (Some(b'a'..=b'z'), Some(0xC2..=0xDE), Some(b'"'))
    )
}

fn single_byte(bytes: &[u8]) -> Option<(Cow<'static, str>, Encoding)> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut encoding = Encoding::Latin1;
    for &byte in bytes {
        let letter = match byte {
            0x80..=0x9F => {
                encoding = Encoding::Windows1252;
                WINDOWS_1252[usize::from(byte - 0x80)]
            }
            _ => char::from(byte),
        };
        if letter == '\0' && byte != 0 {
            return None;
        }
        text.push(letter);
    }
    Some((Cow::Owned(text), encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn decodes(bytes: &[u8], text: &str, encoding: Encoding) {
        assert_eq!(decode(bytes), Some((Cow::Borrowed(text), encoding)));
    }

    #[test]
    fn what_is_utf_8_is_utf_8() {
        decodes(b"plain", "plain", Encoding::Utf8);
        decodes("é “€”".as_bytes(), "é “€”", Encoding::Utf8);
        // Once encoded too often: who knows. It stays as it is.
        decodes("cafÃ©".as_bytes(), "cafÃ©", Encoding::Utf8);
    }

    #[test]
    fn letters_of_one_byte_are_recognised() {
        decodes(b"caf\xE9", "café", Encoding::Latin1);
        decodes(b"AUTORIZACI\xD3N", "AUTORIZACIÓN", Encoding::Latin1);
        decodes(b"\"CAF\xC9\"", "\"CAFÉ\"", Encoding::Latin1);
        decodes(b"\"Stra\xDFe, gro\xDF\"", "\"Straße, groß\"", Encoding::Latin1);
        decodes(b"\x93l\x92\xE9t\xE9\x94 \x80 5", "“l’été” € 5", Encoding::Windows1252);
        // Capital E with acute and a closing quotation mark are a sequence of UTF-8 as well.
        decodes(b"\xABCAF\xC9\xBB \xE9 \xE8 \xE0", "«CAFÉ» é è à", Encoding::Latin1);
    }

    #[test]
    fn damage_is_no_encoding() {
        for damaged in [
            // A mixture.
            &b"caf\xC3\xA9 caf\xE9"[..],
            "é".repeat(5)
                .as_bytes()
                .iter()
                .copied()
                .chain(*b"\xFF")
                .collect::<Vec<_>>()
                .as_slice(),
            // Half a letter at the end.
            b"\"caf\xC3\"",
            // Left open.
            b"a\x81b",
            b"\x9D",
        ] {
            assert_eq!(decode(damaged), None, "{damaged:?}");
        }
    }
}
