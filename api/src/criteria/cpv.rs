//! Codes of the Common Procurement Vocabulary (CPV 2008) as people write them.

use crate::error::{Error, Result};

/// The significant digits of a CPV code in any spelling: `72`, `72000000` and `72000000-5` are all `72`.
///
/// A CPV code has eight digits, zeros at the end standing for "everything below", and a check digit after a dash.
pub fn significant_digits(code: &str, argument: &str) -> Result<String> {
    let digits = code.split_once('-').map_or(code, |(digits, _check)| digits).trim();
    let plausible = (2..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plausible {
        return Err(Error::bad_input(
            argument,
            format!("{code:?} is no CPV code; write its digits, such as \"72\" or \"72000000-5\""),
        ));
    }
    let significant = digits.trim_end_matches('0').len().max(2);
    Ok(digits[..significant].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_code_is_one() {
        for spelling in ["72", "720", "72000000", "72000000-5", " 72000000-5 "] {
            assert_eq!(significant_digits(spelling, "cpv").unwrap(), "72", "{spelling}");
        }
        assert_eq!(significant_digits("30190000-7", "cpv").unwrap(), "3019");
        assert_eq!(significant_digits("30000000-9", "cpv").unwrap(), "30");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "7", "IT", "72%", "123456789", "-5"] {
            assert!(significant_digits(text, "cpv").is_err(), "{text}");
        }
    }
}
