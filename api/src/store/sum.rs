//! Adding up amounts, exactly and by currency, on both databases.
//!
//! A sum of amounts need not fit the 64 bits of one amount, and SQLite, which knows no wider number, fails then. So the
//! upper and the lower half of the bits are summed apart and put together again here.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func};

use super::row::Columns;

/// Bits of the lower half.
const HALF: u32 = 32;
/// The lower half of the bits of an amount.
const LOWER: i64 = (1 << HALF) - 1;
/// What whole numbers are in both databases.
pub(super) const WHOLE: &str = "bigint";

/// The columns that make up the sum of this expression; [`take`] reads them.
pub(super) fn sum(amount: &Expr) -> [Expr; 2] {
    let halves = [upper_half(amount.clone()), amount.clone().bit_and(LOWER)];
    halves.map(|half| Expr::from(Func::sum(half)).cast_as(WHOLE))
}

fn upper_half(number: Expr) -> Expr {
    number.right_shift(HALF.cast_signed())
}

/// A sum in ten-thousandths, from the columns of [`sum`]; `None` if there was nothing to add up.
pub(super) fn take(columns: &mut Columns<'_>) -> Result<Option<i128>, sqlx::Error> {
    let (upper, lower): (Option<i64>, Option<i64>) = (columns.take()?, columns.take()?);
    Ok(upper
        .zip(lower)
        .map(|(upper, lower)| (i128::from(upper) << HALF) + i128::from(lower)))
}

/// The sum as one number that rows can be sorted by, cut to what 64 bits hold: beyond 922 trillion all sums are equal,
/// and below minus 461 trillion too, which leaves room for numbers that mean "no sum".
pub(super) fn sortable(amount: &Expr) -> Expr {
    let [upper, lower] = sum(amount);
    let upper = upper.add(upper_half(lower.clone()));
    let lower = lower.bit_and(LOWER);
    CaseStatement::new()
        .case(upper.clone().gt(i64::from(i32::MAX)), i64::MAX)
        .case(upper.clone().lt(i64::from(i32::MIN / 2)), i64::MIN / 2)
        .finally(upper.mul(1_i64 << HALF).add(lower))
        .into()
}

/// The amounts of one currency, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// ISO 4217.
    pub currency: String,
    /// How many amounts.
    pub count: i64,
    /// Their sum, in ten-thousandths.
    pub total: i128,
}

/// The values of rows, added up by currency; those in most rows first, then in the order of the alphabet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums(Vec<Sum>);

impl Sums {
    /// Adds so many amounts.
    pub fn add(&mut self, currency: &str, count: i64, total: i128) {
        if count == 0 {
            return;
        }
        match self.0.iter_mut().find(|sum| sum.currency == currency) {
            Some(sum) => {
                sum.count += count;
                sum.total += total;
            }
            None => self.0.push(Sum {
                currency: currency.to_owned(),
                count,
                total,
            }),
        }
        self.0
            .sort_unstable_by(|one, two| (two.count, &one.currency).cmp(&(one.count, &two.currency)));
    }

    /// Adds other sums.
    pub fn extend(&mut self, other: &Self) {
        for sum in &other.0 {
            self.add(&sum.currency, sum.count, sum.total);
        }
    }

    /// How many amounts there are, whatever their currency.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.iter().map(|sum| sum.count).sum()
    }

    /// The currency of most amounts; of several, the first in the alphabet.
    #[must_use]
    pub fn main_currency(&self) -> Option<&str> {
        self.0.first().map(|sum| sum.currency.as_str())
    }

    /// The sum in a currency, in ten-thousandths.
    #[must_use]
    pub fn in_currency(&self, currency: &str) -> Option<i128> {
        self.0.iter().find(|sum| sum.currency == currency).map(|sum| sum.total)
    }

    /// The sums.
    pub fn iter(&self) -> impl Iterator<Item = &Sum> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_kept_apart_by_currency() {
        let mut sums = Sums::default();
        for (currency, count, total) in [
            ("GBP", 1, 5),
            ("EUR", 1, 7),
            ("EUR", 2, -3),
            ("DKK", 1, 1),
            ("SEK", 0, 0),
        ] {
            sums.add(currency, count, total);
        }
        let listed: Vec<(&str, i64, i128)> = sums
            .iter()
            .map(|sum| (sum.currency.as_str(), sum.count, sum.total))
            .collect();
        assert_eq!(listed, [("EUR", 3, 4), ("DKK", 1, 1), ("GBP", 1, 5)]);
        assert_eq!((sums.count(), sums.main_currency()), (5, Some("EUR")));
        assert_eq!((sums.in_currency("GBP"), sums.in_currency("SEK")), (Some(5), None));
    }
}
