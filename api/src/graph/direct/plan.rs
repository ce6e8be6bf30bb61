//! Which fields are selected of objects of one type: worked out once, whatever the number of objects.

use async_graphql::Positioned;
use async_graphql::ServerError;
use async_graphql::ServerResult;
use async_graphql::context::ContextBase;
use async_graphql::parser::types::{Field, Selection, SelectionSet};

use super::json;
use super::plain::Plain;

/// The fields selected of one type of object, those of fragments that apply to it included, in the order of the document.
pub struct Plan<'a> {
    /// The fields; one that is selected twice stands here once, with both selections.
    pub fields: Vec<Planned<'a>>,
}

/// A selected field.
pub struct Planned<'a> {
    first: &'a Positioned<Field>,
    more: Vec<&'a Positioned<Field>>,
    merged: Option<Box<Positioned<Field>>>,
    /// The name under which it is answered, as it is written before its value.
    pub key: Vec<u8>,
    /// How it is answered.
    pub kind: FieldKind,
}

/// How a field is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// With the name of the type.
    TypeName,
    /// At once, as the field at this place of [`Plain::FIELDS`].
    Plain(usize),
    /// For all objects together, as the field at this place of [`Plain::OBJECTS`].
    Objects(usize),
    /// By the engine, object by object.
    Other,
}

impl<'a> Plan<'a> {
    /// The fields that this set selects of a `T`.
    ///
    /// # Errors
    /// If a fragment is spread that the document does not have.
    pub fn new<T: Plain, I>(context: &ContextBase<'a, I>, set: &'a SelectionSet) -> ServerResult<Self> {
        let mut plan = Self {
            fields: Vec::with_capacity(set.items.len()),
        };
        plan.collect::<T, I>(context, set)?;
        for field in &mut plan.fields {
            field.merge();
        }
        Ok(plan)
    }

    fn collect<T: Plain, I>(&mut self, context: &ContextBase<'a, I>, set: &'a SelectionSet) -> ServerResult<()> {
        for selection in &set.items {
            let (condition, selected) = match &selection.node {
                Selection::Field(field) => {
                    self.select::<T>(field);
                    continue;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment =
                        context.query_env.fragments.get(name).ok_or_else(|| {
                            ServerError::new(format!("Unknown fragment \"{name}\"."), Some(spread.pos))
                        })?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
                }
            };
            let name = T::type_name();
            let applies = condition.is_none_or(|condition| {
                let wanted = condition.node.on.node.as_str();
                let interfaces = context.schema_env.registry.implements.get(name.as_ref());
                wanted == name || interfaces.is_some_and(|interfaces| interfaces.contains(wanted))
            });
            if applies {
                self.collect::<T, I>(context, &selected.node)?;
            }
        }
        Ok(())
    }

    fn select<T: Plain>(&mut self, field: &'a Positioned<Field>) {
        let key = &field.node.response_key().node;
        let known = self
            .fields
            .iter_mut()
            .find(|other| other.first.node.response_key().node == *key);
        match known {
            Some(known) => known.more.push(field),
            None => self.fields.push(Planned::new::<T>(field)),
        }
    }
}

impl<'a> Planned<'a> {
    fn new<T: Plain>(field: &'a Positioned<Field>) -> Self {
        let name = &field.node.response_key().node;
        let mut key = Vec::with_capacity(name.len() + 3);
        json::write_key(name, &mut key);
        Self {
            first: field,
            more: Vec::new(),
            merged: None,
            key,
            kind: kind::<T>(&field.node.name.node),
        }
    }

    /// Whether an object can tell it at once.
    pub fn is_plain(&self) -> bool {
        matches!(self.kind, FieldKind::TypeName | FieldKind::Plain(_))
    }

    /// The field with all its selections.
    pub fn field(&self) -> &Positioned<Field> {
        self.merged.as_deref().unwrap_or(self.first)
    }

    fn merge(&mut self) {
        if self.more.is_empty() {
            return;
        }
        let mut merged = self.first.clone();
        for field in &self.more {
            let items = field.node.selection_set.node.items.iter().cloned();
            merged.node.selection_set.node.items.extend(items);
        }
        self.merged = Some(Box::new(merged));
    }
}

fn kind<T: Plain>(name: &str) -> FieldKind {
    if name == "__typename" {
        return FieldKind::TypeName;
    }
    let place = |methods: &[&str]| methods.iter().position(|method| is_camel_case_of(name, method));
    match place(T::FIELDS) {
        Some(place) => FieldKind::Plain(place),
        None => place(T::OBJECTS).map_or(FieldKind::Other, FieldKind::Objects),
    }
}

/// Whether a name of the API is that of a method in Rust.
fn is_camel_case_of(name: &str, method: &str) -> bool {
    // Most names are told apart by their first letter.
    if name.as_bytes().first() != method.as_bytes().first() {
        return false;
    }
    let mut letters = name.bytes();
    let mut starts_word = false;
    for letter in method.bytes() {
        if letter == b'_' {
            starts_word = true;
            continue;
        }
        let expected = if starts_word {
            letter.to_ascii_uppercase()
        } else {
            letter
        };
        starts_word = false;
        if letters.next() != Some(expected) {
            return false;
        }
    }
    letters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_api_are_found_among_methods() {
        assert!(is_camel_case_of("publishedAt", "published_at"));
        assert!(is_camel_case_of("id", "id"));
        assert!(!is_camel_case_of("publishedat", "published_at"));
        assert!(!is_camel_case_of("published", "published_at"));
        assert!(!is_camel_case_of("publishedAtAll", "published_at"));
    }
}
