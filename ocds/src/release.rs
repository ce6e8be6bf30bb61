//! What a JSON value is, judged by its content, and the few members of a release that everything else asks for.
//!
//! Files are rarely labelled, so the members decide. This is recognition, not validation: a release with a wrong type
//! deep inside is still a release. But an `ocid` alone makes nothing OCDS: portals have such columns, too.

use crate::json::{Object, Value};

/// What an OCDS file can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One publication about a process.
    Release,
    /// A release whose `tag` contains `compiled`: merged from others, by the publisher or someone else.
    CompiledRelease,
    /// Everything about one process: its releases, embedded or linked, its compiled or its versioned release.
    Record,
    /// Where a release can be found: `url` with at most `date` and `tag`.
    LinkedRelease,
    /// The history of a process: each value a list of `{releaseID, releaseDate, releaseTag, value}`.
    VersionedRelease,
    /// An envelope with a `releases` array.
    ReleasePackage,
    /// An envelope with a `records` array.
    RecordPackage,
    /// Not OCDS, or too little of it to tell.
    Unknown,
}

/// Tells what a value is.
#[must_use]
pub fn kind(value: &Value) -> Kind {
    let Some(object) = value.as_object() else {
        return Kind::Unknown;
    };
    let is_array = |key: &str| matches!(object.get(key), Some(Value::Array(_)));
    let is_object = |key: &str| matches!(object.get(key), Some(Value::Object(_)));
    if !object.contains_key("ocid") {
        return match object {
            _ if is_array("records") => Kind::RecordPackage,
            _ if is_object("compiledRelease") || is_object("versionedRelease") => Kind::Record,
            _ if is_array("releases") => Kind::ReleasePackage,
            _ if is_link(object) => Kind::LinkedRelease,
            _ => Kind::Unknown,
        };
    }
    if ocid(value).is_none() {
        Kind::Unknown
    } else if is_array("releases") || is_object("compiledRelease") || is_object("versionedRelease") {
        Kind::Record
    } else if tags(value).contains(&"compiled") {
        Kind::CompiledRelease
    } else if is_versioned(object) {
        Kind::VersionedRelease
    } else if object.iter().any(|(key, member)| belongs_to_a_release(key, member)) {
        Kind::Release
    } else {
        Kind::Unknown
    }
}

/// The process a release or record is about; `None` if there is no `ocid`, or it is blank or not a string.
#[must_use]
pub fn ocid<'v>(value: &'v Value) -> Option<&'v str> {
    value.get("ocid")?.as_str().filter(|ocid| !ocid.trim().is_empty())
}

/// The `id` of a release, unique within its ocid; of a number its text.
#[must_use]
pub fn release_id<'v>(value: &'v Value) -> Option<&'v str> {
    value.get("id")?.as_identifier()
}

/// The `date` of a release as published.
#[must_use]
pub fn date_text<'v>(value: &'v Value) -> Option<&'v str> {
    value.get("date")?.as_str()
}

/// The tags of a release; some publishers write a single string where the standard asks for an array.
#[must_use]
pub fn tags<'v>(value: &'v Value) -> Vec<&'v str> {
    match value.get("tag") {
        Some(Value::String(tag)) => vec![tag],
        Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_link(object: &Object) -> bool {
    let known = object
        .iter()
        .all(|(key, _)| matches!(key.as_ref(), "url" | "date" | "tag"));
    known && object.get("url").is_some_and(|url| url.as_str().is_some())
}

/// Whether a member has a name of the release schema, or of the extension for bids, and a value that can stand there.
///
/// The type matters: a portal's row with a running number in `id` and `null` in `awards` is no release. One published
/// form deviates: Armenia's `planning` is an array.
fn belongs_to_a_release(key: &str, value: &Value) -> bool {
    match key {
        "id" | "date" | "initiationType" => value.as_str().is_some(),
        "tag" => matches!(value, Value::String(_) | Value::Array(_)),
        "buyer" | "tender" | "bids" => value.is_object(),
        "planning" => matches!(value, Value::Object(_) | Value::Array(_)),
        "parties" | "awards" | "contracts" => value.as_array().is_some(),
        _ => false,
    }
}

/// Whether the values are lists of versioned values.
///
/// A look at the members of the release and of the objects in it is enough, and only if the release has no date of its
/// own: a versioned release never does.
fn is_versioned(object: &Object) -> bool {
    if object.get("date").is_some_and(|date| date.as_str().is_some()) {
        return false;
    }
    object.iter().any(|(_, member)| match member {
        Value::Object(inner) => inner.iter().any(|(_, member)| is_history(member)),
        _ => is_history(member),
    })
}

fn is_history(value: &Value) -> bool {
    let entries = value.as_array().unwrap_or_default();
    !entries.is_empty()
        && entries.iter().all(|entry| {
            ["releaseDate", "releaseTag", "value"]
                .iter()
                .all(|key| entry.get(key).is_some())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(expected: Kind, text: &str) {
        let value = Value::parse(text).expect("the text of the test is JSON");
        assert_eq!(kind(&value), expected, "{text}");
    }

    #[test]
    fn releases_are_known_by_their_members() {
        is(Kind::Release, r#"{"ocid":"ocds-1","id":"1"}"#);
        is(Kind::Release, r#"{"ocid":"1","planning":[{}]}"#);
        is(Kind::Release, r#"{"ocid":"ocds-1","id":1,"tag":"contract"}"#);
        is(
            Kind::CompiledRelease,
            r#"{"ocid":"ocds-1","id":"1","tag":["award","compiled"]}"#,
        );
        is(Kind::CompiledRelease, r#"{"ocid":"ocds-1","tag":"compiled"}"#);
        is(
            Kind::LinkedRelease,
            r#"{"url":"https://example.org/1","date":"2020-01-01","tag":["award"]}"#,
        );
    }

    #[test]
    fn a_row_of_a_portal_is_no_release() {
        is(
            Kind::Unknown,
            r#"{"id":132162,"tender_No":"SCMU8","ocid":null,"awards":null,"status":"Published"}"#,
        );
        is(
            Kind::Unknown,
            r#"{"id":132162,"tender_No":"SCMU8","ocid":"ocds-1","awards":null,"status":"Published"}"#,
        );
        is(
            Kind::Unknown,
            r#"{"draw":1,"recordsTotal":1,"data":[{"ocid":"ocds-1"}]}"#,
        );
    }

    #[test]
    fn an_ocid_that_is_none_makes_no_release() {
        is(Kind::Unknown, r#"{"ocid":" ","id":"1","tag":["award"]}"#);
        is(Kind::Unknown, r#"{"ocid":7,"id":"1","tag":["award"]}"#);
        is(Kind::Unknown, r#"{"id":"1","tag":["award"]}"#);
        is(Kind::Unknown, "[]");
    }

    #[test]
    fn envelopes_and_records_are_told_apart_by_the_ocid() {
        is(Kind::ReleasePackage, r#"{"uri":"x","releases":[]}"#);
        is(Kind::RecordPackage, r#"{"uri":"x","packages":[],"records":[]}"#);
        is(Kind::Record, r#"{"ocid":"ocds-1","releases":[]}"#);
        is(Kind::Record, r#"{"ocid":"ocds-1","compiledRelease":{}}"#);
        is(Kind::Record, r#"{"releases":[],"compiledRelease":{}}"#);
        is(Kind::Unknown, r#"{"releases":"none"}"#);
    }

    #[test]
    fn versioned_releases_are_known_by_their_values() {
        let entry = r#"{"releaseID":"1","releaseDate":"2020-01-01","releaseTag":["tender"],"value":"open"}"#;
        is(
            Kind::VersionedRelease,
            &format!(r#"{{"ocid":"ocds-1","initiationType":[{entry}]}}"#),
        );
        is(
            Kind::VersionedRelease,
            &format!(r#"{{"ocid":"ocds-1","tender":{{"status":[{entry}]}}}}"#),
        );
        is(
            Kind::Release,
            r#"{"ocid":"ocds-1","awards":[{"id":"1","value":{"amount":1}}]}"#,
        );
    }

    #[test]
    fn accessors_read_the_forms_publishers_use() {
        let release = Value::parse(r#"{"ocid":"ocds-1","id":7,"date":"2020-01-01","tag":"award"}"#).expect("JSON");
        assert_eq!(ocid(&release), Some("ocds-1"));
        assert_eq!(release_id(&release), Some("7"));
        assert_eq!(date_text(&release), Some("2020-01-01"));
        assert_eq!(tags(&release), ["award"]);
    }
}
