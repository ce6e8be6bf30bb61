//! JSON as it was published: numbers digit for digit, unknown fields and the order of keys kept.
//!
//! OCDS documents must come out of the hub as they went in. A general JSON library turns numbers into binary
//! floating point, and where it can keep their text it does so for the whole program at once, which other crates would
//! notice. It also copies every string. Here a number is its text, and strings without escapes are borrowed from the
//! input, which makes parsing a large release mostly a matter of finding quotes.
//!
//! The grammar is that of RFC 8259, strictly. Beyond it: a document may nest [`MAX_DEPTH`] levels, a key that occurs
//! twice in an object has its last value in its first place, and an escaped half of a surrogate pair is an error.

mod equivalent;
mod parse;
mod write;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

pub use parse::{MAX_DEPTH, ParseError, Reason};
pub(crate) use write::plain_end;

/// Any JSON value, borrowing from the text it was parsed from where it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as its text was published: `1.0` and `1` are different values here.
    Number(Cow<'a, str>),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// The members of a JSON object in the order they were published; no key occurs twice.
///
/// Two objects are equal when they hold the same members in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object<'a>(Vec<Member<'a>>);

/// A key and its value.
type Member<'a> = (Cow<'a, str>, Value<'a>);

/// Objects with more members than this are searched for repeated keys with a hash table.
const SMALL_OBJECT: usize = 32;

impl<'a> Value<'a> {
    /// Parses one JSON document.
    ///
    /// # Errors
    /// [`ParseError`] tells where the text stops being JSON, and why.
    pub fn parse(text: &'a str) -> Result<Value<'a>, ParseError> {
        parse::document(text, MAX_DEPTH)
    }

    /// Parses one JSON document for its outline: what stands inside more arrays and objects than `depth` is checked like
    /// all else, and left out.
    ///
    /// # Errors
    /// As of [`Value::parse`].
    pub fn parse_outline(text: &'a str, depth: usize) -> Result<Value<'a>, ParseError> {
        parse::document(text, depth)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a number, as published.
    #[must_use]
    pub fn as_number(&self) -> Option<&str> {
        match self {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The text of an identifier: publishers write `1` for `"1"`, so a number counts by its text.
    #[must_use]
    pub fn as_identifier(&self) -> Option<&str> {
        match self {
            Value::String(text) | Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Whether both say the same: `1.0` is `1`, and the order of the members of an object means nothing.
    #[must_use]
    pub fn is_equivalent_to(&self, other: &Value) -> bool {
        equivalent::values(self, other)
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether anything is said here: not if it is null, blank or empty through and through.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(_) | Value::Number(_) => true,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(elements) => elements.iter().any(Value::is_filled),
            Value::Object(object) => object.is_filled(),
        }
    }

    /// Whether this is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    /// The value of a member, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(key)
    }

    /// The value at the end of a path such as `["tender", "value", "amount"]`.
    ///
    /// A step into an array is the decimal index of the element, counted from 0.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value<'a>> {
        path.iter().try_fold(self, |value, step| match value {
            Value::Object(object) => object.get(step),
            Value::Array(elements) => elements.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The JSON type of the value with its article, for messages: `an object`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The compact JSON text: no white space, keys in order, numbers as published.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Appends the compact JSON text to `text`.
    pub fn write(&self, text: &mut String) {
        write::value(self, text);
    }

    /// The same value, independent of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(text) => Value::Number(Cow::Owned(text.into_owned())),
            Value::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Value::Array(elements) => Value::Array(elements.into_iter().map(Value::into_owned).collect()),
            Value::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

impl<'a> Object<'a> {
    /// An object without members.
    #[must_use]
    pub fn new() -> Object<'a> {
        Object::default()
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a member, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value<'a>> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets a member: in its place if the key is there already, else at the end. Returns the value it had.
    pub fn insert(&mut self, key: impl Into<Cow<'a, str>>, value: Value<'a>) -> Option<Value<'a>> {
        let key = key.into();
        if let Some(present) = self.get_mut(&key) {
            return Some(std::mem::replace(present, value));
        }
        self.0.push((key, value));
        None
    }

    /// Takes a member out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let place = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(place).1)
    }

    /// Whether there is a member of this name.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The members in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Cow<'a, str>, Value<'a>)> {
        self.0.iter()
    }

    /// The members in order, their values changeable.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value<'a>)> {
        self.0.iter_mut().map(|(key, value)| (&**key, value))
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of its members says anything, as [`Value::is_filled`].
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.0.iter().any(|(_, value)| value.is_filled())
    }

    /// The compact JSON text, as [`Value::to_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        write::object(self, &mut text);
        text
    }

    /// The same object, independent of the text it was parsed from.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        let owned = self
            .0
            .into_iter()
            .map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned()));
        Object(owned.collect())
    }

    /// The members themselves, for code that moves many of them and keeps keys distinct on its own.
    pub(crate) fn members_mut(&mut self) -> &mut Vec<(Cow<'a, str>, Value<'a>)> {
        &mut self.0
    }

    /// An object of members whose keys may repeat: the last value wins, in the place of the first.
    fn of_members(members: Vec<Member<'a>>) -> Object<'a> {
        if !repeats_a_key(&members) {
            return Object(members);
        }
        let mut places = HashMap::with_capacity(members.len());
        let mut kept: Vec<Member<'a>> = Vec::with_capacity(members.len());
        for (key, value) in members {
            if let Some(&place) = places.get(&key) {
                let member: &mut Member<'a> = &mut kept[place];
                member.1 = value;
            } else {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
        Object(kept)
    }
}

fn repeats_a_key(members: &[Member]) -> bool {
    if members.len() > SMALL_OBJECT {
        let mut seen = HashSet::with_capacity(members.len());
        return !members.iter().all(|(key, _)| seen.insert(key.as_ref()));
    }
    // The marks tell of most keys, without comparing, that none before is the same.
    let mut marks = 0;
    members.iter().enumerate().any(|(place, (key, _))| {
        let mark = mark(key);
        let is_suspect = marks & mark != 0;
        marks |= mark;
        is_suspect && members[..place].iter().any(|(earlier, _)| earlier == key)
    })
}

/// One bit that stands for a key, and for some others: keys of different marks are different.
pub(crate) fn mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let ends = bytes
        .first()
        .zip(bytes.last())
        .map_or(0, |(first, last)| usize::from(first ^ (last << 1)));
    1 << ((bytes.len() * 7 + ends) % 64)
}

impl<'a> FromIterator<(Cow<'a, str>, Value<'a>)> for Object<'a> {
    /// Collects members; of a key that repeats, the last value is kept in the place of the first.
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Value<'a>)>>(members: I) -> Self {
        Object::of_members(members.into_iter().collect())
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, 'o> IntoIterator for &'o Object<'a> {
    type Item = &'o (Cow<'a, str>, Value<'a>);
    type IntoIter = std::slice::Iter<'o, (Cow<'a, str>, Value<'a>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
