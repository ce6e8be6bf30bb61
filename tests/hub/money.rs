//! Exact amounts, as the API writes them, for tests that add up.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// An amount in ten-thousandths.
pub fn ten_thousandths(amount: &Value) -> i128 {
    let text = amount.as_str().expect("amounts are decimals in strings");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<4}")
        .parse()
        .expect("amounts have at most four decimals")
}

/// A number of units of `10^-scale` as the API writes it.
pub fn decimal(units: i128, scale: usize) -> Value {
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    json!(format!("{sign}{whole}{point}{fraction}"))
}

/// The values among these by currency, in ten-thousandths: of most values first, then in the order of the alphabet.
pub fn by_currency<'a>(values: impl IntoIterator<Item = &'a Value>) -> Vec<(String, Vec<i128>)> {
    let mut found: BTreeMap<String, Vec<i128>> = BTreeMap::new();
    for value in values.into_iter().filter(|value| value.is_object()) {
        let currency = value["currency"].as_str().expect("money has a currency");
        found
            .entry(currency.to_owned())
            .or_default()
            .push(ten_thousandths(&value["amount"]));
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, amounts)| std::cmp::Reverse(amounts.len()));
    found
}

/// The sums of values, as the API writes them.
pub fn sums<'a>(values: impl IntoIterator<Item = &'a Value>) -> Value {
    let sums = by_currency(values)
        .into_iter()
        .map(|(currency, amounts)| json!({ "amount": decimal(amounts.iter().sum(), 4), "currency": currency }));
    sums.collect()
}
