//! The history of a process: which field got which value in which release.

use super::Compiled;
use super::log::Places;
use crate::json::Value;

/// What [`Merger::history`](super::Merger::history) made of the releases of one process.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// What [`compile`](super::Merger::compile) makes of the same releases.
    pub compiled: Compiled<'a>,
    /// The releases that were merged, oldest first.
    pub releases: Vec<MergedRelease<'a>>,
    /// What they changed, in the order of the releases, and within a release in the order of its text.
    ///
    /// A value that is said again is no change. An object or list of objects that is removed is one change for each
    /// field in it that had a value. In a list of objects the `id` of an object counts as one of its fields: it tells
    /// when the object came, and when it went.
    pub changes: Vec<FieldChange<'a>>,
    pub(super) places: Places,
}

/// A release that was merged, as far as its history needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedRelease<'a> {
    /// Its place in the list that was given, from 0.
    pub index: usize,
    /// Its `id` as published; `null` if it has none.
    pub id: Value<'a>,
    /// Its `date` as published.
    pub date: Value<'a>,
    /// Its `tag` as published; `null` if it has none.
    pub tag: Value<'a>,
}

/// A field got another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange<'a> {
    /// The field, such as `awards/value/amount`: names without the objects of lists on the way.
    pub path: String,
    /// The `id`s of the objects of lists on the way, outermost first; none for an object that has none.
    pub ids: Vec<Option<String>>,
    /// The value it got, `null` if it was removed. Lists that are replaced as one are one value.
    pub value: Value<'a>,
    /// The change that gave it the value it had before, by its place among the changes; none if it is new.
    pub former: Option<usize>,
    /// The release that did it, by its place among the [`releases`](History::releases).
    pub release: usize,
}
