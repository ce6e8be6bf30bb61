//! What happens after an error: reporting it once, and finding where reading can go on.

use std::io::{self, Read};

use super::scanner::is_whitespace;
use super::{ERROR_TEXT, SplitError, Splitter, Stop};

/// How to go on after an error.
pub(super) enum Recovery {
    /// The value at the window is too large: pass over it.
    SkipValue,
    /// The document is broken at this offset.
    SkipBroken { at: usize, one_line: bool },
}

/// Broken documents in a row, without a piece between them, after which an input is given up.
const FAILURES: u32 = 2;

impl<R: Read> Splitter<R> {
    /// Turns what stopped a step into the error to report, and arranges for going on.
    pub(super) fn stopped(&mut self, stop: Stop) -> SplitError {
        match stop {
            Stop::Piece(error) => error,
            Stop::Io(error) => {
                self.finished = true;
                SplitError::Io(error)
            }
            Stop::TooLarge => {
                self.recovery = Some(Recovery::SkipValue);
                SplitError::TooLarge {
                    place: self.place(),
                    limit: self.piece_limit,
                }
            }
            Stop::Syntax { at, reason } => self.broken(at, reason),
        }
    }

    fn broken(&mut self, at: usize, reason: &str) -> SplitError {
        while self.input.window().len() < ERROR_TEXT.max(at) {
            match self.input.fill() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.read_error = Some(error);
                    break;
                }
            }
        }
        let line = self.input.line_at(at);
        let rest = &self.input.window()[at..];
        let lost = if self.one_per_line {
            // A brace that begins a line belongs to the next document.
            if self.begins_next_line(at) {
                Some(0)
            } else {
                memchr::memchr(b'\n', rest)
            }
        } else {
            self.border(at).find(rest)
        };
        let end = (at + lost.unwrap_or(rest.len())).min(ERROR_TEXT);
        let error = SplitError::Syntax {
            place: self.place(),
            reason: format!("line {line}: {reason}"),
            text: lossy(&self.input.window()[..end]),
        };
        self.recovery = Some(Recovery::SkipBroken {
            at,
            one_line: line == self.document_line,
        });
        self.array = None;
        self.package = None;
        self.was_on_one_line = false;
        self.failures += 1;
        error
    }

    /// Passes over what cannot be read.
    pub(super) fn recover(&mut self, recovery: &Recovery) -> Result<(), Stop> {
        match *recovery {
            Recovery::SkipValue => {
                self.skip_value()?;
                self.value_ended();
            }
            Recovery::SkipBroken { at, one_line } if self.one_per_line => {
                if self.begins_next_line(at) {
                    self.input.consume(at);
                } else {
                    self.input.consume(at);
                    self.input.skip_line()?;
                }
                // Of a document over many lines the rest is not a line each.
                while !one_line && !matches!(self.input.byte(0)?, None | Some(b'{' | b'[')) {
                    self.input.skip_line()?;
                }
            }
            Recovery::SkipBroken { .. } if self.failures >= FAILURES => self.finished = true,
            Recovery::SkipBroken { at, .. } => self.skip_to_border(at)?,
        }
        Ok(())
    }

    fn skip_to_border(&mut self, at: usize) -> io::Result<()> {
        let mut border = self.border(at);
        self.input.consume(at);
        loop {
            if let Some(length) = border.find(self.input.window()) {
                self.input.consume(length);
                self.recovered_after = Some(self.documents);
                return Ok(());
            }
            self.input.consume(self.input.window().len());
            if !self.input.fill()? {
                self.finished = true;
                return Ok(());
            }
        }
    }

    fn begins_next_line(&self, at: usize) -> bool {
        at > 0 && self.input.starts_line(at) && self.input.window().get(at) == Some(&b'{')
    }

    fn border(&self, at: usize) -> Border {
        Border {
            last: self.input.visible_before(at),
            at_line_start: self.input.starts_line(at),
        }
    }
}

/// Looks for a line that begins with an opening bracket after one that ended with a closing one.
///
/// In one JSON document a comma would stand between the two.
struct Border {
    last: Option<u8>,
    at_line_start: bool,
}

impl Border {
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|&byte| {
            let after_end = matches!(self.last, Some(b'}' | b']'));
            let found = self.at_line_start && after_end && matches!(byte, b'{' | b'[');
            self.at_line_start = byte == b'\n';
            if !is_whitespace(byte) {
                self.last = Some(byte);
            }
            found
        })
    }
}

/// At most [`ERROR_TEXT`] bytes as text.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut end = bytes.len().min(ERROR_TEXT);
    // Not in the middle of a character.
    while end > 0 && end < bytes.len() && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
