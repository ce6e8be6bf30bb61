//! Cutting a stream of JSON into single releases and records, in constant memory.
//!
//! Publishers offer OCDS as a package, as an array, as one document a line, as documents put one after the other, with
//! and without a byte order mark. [`Splitter`] takes them all: the elements of `releases` and `records` arrays and of
//! top-level arrays come out one by one while the input is being read, with what their package says about them. A file
//! of any size needs no more memory than its largest piece, or 8 MiB to look ahead.
//!
//! The bytes are those of any encoding that ASCII is a part of; [`crate::encoding`] tells which. Only the structure is
//! looked at; [`crate::json::Value::parse`] decides whether a piece is JSON, and [`crate::release::kind`] what it is.
//!
//! # Packages
//! An object is a package if it has an array `releases` or `records` and no `ocid` (a record has all three). As keys come
//! in any order, the decision waits for the end of the object, but not beyond 8 MiB: then what was seen decides.
//!
//! # Errors
//! If the input turns out to be JSON Lines, because a document ended on the line it began on and another line follows, a
//! broken line costs that line. In other input it costs the document from there on; reading goes on at a line that
//! begins with a bracket after one that ended with one, which is the border of two documents. Each broken document gives
//! one error, and after two in a row the input is given up.

mod input;
mod read;
mod recover;
mod scanner;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use input::Input;
use recover::Recovery;

use crate::encoding::Encoding;

/// How much of an object is read before deciding whether it is a package.
const LOOK_AHEAD: usize = 8 * 1024 * 1024;
/// The largest piece.
const PIECE_LIMIT: usize = 256 * 1024 * 1024;
/// How much raw text an error carries.
const ERROR_TEXT: usize = 64 * 1024;

/// One element of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its JSON text as published.
    pub text: String,
    /// How the text was encoded.
    pub encoding: Encoding,
    /// How it was found.
    pub kind: PieceKind,
    /// Where it was found.
    pub place: Place,
    /// The other members of its package (`uri`, `version`, `publisher`, …) as a compact JSON object; `None` outside a
    /// package. Of a package longer than the look-ahead of 8 MiB only members within it count.
    pub package: Option<Arc<str>>,
}

/// How a piece was found; its content decides what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// An element of the `releases` of a package.
    Release,
    /// An element of the `records` of a package.
    Record,
    /// A document or an element of a top-level array.
    Bare,
}

/// A place in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line the piece begins on, counted from 1.
    pub line: u64,
    /// The path in its document: `releases/12`, `records/3`, `5` for an element of a top-level array, `5/releases/12`
    /// for one of a package in such an array; empty for a whole document.
    pub path: String,
    /// Which top-level document of the input it is in, counted from 0.
    pub document: u64,
}

/// A part of the input that is no piece.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// Reading failed; nothing follows.
    #[error("reading the input failed")]
    Io(#[from] io::Error),
    /// The input is not JSON. What can still be told apart follows.
    #[error("not JSON: {reason}")]
    Syntax {
        /// Where the broken element begins.
        place: Place,
        /// What is wrong and on which line.
        reason: String,
        /// The raw text from that place on, at most 64 KiB; bytes that are not UTF-8 are replaced by U+FFFD.
        text: String,
    },
    /// A piece whose characters are damaged, see [`crate::encoding`]. The pieces after it follow.
    #[error("neither UTF-8 nor Windows-1252: mend the characters at their source")]
    Damaged {
        /// Where it begins.
        place: Place,
        /// Its text, at most 64 KiB, with U+FFFD for what cannot be read.
        text_lossy: String,
    },
    /// A piece is too large to be held in memory. The pieces after it follow.
    #[error("a single element of more than {limit} bytes")]
    TooLarge {
        /// Where it begins.
        place: Place,
        /// The limit in bytes.
        limit: usize,
    },
}

/// An iterator over the pieces of an input; see the [module](self) for what it understands.
///
/// The reader gives decompressed bytes; it is read in portions, so it needs no buffer of its own.
pub struct Splitter<R> {
    input: Input<R>,
    look_ahead: usize,
    piece_limit: usize,
    /// How many documents have begun.
    documents: u64,
    /// The line the document being read began on.
    document_line: u64,
    /// In a top-level array: the index of the next element.
    array: Option<u64>,
    package: Option<Package>,
    /// Elements of the package's lists that were read over already: where in the input each begins, and its length.
    surveyed: VecDeque<(u64, usize)>,
    /// Whether each line is a document.
    one_per_line: bool,
    /// Whether the last document began and ended on one line.
    was_on_one_line: bool,
    recovery: Option<Recovery>,
    /// How many documents had begun when reading went on after a broken one.
    recovered_after: Option<u64>,
    /// Broken documents since the last piece.
    failures: u32,
    /// A read error to be reported next.
    read_error: Option<io::Error>,
    finished: bool,
}

/// A package whose elements are being read.
struct Package {
    metadata: Arc<str>,
    has_members: bool,
    list: Option<List>,
}

/// A `releases` or `records` array being read.
struct List {
    kind: PieceKind,
    next: u64,
}

/// Why a step did not succeed.
enum Stop {
    Io(io::Error),
    Syntax { at: usize, reason: &'static str },
    TooLarge,
    Piece(SplitError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Io(error)
    }
}

impl<R: Read> Splitter<R> {
    /// A splitter of the bytes of `reader`.
    pub fn new(reader: R) -> Splitter<R> {
        Splitter {
            input: Input::new(reader),
            look_ahead: LOOK_AHEAD,
            piece_limit: PIECE_LIMIT,
            documents: 0,
            document_line: 1,
            array: None,
            package: None,
            surveyed: VecDeque::new(),
            one_per_line: false,
            was_on_one_line: false,
            recovery: None,
            recovered_after: None,
            failures: 0,
            read_error: None,
            finished: false,
        }
    }

    /// Where the window is.
    fn place(&self) -> Place {
        let mut steps = Vec::new();
        steps.extend(self.array.map(|index| index.to_string()));
        if let Some(list) = self.package.as_ref().and_then(|package| package.list.as_ref()) {
            let name = if list.kind == PieceKind::Record {
                "records"
            } else {
                "releases"
            };
            steps.push(format!("{name}/{}", list.next));
        }
        Place {
            line: self.input.line(),
            path: steps.join("/"),
            document: self.documents.saturating_sub(1),
        }
    }
}

impl<R: Read> Iterator for Splitter<R> {
    type Item = Result<Piece, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.read_error.take() {
            self.finished = true;
            return Some(Err(SplitError::Io(error)));
        }
        while !self.finished {
            let outcome = match self.recovery.take() {
                Some(recovery) => self.recover(&recovery).map(|()| None),
                None => self.step(),
            };
            match outcome {
                Ok(None) => {}
                Ok(Some(piece)) => return Some(Ok(piece)),
                Err(stop) => return Some(Err(self.stopped(stop))),
            }
        }
        None
    }
}
