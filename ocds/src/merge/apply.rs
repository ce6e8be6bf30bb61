//! The merge itself: values move from a release that was checked into the process.

use super::MergeError;
use super::lookup::Lookup;
use super::step::{Path, Step, item_id, step};
use crate::json::{Object, Value};
use crate::rules::{Fields, Rule};

/// A walk over a release that moves its values.
#[derive(Clone, Copy)]
pub(super) struct Apply {
    /// Whether an array of the release names an `id` twice. Only then can something still be wrong with it.
    pub(super) ids_repeat: bool,
}

/// What is left of a value that meets no earlier one.
enum Fresh {
    /// The value.
    Value,
    /// Nothing, because the release removes it.
    Removed,
    /// Nothing, because there was nothing in it.
    Nothing,
}

impl Apply {
    /// Merges an object of the release into the same object of the process.
    pub(super) fn object<'a>(
        self,
        process: &mut Object<'a>,
        later: Object<'a>,
        fields: Fields,
        path: Path,
    ) -> Result<(), MergeError> {
        if process.is_empty() {
            *process = later;
            return self.fresh_object(process, fields, path).map(drop);
        }
        let members = process.members_mut();
        let mut lookup = Lookup::new(members, later.len());
        let mut removed = false;
        for (key, mut value) in later {
            let (rule, inner) = fields.field(&key);
            let here = path.field(&key);
            let Some(place) = lookup.find(members, &key) else {
                if let Fresh::Value = self.fresh(&mut value, rule, inner, here)? {
                    members.push((key, value));
                }
                continue;
            };
            let before = &mut members[place].1;
            match (
                step(rule, Some(before), &value).map_err(|shapes| here.conflict(shapes))?,
                before,
                value,
            ) {
                (Step::Skip, ..) => {}
                (Step::Remove, before, _) => {
                    *before = Value::Null;
                    removed = true;
                }
                (Step::Object, Value::Object(before), Value::Object(value)) => {
                    self.object(before, value, inner, here)?;
                }
                (Step::Items, Value::Array(before), Value::Array(value)) => {
                    self.items(before, value, inner, here)?;
                }
                (_, before, value) => *before = value,
            }
        }
        if removed {
            members.retain(|(_, value)| !value.is_null());
        }
        Ok(())
    }

    fn items<'a>(
        self,
        process: &mut Vec<Value<'a>>,
        later: Vec<Value<'a>>,
        fields: Fields,
        path: Path,
    ) -> Result<(), MergeError> {
        let mut lookup = Lookup::new(process, later.len());
        for item in later {
            let Value::Object(mut item) = item else {
                continue;
            };
            let id = item_id(&item, path)?.cloned();
            let place = id.as_ref().and_then(|id| lookup.find(process, id));
            if let Some(Value::Object(before)) = place.map(|place| &mut process[place]) {
                // The first form of the `id` is kept.
                item.remove("id");
                self.object(before, item, fields, path)?;
            } else if self.fresh_item(&mut item, fields, path)? {
                if let Some(id) = id {
                    lookup.add(id, process.len());
                }
                process.push(Value::Object(item));
            }
        }
        Ok(())
    }

    fn fresh(self, value: &mut Value, rule: Option<Rule>, fields: Fields, path: Path) -> Result<Fresh, MergeError> {
        let something = match (step(rule, None, value).map_err(|shapes| path.conflict(shapes))?, value) {
            (Step::Skip, _) => false,
            (Step::Remove, _) => return Ok(Fresh::Removed),
            (Step::Object, Value::Object(object)) => self.fresh_object(object, fields, path)?,
            (Step::Items, Value::Array(items)) => self.fresh_items(items, fields, path)?,
            _ => true,
        };
        Ok(if something { Fresh::Value } else { Fresh::Nothing })
    }

    /// Takes out of an object what does not belong into a compiled release; `false` if there was nothing in it at all.
    fn fresh_object(self, object: &mut Object, fields: Fields, path: Path) -> Result<bool, MergeError> {
        let mut something = false;
        let mut outcome = Ok(());
        object.members_mut().retain_mut(|(key, value)| {
            let (rule, inner) = fields.field(key);
            let fresh = if outcome.is_ok() {
                self.fresh(value, rule, inner, path.field(key))
            } else {
                Ok(Fresh::Nothing)
            };
            match fresh {
                Ok(fresh) => {
                    something |= !matches!(fresh, Fresh::Nothing);
                    matches!(fresh, Fresh::Value)
                }
                Err(error) => {
                    outcome = Err(error);
                    false
                }
            }
        });
        outcome.map(|()| something)
    }

    fn fresh_items(self, items: &mut Vec<Value>, fields: Fields, path: Path) -> Result<bool, MergeError> {
        if self.ids_repeat {
            let later = std::mem::take(items);
            self.items(items, later, fields, path)?;
        } else {
            let mut outcome = Ok(());
            items.retain_mut(|item| match item {
                Value::Object(item) if outcome.is_ok() => self.fresh_item(item, fields, path).unwrap_or_else(|error| {
                    outcome = Err(error);
                    false
                }),
                _ => false,
            });
            outcome?;
        }
        Ok(!items.is_empty())
    }

    fn fresh_item(self, item: &mut Object, fields: Fields, path: Path) -> Result<bool, MergeError> {
        if item.get("id").is_some_and(Value::is_null) {
            item.remove("id");
        }
        self.fresh_object(item, fields, path)
    }
}
