//! Releases as publishers write them, turned into what the standard asks for, wherever only one thing can be meant.
//!
//! [`repair`] changes a release so that it can be merged and read like any other, and counts what it found. Nothing is
//! guessed: what could be two things stays as it is, and is counted as not understood. The text as published is not
//! touched: whoever must give back what was published does not repair.
//!
//! Numbers as identifiers, numbers as text and the like need no change, since whoever reads a release takes either; they
//! are only counted. So are releases of OCDS 1.0, which merging upgrades.

mod entity;
mod oddity;
mod shape;

use std::borrow::Cow;

use crate::date::{self, Form};
use crate::json::{Object, Value};
use crate::number;
use crate::upgrade::is_ocds_1_0;

pub use oddity::{Oddity, Tally};

/// Repairs a release, and tells what was odd about it.
pub fn repair(release: &mut Value) -> Tally {
    let mut walk = Walk::default();
    if let Value::Object(object) = release {
        walk.object(object, true);
        walk.settle_dates(object);
        if is_ocds_1_0(object) {
            walk.tally.count(Oddity::Ocds1_0);
        }
    }
    walk.tally
}

#[derive(Default)]
struct Walk {
    tally: Tally,
    /// Whether a date of the release shows in which order its publisher writes day and month.
    day_first: bool,
    month_first: bool,
    open_dates: u64,
}

impl Walk {
    fn object(&mut self, object: &mut Object, is_release: bool) {
        object
            .members_mut()
            .retain_mut(|(key, value)| self.member(key, value, is_release));
    }

    /// Repairs a member; `false` if it says nothing.
    fn member(&mut self, key: &str, value: &mut Value, of_release: bool) -> bool {
        match value {
            Value::String(text) if is_blank(text) => {
                self.tally.change(Oddity::BlankText);
                return false;
            }
            Value::String(text) => {
                if of_release && key == "tag" {
                    self.tally.count(Oddity::TextAsTag);
                }
                if let Some(better) = self.text(key, text) {
                    *text = Cow::Owned(better);
                }
            }
            Value::Number(_) if is_identifier(key) => self.tally.count(Oddity::NumberAsId),
            Value::Number(_) if is_date(key) => self.tally.count(Oddity::UnclearDate),
            Value::Object(inner) => {
                self.object(inner, false);
                if shape::is_list(key) {
                    self.tally.change(Oddity::ObjectForList);
                    *value = shape::list(std::mem::take(inner));
                }
            }
            Value::Array(elements) => {
                self.array(elements);
                if key == "relatedLots" && shape::references(elements) {
                    self.tally.change(Oddity::ObjectAsReference);
                }
                if shape::is_single(key)
                    && let [Value::Object(only)] = elements.as_mut_slice()
                {
                    self.tally.change(Oddity::ListForObject);
                    *value = Value::Object(std::mem::take(only));
                }
            }
            _ => {}
        }
        true
    }

    fn array(&mut self, elements: &mut Vec<Value>) {
        elements.retain_mut(|element| match element {
            Value::String(text) if is_blank(text) => {
                self.tally.change(Oddity::BlankText);
                false
            }
            Value::String(text) => {
                if let Some(better) = self.plain_text(text) {
                    *text = Cow::Owned(better);
                }
                true
            }
            Value::Object(object) => {
                self.object(object, false);
                true
            }
            Value::Array(elements) => {
                self.array(elements);
                true
            }
            _ => true,
        });
    }

    /// What a text should be, if it is to be another one.
    fn text(&mut self, key: &str, text: &str) -> Option<String> {
        match key {
            "amount" | "quantity" | "numberOfTenderers" => self.number(text),
            "currency" => self.currency(text),
            "status" | "procurementMethod" | "mainProcurementCategory" => self.code(text),
            _ if is_date(key) => {
                self.date(text);
                None
            }
            _ => self.plain_text(text),
        }
    }

    fn number(&mut self, text: &str) -> Option<String> {
        match number::decimal(text) {
            Some(Cow::Borrowed(_)) => {
                self.tally.count(Oddity::TextAsNumber);
                None
            }
            Some(Cow::Owned(number)) => {
                self.tally.change(Oddity::NumberWithMarks);
                Some(number)
            }
            None => {
                self.tally.count(Oddity::UnclearNumber);
                None
            }
        }
    }

    fn currency(&mut self, text: &str) -> Option<String> {
        let code = text.trim();
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            if code.bytes().any(|byte| byte.is_ascii_lowercase()) {
                self.tally.count(Oddity::CurrencyInSmallLetters);
            }
            return None;
        }
        let named = CURRENCIES.iter().find(|(name, _)| name.eq_ignore_ascii_case(code));
        if let Some((_, code)) = named {
            self.tally.change(Oddity::CurrencyByName);
            Some((*code).to_owned())
        } else {
            self.tally.count(Oddity::UnclearCurrency);
            None
        }
    }

    /// A code of a list of the standard that is written with other letters, such as `Active`.
    fn code(&mut self, text: &str) -> Option<String> {
        let code = CODES.iter().find(|code| code.eq_ignore_ascii_case(text.trim()))?;
        (*code != text).then(|| {
            self.tally.change(Oddity::CodeInOtherLetters);
            (*code).to_owned()
        })
    }

    fn date(&mut self, text: &str) {
        let oddity = match date::form(text) {
            Form::Rfc3339 => return,
            Form::WithoutTime => Oddity::DateWithoutTime,
            Form::WithoutZone => Oddity::DateWithoutZone,
            Form::Similar => Oddity::DateInSimilarForm,
            Form::DayFirst => {
                self.day_first = true;
                Oddity::DateWithSlashes
            }
            Form::MonthFirst => {
                self.month_first = true;
                Oddity::DateWithSlashes
            }
            Form::DayIsMonth => Oddity::DateWithSlashes,
            Form::Open => {
                self.open_dates += 1;
                return;
            }
            Form::None => Oddity::UnclearDate,
        };
        self.tally.count(oddity);
    }

    /// Reads the dates that are open in themselves in the order of the others, if there are others and they agree.
    fn settle_dates(&mut self, release: &mut Object) {
        if self.open_dates == 0 {
            return;
        }
        if self.day_first == self.month_first {
            for _ in 0..self.open_dates {
                self.tally.count(Oddity::UnclearDate);
            }
            return;
        }
        for _ in 0..self.open_dates {
            self.tally.change(Oddity::DateWithSlashes);
        }
        settle(release, self.day_first);
    }

    fn plain_text(&mut self, text: &str) -> Option<String> {
        let decoded = entity::decode(text)?;
        self.tally.change(Oddity::HtmlEntity);
        Some(decoded)
    }
}

fn settle(object: &mut Object, day_first: bool) {
    for (key, value) in object.iter_mut() {
        match value {
            Value::String(text) if is_date(key) && date::form(text) == Form::Open => {
                if let Some(settled) = date::settle(text, day_first) {
                    *text = Cow::Owned(settled);
                }
            }
            Value::Object(inner) => settle(inner, day_first),
            Value::Array(elements) => settle_all(elements, day_first),
            _ => {}
        }
    }
}

fn settle_all(elements: &mut [Value], day_first: bool) {
    for element in elements {
        match element {
            Value::Object(object) => settle(object, day_first),
            Value::Array(elements) => settle_all(elements, day_first),
            _ => {}
        }
    }
}

/// Whether a field of this name holds an identifier of something in the release.
fn is_identifier(key: &str) -> bool {
    key == "id" || key.ends_with("ID") || key == "relatedLot" || key == "relatedItem"
}

/// Whether a text says nothing; most begin with a letter, which tells at once.
fn is_blank(text: &str) -> bool {
    !text.starts_with(|letter: char| letter.is_ascii_graphic()) && text.trim().is_empty()
}

/// Whether a field of this name holds a date: `date`, `dateSigned`, `startDate`.
fn is_date(key: &str) -> bool {
    match key.strip_prefix("date") {
        Some(rest) => rest.bytes().next().is_none_or(|byte| byte.is_ascii_uppercase()),
        None => key.ends_with("Date"),
    }
}

/// Names that ISO 4217 gives to one currency alone.
const CURRENCIES: &[(&str, &str)] = &[
    ("Armenian dram", "AMD"),
    ("Euro", "EUR"),
    ("Euros", "EUR"),
    ("Forint", "HUF"),
    ("Guarani", "PYG"),
    ("Guaraní", "PYG"),
    ("Guaraníes", "PYG"),
    ("Hryvnia", "UAH"),
    ("Lempira", "HNL"),
    ("Naira", "NGN"),
    ("Quetzal", "GTQ"),
    ("Zloty", "PLN"),
    ("Złoty", "PLN"),
];

/// The codes of `status`, `procurementMethod` and `mainProcurementCategory`.
const CODES: &[&str] = &[
    "active",
    "cancelled",
    "complete",
    "direct",
    "goods",
    "limited",
    "open",
    "pending",
    "planned",
    "planning",
    "selective",
    "services",
    "terminated",
    "unsuccessful",
    "withdrawn",
    "works",
];

#[cfg(test)]
mod tests;
