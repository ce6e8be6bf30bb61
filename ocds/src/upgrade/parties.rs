//! The parties of an upgraded release, and how they are told apart.
//!
//! A party's `id` follows from what the release says about it, so that it is the same in each release: the `id` that the
//! organisation has already; `SCHEME-ID` of its identifier, as the standard proposes; its name, in small letters; or all
//! that is said about it. Organisations that come to the same `id` are one party, with all that was said about it in
//! different places. Where these contradict each other, both are kept, and the later one is `ID-2`, as the standard has it
//! for branches and departments.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::json::{Object, Value};

/// An object with more members is never put together with another one: those who look for their equals in it would wait.
const MANY_MEMBERS: usize = 100;

/// The parties of a release, in the order in which they are first met.
#[derive(Default)]
pub(super) struct Parties<'a> {
    list: Vec<Party<'a>>,
    /// Their places by the text of their `id`.
    by_id: HashMap<String, usize>,
    /// Their places by organisations that were found to be them, as they were written.
    by_text: HashMap<String, usize>,
    /// The last number that an `id` was given to tell its party from others.
    numbers: HashMap<String, u32>,
}

struct Party<'a> {
    id: Value<'a>,
    /// What is said about it, but for its `id`.
    fields: Object<'a>,
    roles: Vec<&'static str>,
}

impl<'a> Parties<'a> {
    /// Lists an organisation, and gives the reference that stands for it from now on.
    pub(super) fn refer(&mut self, organization: Object<'a>, role: &'static str) -> Object<'a> {
        let name = filled(&organization, "name").cloned();
        let place = self.place(organization);
        self.reference(place, name, role)
    }

    /// As [`Parties::refer`], for an organisation of which nothing is known but its identifier.
    pub(super) fn refer_by_identifier(&mut self, identifier: Object<'a>, role: &'static str) -> Object<'a> {
        let name = filled(&identifier, "legalName").cloned();
        let organization = [(Cow::Borrowed("identifier"), Value::Object(identifier))];
        let place = self.place(organization.into_iter().collect());
        let known = &mut self.list[place].fields;
        if filled(known, "name").is_none()
            && let Some(name) = &name
        {
            known.insert("name", name.clone());
        }
        self.reference(place, name, role)
    }

    /// The list, complete.
    pub(super) fn into_list(self) -> Value<'a> {
        Value::Array(self.list.into_iter().map(Party::into_value).collect())
    }

    fn reference(&mut self, place: usize, name: Option<Value<'a>>, role: &'static str) -> Object<'a> {
        let party = &mut self.list[place];
        if !party.roles.contains(&role) {
            party.roles.push(role);
        }
        let name = name.map(|name| (Cow::Borrowed("name"), name));
        [(Cow::Borrowed("id"), party.id.clone())]
            .into_iter()
            .chain(name)
            .collect()
    }

    /// The place of the party that an organisation is.
    fn place(&mut self, mut organization: Object<'a>) -> usize {
        let text = organization.to_json();
        if let Some(&place) = self.by_text.get(&text) {
            return place;
        }
        let id = identity(&organization);
        let own_id = organization.remove("id").filter(Value::is_filled);
        let place = match self.by_id.get(&id).copied() {
            None => self.add(own_id.unwrap_or_else(|| text_value(id.clone())), id, organization),
            Some(place) if agree(&self.list[place].fields, &organization) => {
                absorb(&mut self.list[place].fields, organization);
                place
            }
            Some(_) => {
                let id = self.numbered(&id);
                self.add(text_value(id.clone()), id, organization)
            }
        };
        self.by_text.insert(text, place);
        place
    }

    fn add(&mut self, id: Value<'a>, text: String, fields: Object<'a>) -> usize {
        let place = self.list.len();
        self.by_id.insert(text, place);
        self.list.push(Party {
            id,
            fields,
            roles: Vec::new(),
        });
        place
    }

    /// An `id` for another party that would have this one.
    fn numbered(&mut self, id: &str) -> String {
        let number = self.numbers.entry(id.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{id}-{number}");
            if !self.by_id.contains_key(&numbered) {
                return numbered;
            }
        }
    }
}

impl<'a> Party<'a> {
    fn into_value(self) -> Value<'a> {
        let mut fields = self.fields;
        let ours = self.roles.into_iter().map(|role| Value::String(Cow::Borrowed(role)));
        let mut roles = match fields.remove("roles") {
            Some(Value::Array(roles)) => roles,
            Some(role @ Value::String(_)) if role.is_filled() => vec![role],
            _ => Vec::new(),
        };
        for role in ours {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        fields.insert("roles", Value::Array(roles));
        let id = (Cow::Borrowed("id"), self.id);
        Value::Object([id].into_iter().chain(fields).collect())
    }
}

fn text_value<'a>(text: String) -> Value<'a> {
    Value::String(Cow::Owned(text))
}

fn filled<'o, 'a>(object: &'o Object<'a>, key: &str) -> Option<&'o Value<'a>> {
    object.get(key).filter(|value| value.is_filled())
}

/// By what an organisation is known.
fn identity(organization: &Object) -> String {
    let identifier = filled(organization, "identifier").and_then(Value::as_object);
    let text = |object: &Object, key: &str| filled(object, key)?.as_identifier().map(|text| text.trim().to_owned());
    let of_identifier = |key: &str| text(identifier?, key);
    text(organization, "id")
        .or_else(|| Some(format!("{}-{}", of_identifier("scheme")?, of_identifier("id")?)))
        .or_else(|| text(organization, "name").map(|name| in_small_letters(&name)))
        .or_else(|| of_identifier("legalName").map(|name| in_small_letters(&name)))
        .unwrap_or_else(|| {
            let mut texts = Vec::new();
            all_texts(organization, &mut texts);
            in_small_letters(&texts.join(" "))
        })
}

fn in_small_letters(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn all_texts<'o>(object: &'o Object, texts: &mut Vec<&'o str>) {
    for (_, value) in object {
        texts_of(value, texts);
    }
}

fn texts_of<'o>(value: &'o Value, texts: &mut Vec<&'o str>) {
    match value {
        Value::Null => {}
        Value::Bool(value) => texts.push(if *value { "true" } else { "false" }),
        Value::String(text) | Value::Number(text) => texts.push(text),
        Value::Array(elements) => elements.iter().for_each(|element| texts_of(element, texts)),
        Value::Object(object) => all_texts(object, texts),
    }
}

/// Whether nothing that is said in one place contradicts what is said in the other.
fn agree(one: &Object, other: &Object) -> bool {
    if one.len() > MANY_MEMBERS || other.len() > MANY_MEMBERS {
        return false;
    }
    other
        .iter()
        .all(|(key, other)| one.get(key).is_none_or(|one| values_agree(one, other)))
}

fn values_agree(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => agree(one, other),
        _ => !one.is_filled() || !other.is_filled() || one == other,
    }
}

/// Adds what is said in another place.
fn absorb<'a>(known: &mut Object<'a>, more: Object<'a>) {
    for (key, value) in more {
        match (known.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => absorb(known, more),
            (Some(known), value) if !known.is_filled() && value.is_filled() => *known = value,
            (Some(_), _) => {}
            (None, value) => {
                known.insert(key, value);
            }
        }
    }
}
