//! What fields cost, in tenths of points, beside the entries of their lists.
//!
//! A point is about the work that it takes to find one tender. Things that come in one statement with many others of their
//! kind, such as the lots of all tenders of a page, cost a tenth. What has the database or the index look at much more than
//! it returns has a weight of its own here; everything else goes by the rules below, so that a new field costs something
//! sensible before anyone has thought about it.

use async_graphql::parser::types::FieldDefinition;

use super::Size;

/// Tenths of a point.
pub const TENTHS: u64 = 10;
/// An entry of a list that is searched through.
pub const ENTRY_OF_ITS_OWN: u64 = TENTHS;
/// An entry of a list that belongs to what is around it.
pub const ENTRY_OF_THE_PARENT: u64 = 1;
/// How long lists without pages are taken to be.
pub const LIST_LENGTH: u64 = 5;

/// What a field costs itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// So much.
    Once(u64),
    /// So much for each value in this argument.
    Each(u64, &'static str),
}

/// The weight of a field of the schema. `has_id`: whether its value is a thing with an id.
pub fn of(parent: &str, field: &FieldDefinition, size: Size, has_id: bool) -> Weight {
    let points = |points: u64| Weight::Once(points * TENTHS);
    match (parent, field.name.node.as_str()) {
        // Counting looks at all that matches; completing and following look at more than they return.
        (_, "totalCount") | ("Query", "suggest" | "changes") => points(5),
        ("Hub", name) if name.ends_with("Count") => points(5),
        ("Source" | "Classification", name) if name.ends_with("Count") => points(1),
        // So does grouping, once for each way.
        (_, "facets") => Weight::Each(10 * TENTHS, "dimensions"),
        (_, "awardStatistics" | "tenderStatistics") => Weight::Each(50 * TENTHS, "groupBy"),
        ("Query", "search") => points(20),
        // The texts of each entry are read again.
        (_, "highlights") => Weight::Once(ENTRY_OF_ITS_OWN / 2),
        ("Suggestion", "node") => Weight::Once(ENTRY_OF_THE_PARENT),
        // Whole documents are unpacked, and those of earlier moments merged anew.
        (_, "ocds" | "history") => points(2),
        // The way to an entry costs nothing beside it.
        (parent, "node") if parent.ends_with("Edge") => points(0),
        _ => match size {
            Size::Page { entry, .. } => Weight::Once(entry),
            Size::Argument(_) | Size::About(_) => Weight::Once(ENTRY_OF_THE_PARENT),
            Size::One if has_id => Weight::Once(ENTRY_OF_THE_PARENT),
            Size::One | Size::Entries => Weight::Once(0),
        },
    }
}

/// Whether a list holds the entries of the page that the field around it asks for.
pub fn are_entries(parent: &str, field: &str) -> bool {
    match field {
        "nodes" | "edges" => parent.ends_with("Connection"),
        "buckets" => parent.ends_with("Statistics"),
        "values" => parent == "Facet",
        _ => false,
    }
}

/// The weight of a field that is part of no schema's text: a description of the schema or of one of its types.
pub fn of_introspection(field: &str) -> u64 {
    match field {
        "__schema" => 20 * TENTHS,
        "__type" => 2 * TENTHS,
        _ => 0,
    }
}
