//! Whether two values say the same, however they are written.

use super::{Object, Value};

/// See [`Value::is_equivalent_to`].
pub(super) fn values(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || is_same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| values(one, other))
        }
        (Value::Object(one), Value::Object(other)) => objects(one, other),
        (one, other) => one == other,
    }
}

fn objects(one: &Object, other: &Object) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let in_order = one.iter().zip(other).all(|((one, _), (other, _))| one == other);
    if in_order {
        return one.iter().zip(other).all(|((_, one), (_, other))| values(one, other));
    }
    let (one, other) = (sorted(one), sorted(other));
    one.iter()
        .zip(other)
        .all(|((key, one), (other_key, other))| key == &other_key && values(one, other))
}

fn sorted<'o>(object: &'o Object) -> Vec<(&'o str, &'o Value<'o>)> {
    let mut members: Vec<_> = object.iter().map(|(key, value)| (key.as_ref(), value)).collect();
    members.sort_unstable_by_key(|(key, _)| *key);
    members
}

fn is_same_number(one: &str, other: &str) -> bool {
    match (decimal(one), decimal(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// A number as sign, digits without zeros at either end, and the power of ten of the last digit; zero has no digits.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()?;
    let exponent = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(dropped)?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    Some((is_negative, significant.to_owned(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn are(one: &str, other: &str, expected: bool) {
        let parse = |text| Value::parse(text).expect("the text of the test is JSON");
        assert_eq!(values(&parse(one), &parse(other)), expected, "{one} and {other}");
        assert_eq!(values(&parse(other), &parse(one)), expected, "{other} and {one}");
    }

    #[test]
    fn numbers_are_told_apart_by_what_they_are() {
        are("1", "1.0", true);
        are("100", "1e2", true);
        are("0.015", "15E-3", true);
        are("-0", "0", true);
        are("1", "-1", false);
        are("1", "10", false);
        are("0.1", "0.10000000000000001", false);
        are("1e99999999999999999999", "1e99999999999999999999", true);
        are("1e99999999999999999999", "2e99999999999999999999", false);
        are("1", r#""1""#, false);
    }

    #[test]
    fn the_order_of_members_says_nothing_and_that_of_elements_does() {
        are(
            r#"{"a":1,"b":[{"c":1,"d":2}]}"#,
            r#"{"b":[{"d":2.0,"c":1}],"a":1}"#,
            true,
        );
        are(r#"{"a":1,"b":2}"#, r#"{"b":1,"a":2}"#, false);
        are(r#"{"a":1}"#, r#"{"b":1}"#, false);
        are("[1,2]", "[2,1]", false);
        are("[1]", "[1,1]", false);
        are("null", "false", false);
    }
}
