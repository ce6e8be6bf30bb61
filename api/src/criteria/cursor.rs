//! Cursors: where in an ordered list a page begins or ends, in a text that only the hub can make.
//!
//! A cursor holds the place itself (the sort value and the key of the row), never a count of rows, so that it stays right
//! while rows come and go. It names the list and order it was made for, and carries a checksum: a cursor that was
//! changed, or taken from another list, is refused rather than answered with the wrong page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// The value that a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// A number, or an instant in microseconds since 1970.
    Number(i64),
    /// A text.
    Text(String),
    /// The row has no value, and stands among those at the end.
    Absent,
}

/// One place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The value the row is sorted by.
    pub position: Position,
    /// The key columns that break ties.
    pub keys: Vec<Uuid>,
}

/// First byte of every cursor: the form it is written in.
const VERSION: u8 = 1;
const CHECKSUM: usize = 4;

impl Cursor {
    /// Writes the cursor for the list named `list`, such as `tenders by published_at DESC`.
    pub fn write(&self, list: &str) -> String {
        let mut bytes = vec![VERSION, u8::try_from(self.keys.len()).unwrap_or(u8::MAX)];
        for key in &self.keys {
            bytes.extend_from_slice(key.as_bytes());
        }
        match &self.position {
            Position::Absent => bytes.push(0),
            Position::Number(number) => {
                bytes.push(1);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            Position::Text(text) => {
                bytes.push(2);
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        let checksum = checksum(list, &bytes);
        bytes.extend_from_slice(&checksum);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor back; `None` if it was not written by [`Cursor::write`] for this very list.
    pub fn read(text: &str, list: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
        if sum != checksum(list, body) {
            return None;
        }
        let (&[version, key_count], rest) = body.split_first_chunk()?;
        if version != VERSION {
            return None;
        }
        let (keys, rest) = rest.split_at_checked(usize::from(key_count) * 16)?;
        let keys = keys
            .chunks_exact(16)
            .map(Uuid::from_slice)
            .collect::<Result<_, _>>()
            .ok()?;
        let position = match rest.split_first()? {
            (0, []) => Position::Absent,
            (1, number) => Position::Number(i64::from_be_bytes(number.try_into().ok()?)),
            (2, text) => Position::Text(String::from_utf8(text.to_vec()).ok()?),
            _ => return None,
        };
        Some(Self { position, keys })
    }
}

/// Not a secret: it tells an honest mistake from a cursor, and keeps clients from building on what is inside.
fn checksum(list: &str, bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(list.as_bytes());
    hasher.update(bytes);
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..CHECKSUM]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors() -> Vec<Cursor> {
        let key = Uuid::from_u128(42);
        vec![
            Cursor {
                position: Position::Number(-1),
                keys: vec![key],
            },
            Cursor {
                position: Position::Text("Gemeente Voorbeeld é".into()),
                keys: vec![key, Uuid::nil()],
            },
            Cursor {
                position: Position::Absent,
                keys: vec![],
            },
        ]
    }

    #[test]
    fn a_cursor_is_read_back_in_its_own_list_only() {
        for cursor in cursors() {
            let text = cursor.write("tenders by value");
            assert_eq!(Cursor::read(&text, "tenders by value"), Some(cursor));
            assert_eq!(Cursor::read(&text, "tenders by date"), None);
        }
    }

    #[test]
    fn a_changed_cursor_is_refused() {
        let text = cursors()[0].write("tenders");
        for index in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Cursor::read(&changed, "tenders"), None, "{changed}");
        }
        for text in ["", "A", "1", "MTA=", "ünïcode"] {
            assert_eq!(Cursor::read(text, "tenders"), None);
        }
    }
}
