//! Converting amounts by exchange rates, without a float: nothing is rounded before everything is added up.

/// The parts of a ten-thousandth in which fractions are kept.
const PARTS: i128 = 1_000_000_000_000;

/// Amounts converted and added up, in ten-thousandths and parts of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    whole: i128,
    parts: i128,
}

impl Converted {
    /// So many ten-thousandths of one currency as the other: both rates are units for one euro.
    pub fn new(amount: i128, from: i64, to: i64) -> Self {
        let (from, to) = (i128::from(from.max(1)), i128::from(to));
        let (many, rest) = (amount.div_euclid(from), amount.rem_euclid(from) * to);
        Self {
            whole: many * to + rest.div_euclid(from),
            parts: rest.rem_euclid(from) * PARTS / from,
        }
    }

    /// An amount that is in the currency already.
    pub const fn exact(amount: i128) -> Self {
        Self {
            whole: amount,
            parts: 0,
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: Self) {
        let parts = self.parts + other.parts;
        self.whole += other.whole + parts / PARTS;
        self.parts = parts % PARTS;
    }

    /// The nearest ten-thousandth; the larger one where two are as near.
    pub fn rounded(self) -> i128 {
        self.whole + i128::from(self.parts * 2 >= PARTS)
    }

    /// Half of it, to the nearest ten-thousandth.
    pub fn halved(self) -> i128 {
        let odd = self.whole.rem_euclid(2);
        let half = Self {
            whole: self.whole.div_euclid(2),
            parts: i128::midpoint(odd * PARTS, self.parts),
        };
        half.rounded()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i64 = 100_000_000;

    #[test]
    fn an_amount_is_converted_by_the_euro() {
        // 1.0956 dollars and 0.8583 pounds for a euro.
        let (dollar, pound) = (109_560_000, 85_830_000);
        assert_eq!(Converted::new(10_956, dollar, ONE).rounded(), 10_000);
        assert_eq!(Converted::new(10_000, ONE, dollar).rounded(), 10_956);
        assert_eq!(Converted::new(1_000_000, dollar, pound).rounded(), 783_406);
        assert_eq!(Converted::new(-1_000_000, dollar, pound).rounded(), -783_406);
    }

    #[test]
    fn fractions_are_added_before_they_are_rounded() {
        let mut sum = Converted::default();
        for _ in 0..3 {
            sum.add(Converted::new(1, 3 * ONE, ONE));
        }
        assert_eq!(sum.rounded(), 1);
        assert_eq!(Converted::new(1, 3 * ONE, ONE).rounded(), 0);
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        let sum = i128::from(i64::MAX) * 1_000_000_000;
        assert_eq!(Converted::new(sum, ONE, ONE).rounded(), sum);
        assert_eq!(Converted::new(sum, i64::MAX, 1).rounded(), 1_000_000_000);
    }

    #[test]
    fn a_half_is_rounded_once() {
        assert_eq!(Converted::exact(3).halved(), 2);
        assert_eq!(Converted::exact(-3).halved(), -1);
        assert_eq!(Converted::new(1, 3 * ONE, ONE).halved(), 0);
    }
}
