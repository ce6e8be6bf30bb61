//! As `europe`, of the registers of America.

use super::super::check_digit::{digits, digits_of, weighted_from_end};

/// Nine digits, or ten of a person, and a check digit that may be left out from the nine of a company.
pub(super) fn co_nit(id: &str) -> Option<String> {
    let digits = digits(id)?;
    let (check, body) = digits.split_last()?;
    let is_company = matches!(id.chars().next()?, '8' | '9');
    let rest = weighted_from_end(body, &[3, 7, 13, 17, 19, 23, 29, 37, 41, 43]) % 11;
    let is_checked = *check == if rest < 2 { rest } else { 11 - rest };
    match id.len() {
        10 if is_company && is_checked => id.get(..9).map(str::to_owned),
        9 if is_company => Some(id.to_owned()),
        9 | 11 if is_checked => id.get(..id.len() - 1).map(str::to_owned),
        _ => None,
    }
}

pub(super) fn py_ruc(id: &str) -> Option<String> {
    let digits = digits(id).filter(|digits| (6..=9).contains(&digits.len()))?;
    let (check, body) = digits.split_last()?;
    let rest = weighted_from_end(body, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    (*check == if rest > 1 { 11 - rest } else { 0 }).then(|| id.to_owned())
}

pub(super) fn cl_rut(id: &str) -> Option<String> {
    let (body, check) = id.split_at_checked(id.len().checked_sub(1)?)?;
    let body = digits(body).filter(|digits| (7..=8).contains(&digits.len()))?;
    let expected = match 11 - weighted_from_end(&body, &[2, 3, 4, 5, 6, 7, 2, 3]) % 11 {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        digit => digit.to_string(),
    };
    (check == expected).then(|| id.to_owned())
}

pub(super) fn br_cnpj(id: &str) -> Option<String> {
    let digits = digits_of(id, 14)?;
    let check = |length: usize| {
        let rest = weighted_from_end(&digits[..length], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6]) % 11;
        if rest < 2 { 0 } else { 11 - rest }
    };
    // Eight digits are the company's, the rest name a branch.
    (check(12) == digits[12] && check(13) == digits[13]).then(|| id[..8].to_owned())
}

/// Twelve letters and digits of a company, thirteen of a person.
pub(super) fn mx_rfc(id: &str) -> Option<String> {
    const LETTERS: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ";
    let padded = match id.len() {
        12 => format!(" {id}"),
        13 => id.to_owned(),
        _ => return None,
    };
    let values: Vec<usize> = padded
        .chars()
        .map(|letter| LETTERS.find(letter))
        .collect::<Option<_>>()?;
    let sum: usize = values[..12]
        .iter()
        .zip((2..=13).rev())
        .map(|(value, weight)| value * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => 0,
        digit => digit,
    };
    (expected == values[12]).then(|| id.to_owned())
}
