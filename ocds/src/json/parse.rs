//! Text to values: one pass, recursive, strings found eight bytes at a time.

use std::borrow::Cow;

use super::write::plain_end;
use super::{Member, Object, Value};

/// How many arrays and objects may stand inside each other.
///
/// Real OCDS stays below 15; the limit keeps a hostile document from exhausting the stack.
pub const MAX_DEPTH: usize = 128;

/// Where a text stops being JSON, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct ParseError {
    /// Bytes before the place of the error.
    pub offset: usize,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub reason: Reason,
}

/// What keeps a text from being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The text ends inside a value, or is empty.
    #[error("the text ends before the value does")]
    UnexpectedEnd,
    /// Something else than a value.
    #[error("expected a value")]
    ExpectedValue,
    /// Something else than a quoted key.
    #[error("expected a key in double quotes")]
    ExpectedKey,
    /// A key without its colon.
    #[error("expected a colon after the key")]
    ExpectedColon,
    /// Neither a comma nor the end of the array or object.
    #[error("expected a comma or the closing bracket")]
    ExpectedCommaOrEnd,
    /// Text after the end of the document.
    #[error("there is text after the end of the value")]
    TrailingText,
    /// A number such as `01`, `1.` or `+1`.
    #[error("not a JSON number")]
    InvalidNumber,
    /// A control character that must be escaped.
    #[error("a line break or other control character inside a string must be escaped")]
    ControlCharacter,
    /// A backslash with an unknown letter, or `\u` without four hexadecimal digits.
    #[error("not a JSON escape")]
    InvalidEscape,
    /// Half of a surrogate pair: no character.
    #[error("an escaped surrogate without its other half")]
    LoneSurrogate,
    /// More than [`MAX_DEPTH`] levels.
    #[error("arrays and objects nest deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

/// Parses a document, and leaves out what stands inside more arrays and objects than `kept_depth`.
pub(super) fn document(text: &str, kept_depth: usize) -> Result<Value<'_>, ParseError> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        kept_depth,
        elements: Vec::new(),
        members: Vec::new(),
    };
    parser.document().map_err(|reason| {
        let offset = parser.at;
        let before = &parser.bytes[..offset];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        ParseError {
            offset,
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            // A byte that continues a character is no column of its own.
            column: before[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1,
            reason,
        }
    })
}

/// An error leaves `at` where the text is wrong.
struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// What stands in arrays and objects deeper than this is checked and left out.
    kept_depth: usize,
    /// Elements of the arrays being read, innermost last: each array takes its own off the end in one exact allocation.
    elements: Vec<Value<'a>>,
    /// Members of the objects being read, likewise.
    members: Vec<Member<'a>>,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Value<'a>, Reason> {
        self.skip_whitespace();
        let value = self.value::<true>()?;
        self.skip_whitespace();
        if self.at < self.bytes.len() {
            Err(Reason::TrailingText)
        } else {
            Ok(value)
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Reads a value; one that is not `KEPT` is checked all the same, and what comes back for it says nothing.
    fn value<const KEPT: bool>(&mut self) -> Result<Value<'a>, Reason> {
        match self.peek().ok_or(Reason::UnexpectedEnd)? {
            b'"' if KEPT => self.string().map(Value::String),
            b'"' => self.skip_string().map(|()| Value::Null),
            b'{' if KEPT && self.depth < self.kept_depth => self.nested(Self::object::<true>),
            b'{' => self.nested(Self::object::<false>),
            b'[' if KEPT && self.depth < self.kept_depth => self.nested(Self::array::<true>),
            b'[' => self.nested(Self::array::<false>),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal("true", Value::Bool(true)),
            b'f' => self.literal("false", Value::Bool(false)),
            b'n' => self.literal("null", Value::Null),
            _ => Err(Reason::ExpectedValue),
        }
    }

    fn literal(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Reason> {
        let rest = &self.bytes[self.at..];
        let same = rest
            .iter()
            .zip(word.as_bytes())
            .take_while(|(found, wanted)| found == wanted)
            .count();
        self.at += same;
        if same == word.len() {
            Ok(value)
        } else if same == rest.len() {
            Err(Reason::UnexpectedEnd)
        } else {
            Err(Reason::ExpectedValue)
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value<'a>, Reason>) -> Result<Value<'a>, Reason> {
        if self.depth == MAX_DEPTH {
            return Err(Reason::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        self.skip_whitespace();
        let value = read(self)?;
        self.at += 1;
        self.depth -= 1;
        Ok(value)
    }

    /// Reads from behind the opening bracket up to the closing one.
    fn array<const KEPT: bool>(&mut self) -> Result<Value<'a>, Reason> {
        if self.peek() == Some(b']') {
            return Ok(Value::Array(Vec::new()));
        }
        let first = self.elements.len();
        loop {
            let element = self.value::<KEPT>()?;
            if KEPT {
                self.elements.push(element);
            }
            if self.ends_after_value(b']')? {
                return Ok(Value::Array(self.elements.split_off(first)));
            }
        }
    }

    /// Reads from behind the opening brace up to the closing one.
    fn object<const KEPT: bool>(&mut self) -> Result<Value<'a>, Reason> {
        if self.peek() == Some(b'}') {
            return Ok(Value::Object(Object::new()));
        }
        let first = self.members.len();
        loop {
            match self.peek() {
                Some(b'"') => {}
                Some(_) => return Err(Reason::ExpectedKey),
                None => return Err(Reason::UnexpectedEnd),
            }
            let key = if KEPT {
                self.string()?
            } else {
                self.skip_string()?;
                Cow::Borrowed("")
            };
            self.skip_whitespace();
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(Reason::ExpectedColon),
                None => return Err(Reason::UnexpectedEnd),
            }
            self.skip_whitespace();
            let value = self.value::<KEPT>()?;
            if KEPT {
                self.members.push((key, value));
            }
            if self.ends_after_value(b'}')? {
                return Ok(Value::Object(Object::of_members(self.members.split_off(first))));
            }
        }
    }

    /// Stands behind an element or member: goes on to the next one, or tells that the closing bracket is here.
    fn ends_after_value(&mut self, closing: u8) -> Result<bool, Reason> {
        self.skip_whitespace();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.skip_whitespace();
                Ok(false)
            }
            Some(byte) if byte == closing => Ok(true),
            Some(_) => Err(Reason::ExpectedCommaOrEnd),
            None => Err(Reason::UnexpectedEnd),
        }
    }

    fn number(&mut self) -> Result<Value<'a>, Reason> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            // A digit after a leading zero.
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(Reason::InvalidNumber);
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(Cow::Borrowed(&self.text[start..self.at])))
    }

    fn digits(&mut self) -> Result<(), Reason> {
        let count = self.bytes[self.at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.at += count;
        match (count, self.peek()) {
            (0, None) => Err(Reason::UnexpectedEnd),
            (0, Some(_)) => Err(Reason::InvalidNumber),
            _ => Ok(()),
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Reason> {
        self.at += 1;
        let start = self.at;
        self.at = plain_end(self.bytes, start);
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        let mut unescaped = String::from(&self.text[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => unescaped.push(self.escape()?),
                Some(_) => return Err(Reason::ControlCharacter),
                None => return Err(Reason::UnexpectedEnd),
            }
            let start = self.at;
            self.at = plain_end(self.bytes, start);
            unescaped.push_str(&self.text[start..self.at]);
        }
    }

    /// Goes behind a string, which is checked like any other.
    fn skip_string(&mut self) -> Result<(), Reason> {
        self.at = plain_end(self.bytes, self.at + 1);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.escape()?;
                }
                Some(_) => return Err(Reason::ControlCharacter),
                None => return Err(Reason::UnexpectedEnd),
            }
            self.at = plain_end(self.bytes, self.at);
        }
    }

    fn escape(&mut self) -> Result<char, Reason> {
        let letter = self.bytes.get(self.at + 1).ok_or(Reason::UnexpectedEnd)?;
        let character = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(Reason::InvalidEscape),
        };
        self.at += 2;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, Reason> {
        let unit = self.code_unit(self.at)?;
        let (code, length) = match unit {
            0xD800..=0xDBFF if self.bytes[self.at + 6..].starts_with(b"\\u") => match self.code_unit(self.at + 6)? {
                low @ 0xDC00..=0xDFFF => (0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12),
                _ => return Err(Reason::LoneSurrogate),
            },
            _ => (unit, 6),
        };
        let character = char::from_u32(code).ok_or(Reason::LoneSurrogate)?;
        self.at += length;
        Ok(character)
    }

    /// The four hexadecimal digits of the `\uXXXX` that begins at `at`.
    fn code_unit(&self, at: usize) -> Result<u32, Reason> {
        (at + 2..at + 6).try_fold(0, |unit, place| {
            let digit = self.bytes.get(place).ok_or(Reason::UnexpectedEnd)?;
            let digit = char::from(*digit).to_digit(16).ok_or(Reason::InvalidEscape)?;
            Ok(unit * 16 + digit)
        })
    }
}
