//! How much an input may unpack to: an archive of a few kilobytes can be made to fill any disk and keep any machine busy.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::read::Refusal;
use crate::reject::Code;

/// How many bytes a packed one may become. Published data reaches a few dozen; what gzip can do at most is 1,032.
const RATIO: u64 = 250;
/// What a packed stream may unpack to, whatever the ratio.
const FREE: u64 = 64 << 20;
/// What all packed streams of one input may unpack to, whatever the ratio.
const FREE_TOTAL: u64 = 1 << 30;
/// What one input may unpack to.
const TOTAL: u64 = 1 << 40;
/// How many members the archives of one input may have.
const MEMBERS: u64 = 1_000_000;
/// How many archives and packed streams may stand in one another.
pub(super) const DEPTH: usize = 4;

/// Counts the bytes of the input that were read, as they lie on the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<AtomicU64>);

impl Meter {
    /// The bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A number that a stream counts up and others read.
pub(super) type Count = Rc<Cell<u64>>;

/// What one input may unpack to, and how much it has.
#[derive(Default)]
pub(super) struct Budget {
    /// The bytes of the input itself, as far as it was read.
    pub packed: Count,
    unpacked: Count,
    members: Cell<u64>,
    /// Why nothing more is read of the input.
    exhausted: RefCell<Option<String>>,
}

impl Budget {
    /// Whether nothing more is to be read of the input.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.borrow().is_some()
    }

    /// Takes note of one more member of an archive.
    pub fn member(&self) -> Result<(), Refusal> {
        self.members.set(self.members.get() + 1);
        if self.members.get() <= MEMBERS {
            return Ok(());
        }
        let reason = format!("it has more than {MEMBERS} members, the rest is not read");
        self.exhausted.replace(Some(reason.clone()));
        Err(bomb(reason))
    }

    /// A stream that unpacks what `packed` counts, and ends in an error if it grows beyond measure.
    pub fn guard<R: Read>(self: &Rc<Self>, stream: R, packed: Count) -> Guard<R> {
        Guard {
            stream,
            packed,
            unpacked: 0,
            budget: self.clone(),
        }
    }

    fn spend(&self, bytes: u64) -> Result<(), Refusal> {
        let unpacked = self.unpacked.get() + bytes;
        self.unpacked.set(unpacked);
        if let Some(reason) = self.exhausted.borrow().clone() {
            return Err(bomb(reason));
        }
        let reason = if unpacked > TOTAL {
            format!("more than {TOTAL} bytes came out of it, the rest is not read")
        } else if is_beyond_measure(unpacked, FREE_TOTAL, self.packed.get()) {
            format!(
                "{unpacked} bytes came out of {}, the rest is not read",
                self.packed.get()
            )
        } else {
            return Ok(());
        };
        self.exhausted.replace(Some(reason.clone()));
        Err(bomb(reason))
    }
}

fn is_beyond_measure(unpacked: u64, free: u64, packed: u64) -> bool {
    unpacked > free && unpacked / RATIO > packed
}

fn bomb(detail: String) -> Refusal {
    Refusal {
        code: Code::ArchiveBomb,
        detail: Some(detail),
    }
}

/// An unpacked stream that is watched.
pub(super) struct Guard<R> {
    stream: R,
    packed: Count,
    unpacked: u64,
    budget: Rc<Budget>,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.unpacked += length as u64;
        if is_beyond_measure(self.unpacked, FREE, self.packed.get()) {
            let detail = format!("{} bytes came out of {}", self.unpacked, self.packed.get());
            return Err(bomb(detail).into());
        }
        self.budget.spend(length as u64)?;
        Ok(length)
    }
}

/// A stream whose bytes are counted.
pub(super) struct Counted<R> {
    stream: R,
    count: Count,
    meter: Option<Meter>,
}

impl<R: Read> Counted<R> {
    /// Counts bytes in `count`, and as input in `meter`.
    pub fn new(stream: R, count: Count, meter: Option<Meter>) -> Counted<R> {
        Counted { stream, count, meter }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.count.set(self.count.get() + length as u64);
        if let Some(meter) = &self.meter {
            meter.add(length as u64);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once_for_all_streams() {
        let budget = Rc::new(Budget::default());
        budget.packed.set(1000);
        let unpack = |length: u64| {
            io::copy(
                &mut budget.guard(io::repeat(0).take(length), Count::new(Cell::new(1 << 30))),
                &mut io::sink(),
            )
        };
        assert_eq!(unpack(FREE_TOTAL).ok(), Some(FREE_TOTAL));
        assert!(!budget.is_exhausted());
        assert!(unpack(10 * RATIO).is_err());
        assert!(budget.is_exhausted());
        assert!(unpack(1).is_err());
    }
}
