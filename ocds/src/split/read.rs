//! Reading without deciding: where the next member, value or bracket is, given offsets in the window.

use std::io::Read;

use super::scanner::{
    EXPECTED_COLON, EXPECTED_COMMA_OR_END, EXPECTED_KEY, EXPECTED_VALUE, LINE_CUT_SHORT, Progress, Scanner,
    is_whitespace,
};
use super::{PieceKind, Splitter, Stop};

const ENDS_EARLY: &str = "the input ends before the value does";
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A member of an object, up to its value.
pub(super) struct Member {
    pub(super) name: Name,
    /// The offset of the value.
    pub(super) value: usize,
}

/// The keys that matter here.
pub(super) enum Name {
    Ocid,
    List(PieceKind),
    Other,
}

impl<R: Read> Splitter<R> {
    /// Consumes the value at the window without keeping it.
    pub(super) fn skip_value(&mut self) -> Result<(), Stop> {
        let mut scanner = Scanner::new(self.one_per_line);
        loop {
            match scanner.feed(self.input.window()) {
                Progress::Done(length) => {
                    self.input.consume(length);
                    return Ok(());
                }
                Progress::Broken(at, reason) => return Err(Stop::Syntax { at, reason }),
                Progress::More => self.input.consume(self.input.window().len()),
            }
            if !self.input.fill()? {
                let ends_early = Stop::Syntax {
                    at: 0,
                    reason: ENDS_EARLY,
                };
                return if scanner.may_end_here() {
                    Ok(())
                } else {
                    Err(ends_early)
                };
            }
        }
    }

    /// The offset behind the value at `from`, which may not lie beyond `limit`.
    pub(super) fn value_end(&mut self, from: usize, limit: usize) -> Result<usize, Stop> {
        let mut scanner = Scanner::new(self.one_per_line);
        let mut at = from;
        loop {
            match scanner.feed(&self.input.window()[at..]) {
                Progress::Done(length) if at + length > limit => return Err(Stop::TooLarge),
                Progress::Done(length) => return Ok(at + length),
                Progress::Broken(length, reason) => {
                    return Err(Stop::Syntax {
                        at: at + length,
                        reason,
                    });
                }
                Progress::More => at = self.input.window().len(),
            }
            if at > limit {
                return Err(Stop::TooLarge);
            }
            if !self.input.fill()? {
                let ends_early = Stop::Syntax { at, reason: ENDS_EARLY };
                return if scanner.may_end_here() {
                    Ok(at)
                } else {
                    Err(ends_early)
                };
            }
        }
    }

    /// The offset of the next key, given that of the comma before it, if there is one to be.
    pub(super) fn next_member(&mut self, at: usize, has_members: bool) -> Result<usize, Stop> {
        match self.expect(at)? {
            b',' if has_members => self.after_whitespace(at + 1),
            _ if has_members => Err(Stop::Syntax {
                at,
                reason: EXPECTED_COMMA_OR_END,
            }),
            _ => Ok(at),
        }
    }

    pub(super) fn member(&mut self, at: usize) -> Result<Member, Stop> {
        if self.expect(at)? != b'"' {
            return Err(Stop::Syntax {
                at,
                reason: EXPECTED_KEY,
            });
        }
        let end = self.value_end(at, self.piece_limit)?;
        let name = match &self.input.window()[at..end] {
            b"\"ocid\"" => Name::Ocid,
            b"\"releases\"" => Name::List(PieceKind::Release),
            b"\"records\"" => Name::List(PieceKind::Record),
            _ => Name::Other,
        };
        let colon = self.after_whitespace(end)?;
        if self.expect(colon)? != b':' {
            return Err(Stop::Syntax {
                at: colon,
                reason: EXPECTED_COLON,
            });
        }
        Ok(Member {
            name,
            value: self.value_start(colon + 1)?,
        })
    }

    /// The offset of the value that must follow at `at`, behind white space.
    pub(super) fn value_start(&mut self, at: usize) -> Result<usize, Stop> {
        let at = self.after_whitespace(at)?;
        let byte = self.expect(at)?;
        if byte == b'{' && self.one_per_line && self.input.starts_line(at) {
            return Err(Stop::Syntax {
                at,
                reason: LINE_CUT_SHORT,
            });
        }
        if matches!(byte, b',' | b':' | b']' | b'}') {
            return Err(Stop::Syntax {
                at,
                reason: EXPECTED_VALUE,
            });
        }
        Ok(at)
    }

    /// The byte at an offset; the input must not end before it.
    pub(super) fn expect(&mut self, at: usize) -> Result<u8, Stop> {
        self.input.byte(at)?.ok_or(Stop::Syntax { at, reason: ENDS_EARLY })
    }

    /// The offset behind the white space at `at`: all of it is held, so it may not lie beyond what is held of anything.
    pub(super) fn after_whitespace(&mut self, at: usize) -> Result<usize, Stop> {
        self.whitespace_end(at, self.piece_limit.max(self.look_ahead))
    }

    /// The offset behind the white space at `at`, which may not lie beyond `limit`.
    pub(super) fn whitespace_end(&mut self, mut at: usize, limit: usize) -> Result<usize, Stop> {
        while self.input.byte(at)?.is_some_and(is_whitespace) {
            at += 1;
            if at > limit {
                return Err(Stop::TooLarge);
            }
        }
        Ok(at)
    }

    pub(super) fn skip_whitespace(&mut self) -> Result<(), Stop> {
        while self.input.byte(0)?.is_some_and(is_whitespace) {
            let window = self.input.window();
            let length = window.iter().take_while(|byte| is_whitespace(**byte)).count();
            self.input.consume(length);
        }
        Ok(())
    }

    /// Consumes a byte order mark: at the start of the input, and between files that were put together.
    pub(super) fn skip_byte_order_mark(&mut self) -> Result<bool, Stop> {
        for (at, byte) in BYTE_ORDER_MARK.iter().enumerate() {
            if self.input.byte(at)? != Some(*byte) {
                return Ok(false);
            }
        }
        self.input.consume(BYTE_ORDER_MARK.len());
        Ok(true)
    }
}
