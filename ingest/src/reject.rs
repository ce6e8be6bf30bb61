//! Pieces of input that were refused: what, where, why, and what to do about it.
//!
//! A reject is a value, not a failure: the load goes on behind it. Rejects are appended to a file of JSON Lines, so that
//! they can be mended and loaded again; a load that was killed and is repeated writes them again.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::Error;

/// The most of the raw text that a reject carries, in bytes.
const RAW_LIMIT: usize = 64 * 1024;

/// Declares the codes of rejects: the variants, their stable names, and what to tell.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $message:literal;)+) => {
        /// Why a piece of input was refused. The text of a code is stable: files of rejects are read by programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant),+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as rejects files and summaries show it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What is wrong and what to do about it, for people.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }
    };
}

codes! {
    /// A file that cannot be read to its end, such as a damaged archive.
    Unreadable = "unreadable",
        "the file cannot be read to its end: fetch it again, or check its permissions";
    /// A file that cannot be fetched from the network.
    NotFetched = "not_fetched",
        "the file cannot be fetched: check its address, or download it and give its path";
    /// A file that is something else than JSON.
    NotJson = "not_json",
        "the file is not JSON: its first character is neither `{` nor `[`";
    /// Text that begins like JSON and breaks off or breaks a rule.
    InvalidJson = "invalid_json",
        "this is not valid JSON: mend it at its source, or remove it";
    /// Text in which characters are damaged: neither UTF-8 nor Windows-1252.
    InvalidUtf8 = "invalid_utf8",
        "characters of the text are damaged, it is neither UTF-8 nor Windows-1252: mend it at its source";
    /// A member of an archive that can only be read with a password.
    Encrypted = "encrypted",
        "the member of the archive is encrypted: unpack the archive with its password first";
    /// A member of an archive that is packed in a way that is not read.
    UnsupportedCompression = "unsupported_compression",
        "the member of the archive is packed in a way that is not read here: unpack the archive first";
    /// A member of an archive whose name is absolute or leads out of its folder.
    UnsafePath = "unsafe_path",
        "the name of the archive's member is absolute or has `..` in it: pack the archive anew, without such names";
    /// An archive that grows beyond measure as it is unpacked.
    ArchiveBomb = "archive_bomb",
        "the archive grows beyond measure as it is unpacked: if you trust it, unpack it first";
    /// A piece that is too large to be held in memory.
    TooLarge = "too_large",
        "a single release or record is too large: split it into several releases";
    /// JSON that is no OCDS.
    NotOcds = "not_ocds",
        "this is JSON, but neither a release, a record nor a package of OCDS: convert it first";
    /// A release without `ocid`, so that nobody can tell which process it is about.
    MissingOcid = "missing_ocid",
        "the release has no `ocid`: add the identifier of its contracting process";
    /// A release without `date`, so that its place among the others is unknown.
    MissingDate = "missing_date",
        "the release has no `date`: add the date on which it was published";
    /// A release whose `date` cannot be read.
    InvalidDate = "invalid_date",
        "the `date` of the release cannot be read: write it as 2026-01-31T12:00:00Z";
    /// A link to a release, where nothing but links is given.
    LinkedRelease = "linked_release",
        "the record only links to this release: load the package that its `url` names";
    /// A versioned release, where nothing else is given.
    VersionedRelease = "versioned_release",
        "a versioned release holds histories of fields, which cannot be turned back into releases: load the releases";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A piece of input that was refused, as one line of a rejects file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The file, as its path was given or found; `-` for standard input.
    pub file: String,
    /// Which member of the archive it is in; absent where the file is no archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The line on which the piece begins, from 1; absent where a whole file is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Where it is in its document, such as `records/3/releases/0`; empty for a whole document.
    pub path: String,
    /// The process it is about, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocid: Option<String>,
    /// Why.
    pub code: Code,
    /// What is wrong and what to do about it.
    pub message: String,
    /// The text as published, at most 64 KiB of it.
    pub raw: String,
}

/// Where rejects go.
pub(crate) struct Rejects {
    file: Option<(PathBuf, BufWriter<File>)>,
}

impl Rejects {
    /// Appends to the file at `path`, which is made if it is not there; without a path, rejects are only counted.
    pub fn open(path: Option<&Path>) -> Result<Rejects, Error> {
        let Some(path) = path else {
            return Ok(Rejects { file: None });
        };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|source| Error::Rejects {
            path: path.to_owned(),
            source,
        })?;
        Ok(Rejects {
            file: Some((path.to_owned(), BufWriter::new(file))),
        })
    }

    /// Writes one reject.
    pub fn write(&mut self, reject: &Reject) -> Result<(), Error> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        serde_json::to_writer(&mut *file, reject)
            .map_err(std::io::Error::from)
            .and_then(|()| file.write_all(b"\n"))
            .map_err(|source| Error::Rejects {
                path: path.clone(),
                source,
            })
    }

    /// Makes sure that everything written so far is in the file.
    pub fn flush(&mut self) -> Result<(), Error> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        file.flush().map_err(|source| Error::Rejects {
            path: path.clone(),
            source,
        })
    }
}

/// As much of a text as a reject carries.
pub(crate) fn raw(text: &str) -> String {
    cut(text, RAW_LIMIT).to_owned()
}

/// The first `limit` bytes of a text, or a little less, so that no character is cut in two.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!([1, 2, 3, 4].map(|limit| cut("aé", limit)), ["a", "a", "aé", "aé"]);
    }

    #[test]
    fn codes_are_distinct() {
        let texts: std::collections::HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
