//! The way through the input: documents, arrays and packages, one step at a time.

use std::io::Read;
use std::ops::Range;

use super::read::Name;
use super::recover::{Recovery, lossy};
use super::scanner::{EXPECTED_COMMA_OR_END, EXPECTED_VALUE};
use super::{List, Package, Piece, PieceKind, SplitError, Splitter, Stop};
use crate::encoding;
use crate::json::{Object, Value};

/// How many elements of a package are remembered from the survey, so that they need not be read over twice.
const MOST_SURVEYED: usize = 1024;

/// What is known of an object before any of it is consumed.
#[derive(Default)]
struct Survey {
    has_ocid: bool,
    has_list: bool,
    /// The members that are no list, from key to value.
    others: Vec<Range<usize>>,
    /// The first elements of its lists.
    elements: Vec<Range<usize>>,
}

impl<R: Read> Splitter<R> {
    /// Goes on by one piece, bracket or member; many steps give no piece.
    pub(super) fn step(&mut self) -> Result<Option<Piece>, Stop> {
        match &self.package {
            Some(Package {
                list: Some(List { kind, next }),
                ..
            }) => self.list_step(*kind, *next),
            Some(package) => self.package_step(package.has_members),
            None => match self.array {
                Some(next) => self.array_step(next),
                None => self.document_step(),
            },
        }
    }

    fn document_step(&mut self) -> Result<Option<Piece>, Stop> {
        let line = self.input.line();
        let first = loop {
            self.skip_whitespace()?;
            if !self.skip_byte_order_mark()? {
                break self.input.byte(0)?;
            }
        };
        let Some(first) = first else {
            self.finished = true;
            return Ok(None);
        };
        let rest_of_broken = self.recovered_after.is_some_and(|count| self.documents <= count + 1);
        if rest_of_broken && matches!(first, b',' | b':' | b'}' | b']') {
            // The document was not a new one, but an inner part of the broken one, which was reported.
            self.recovery = Some(Recovery::SkipBroken { at: 0, one_line: false });
            return Ok(None);
        }
        self.one_per_line |= self.was_on_one_line && self.input.line() > line;
        self.documents += 1;
        self.document_line = self.input.line();
        match first {
            b'[' => {
                self.input.consume(1);
                self.array = Some(0);
                Ok(None)
            }
            b'{' => self.object(),
            _ => self.scalar_document().map(Some),
        }
    }

    /// A document that is a number, a string or a word: checked, or every word of a plain text would be a piece.
    fn scalar_document(&mut self) -> Result<Piece, Stop> {
        let end = self.value_end(0, self.piece_limit)?;
        let text = String::from_utf8_lossy(&self.input.window()[..end]);
        if Value::parse(&text).is_err() {
            return Err(Stop::Syntax {
                at: 0,
                reason: EXPECTED_VALUE,
            });
        }
        self.take(end, PieceKind::Bare)
    }

    fn array_step(&mut self, next: u64) -> Result<Option<Piece>, Stop> {
        if !self.next_element(next)? {
            self.array = None;
            self.document_ended();
            return Ok(None);
        }
        match self.input.byte(0)? {
            Some(b'{') => self.object(),
            _ => self.piece(PieceKind::Bare).map(Some),
        }
    }

    fn list_step(&mut self, kind: PieceKind, next: u64) -> Result<Option<Piece>, Stop> {
        if self.next_element(next)? {
            return self.piece(kind).map(Some);
        }
        if let Some(package) = &mut self.package {
            package.list = None;
        }
        Ok(None)
    }

    /// Consumes up to the next element of the array the window is in, or past its end and tells `false`.
    fn next_element(&mut self, next: u64) -> Result<bool, Stop> {
        self.skip_whitespace()?;
        match self.expect(0)? {
            b']' => {
                self.input.consume(1);
                return Ok(false);
            }
            b',' if next > 0 => self.input.consume(1),
            _ if next > 0 => {
                return Err(Stop::Syntax {
                    at: 0,
                    reason: EXPECTED_COMMA_OR_END,
                });
            }
            _ => {}
        }
        let at = self.value_start(0)?;
        self.input.consume(at);
        Ok(true)
    }

    /// Goes on behind a member of a package, or behind its opening brace.
    fn package_step(&mut self, has_members: bool) -> Result<Option<Piece>, Stop> {
        self.skip_whitespace()?;
        if self.expect(0)? == b'}' {
            self.input.consume(1);
            self.package = None;
            self.value_ended();
            return Ok(None);
        }
        let at = self.next_member(0, has_members)?;
        let member = self.member(at)?;
        let is_array = self.expect(member.value)? == b'[';
        let Some(package) = &mut self.package else {
            return Ok(None);
        };
        package.has_members = true;
        if let Name::List(kind) = member.name
            && is_array
        {
            package.list = Some(List { kind, next: 0 });
            self.input.consume(member.value + 1);
        } else {
            self.input.consume(member.value);
            self.skip_value()?;
        }
        Ok(None)
    }

    /// An object at the window that may be a package.
    fn object(&mut self) -> Result<Option<Piece>, Stop> {
        let mut survey = Survey::default();
        let outcome = self.survey(&mut survey);
        let is_package = survey.has_list && !survey.has_ocid;
        match outcome {
            Err(Stop::Io(error)) => Err(Stop::Io(error)),
            // What is wrong with a package, or too far off, is met again after the elements before it.
            _ if is_package => {
                let metadata = self.metadata(&survey.others).into();
                let here = self.input.position();
                let surveyed = survey.elements.into_iter();
                self.surveyed = surveyed.map(|range| (here + range.start as u64, range.len())).collect();
                self.package = Some(Package {
                    metadata,
                    has_members: false,
                    list: None,
                });
                self.input.consume(1);
                Ok(None)
            }
            outcome => self.take(outcome?, PieceKind::Bare).map(Some),
        }
    }

    /// Reads over the members of the object at the window, as far as the limits allow, and finds its end.
    fn survey(&mut self, survey: &mut Survey) -> Result<usize, Stop> {
        let mut at = 1;
        let mut has_members = false;
        loop {
            at = self.after_whitespace(at)?;
            if self.expect(at)? == b'}' {
                return Ok(at + 1);
            }
            at = self.next_member(at, has_members)?;
            has_members = true;
            let member = self.member(at)?;
            let is_list = matches!(member.name, Name::List(_)) && self.expect(member.value)? == b'[';
            survey.has_ocid |= matches!(member.name, Name::Ocid);
            survey.has_list |= is_list;
            let decided_beyond = survey.has_list && !survey.has_ocid;
            let limit = if decided_beyond {
                self.look_ahead
            } else {
                self.piece_limit
            };
            let end = if is_list {
                self.list_end(member.value, limit, &mut survey.elements)?
            } else {
                self.value_end(member.value, limit)?
            };
            if !is_list && at < self.look_ahead {
                survey.others.push(at..end);
            }
            at = end;
        }
    }

    /// The offset behind the array at `from`, which may not lie beyond `limit`; notes where its elements are.
    fn list_end(&mut self, from: usize, limit: usize, elements: &mut Vec<Range<usize>>) -> Result<usize, Stop> {
        let mut at = self.whitespace_end(from + 1, limit)?;
        if self.expect(at)? == b']' {
            return Ok(at + 1);
        }
        loop {
            let start = self.whitespace_end(at, limit)?;
            let start = self.value_start(start)?;
            let end = self.value_end(start, limit)?;
            if elements.len() < MOST_SURVEYED {
                elements.push(start..end);
            }
            at = self.whitespace_end(end, limit)?;
            match self.expect(at)? {
                b']' => return Ok(at + 1),
                b',' => at += 1,
                _ => {
                    return Err(Stop::Syntax {
                        at,
                        reason: EXPECTED_COMMA_OR_END,
                    });
                }
            }
        }
    }

    /// The members of a package but its lists as one object; a member that is not JSON is left out.
    fn metadata(&self, members: &[Range<usize>]) -> String {
        let window = self.input.window();
        let parsed = members.iter().filter_map(|member| {
            let bytes = &window[member.clone()];
            let text = encoding::decode(bytes).map_or_else(|| String::from_utf8_lossy(bytes), |(text, _)| text);
            let text = format!("{{{text}}}");
            match Value::parse(&text) {
                Ok(Value::Object(object)) => Some(object.into_owned()),
                _ => None,
            }
        });
        parsed.flatten().collect::<Object>().to_json()
    }

    /// The value at the window as a piece.
    fn piece(&mut self, kind: PieceKind) -> Result<Piece, Stop> {
        let here = self.input.position();
        while self.surveyed.pop_front_if(|(position, _)| *position < here).is_some() {}
        let surveyed = self.surveyed.pop_front_if(|(position, _)| *position == here);
        let end = match surveyed {
            Some((_, length)) if length <= self.piece_limit => length,
            _ => self.value_end(0, self.piece_limit)?,
        };
        self.take(end, kind)
    }

    /// Takes that many bytes out of the window as a piece.
    fn take(&mut self, length: usize, kind: PieceKind) -> Result<Piece, Stop> {
        let place = self.place();
        let bytes = &self.input.window()[..length];
        let outcome = match encoding::decode(bytes) {
            Some((text, encoding)) => Ok(Piece {
                text: text.into_owned(),
                encoding,
                kind,
                place,
                package: self.package.as_ref().map(|package| package.metadata.clone()),
            }),
            None => Err(Stop::Piece(SplitError::Damaged {
                place,
                text_lossy: lossy(bytes),
            })),
        };
        self.input.consume(length);
        self.value_ended();
        self.failures = 0;
        outcome
    }

    /// Notes that the value the window was at is done with.
    pub(super) fn value_ended(&mut self) {
        if let Some(Package { list: Some(list), .. }) = &mut self.package {
            list.next += 1;
        } else if let Some(next) = &mut self.array {
            *next += 1;
        } else {
            self.document_ended();
        }
    }

    fn document_ended(&mut self) {
        self.was_on_one_line = self.input.line() == self.document_line;
    }
}
