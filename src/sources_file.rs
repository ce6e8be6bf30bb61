//! The file that tells of sources what `tendergraph source add` tells of one: for those who keep their settings in files.
//!
//! ```toml
//! [sources.my-city]
//! url = "https://example.org/releases.jsonl.gz"
//! schedule = "daily 03:00"
//! publisher = "My City"
//! license = "https://creativecommons.org/publicdomain/zero/1.0/"
//!
//! [sources.my-city.merge_overrides]
//! awards = "append"
//! "contracts/implementation/milestones" = "position"
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::Utc;
use ingest::sources::{Declaration, declare};
use ingest::{Database, Source};
use serde::Deserialize;

/// The file, and what of it was noted before.
#[derive(Debug)]
pub struct SourcesFile {
    path: PathBuf,
    noted: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    sources: BTreeMap<String, Declaration>,
}

impl SourcesFile {
    /// The file at a path.
    pub fn new(path: PathBuf) -> SourcesFile {
        SourcesFile { path, noted: None }
    }

    /// Tells the hub what the file says, unless that is what it said the last time.
    ///
    /// All of it is read before anything is noted, so that a mistake changes nothing.
    pub async fn note(&mut self, database: &Database) -> anyhow::Result<()> {
        let file = || format!("the file of sources {}", self.path.display());
        let text = fs::read_to_string(&self.path).with_context(|| format!("{} cannot be read", file()))?;
        if self.noted.as_ref() == Some(&text) {
            return Ok(());
        }
        for (source, declaration) in read(&text).with_context(file)? {
            let noted = declare(database, &source, &declaration, Utc::now()).await;
            noted.with_context(|| format!("{}, source {source}", file()))?;
        }
        self.noted = Some(text);
        Ok(())
    }
}

fn read(text: &str) -> anyhow::Result<Vec<(Source, Declaration)>> {
    let content: Content = toml::from_str(text)?;
    let sources = content.sources.into_iter();
    sources
        .map(|(slug, declaration)| Ok((slug.parse()?, declaration)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_of_sources() {
        let text = "[sources.my-city]\nurl = 'https://example.org/'\nschedule = '6h'\n[sources.my-city.merge_overrides]\n\
            'tender/documents' = 'append'\n[sources.b]\nlanguage = 'nl'\n";
        let read = read(text).expect("the file is right");
        let slugs: Vec<_> = read.iter().map(|(source, _)| source.slug()).collect();
        assert_eq!(slugs, ["b", "my-city"]);
        assert_eq!(read[1].1.schedule.as_deref(), Some("6h"));
        let overrides = read[1].1.merge_overrides.as_ref().expect("there is one");
        assert_eq!(overrides["tender/documents"], "append");
        assert_eq!((&read[0].1.url, &read[0].1.merge_overrides), (&None, &None));
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (text, word) in [
            ("[sources.a]\nshedule = '6h'", "shedule"),
            ("[source.a]\nurl = 'https://example.org/'", "source"),
            ("[sources.A]", "`A` cannot name a source"),
            ("[sources.a]\nurl = 7", "line 2"),
        ] {
            let error = format!("{:#}", read(text).expect_err("the file is wrong"));
            assert!(error.contains(word), "{error}");
        }
    }
}
