//! The figures of a load.

use std::collections::BTreeMap;
use std::fmt;

use ocds::repair::Tally;
use serde::Serialize;

/// What a load did. The unit of the first figures is the release: a release as such or in a record, a compiled release,
/// a link to a release that cannot be followed, or a piece of input that could not be read as any of these. Always
/// `read = new + changed + unchanged + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Releases met in the input.
    pub read: u64,
    /// Stored, and their process had no release of this source and release id before. A release without id counts as
    /// having an empty one.
    pub new: u64,
    /// Stored, and their process already had a release of this source and release id, with other content.
    pub changed: u64,
    /// Already stored with exactly this text, or met before in the same load.
    pub unchanged: u64,
    /// Refused; see the rejects file.
    pub rejected: u64,
    /// The refused ones by code, such as `missing_date`.
    pub rejected_by_code: BTreeMap<&'static str, u64>,
    /// Texts by encoding, such as `utf_8` or `windows_1252`: files and members of archives. A text counts as what any
    /// part of it is, if not all of it is UTF-8.
    pub encodings: BTreeMap<&'static str, u64>,
    /// Processes that got a new release, counted once a batch.
    pub processes_touched: u64,
    /// Processes that were not in the hub before.
    pub processes_created: u64,
    /// Links to releases, in records that also hold the compiled release or the releases themselves. They are neither
    /// read nor rejected.
    pub linked_releases: u64,
    /// What was odd about the releases that were stored.
    pub oddities: Oddities,
    /// Amounts that do not fit a column and are only found in the release, counted each time their process is compiled.
    pub inexact_amounts: u64,
    /// Texts with a NUL character, which their column leaves out, counted likewise.
    pub nul_characters: u64,
    /// What looked wrong while releases were merged, by kind, counted likewise.
    pub warnings: BTreeMap<&'static str, u64>,
    /// Bytes of the input files, compressed as they are.
    pub bytes: u64,
    /// How long it took.
    pub seconds: f64,
}

/// What publishers write and the standard does not foresee, by kind, see [`ocds::repair::Oddity`]. A release counts
/// once, when it is stored, unless its process is made of others.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Oddities {
    /// What can mean one thing alone, and is taken for that, such as `date_without_zone`.
    pub repaired: BTreeMap<&'static str, u64>,
    /// What cannot be understood, and is found in the release alone, such as `unclear_date`.
    pub not_understood: BTreeMap<&'static str, u64>,
}

impl Oddities {
    /// Counts what was odd about one release.
    pub(crate) fn count(&mut self, tally: &Tally) {
        for (oddity, count) in tally.counts() {
            let counts = if oddity.is_understood() {
                &mut self.repaired
            } else {
                &mut self.not_understood
            };
            *counts.entry(oddity.as_str()).or_default() += count;
        }
    }
}

impl Summary {
    /// What was mended or left out so that the rest could be loaded, by kind.
    pub(crate) fn repairs(&self) -> BTreeMap<&'static str, u64> {
        let kinds = [
            ("inexact_amount", self.inexact_amounts),
            ("nul_character", self.nul_characters),
        ];
        let oddities = self.oddities.repaired.iter().chain(&self.oddities.not_understood);
        let oddities = oddities.map(|(&kind, &count)| (kind, count));
        let all = kinds.into_iter().chain(oddities);
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// Counts one reject.
    pub(crate) fn reject(&mut self, code: &'static str) {
        self.read += 1;
        self.rejected += 1;
        *self.rejected_by_code.entry(code).or_default() += 1;
    }

    /// Counts one text in an encoding.
    pub(crate) fn encoding(&mut self, name: &'static str) {
        *self.encodings.entry(name).or_default() += 1;
    }

    /// Counts one warning.
    pub(crate) fn warn(&mut self, kind: &'static str) {
        *self.warnings.entry(kind).or_default() += 1;
    }

    /// Adds the figures of another part of the same load; the time is left as it is.
    pub(crate) fn add(&mut self, other: &Summary) {
        for (figure, more) in [
            (&mut self.read, other.read),
            (&mut self.new, other.new),
            (&mut self.changed, other.changed),
            (&mut self.unchanged, other.unchanged),
            (&mut self.rejected, other.rejected),
            (&mut self.processes_touched, other.processes_touched),
            (&mut self.processes_created, other.processes_created),
            (&mut self.linked_releases, other.linked_releases),
            (&mut self.inexact_amounts, other.inexact_amounts),
            (&mut self.nul_characters, other.nul_characters),
            (&mut self.bytes, other.bytes),
        ] {
            *figure += more;
        }
        for (counts, more) in [
            (&mut self.rejected_by_code, &other.rejected_by_code),
            (&mut self.encodings, &other.encodings),
            (&mut self.oddities.repaired, &other.oddities.repaired),
            (&mut self.oddities.not_understood, &other.oddities.not_understood),
            (&mut self.warnings, &other.warnings),
        ] {
            for (name, count) in more {
                *counts.entry(name).or_default() += count;
            }
        }
    }
}

/// Plain lines: one a figure, those that are zero by nature left out.
impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, value: u64| writeln!(formatter, "{name:<24}{value:>12}");
        line("read", self.read)?;
        line("new", self.new)?;
        line("changed", self.changed)?;
        line("unchanged", self.unchanged)?;
        line("rejected", self.rejected)?;
        for (code, count) in &self.rejected_by_code {
            line(&format!("  {code}"), *count)?;
        }
        for (encoding, count) in self.encodings.iter().filter(|(encoding, _)| **encoding != "utf_8") {
            line(&format!("in {encoding}"), *count)?;
        }
        line("processes touched", self.processes_touched)?;
        line("processes created", self.processes_created)?;
        for (name, count) in [
            ("unresolved links", self.linked_releases),
            ("amounts out of range", self.inexact_amounts),
            ("NUL characters", self.nul_characters),
        ] {
            if count > 0 {
                line(name, count)?;
            }
        }
        for (name, counts) in [
            ("repaired", &self.oddities.repaired),
            ("not understood", &self.oddities.not_understood),
            ("warnings", &self.warnings),
        ] {
            if !counts.is_empty() {
                line(name, counts.values().sum())?;
            }
            for (kind, count) in counts {
                line(&format!("  {kind}"), *count)?;
            }
        }
        line("bytes", self.bytes)?;
        write!(formatter, "{:<24}{:>12.1}", "seconds", self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        let mut whole = Summary {
            read: 1,
            new: 1,
            seconds: 2.0,
            ..Summary::default()
        };
        let mut part = Summary::default();
        part.reject("missing_date");
        part.warn("same_date");
        whole.add(&part);
        whole.add(&part);
        assert_eq!((whole.read, whole.new, whole.rejected), (3, 1, 2));
        assert_eq!(whole.rejected_by_code["missing_date"], 2);
        assert_eq!(whole.warnings["same_date"], 2);
        assert!(
            whole.to_string().contains("  missing_date                     2"),
            "{whole}"
        );
    }
}
