//! Random numbers that are the same on every machine.
//!
//! Every subject of the landscape draws from a stream of its own, so that process 7 needs nothing of process 6. All
//! distributions are made of whole numbers: the logarithms of two C libraries differ in their last bit.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What a stream of random numbers is for.
#[derive(Clone, Copy)]
pub(crate) enum Theme {
    /// The lasting facts of a contracting process.
    Process,
    /// The corrections published while its tender is open.
    Corrections,
    /// What comes of it: awards and contracts.
    Outcome,
    /// A buyer.
    Buyer,
    /// A supplier.
    Supplier,
}

/// A stream of random numbers.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream for subject `number` of `theme`.
    pub(crate) fn new(seed: u64, theme: Theme, number: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        // The theme takes the top byte; numbers of subjects never come near it.
        generator.set_stream(((theme as u64) << 56) ^ number);
        Self(generator)
    }

    /// A number from 0 up to, but without, `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let scaled = (u64::from(self.0.next_u32()) * u64::from(bound)) >> 32;
        u32::try_from(scaled).expect("a number below 2^32 scaled down stays below it")
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of a hundred draws.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, all equally likely.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    /// A position in a list of `length` entries.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let length = u32::try_from(length).expect("lists of choices are short");
        self.below(length) as usize
    }

    /// A position in `weights`, as likely as its weight says.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (position, weight) in weights.enumerate() {
            if left < weight {
                return position;
            }
            left -= weight;
        }
        unreachable!("a draw below the sum of the weights falls into one of them")
    }

    /// One of `choices`, as likely as its weight says.
    pub(crate) fn pick_weighted<T: Copy>(&mut self, choices: &[(T, u32)]) -> T {
        choices[self.weighted(choices.iter().map(|choice| choice.1))].0
    }

    /// A position below `count`, the first ones far more often: close to Zipf's law.
    ///
    /// Each doubling of the rank is as likely as the one before it, so rank `r` has a likelihood of about `1 / r`.
    pub(crate) fn rank(&mut self, count: u32) -> u32 {
        let doublings = 32 - count.leading_zeros();
        loop {
            let floor = 1_u32 << self.below(doublings);
            let rank = floor - 1 + self.below(floor);
            if rank < count {
                return rank;
            }
        }
    }

    /// A positive number around `median`, spread like amounts of money are.
    ///
    /// Two thirds of the draws lie within a factor of two to the power `doublings` on both sides.
    pub(crate) fn log_normal(&mut self, median: u64, doublings: i64) -> u64 {
        // Twelve uniform numbers of 16 bits add up to a bell curve whose standard deviation is one, in 1/65536.
        let mut bell = -6 * 65_536_i64;
        for _ in 0..6 {
            let draw = self.0.next_u32();
            bell += i64::from(draw >> 16) + i64::from(draw & 0xFFFF);
        }
        let exponent = bell * doublings;
        let fraction = (exponent & 0xFFFF).unsigned_abs();
        let stretched = median * (65_536 + fraction);
        let shift = exponent >> 16;
        let distance = shift.unsigned_abs().min(20);
        let scaled = if shift < 0 {
            stretched >> distance
        } else {
            stretched << distance
        };
        (scaled >> 16).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_repeatable() {
        let draw = |theme, number| Random::new(5, theme, number).below(u32::MAX);
        assert_eq!(draw(Theme::Process, 7), draw(Theme::Process, 7));
        assert_ne!(draw(Theme::Process, 7), draw(Theme::Process, 8));
        assert_ne!(draw(Theme::Process, 7), draw(Theme::Supplier, 7));
    }

    #[test]
    fn draws_are_the_same_on_every_machine() {
        let mut random = Random::new(1, Theme::Process, 1);
        let draws = [random.below(1_000), random.below(1_000), random.rank(1_000)];
        assert_eq!(draws, [890, 851, 537]);
        assert_eq!(random.log_normal(100_000, 2), 39158);
    }

    #[test]
    fn the_first_rank_leads_and_all_ranks_occur() {
        let mut random = Random::new(1, Theme::Supplier, 0);
        let mut seen = [0_u32; 50];
        for _ in 0..10_000 {
            seen[random.rank(50) as usize] += 1;
        }
        assert!(seen[0] > 8 * seen[20]);
        assert!(seen.iter().all(|&times| times > 0));
    }

    #[test]
    fn half_of_the_amounts_lie_below_the_median() {
        let mut random = Random::new(2, Theme::Outcome, 0);
        let amounts: Vec<u64> = (0..10_000).map(|_| random.log_normal(100_000, 2)).collect();
        let below = amounts.iter().filter(|&&amount| amount < 100_000).count();
        assert!((4_700..5_300).contains(&below), "{below}");
        let near = amounts
            .iter()
            .filter(|&&amount| (25_000..400_000).contains(&amount))
            .count();
        assert!((6_500..7_100).contains(&near), "{near}");
    }
}
