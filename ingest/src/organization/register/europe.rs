//! How numbers of the registers of Europe are read into the form in which they are compared, where that takes more than a
//! check digit.

use super::super::check_digit::{
    digits, digits_of, luhn, luhn_of, mod_10, mod_11, modulo_97, number, weighted, weighted_from_end,
};

/// Eight digits; spreadsheets drop a zero in front, and four more digits name a branch that does not count.
pub(super) fn nl_kvk(id: &str) -> Option<String> {
    let id = id.strip_prefix("KVK").unwrap_or(id);
    digits(id)?;
    match id.len() {
        7 => Some(format!("0{id}")),
        8 => Some(id.to_owned()),
        12 => id.strip_suffix("0000").map(str::to_owned),
        _ => None,
    }
}

/// Nine digits under the test of eleven; in a VAT number `B` and two digits follow.
pub(super) fn nl_rsin(id: &str) -> Option<String> {
    let id = id.split_once('B').map_or(id, |(number, _)| number);
    let digits = digits_of(id, 9)?;
    let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * digits[8];
    sum.is_multiple_of(11).then(|| id.to_owned())
}

/// The VAT number of one who has no RSIN to show.
pub(super) fn nl_btw(id: &str) -> Option<String> {
    let (number, suffix) = id.split_once('B')?;
    digits_of(number, 9)?;
    digits_of(suffix, 2)?;
    (modulo_97(&format!("NL{id}"))? == 1).then(|| id.to_owned())
}

pub(super) fn be_kbo(id: &str) -> Option<String> {
    let id = if id.len() == 9 { format!("0{id}") } else { id.to_owned() };
    let digits = digits_of(&id, 10)?;
    (97 - number(&digits[..8]) % 97 == number(&digits[8..])).then_some(id)
}

/// Nine digits, or fourteen of a branch, or eleven with the key of a VAT number.
pub(super) fn fr_siren(id: &str) -> Option<String> {
    let siren = match id.len() {
        9 => id,
        11 => {
            let (key, siren) = id.split_at_checked(2)?;
            let expected = (12 + 3 * (number(&digits(siren)?) % 97)) % 97;
            (number(&digits(key)?) == expected).then_some(siren)?
        }
        14 => {
            let siren = id.get(..9)?;
            // The branches of the post office have numbers of their own kind.
            let is_post = siren == "356000000" && digits(id)?.iter().sum::<u32>().is_multiple_of(5);
            (is_post || luhn(&digits(id)?)).then_some(siren)?
        }
        _ => return None,
    };
    luhn_of(siren, 9)
}

/// Eight digits, or two letters and six digits; zeros in front are often dropped.
pub(super) fn gb_coh(id: &str) -> Option<String> {
    const KINDS: &[&str] = &[
        "SC", "NI", "OC", "SO", "NC", "FC", "SF", "NF", "IP", "SP", "NP", "RC", "SR", "NR", "CE", "CS", "RS", "LP",
        "SL", "NL", "GE", "GS", "GN", "SE", "ZC", "SZ", "PC", "AC", "SA", "NA", "IC", "SI", "NV", "R0",
    ];
    if digits(id).is_some() {
        return (6..=8).contains(&id.len()).then(|| format!("{id:0>8}"));
    }
    let (kind, number) = id.split_at_checked(2)?;
    let number = number.strip_suffix('R').unwrap_or(number);
    let is_valid = KINDS.contains(&kind) && (5..=6).contains(&number.len()) && digits(number).is_some();
    is_valid.then(|| id.to_owned())
}

pub(super) fn gb_chc(id: &str) -> Option<String> {
    ((6..=7).contains(&id.len()) && digits(id).is_some()).then(|| id.to_owned())
}

pub(super) fn gb_vat(id: &str) -> Option<String> {
    let digits = digits_of(id, 9)?;
    let sum = weighted(&digits[..7], &[8, 7, 6, 5, 4, 3, 2]) + 10 * digits[7] + digits[8];
    (sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)).then(|| id.to_owned())
}

pub(super) fn at_vat(id: &str) -> Option<String> {
    let written = id.strip_prefix('U').unwrap_or(id);
    let digits = digits_of(written, 8)?;
    let crossed: u32 = digits[..7]
        .iter()
        .zip([1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| digit * weight / 10 + digit * weight % 10)
        .sum();
    ((10 - (crossed + 4) % 10) % 10 == digits[7]).then(|| written.to_owned())
}

/// A letter, seven digits and a digit or letter for companies; people have other forms, which are left alone.
pub(super) fn es_nif(id: &str) -> Option<String> {
    const LETTERS: &[u8] = b"JABCDEFGHI";
    let kind = id.chars().next().filter(char::is_ascii_uppercase)?;
    let body = digits_of(id.get(1..8)?, 7)?;
    let doubled = |digit: u32| (2 * digit) / 10 + (2 * digit) % 10;
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { doubled(*digit) } else { *digit })
        .sum();
    let check = (10 - sum % 10) % 10;
    let last = id.get(8..)?;
    let letter = char::from(LETTERS[check as usize]);
    let is_valid = last == check.to_string() || (last.len() == 1 && last.starts_with(letter));
    (is_valid && !matches!(kind, 'X' | 'Y' | 'Z')).then(|| id.to_owned())
}

pub(super) fn pl_nip(id: &str) -> Option<String> {
    let digits = digits_of(id, 10)?;
    (weighted(&digits[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digits[9]).then(|| id.to_owned())
}

/// Nine digits; five more name a branch.
pub(super) fn pl_regon(id: &str) -> Option<String> {
    let body = if id.len() == 14 { id.get(..9)? } else { id };
    let digits = digits_of(body, 9)?;
    digits_of(id, id.len())?;
    (weighted(&digits[..8], &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == digits[8]).then(|| body.to_owned())
}

/// Ten digits; a VAT number has two more.
pub(super) fn se_blv(id: &str) -> Option<String> {
    let id = if id.len() == 12 { id.strip_suffix("01")? } else { id };
    luhn_of(id, 10)
}

pub(super) fn no_brc(id: &str) -> Option<String> {
    let id = id.strip_suffix("MVA").unwrap_or(id);
    mod_11(id, &[3, 2, 7, 6, 5, 4, 3, 2])
}

pub(super) fn lu_vat(id: &str) -> Option<String> {
    let digits = digits_of(id, 8)?;
    (number(&digits[..6]) % 89 == number(&digits[6..])).then(|| id.to_owned())
}

pub(super) fn ie_vat(id: &str) -> Option<String> {
    let body = digits_of(id.get(..7)?, 7)?;
    let mut letters = id.get(7..)?.chars();
    let check = letters.next()?;
    let value = |letter: char| {
        letter
            .is_ascii_uppercase()
            .then(|| u32::from(letter) - u32::from('A') + 1)
    };
    let more = letters.next().map_or(Some(0), value)?;
    let sum = weighted(&body, &[8, 7, 6, 5, 4, 3, 2]) + 9 * more;
    (value(check)? % 23 == sum % 23 && letters.next().is_none()).then(|| id.to_owned())
}

pub(super) fn cz_ico(id: &str) -> Option<String> {
    let digits = digits_of(id, 8)?;
    let rest = weighted(&digits[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11;
    ((11 - rest) % 10 == digits[7]).then(|| id.to_owned())
}

pub(super) fn hu_afa(id: &str) -> Option<String> {
    let id = if id.len() == 11 { id.get(..8)? } else { id };
    mod_10(id, &[9, 7, 3, 1, 9, 7, 3])
}

pub(super) fn ro_cui(id: &str) -> Option<String> {
    let id = id.strip_prefix("RO").unwrap_or(id);
    let digits = digits(id).filter(|digits| (4..=10).contains(&digits.len()))?;
    let (check, body) = digits.split_last()?;
    (weighted_from_end(body, &[2, 3, 5, 7, 1, 2, 3, 5, 7]) * 10 % 11 % 10 == *check).then(|| id.to_owned())
}

pub(super) fn bg_eik(id: &str) -> Option<String> {
    let digits = digits_of(id, 9)?;
    let mut rest = weighted(&digits[..8], &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    if rest == 10 {
        rest = weighted(&digits[..8], &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
    }
    (rest == digits[8]).then(|| id.to_owned())
}

pub(super) fn gr_afm(id: &str) -> Option<String> {
    let digits = digits_of(id, 9)?;
    (weighted(&digits[..8], &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digits[8]).then(|| id.to_owned())
}

/// Eight digits of a company, or ten of a private entrepreneur.
pub(super) fn ua_edr(id: &str) -> Option<String> {
    let digits = digits(id)?;
    let (expected, check) = match digits.len() {
        8 => {
            let is_middle = (30_000_000..=60_000_000).contains(&number(&digits));
            let weights: [u32; 7] = if is_middle {
                [7, 1, 2, 3, 4, 5, 6]
            } else {
                [1, 2, 3, 4, 5, 6, 7]
            };
            let mut rest = weighted(&digits, &weights) % 11;
            if rest == 10 {
                rest = weighted(&digits, &weights.map(|weight| weight + 2)) % 11 % 10;
            }
            (rest, digits[7])
        }
        // The first weight is -1, which is 10 of eleven.
        10 => (weighted(&digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10, digits[9]),
        _ => return None,
    };
    (expected == check).then(|| id.to_owned())
}
