//! Numbers that publishers write as text, with marks between their digits.

use std::borrow::Cow;

/// What stands between thousands: a point, a comma, a blank (also one that does not break a line, and a narrow one), an
/// apostrophe.
fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | ',' | ' ' | '\u{A0}' | '\u{202F}' | '\'' | '’')
}

/// The number that a text stands for, written as JSON has it; `None` if it is none, or could be two.
///
/// - What JSON would read as a number is that number: `1250.50`, `1e3`, and so `1.234` has three decimals.
/// - A mark that occurs twice or more stands between thousands: `30,579,570`.
/// - Of two different marks, the last one stands before the decimals: `1,234.56`, `1.234,56`, `1 234 567,89`.
/// - One comma stands before decimals, unless three digits follow: `1,5` is clear, `1,234` is not. One blank or apostrophe
///   stands between thousands.
#[must_use]
pub fn decimal(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if is_json_number(text) {
        return Some(Cow::Borrowed(text));
    }
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let groups: Vec<&str> = unsigned.split(is_mark).collect();
    let marks: Vec<char> = unsigned.chars().filter(|letter| is_mark(*letter)).collect();
    if !groups
        .iter()
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    let (last, before) = marks.split_last()?;
    let has_decimals = match before {
        [] => *last == ',' && groups[1].len() != 3,
        [.., mark] => last != mark,
    };
    let (decimals, thousands) = if has_decimals { groups.split_last() } else { None }
        .map_or((None, groups.as_slice()), |(decimals, thousands)| {
            (Some(*decimals), thousands)
        });
    let is_point = matches!(last, '.' | ',');
    let one_mark = before.windows(2).all(|pair| pair[0] == pair[1]);
    let is_clear = match decimals {
        Some(_) => is_point && one_mark,
        None => one_mark && (marks.len() > 1 || !is_point),
    };
    if !is_clear || !are_thousands(thousands) {
        return None;
    }
    let whole = thousands.concat();
    let whole = Some(whole.trim_start_matches('0'))
        .filter(|whole| !whole.is_empty())
        .unwrap_or("0");
    let fraction = decimals.map(|decimals| format!(".{decimals}")).unwrap_or_default();
    Some(Cow::Owned(format!("{sign}{whole}{fraction}")))
}

/// Whether groups of digits are those of one number: up to three digits, then three each. One group alone may be longer.
fn are_thousands(groups: &[&str]) -> bool {
    match groups {
        [] | [_] => true,
        [first, rest @ ..] => first.len() <= 3 && rest.iter().all(|group| group.len() == 3),
    }
}

/// Whether a text is a number in the grammar of JSON.
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let leads_with_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !leads_with_zero && digits(fraction) && digits(exponent.trim_start_matches(['+', '-']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_where_their_marks_are_clear() {
        for (text, expected) in [
            ("334556743", "334556743"),
            (" 193240814.81 ", "193240814.81"),
            ("-1.5e3", "-1.5e3"),
            ("1.234", "1.234"),
            ("30,579,570", "30579570"),
            ("1.234.567", "1234567"),
            ("1,234.56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1 234 567,89", "1234567.89"),
            ("1\u{A0}234,5", "1234.5"),
            ("1'234'567.89", "1234567.89"),
            ("1 234", "1234"),
            ("1,5", "1.5"),
            ("12345,67", "12345.67"),
            ("-0,50", "-0.50"),
            ("1,234,567,890.1234", "1234567890.1234"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_could_be_two_numbers_or_none_is_not_read() {
        for text in [
            "",
            "-",
            "x",
            "1,234",
            "1,23,456",
            "1,,2",
            ",5",
            "5,",
            "1,2345,678",
            "12 34",
            "1.2.3",
            "1,234.567.890",
            "1 234.567,89",
            "EUR 5",
            "5 EUR",
            "٣",
            "1,2,3",
            "1234,567,890",
            "--1",
            "+1",
            "0x10",
            "1e",
            "1234.567 1",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_a_number_of_json(text in "[0-9 .,'-]{0,20}") {
            if let Some(number) = decimal(&text) {
                prop_assert!(is_json_number(&number), "{text} became {number}");
                let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>();
                prop_assert!(digits(&text).ends_with(digits(&number).trim_start_matches('0')));
            }
        }

        #[test]
        fn any_text_comes_to_an_answer(text in any::<String>()) {
            let _ = decimal(&text);
        }
    }
}
