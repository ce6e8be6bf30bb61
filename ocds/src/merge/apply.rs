//! The merge itself: values move from a release that was checked into the process.

use super::Dialect;
use super::lookup::Lookup;
use super::path::Path;
use super::problem::MergeError;
use super::record::{Record, removed};
use super::step::{Matching, Step, conflict, part, step};
use crate::json::{Object, Value};
use crate::rules::{Fields, Rule};

/// A walk over a release that moves its values.
pub(super) struct Apply<'r, R> {
    pub(super) dialect: Dialect,
    /// Whether an array of the release names an `id` twice. Only then can something still be wrong with it.
    pub(super) ids_repeat: bool,
    /// Who is told of what happens.
    pub(super) record: &'r mut R,
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

impl<R> Apply<'_, R> {
    /// Merges an object of the release into the same object of the process.
    pub(super) fn object<'a>(
        &mut self,
        process: &mut Object<'a>,
        later: Object<'a>,
        fields: Fields,
        path: &Path,
    ) -> Result<(), MergeError>
    where
        R: Record<'a>,
    {
        if process.is_empty() {
            *process = later;
            return self.fresh_object(process, fields, path).map(drop);
        }
        let members = process.members_mut();
        let mut lookup = Lookup::new(members, later.len());
        let mut some_removed = false;
        for (key, mut value) in later {
            let (rule, inner) = fields.field(&key);
            let Some(place) = lookup.find(members, &key) else {
                if let Fresh::Value = self.fresh(&mut value, rule, inner, &path.field(&key))? {
                    members.push((key, value));
                }
                continue;
            };
            let here = path.field(&key);
            let before = &mut members[place].1;
            let step = step(self.dialect, rule, Some(before), &value).map_err(|shapes| conflict(&here, shapes))?;
            match (step, before, value) {
                (Step::Skip, ..) => {}
                (Step::Remove, before, _) => {
                    removed(self.record, before, rule, inner, &here);
                    *before = Value::Null;
                    some_removed = true;
                }
                (Step::Object, Value::Object(before), Value::Object(value)) => {
                    self.object(before, value, inner, &here)?;
                }
                (Step::Items, Value::Array(before), Value::Array(value)) => {
                    self.items(before, value, rule, inner, &here)?;
                }
                (_, before, value) => {
                    if R::LISTENS && *before != value {
                        self.record.value(&here, &value);
                    }
                    *before = value;
                }
            }
        }
        if some_removed {
            members.retain(|(_, value)| !value.is_null());
        }
        Ok(())
    }

    fn items<'a>(
        &mut self,
        process: &mut Vec<Value<'a>>,
        later: Vec<Value<'a>>,
        rule: Option<Rule>,
        fields: Fields,
        path: &Path,
    ) -> Result<(), MergeError>
    where
        R: Record<'a>,
    {
        let matching = Matching::of(rule);
        let mut lookup = Lookup::new(process, later.len());
        for (position, item) in later.into_iter().enumerate() {
            let Value::Object(mut item) = item else {
                continue;
            };
            let id = matching.id(&item, path)?.cloned();
            let place = match matching {
                Matching::Id => id.as_ref().and_then(|id| lookup.find(process, id)),
                Matching::Position => Some(position),
                Matching::None => None,
            };
            let here = path.below(part(id.as_ref(), place.unwrap_or(process.len())));
            if let Some(Value::Object(before)) = place.and_then(|place| process.get_mut(place)) {
                // The first form of the `id` is kept.
                if before.contains_key("id") {
                    item.remove("id");
                }
                self.object(before, item, fields, &here)?;
            } else if self.fresh_item(&mut item, fields, &here)? || matching == Matching::Position {
                if let Some(id) = id {
                    lookup.add(id, process.len());
                }
                process.push(Value::Object(item));
            }
        }
        Ok(())
    }

    fn fresh<'a>(
        &mut self,
        value: &mut Value<'a>,
        rule: Option<Rule>,
        fields: Fields,
        path: &Path,
    ) -> Result<Fresh, MergeError>
    where
        R: Record<'a>,
    {
        let step = step(self.dialect, rule, None, value).map_err(|shapes| conflict(path, shapes))?;
        let something = match (step, value) {
            (Step::Skip, _) => false,
            (Step::Remove, value) => {
                self.record.value(path, value);
                return Ok(Fresh::Removed);
            }
            (Step::Object, Value::Object(object)) => self.fresh_object(object, fields, path)?,
            (Step::Items, Value::Array(items)) => self.fresh_items(items, rule, fields, path)?,
            (_, value) => {
                self.record.value(path, value);
                true
            }
        };
        Ok(if something { Fresh::Value } else { Fresh::Nothing })
    }

    /// Takes out of an object what does not belong into a compiled release; `false` if there was nothing in it at all.
    fn fresh_object<'a>(&mut self, object: &mut Object<'a>, fields: Fields, path: &Path) -> Result<bool, MergeError>
    where
        R: Record<'a>,
    {
        let mut something = false;
        let mut outcome = Ok(());
        object.members_mut().retain_mut(|(key, value)| {
            let (rule, inner) = fields.field(key);
            let fresh = if outcome.is_ok() {
                self.fresh(value, rule, inner, &path.field(key))
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

    fn fresh_items<'a>(
        &mut self,
        items: &mut Vec<Value<'a>>,
        rule: Option<Rule>,
        fields: Fields,
        path: &Path,
    ) -> Result<bool, MergeError>
    where
        R: Record<'a>,
    {
        if self.ids_repeat {
            let later = std::mem::take(items);
            self.items(items, later, rule, fields, path)?;
            return Ok(!items.is_empty());
        }
        let matching = Matching::of(rule);
        let mut outcome = Ok(());
        let mut kept = 0;
        items.retain_mut(|item| {
            let Value::Object(item) = item else { return false };
            if outcome.is_err() {
                return false;
            }
            // Only those who listen must know the object by its `id`.
            let id = if R::LISTENS {
                matching.id(item, path).ok().flatten().cloned()
            } else {
                None
            };
            let here = path.below(part(id.as_ref(), kept));
            let fresh = self.fresh_item(item, fields, &here).unwrap_or_else(|error| {
                outcome = Err(error);
                false
            });
            let keep = fresh || matching == Matching::Position;
            kept += usize::from(keep);
            keep
        });
        outcome?;
        Ok(!items.is_empty())
    }

    fn fresh_item<'a>(&mut self, item: &mut Object<'a>, fields: Fields, path: &Path) -> Result<bool, MergeError>
    where
        R: Record<'a>,
    {
        if item.get("id").is_some_and(Value::is_null) {
            item.remove("id");
        }
        self.fresh_object(item, fields, path)
    }
}
