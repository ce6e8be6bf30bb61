//! Finds the end of a JSON value in bytes that arrive in portions.
//!
//! Only the structure is followed: brackets, strings, commas and colons. What stands inside strings and numbers is left
//! to the parser, so that a slip there costs one piece and not the rest of the document.

use crate::json::plain_end;

/// Deeper than this nothing is followed; what parses nests far less.
const MAX_DEPTH: usize = 10_000;

/// What a portion of bytes led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The value goes on in the next portion.
    More,
    /// The value ended before this byte.
    Done(usize),
    /// The bytes cannot be JSON from this byte on.
    Broken(usize, &'static str),
}

/// Reads one value from its first byte, which must not be white space.
pub(super) struct Scanner {
    /// Whether a brace at the start of a line means that the line before it was cut short.
    one_per_line: bool,
    at_line_start: bool,
    state: State,
    /// For each open bracket whether it is that of an object.
    open: Vec<bool>,
}

#[derive(Clone, Copy)]
enum State {
    Value,
    FirstElement,
    FirstKey,
    Key,
    Colon,
    After,
    Scalar,
    String { key: bool },
    Escape { key: bool },
}

impl Scanner {
    /// A scanner for the next value; in JSON Lines, one that expects a document to stay on its line.
    pub(super) fn new(one_per_line: bool) -> Scanner {
        Scanner {
            one_per_line,
            at_line_start: false,
            state: State::Value,
            open: Vec::new(),
        }
    }

    /// Goes on with the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Progress {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.state {
                State::String { key } => {
                    at = plain_end(bytes, at) + 1;
                    match bytes.get(at - 1) {
                        Some(b'"') if key => self.state = State::Colon,
                        Some(b'"') if self.value_ends() => return Progress::Done(at),
                        Some(b'\\') => self.state = State::Escape { key },
                        Some(b'\n') => return Progress::Broken(at - 1, "a line break inside a string"),
                        // Other control characters are the parser's business.
                        _ => {}
                    }
                }
                State::Escape { .. } if byte == b'\n' => {
                    return Progress::Broken(at, "a line break inside a string");
                }
                State::Escape { key } => {
                    self.state = State::String { key };
                    at += 1;
                }
                State::Scalar if is_scalar(byte) => at += 1,
                State::Scalar => {
                    if self.value_ends() {
                        return Progress::Done(at);
                    }
                }
                _ if is_whitespace(byte) => {
                    self.at_line_start = byte == b'\n';
                    at += 1;
                }
                _ => match self.structure(byte) {
                    Ok(false) => at += 1,
                    Ok(true) => return Progress::Done(at + 1),
                    Err(reason) => return Progress::Broken(at, reason),
                },
            }
        }
        Progress::More
    }

    /// Whether the value may end where the input does: only a bare number or word has no end of its own.
    pub(super) fn may_end_here(&self) -> bool {
        matches!(self.state, State::Scalar) && self.open.is_empty()
    }

    /// Takes a byte outside strings and numbers; `true` if it ends the value.
    fn structure(&mut self, byte: u8) -> Result<bool, &'static str> {
        if byte == b'{' && self.at_line_start && self.one_per_line {
            return Err(LINE_CUT_SHORT);
        }
        self.at_line_start = false;
        self.state = match (self.state, byte) {
            (State::Value | State::FirstElement, _) => match byte {
                b'{' => self.opened(true)?,
                b'[' => self.opened(false)?,
                b'"' => State::String { key: false },
                b']' if matches!(self.state, State::FirstElement) => return Ok(self.closed()),
                _ if is_scalar(byte) => State::Scalar,
                _ => return Err(EXPECTED_VALUE),
            },
            (State::FirstKey | State::Key, b'"') => State::String { key: true },
            (State::FirstKey, b'}') => return Ok(self.closed()),
            (State::FirstKey | State::Key, _) => return Err(EXPECTED_KEY),
            (State::Colon, b':') => State::Value,
            (State::Colon, _) => return Err(EXPECTED_COLON),
            _ => match (byte, self.open.last()) {
                (b',', Some(true)) => State::Key,
                (b',', _) => State::Value,
                (b'}', Some(true)) | (b']', Some(false)) => return Ok(self.closed()),
                _ => return Err(EXPECTED_COMMA_OR_END),
            },
        };
        Ok(false)
    }

    fn opened(&mut self, object: bool) -> Result<State, &'static str> {
        if self.open.len() == MAX_DEPTH {
            return Err("arrays and objects nest too deeply");
        }
        self.open.push(object);
        Ok(if object { State::FirstKey } else { State::FirstElement })
    }

    fn closed(&mut self) -> bool {
        self.open.pop();
        self.value_ends()
    }

    /// Notes the end of a value inside the scanned one; `true` if it was the scanned one itself.
    fn value_ends(&mut self) -> bool {
        self.state = State::After;
        self.open.is_empty()
    }
}

pub(super) const EXPECTED_VALUE: &str = "expected a value";
pub(super) const EXPECTED_KEY: &str = "expected a key in double quotes";
pub(super) const EXPECTED_COLON: &str = "expected a colon after the key";
pub(super) const EXPECTED_COMMA_OR_END: &str = "expected a comma or the closing bracket";
pub(super) const LINE_CUT_SHORT: &str = "the line ends before its value does";

/// White space between the tokens of JSON.
pub(super) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// The bytes of numbers and words; also of misspelt ones such as `NaN`, which the parser refuses piece by piece.
fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}
