//! A window on the bytes of a reader that grows as long as a piece needs it and counts lines.

use std::io::{self, Read};

use super::scanner::is_whitespace;

const PORTION: usize = 64 * 1024;

/// A window kept for a large piece is given back when it is larger than this and mostly empty.
const LARGE_WINDOW: usize = 32 * 1024 * 1024;

/// The bytes of a reader from the first one that is still needed.
pub(super) struct Input<R> {
    reader: R,
    portion: Box<[u8]>,
    buffer: Vec<u8>,
    /// Where the window begins in the buffer.
    start: usize,
    /// How many bytes were consumed before it.
    position: u64,
    line: u64,
    /// The last byte before the window that is not white space.
    before: Option<u8>,
    starts_line: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Input<R> {
        Input {
            reader,
            portion: vec![0; PORTION].into_boxed_slice(),
            buffer: Vec::new(),
            start: 0,
            position: 0,
            line: 1,
            before: None,
            starts_line: true,
        }
    }

    /// All bytes that were read and not consumed. Offsets below count from its first byte.
    pub(super) fn window(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Reads some more; `false` at the end of the input.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
            if self.buffer.capacity() > LARGE_WINDOW {
                self.buffer.shrink_to(PORTION);
            }
        }
        let length = loop {
            match self.reader.read(&mut self.portion) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        self.buffer.extend_from_slice(&self.portion[..length]);
        Ok(length > 0)
    }

    /// The byte at an offset, read if need be; none at the end of the input.
    pub(super) fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        while self.window().len() <= at {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.window()[at]))
    }

    /// Moves the start of the window on.
    pub(super) fn consume(&mut self, length: usize) {
        let consumed = &self.buffer[self.start..self.start + length];
        if let Some(last) = consumed.last() {
            self.starts_line = *last == b'\n';
            self.line += newlines(consumed);
            self.before = last_visible(consumed).or(self.before);
        }
        self.start += length;
        self.position += length as u64;
    }

    /// How many bytes were consumed before the window.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The line of an offset in the window, counted from 1.
    pub(super) fn line_at(&self, at: usize) -> u64 {
        self.line + newlines(&self.window()[..at])
    }

    /// The line of the first byte of the window.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Whether an offset is the first of its line.
    pub(super) fn starts_line(&self, at: usize) -> bool {
        if at == 0 {
            self.starts_line
        } else {
            self.window()[at - 1] == b'\n'
        }
    }

    /// The last byte before an offset that is not white space.
    pub(super) fn visible_before(&self, at: usize) -> Option<u8> {
        last_visible(&self.window()[..at]).or(self.before)
    }

    /// Consumes up to and with the next line break, or all there is.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(length) = memchr::memchr(b'\n', self.window()) {
                self.consume(length + 1);
                return Ok(());
            }
            self.consume(self.window().len());
            if !self.fill()? {
                return Ok(());
            }
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn last_visible(bytes: &[u8]) -> Option<u8> {
    bytes.iter().rev().find(|byte| !is_whitespace(**byte)).copied()
}
