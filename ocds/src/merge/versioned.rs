//! The history of a process in the form of the standard: a versioned release.

use std::borrow::Cow;

use super::history::{FieldChange, History};
use super::log::{Form, Place, Places};
use super::path::Part;
use crate::json::{Object, Value};

impl<'a> History<'a> {
    /// The versioned release: the `ocid`, and each field with all its values, oldest first, as
    /// `{releaseID, releaseDate, releaseTag, value}`. It is `null` if none of the releases could be merged.
    ///
    /// The `id` of an object in a list identifies it, and stands as it is. Where a field held a value at one time and
    /// members at another, which only a removal between the two allows, the form has room for what it held last; the
    /// [`changes`](History::changes) have both.
    #[must_use]
    pub fn versioned(&self) -> Value<'a> {
        let Some(ocid) = self.compiled.release.get("ocid") else {
            return Value::Null;
        };
        let tree = Tree {
            history: self,
            places: &self.places,
        };
        let mut release = Object::new();
        release.insert("ocid", ocid.clone());
        for (key, value) in tree.members(self.places.release()) {
            release.insert(key, value);
        }
        Value::Object(release)
    }
}

struct Tree<'h, 'a> {
    history: &'h History<'a>,
    places: &'h Places,
}

impl<'a> Tree<'_, 'a> {
    fn value(&self, place: &Place) -> Value<'a> {
        match place.form {
            Form::Nothing | Form::Value => self.values(place),
            Form::Object => Value::Object(self.members(place)),
            Form::Items => {
                let items = self
                    .places
                    .parts(place)
                    .filter(|part| !matches!(part.part, Part::Field(_)));
                Value::Array(items.map(|item| Value::Object(self.item(item))).collect())
            }
        }
    }

    fn members(&self, place: &Place) -> Object<'a> {
        let parts = self.places.parts(place);
        let members = parts.filter_map(|part| match &part.part {
            Part::Field(name) => Some((Cow::Owned(name.to_string()), self.value(part))),
            Part::Id(_) | Part::Nth(_) => None,
        });
        members.collect()
    }

    /// An object of a list, with the first form of its `id`.
    fn item(&self, place: &Place) -> Object<'a> {
        let mut item = self.members(place);
        let ids = self.places.parts(place).filter(|part| is_id(part));
        let mut ids = ids.flat_map(|id| id.changes.iter().map(|&change| &self.history.changes[change].value));
        if let (Some(id), Some(member)) = (ids.find(|id| id.as_identifier().is_some()), item.get_mut("id")) {
            *member = id.clone();
        }
        item
    }

    fn values(&self, place: &Place) -> Value<'a> {
        let changes = place.changes.iter().map(|&change| &self.history.changes[change]);
        Value::Array(changes.map(|change| self.versioned_value(change)).collect())
    }

    fn versioned_value(&self, change: &FieldChange<'a>) -> Value<'a> {
        let release = &self.history.releases[change.release];
        let members = [
            ("releaseID", release.id.clone()),
            ("releaseDate", release.date.clone()),
            ("releaseTag", release.tag.clone()),
            ("value", change.value.clone()),
        ];
        let members = members.into_iter().map(|(key, value)| (Cow::Borrowed(key), value));
        Value::Object(members.collect())
    }
}

fn is_id(place: &Place) -> bool {
    matches!(&place.part, Part::Field(name) if &**name == "id")
}
