//! Reading members as publishers write them: blank texts, numbers as text, dates of many shapes, wrong types.
//!
//! What cannot be read is absent here; it stays in the stored release as it was published.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use entities::value::{Amount, InexactAmount};
use ocds::Value;

/// Counts what columns could not take over unchanged.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Amounts with too many digits for [`Amount`].
    pub inexact_amounts: Cell<u64>,
    /// Texts that held NUL, which PostgreSQL cannot store.
    pub nul_characters: Cell<u64>,
}

fn count(figure: &Cell<u64>) {
    figure.set(figure.get() + 1);
}

/// A place in a published document, which may be empty: reading on from there finds nothing.
#[derive(Clone, Copy)]
pub(crate) struct Published<'r> {
    value: Option<&'r Value<'r>>,
    tally: &'r Tally,
}

/// An amount with its currency; either can be missing.
pub(crate) type Money = (Option<Amount>, Option<String>);

impl<'r> Published<'r> {
    /// The place of a whole document.
    pub fn new(value: &'r Value<'r>, tally: &'r Tally) -> Published<'r> {
        Published {
            value: Some(value),
            tally,
        }
    }

    /// The place of a member.
    pub fn get(self, key: &str) -> Published<'r> {
        Published {
            value: self.value.and_then(|value| value.get(key)),
            tally: self.tally,
        }
    }

    /// Whether there is an object here.
    pub fn is_object(self) -> bool {
        self.value.is_some_and(Value::is_object)
    }

    /// Whether anything here says more than an identifier: a member other than `id` that is not null, blank or empty.
    ///
    /// Removing an object from a list leaves its `id` behind, and some publishers fill in empty forms.
    pub fn says_something(self) -> bool {
        let members = self.value.and_then(Value::as_object);
        members.is_some_and(|members| members.iter().any(|(key, value)| key != "id" && value.is_filled()))
    }

    /// The objects of a list that say something, with their places in the list as published.
    pub fn objects(self, key: &str) -> impl Iterator<Item = (usize, Published<'r>)> + use<'r> {
        self.references(key).filter(|(_, place)| place.says_something())
    }

    /// The objects of a list of references, which may be nothing but an `id`, with their places.
    pub fn references(self, key: &str) -> impl Iterator<Item = (usize, Published<'r>)> + use<'r> {
        let tally = self.tally;
        let elements = self.elements(key).iter().map(move |value| Published {
            value: Some(value),
            tally,
        });
        elements.enumerate().filter(|(_, place)| place.is_object())
    }

    /// The elements of a list, whatever they are; empty if there is no list.
    pub fn elements(self, key: &str) -> &'r [Value<'r>] {
        self.value
            .and_then(|value| value.get(key))
            .and_then(Value::as_array)
            .unwrap_or_default()
    }

    /// A text or a number as text, without blanks around it; `None` if nothing is left.
    pub fn text(self, key: &str) -> Option<String> {
        self.get(key).own_text()
    }

    /// The text at this place itself, read as by [`Published::text`].
    pub fn own_text(self) -> Option<String> {
        let text = self.value?.as_identifier()?.trim();
        let text = if text.contains('\0') {
            count(&self.tally.nul_characters);
            without_nul(text)
        } else {
            text.to_owned()
        };
        (!text.is_empty()).then_some(text)
    }

    /// The texts of a list, each read as by [`Published::text`].
    pub fn texts(self, key: &str) -> impl Iterator<Item = String> + use<'r> {
        let tally = self.tally;
        let elements = self.elements(key).iter().map(move |value| Published {
            value: Some(value),
            tally,
        });
        elements.filter_map(Published::own_text)
    }

    /// The `id`; empty if there is none.
    pub fn id(self) -> String {
        self.text("id").unwrap_or_default()
    }

    /// A code, if it is one of its list.
    pub fn code<T>(self, key: &str, from_code: fn(&str) -> Option<T>, as_str: fn(T) -> &'static str) -> Option<String> {
        let code = self.get(key).value?.as_str()?;
        from_code(code.trim()).map(|code| as_str(code).to_owned())
    }

    /// A number as an exact amount.
    pub fn amount(self, key: &str) -> Option<Amount> {
        match self.get(key).value?.as_identifier()?.trim().parse() {
            Ok(amount) => Some(amount),
            Err(InexactAmount::OutOfRange) => {
                count(&self.tally.inexact_amounts);
                None
            }
            Err(InexactAmount::NotANumber) => None,
        }
    }

    /// The `amount` and `currency` of an object.
    pub fn money(self, key: &str) -> Money {
        let value = self.get(key);
        (value.amount("amount"), value.currency())
    }

    /// The `currency`, in capitals, if it has the shape of an ISO 4217 code.
    fn currency(self) -> Option<String> {
        let currency = self.get("currency").value?.as_str()?.trim();
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_alphabetic());
        is_code.then(|| currency.to_ascii_uppercase())
    }

    /// A whole number that is not negative.
    pub fn count(self, key: &str) -> Option<i32> {
        let count: i32 = self.get(key).value?.as_identifier()?.trim().parse().ok()?;
        (count >= 0).then_some(count)
    }

    /// An instant; a date alone is the start of its day.
    pub fn instant(self, key: &str) -> Option<DateTime<Utc>> {
        ocds::date::parse_instant(self.get(key).value?.as_str()?)
    }

    /// The `startDate` and `endDate` of a period; a date alone is the start, or the end, of its day.
    pub fn period(self, key: &str) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let period = self.get(key);
        let end = period.get("endDate").value.and_then(Value::as_str);
        (period.instant("startDate"), end.and_then(ocds::date::parse_end_instant))
    }
}

/// The text without the character that PostgreSQL cannot store.
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, read: impl FnOnce(Published) -> T) -> (T, Tally) {
        let tally = Tally::default();
        let value = Value::parse(text).unwrap();
        let found = read(Published::new(&value, &tally));
        (found, tally)
    }

    #[test]
    fn blank_is_absent_and_numbers_are_texts_where_texts_are_asked_for() {
        for (text, expected) in [
            (r#"{"a":" x "}"#, Some("x")),
            (r#"{"a":7}"#, Some("7")),
            (r#"{"a":" "}"#, None),
        ] {
            assert_eq!(with(text, |place| place.text("a")).0.as_deref(), expected, "{text}");
        }
        for text in [r#"{"a":null}"#, r#"{"a":["x"]}"#, r#"{"a":{}}"#, "{}", "[]"] {
            assert_eq!(with(text, |place| place.text("a")).0, None, "{text}");
        }
    }

    #[test]
    fn a_nul_is_left_out_and_counted() {
        let (text, tally) = with(r#"{"a":"x\u0000y"}"#, |place| place.text("a"));
        assert_eq!((text.as_deref(), tally.nul_characters.get()), (Some("xy"), 1));
    }

    #[test]
    fn amounts_are_exact_or_absent() {
        let (money, tally) = with(r#"{"value":{"amount":"10.50","currency":"eur"}}"#, |place| {
            place.money("value")
        });
        assert_eq!(money, ("10.5".parse().ok(), Some("EUR".to_owned())));
        assert_eq!(tally.inexact_amounts.get(), 0);
        let (money, tally) = with(r#"{"value":{"amount":0.00001,"currency":"Naira"}}"#, |place| {
            place.money("value")
        });
        assert_eq!((money, tally.inexact_amounts.get()), ((None, None), 1));
        let (money, tally) = with(r#"{"value":{"amount":"","currency":null}}"#, |place| {
            place.money("value")
        });
        assert_eq!((money, tally.inexact_amounts.get()), ((None, None), 0));
    }

    #[test]
    fn a_date_alone_spans_its_day() {
        let text = r#"{"period":{"startDate":"2020-01-01","endDate":"2020-01-01"}}"#;
        let ((start, end), _) = with(text, |place| place.period("period"));
        assert_eq!((end.unwrap() - start.unwrap()).num_seconds(), 86_399);
    }

    #[test]
    fn empty_forms_say_nothing() {
        for (text, expected) in [
            (r#"{"id":"1"}"#, false),
            (
                r#"{"id":"1","title":"","value":{"amount":"","list":[{}]},"date":null}"#,
                false,
            ),
            (r#"{"id":"1","value":{"amount":0}}"#, true),
            ("[]", false),
        ] {
            let (tally, value) = (Tally::default(), Value::parse(text).unwrap());
            assert_eq!(Published::new(&value, &tally).says_something(), expected, "{text}");
        }
    }
}
