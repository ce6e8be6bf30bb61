//! How far a load is, for whoever watches.

use crate::Summary;

/// Told how far a load is, after every batch and while one takes long.
pub trait Progress: Sync {
    /// `read` of `total` bytes are behind, compressed as they lie on the disk; without a total where there is none,
    /// as on standard input. `summary` holds the figures so far.
    fn advanced(&self, read: u64, total: Option<u64>, summary: &Summary);
}

/// Nobody watches.
impl Progress for () {
    fn advanced(&self, _read: u64, _total: Option<u64>, _summary: &Summary) {}
}
