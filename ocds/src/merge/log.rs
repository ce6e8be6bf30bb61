//! What merging did to each field, in order, and by field.

use std::collections::HashMap;

use super::history::{FieldChange, History, MergedRelease};
use super::path::{Part, Path};
use super::problem::{MergeError, Shape};
use super::record::Record;
use super::step;
use super::{Compiled, Dialect};
use crate::json::Value;

/// The log of a merge.
#[derive(Clone, Debug)]
pub(super) struct Log<'a> {
    dialect: Dialect,
    pub(super) releases: Vec<MergedRelease<'a>>,
    pub(super) changes: Vec<FieldChange<'a>>,
    pub(super) places: Places,
    objection: Option<MergeError>,
    /// Whether a release named a field twice.
    has_second_thoughts: bool,
}

/// Every place of the process that ever held something, as a tree: the release itself comes first.
#[derive(Clone, Debug)]
pub(super) struct Places(Vec<Place>);

/// A field, or an object of a list.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The last step on the way to it.
    pub(super) part: Part<Box<str>>,
    /// What it holds, or held before it was removed.
    pub(super) form: Form,
    /// The changes of its value as a whole, by their places in the log.
    pub(super) changes: Vec<usize>,
    /// What is below it, in order of first appearance.
    pub(super) below: Vec<usize>,
    known: HashMap<Part<Box<str>>, usize>,
    /// How many objects of this list were there before it was emptied for the last time.
    emptied: usize,
}

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing yet.
    Nothing,
    /// A value without parts.
    Value,
    /// Members.
    Object,
    /// Objects, one by one.
    Items,
}

const RELEASE: usize = 0;

impl<'a> Log<'a> {
    pub(super) fn new(dialect: Dialect) -> Log<'a> {
        Log {
            dialect,
            releases: Vec::new(),
            changes: Vec::new(),
            places: Places(vec![Place::new(Part::Field("".into()))]),
            objection: None,
            has_second_thoughts: false,
        }
    }

    pub(super) fn into_history(mut self, compiled: Compiled<'a>) -> History<'a> {
        if self.has_second_thoughts {
            self.drop_idle_changes();
        }
        History {
            compiled,
            releases: self.releases,
            changes: self.changes,
            places: self.places,
        }
    }

    /// Notes that a place holds a form; one that held a value once cannot hold parts in the history of the reference.
    fn hold(&mut self, place: usize, form: Form, path: &Path) {
        let place = &mut self.places.0[place];
        if self.dialect == Dialect::Reference && place.form == Form::Value && form != Form::Value {
            let later = if form == Form::Object {
                Shape::Object
            } else {
                Shape::Items
            };
            self.objection
                .get_or_insert_with(|| step::conflict(path, (Shape::Scalar, later)));
        }
        place.form = form;
    }

    /// Drops the changes that give a field the value it had.
    fn drop_idle_changes(&mut self) {
        let value = |change: usize| &self.changes[change].value;
        let idle = |change: &FieldChange| {
            change
                .former
                .is_some_and(|former| value(former).is_equivalent_to(&change.value))
        };
        // Where each change goes; an idle one stands for the one before it.
        let mut moved: Vec<usize> = Vec::with_capacity(self.changes.len());
        let mut kept = 0;
        let is_idle: Vec<bool> = self.changes.iter().map(idle).collect();
        for (change, &is_idle) in self.changes.iter().zip(&is_idle) {
            match change.former {
                Some(former) if is_idle => moved.push(moved[former]),
                _ => {
                    moved.push(kept);
                    kept += 1;
                }
            }
        }
        let mut is_idle = is_idle.into_iter();
        self.changes.retain(|_| !is_idle.next().unwrap_or_default());
        for change in &mut self.changes {
            change.former = change.former.map(|former| moved[former]);
        }
        for place in &mut self.places.0 {
            for change in &mut place.changes {
                *change = moved[*change];
            }
            place.changes.dedup();
        }
    }

    /// The place at this path, on which something is about to be noted.
    fn place(&mut self, path: &Path) -> usize {
        let Some((above, part)) = path.split() else {
            return RELEASE;
        };
        let parent = self.place(above);
        let form = match part {
            Part::Field(_) => Form::Object,
            Part::Id(_) | Part::Nth(_) => Form::Items,
        };
        self.hold(parent, form, above);
        self.places.below(parent, part)
    }
}

impl<'a> Record<'a> for Log<'a> {
    const LISTENS: bool = true;

    fn release(&mut self, release: MergedRelease<'a>) {
        self.releases.push(release);
    }

    fn value(&mut self, path: &Path, value: &Value<'a>) {
        let place = self.place(path);
        let former = self.places.0[place].changes.last().copied();
        if value.is_null() && matches!(self.places.0[place].form, Form::Object | Form::Items) {
            // Its parts were removed one by one.
            return;
        }
        self.hold(place, Form::Value, path);
        let release = self.releases.len().saturating_sub(1);
        if let Some(change) = former.map(|former| &mut self.changes[former])
            && change.release == release
        {
            // A release says one thing about a field: what it says last.
            change.value = value.clone();
            self.has_second_thoughts = true;
            return;
        }
        if former.is_some_and(|former| self.changes[former].value.is_equivalent_to(value)) {
            return;
        }
        self.places.0[place].changes.push(self.changes.len());
        self.changes.push(FieldChange {
            path: path.to_string(),
            ids: path.ids(),
            value: value.clone(),
            former,
            release,
        });
    }

    fn emptied(&mut self, path: &Path, count: usize) {
        let place = self.place(path);
        self.places.0[place].emptied += count;
    }

    fn objection(&mut self) -> Option<MergeError> {
        self.objection.take()
    }
}

impl Places {
    /// The release itself.
    pub(super) fn release(&self) -> &Place {
        &self.0[RELEASE]
    }

    /// The places below one, in order of first appearance.
    pub(super) fn parts<'p>(&'p self, place: &'p Place) -> impl Iterator<Item = &'p Place> {
        place.below.iter().map(|&place| &self.0[place])
    }

    fn below(&mut self, parent: usize, part: Part<&str>) -> usize {
        let next = self.0.len();
        let parent = &mut self.0[parent];
        let part = match part {
            Part::Field(name) => Part::Field(name.into()),
            Part::Id(id) => Part::Id(id.into()),
            Part::Nth(position) => Part::Nth(parent.emptied + position),
        };
        let place = *parent.known.entry(part.clone()).or_insert(next);
        if place == next {
            parent.below.push(next);
            self.0.push(Place::new(part));
        }
        place
    }
}

impl Place {
    fn new(part: Part<Box<str>>) -> Place {
        Place {
            part,
            form: Form::Nothing,
            changes: Vec::new(),
            below: Vec::new(),
            known: HashMap::new(),
            emptied: 0,
        }
    }
}
