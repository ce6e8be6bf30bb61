//! The arithmetic by which numbers of registers prove that they were copied right.

/// The digits of a text that has nothing else.
pub(super) fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|letter| letter.to_digit(10)).collect()
}

/// The digits of a text of this length that has nothing else.
pub(super) fn digits_of(text: &str, length: usize) -> Option<Vec<u32>> {
    digits(text).filter(|digits| digits.len() == length)
}

/// The sum of the first digits, each times its weight.
pub(super) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The sum of the digits from the last one on, each times its weight.
pub(super) fn weighted_from_end(digits: &[u32], weights: &[u32]) -> u32 {
    digits
        .iter()
        .rev()
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum()
}

/// The number that digits write; 0 for more than fit.
pub(super) fn number(digits: &[u32]) -> u64 {
    digits
        .iter()
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(*digit)))
        .unwrap_or(0)
}

/// Luhn's test: every second digit from the end is doubled, and the sum of all digits is a multiple of ten.
pub(super) fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { doubled(*digit) } else { *digit })
        .sum();
    sum.is_multiple_of(10)
}

/// What is left of letters and digits divided by 97, letters counting from A = 10 (ISO 7064, MOD 97-10); `None` for any
/// other text.
pub(super) fn modulo_97(text: &str) -> Option<u32> {
    text.chars().try_fold(0, |rest, letter| {
        let value = letter.to_digit(36)?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

/// The test of ISO 7064, MOD 11,10.
pub(super) fn modulo_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    let product = body.iter().fold(10, |product, digit| {
        let sum = match (digit + product) % 10 {
            0 => 10,
            sum => sum,
        };
        sum * 2 % 11
    });
    (11 - product) % 10 == *check
}

/// Whether the last digit is what `weights` make of the others: 11 less the rest of their sum divided by 11, where 11
/// counts as 0. A rest that asks for 10 has no digit, and no number has it.
pub(super) fn modulo_11(digits: &[u32], weights: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    (11 - weighted(body, weights) % 11) % 11 == *check
}

/// The number, if it has as many digits and nothing else.
pub(super) fn plain(id: &str, length: usize) -> Option<String> {
    digits_of(id, length).map(|_| id.to_owned())
}

/// As [`plain`], under the test of Luhn.
pub(super) fn luhn_of(id: &str, length: usize) -> Option<String> {
    digits_of(id, length)
        .filter(|digits| luhn(digits))
        .map(|_| id.to_owned())
}

/// As [`plain`], under [`modulo_11_10`].
pub(super) fn mod_11_10(id: &str, length: usize) -> Option<String> {
    digits_of(id, length)
        .filter(|digits| modulo_11_10(digits))
        .map(|_| id.to_owned())
}

/// As [`plain`] under [`modulo_11`], for as many digits as there are weights and one.
pub(super) fn mod_11(id: &str, weights: &[u32]) -> Option<String> {
    digits_of(id, weights.len() + 1)
        .filter(|digits| modulo_11(digits, weights))
        .map(|_| id.to_owned())
}

/// As [`mod_11`], where a check digit of 10 is written 0.
pub(super) fn mod_11_or_0(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len() + 1)?;
    let (check, body) = digits.split_last()?;
    ((11 - weighted(body, weights) % 11) % 11 % 10 == *check).then(|| id.to_owned())
}

/// The weighted sum of all digits is a multiple of 11.
pub(super) fn mod_11_zero(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len())?;
    weighted(&digits, weights).is_multiple_of(11).then(|| id.to_owned())
}

/// The last digit makes the weighted sum a multiple of 10.
pub(super) fn mod_10(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len() + 1)?;
    let (check, body) = digits.split_last()?;
    (weighted(body, weights) + check)
        .is_multiple_of(10)
        .then(|| id.to_owned())
}

/// The last digit is that of the weighted sum.
pub(super) fn mod_10_sum(id: &str, weights: &[u32]) -> Option<String> {
    let digits = digits_of(id, weights.len() + 1)?;
    let (check, body) = digits.split_last()?;
    (weighted(body, weights) % 10 == *check).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_sees_a_wrong_digit() {
        let luhn = |text| luhn(&digits(text).unwrap());
        assert!(luhn("732829320") && !luhn("732829321"));
        let modulo_11_10 = |text| modulo_11_10(&digits(text).unwrap());
        assert!(modulo_11_10("136695976") && !modulo_11_10("136695978"));
        assert_eq!(modulo_97("54930084UKLVMY22DS16"), Some(1));
        assert_ne!(modulo_97("54930084UKLVMY22DS61"), Some(1));
        assert_eq!(modulo_97("5493-"), None);
        let weights = [2, 7, 6, 5, 4, 3, 2];
        assert!(modulo_11(&[1, 3, 5, 8, 5, 6, 2, 8], &weights));
        assert!(!modulo_11(&[1, 3, 5, 8, 5, 6, 2, 7], &weights));
        assert!(!modulo_11(&[], &weights) && number(&[9; 30]) == 0);
    }
}
