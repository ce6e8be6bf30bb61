//! What can be wrong with releases: errors keep a release out, warnings do not.

/// A release that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRelease {
    /// Its place in the list that was given, from 0.
    pub index: usize,
    /// Why.
    pub error: MergeError,
}

/// Why a release cannot be merged. Paths are written `tender/items/unit`, without array indexes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Not a JSON object.
    #[error("a release is an object, this is {found}")]
    NotAnObject {
        /// Its JSON type with an article.
        found: &'static str,
    },
    /// No `ocid`, or one that is blank or not a string.
    #[error("the release has no `ocid`")]
    MissingOcid,
    /// Another `ocid` than that of the releases before it.
    #[error("the release is about {found}, the ones before it about {expected}: merge each process on its own")]
    DifferentOcid {
        /// The `ocid` of the releases before it.
        expected: String,
        /// Its own.
        found: String,
    },
    /// No `date`, or `null`.
    #[error("the release has no `date`, so its place among the others is unknown")]
    MissingDate,
    /// A `date` that cannot be read, or is not a string.
    #[error("the `date` of the release cannot be read: {date}")]
    InvalidDate {
        /// The value as JSON.
        date: String,
    },
    /// A field that holds one thing in an earlier release and another here.
    #[error("`{path}` is {earlier} in an earlier release and {later} in this one")]
    TypeConflict {
        /// The field.
        path: String,
        /// What the field holds after the releases before.
        earlier: Shape,
        /// What it is in this one.
        later: Shape,
    },
    /// An object of an array has an `id` that cannot identify it.
    #[error("an object in `{path}` has {found} for its `id`: use a string or a number")]
    InvalidItemId {
        /// The array.
        path: String,
        /// The JSON type of the `id` with an article.
        found: &'static str,
    },
}

/// What a value is to the merge routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string, number or boolean.
    Scalar,
    /// An object.
    Object,
    /// An array replaced as one.
    List,
    /// An array of objects matched by `id`.
    Items,
}

impl Shape {
    /// Whether it has parts that are merged one by one.
    pub(super) fn has_parts(self) -> bool {
        matches!(self, Shape::Object | Shape::Items)
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Shape::Scalar => "a single value",
            Shape::Object => "an object",
            Shape::List => "a list of values",
            Shape::Items => "a list of objects",
        })
    }
}

/// Something in a merged release that is nearly always a mistake at the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Two objects of one array have the same `id`; the later one won field by field.
    #[error("`{path}` has two objects with the `id` {id}")]
    DuplicateId {
        /// The place of the release in the list that was given, from 0.
        index: usize,
        /// The array.
        path: String,
        /// The text of the `id`.
        id: String,
    },
    /// Two releases with the same `id` say different things. Both were merged, the one with the later date last.
    #[error("two different releases have the id {id}")]
    SameId {
        /// The place of the later release in the list that was given, from 0.
        index: usize,
        /// The text of the `id`.
        id: String,
    },
    /// Two different releases have the same instant; `id` and text decided which is the later one.
    #[error("two releases have the date {date}")]
    SameDate {
        /// The place of the release taken as the later one in the list that was given, from 0.
        index: usize,
        /// Its date as published.
        date: String,
    },
}
