//! OCDS as it is published: releases, compiled releases, and records with either inside.
//!
//! Of a record every embedded release and the compiled release is read. Links to releases cannot be followed here: they
//! are rejected if the record has nothing else to offer, and otherwise only counted, since the compiled release covers
//! them. Likewise a versioned release is rejected only where it stands alone.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use entities::value::code::ReleaseKind;
use entities::{key, package};
use ocds::Value;
use ocds::json::ParseError;
use ocds::release::{self, Kind};
use ocds::split::PieceKind;
use sea_orm::prelude::Uuid;

use crate::batch::Incoming;
use crate::published::{Published, Tally, without_nul};
use crate::reject::{self, Code};
use crate::spool::Piece;

/// How deep the outline of a release goes: to its members and their own, such as the elements of `tag`.
const RELEASE_WITH_TAGS: usize = 2;

/// What a piece of input held.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Releases, in the order of the text, each with its own.
    pub releases: Vec<(Incoming, String)>,
    /// What was refused.
    pub refused: Vec<Refused>,
    /// Links to releases that are covered by the rest of their record.
    pub linked: u64,
}

/// A part of a piece that was refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Why.
    pub code: Code,
    /// What exactly is wrong, if the code does not say it all.
    pub detail: Option<String>,
    /// Where it is in the piece, such as `releases/0`; empty for the whole piece.
    pub path: String,
    /// The process it is about, if known.
    pub ocid: Option<String>,
    /// As much of its text as a reject carries.
    pub raw: String,
}

/// Reads one piece of input: the text of a release or a record, and the package it came in.
///
/// `listed` says where it was found: what stands in the `releases` of a package is meant to be a release, and what stands
/// in its `records` a record.
pub(crate) fn read(source: Uuid, package: Option<&Arc<package::Model>>, text: &str, listed: PieceKind) -> Found {
    let mut reader = Reader {
        source,
        package,
        found: Found::default(),
    };
    let text = text.trim();
    let value = match parsed(text, listed) {
        Ok(value) => value,
        Err(error) => {
            reader.refuse(Code::InvalidJson, "", None, text, Some(error.to_string()));
            return reader.found;
        }
    };
    match ocds::kind(&value) {
        Kind::Release => reader.release(&value, ReleaseKind::Individual, "", text),
        Kind::CompiledRelease => reader.release(&value, ReleaseKind::Compiled, "", text),
        Kind::Record => reader.record(&value),
        // A record without `ocid` looks like a package.
        Kind::ReleasePackage if listed == PieceKind::Record => reader.record(&value),
        Kind::LinkedRelease => reader.refuse(Code::LinkedRelease, "", None, text, None),
        Kind::VersionedRelease => reader.refuse(Code::VersionedRelease, "", release::ocid(&value), text, None),
        Kind::Unknown if release::ocid(&value).is_none() && is_meant_as_release(&value, listed) => {
            reader.refuse(Code::MissingOcid, "", None, text, None);
        }
        _ => reader.refuse(Code::NotOcds, "", release::ocid(&value), text, None),
    }
    reader.found
}

/// As much of a piece as it takes to understand it: of a release, which is compiled from its text later on, the outline.
fn parsed(text: &str, listed: PieceKind) -> Result<Value<'_>, ParseError> {
    if listed != PieceKind::Record {
        let outline = Value::parse_outline(text, RELEASE_WITH_TAGS)?;
        // One without a date is looked at more closely: it may be the history of a process.
        let has_date = release::date_text(&outline).is_some();
        if has_date && matches!(ocds::kind(&outline), Kind::Release | Kind::CompiledRelease) {
            return Ok(outline);
        }
    }
    Value::parse(text)
}

struct Reader<'p> {
    source: Uuid,
    package: Option<&'p Arc<package::Model>>,
    found: Found,
}

impl Reader<'_> {
    fn record(&mut self, record: &Value) {
        let compiled = record.get("compiledRelease").filter(|value| value.is_object());
        let releases = record.get("releases").and_then(Value::as_array).unwrap_or_default();
        let (links, embedded): (Vec<_>, Vec<_>) = releases
            .iter()
            .enumerate()
            .partition(|(_, value)| ocds::kind(value) == Kind::LinkedRelease);

        for &(index, value) in &embedded {
            let kind = match ocds::kind(value) {
                Kind::CompiledRelease => ReleaseKind::Compiled,
                _ => ReleaseKind::Individual,
            };
            self.release(value, kind, &format!("releases/{index}"), &value.to_json());
        }
        if let Some(value) = compiled {
            self.release(value, ReleaseKind::Compiled, "compiledRelease", &value.to_json());
        }
        if compiled.is_some() || !embedded.is_empty() {
            self.found.linked += links.len() as u64;
            return;
        }
        let ocid = release::ocid(record);
        for (index, link) in links {
            self.refuse(
                Code::LinkedRelease,
                &format!("releases/{index}"),
                ocid,
                &link.to_json(),
                None,
            );
        }
        if let Some(versioned) = record.get("versionedRelease").filter(|value| value.is_object()) {
            self.refuse(
                Code::VersionedRelease,
                "versionedRelease",
                ocid,
                &versioned.to_json(),
                None,
            );
        }
    }

    fn release(&mut self, value: &Value, kind: ReleaseKind, path: &str, text: &str) {
        let ocid = release::ocid(value);
        let date = ocid.ok_or((Code::MissingOcid, None)).and_then(|_| instant(value));
        let (ocid, date) = match (ocid, date) {
            (Some(ocid), Ok(date)) => (ocid, date),
            (_, Err((code, detail))) => {
                self.refuse(code, path, ocid, text, detail);
                return;
            }
            (None, Ok(_)) => {
                self.refuse(Code::MissingOcid, path, None, text, None);
                return;
            }
        };
        let release_id = without_nul(release::release_id(value).unwrap_or_default().trim());
        let tender = key::tender(ocid);
        let release = Incoming {
            key: key::release(self.source, tender, &release_id, text.as_bytes()),
            tender,
            ocid: ocid.to_owned(),
            release_id,
            date,
            tags: without_nul(&release::tags(value).join(",")),
            kind,
            package: self.package.cloned(),
            text: Piece::EMPTY,
        };
        self.found.releases.push((release, text.to_owned()));
    }

    fn refuse(&mut self, code: Code, path: &str, ocid: Option<&str>, raw: &str, detail: Option<String>) {
        self.found.refused.push(Refused {
            code,
            detail,
            path: path.to_owned(),
            ocid: ocid.map(str::to_owned),
            raw: reject::raw(raw),
        });
    }
}

/// The instant of a release's `date`.
fn instant(release: &Value) -> Result<DateTime<Utc>, (Code, Option<String>)> {
    let date = match release.get("date") {
        None | Some(Value::Null) => return Err((Code::MissingDate, None)),
        Some(Value::String(date)) if date.trim().is_empty() => {
            return Err((Code::MissingDate, None));
        }
        Some(date) => date,
    };
    // No finer than PostgreSQL keeps it: a release that is read again is as old as when it came in.
    date.as_str()
        .and_then(ocds::date::parse_instant)
        .map(|instant| instant.trunc_subsecs(6))
        .ok_or_else(|| (Code::InvalidDate, Some(format!("it is {}", date.to_json()))))
}

/// Whether a value without `ocid` has what else only a release has.
fn is_meant_as_release(value: &Value, listed: PieceKind) -> bool {
    let is_array = |key: &str| value.get(key).is_some_and(|member| member.as_array().is_some());
    let is_object = |key: &str| value.get(key).is_some_and(Value::is_object);
    listed == PieceKind::Release
        || is_array("tag")
        || is_object("tender")
        || is_array("parties")
        || is_array("awards")
        || is_array("contracts")
}

/// The row of a package, from what it says about itself.
pub(crate) fn package(source: Uuid, metadata: &str) -> package::Model {
    let tally = Tally::default();
    let value = Value::parse(metadata).unwrap_or(Value::Null);
    let said = Published::new(&value, &tally);
    package::Model {
        id: key::package(source, metadata),
        source_id: source,
        uri: said.text("uri"),
        published_at: said.instant("publishedDate"),
        publisher: said.get("publisher").text("name"),
        license: said.text("license"),
        metadata: metadata.to_owned(),
    }
}
