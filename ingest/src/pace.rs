//! How many releases a batch may have.
//!
//! Keys are hashes, so a batch touches every index from end to end: the fewer batches, the faster the load. But while one is
//! written, other writers wait, and nobody hears of the load.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many releases make the first batch, at most. Each one after it has four times as many as the one before, so that there
/// is soon something to write.
const FIRST: usize = 1000;
/// From how many on each batch has only a quarter more than the one before. A batch touches as much as there is of the
/// indexes, which grow as well, and the last batch of a load is written with nothing beside it.
const MANY: usize = 16_000;
/// How long it should take at most to write a batch. It is less than other writers of an SQLite file wait, and less than
/// the silence after which a run is taken for dead.
const LONGEST: Duration = Duration::from_secs(45);

/// What the reader of a load is told by its writer. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Arc<AtomicUsize>);

impl Pace {
    /// Nothing has been written yet.
    pub fn unknown() -> Pace {
        Pace(Arc::new(AtomicUsize::new(usize::MAX)))
    }

    /// Tells how long it took to write a batch of so many releases, known ones among them.
    pub fn written(&self, releases: u64, took: Duration) {
        let fitting = u128::from(releases) * LONGEST.as_millis() / took.as_millis().max(1);
        self.0
            .store(usize::try_from(fitting).unwrap_or(usize::MAX), Ordering::Relaxed);
    }

    /// How many releases the next batch may have, after one of so many, if none is to have more than `most`. About so many
    /// are `left` to read, if that is known.
    pub fn next(&self, last: Option<usize>, most: usize, left: Option<usize>) -> usize {
        let wanted = last.map_or(FIRST, |last| match last {
            MANY.. => last.saturating_add(last / 4),
            _ => last.saturating_mul(4).min(MANY),
        });
        let fitting = self.0.load(Ordering::Relaxed).max(FIRST);
        let most = fitting.min(most).max(1);
        let wanted = wanted.min(most);
        // A few that stayed behind would be a batch of their own, which costs as much as all pages of all indexes. So there is
        // room for some more than are thought to be left.
        let roomy = |releases: usize| releases.saturating_add(releases / 16).clamp(wanted, most);
        match left {
            Some(left) if left > wanted.saturating_add(wanted / 2) => wanted,
            Some(left) if left > most => left.div_ceil(2),
            Some(left) => roomy(left),
            None => wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_as_long_as_they_are_written_fast_enough() {
        let pace = Pace::unknown();
        let next = |last| pace.next(last, 64_000, None);
        assert_eq!(next(None), 1000);
        assert_eq!(next(Some(1000)), 4000);
        assert_eq!(next(Some(6000)), 16_000);
        assert_eq!(next(Some(16_000)), 20_000);
        assert_eq!(next(Some(60_000)), 64_000);
        pace.written(2000, Duration::from_secs(9));
        assert_eq!(next(Some(8000)), 10_000);
        pace.written(10_000, Duration::from_secs(1000));
        assert_eq!(next(Some(10_000)), 1000);
        assert_eq!(pace.next(None, 7, None), 7);
    }

    #[test]
    fn few_are_not_left_for_a_batch_of_their_own() {
        let pace = Pace::unknown();
        let next = |left| pace.next(Some(16_000), 24_000, Some(left));
        assert_eq!(next(100_000), 20_000);
        assert_eq!(next(30_001), 20_000);
        assert_eq!(next(30_000), 15_000);
        assert_eq!(next(24_000), 24_000);
        assert_eq!(next(21_000), 22_312);
        // There may be more of them than the bytes that are left tell.
        assert_eq!(next(0), 20_000);
        pace.written(10_000, Duration::from_secs(45));
        assert_eq!(next(14_000), 7000);
        assert_eq!(pace.next(None, 48_000, Some(1200)), 1275);
    }
}
