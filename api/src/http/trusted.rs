//! Documents that the operator registered (trusted documents), from the manifests that build tools write.
//!
//! Three tools are understood by the shape of their files: Apollo's `generate-persisted-query-manifest`, relay-compiler
//! and the client preset of graphql-codegen. Clients then send an id instead of a text: as `documentId`, or as the hash of
//! a persisted query.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::parser::parse_query;
use blake3::Hash;
use serde::Deserialize;
use serde_json::Value;

/// What Apollo's manifests call themselves.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// The documents that the operator registered.
#[derive(Clone, Debug, Default)]
pub struct TrustedDocuments {
    by_id: HashMap<String, Arc<str>>,
    texts: HashSet<Hash>,
    is_closed: bool,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the manifest {} of trusted documents: {reason}", path.display())]
pub struct ManifestError {
    path: PathBuf,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error(
        "its shape is unknown; give what generate-persisted-query-manifest, relay-compiler or graphql-codegen write: an \
         object with `format` and `operations`, or one that leads from ids to documents"
    )]
    Shape,
    #[error("the document `{0}` is not GraphQL")]
    NotGraphql(String),
    #[error("there are two documents with the id `{0}`")]
    Twice(String),
    #[error("there is no document in it, and no file whose name ends in .json")]
    Empty,
}

/// Apollo's manifest.
#[derive(Deserialize)]
struct Apollo {
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

impl TrustedDocuments {
    /// Reads a manifest, or all files of a folder whose names end in `.json`.
    ///
    /// # Errors
    /// If one cannot be read, has a shape that no known tool writes, or a document in it is not GraphQL.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let failure = |path: &Path, reason| ManifestError {
            path: path.to_owned(),
            reason,
        };
        let mut documents = Self::default();
        for file in manifests(path).map_err(|error| failure(path, error.into()))? {
            documents.add(&file).map_err(|reason| failure(&file, reason))?;
        }
        if documents.by_id.is_empty() {
            return Err(failure(path, Reason::Empty));
        }
        Ok(documents)
    }

    /// Has nothing else answered.
    #[must_use]
    pub fn closed(self) -> Self {
        Self {
            is_closed: true,
            ..self
        }
    }

    /// Whether nothing else is answered.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The document of this id. One that is a hash may say so, as in `sha256:…`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<str>> {
        let bare = || id.split_once(':').and_then(|(_, hash)| self.by_id.get(hash));
        self.by_id.get(id).or_else(bare)
    }

    /// Whether this is the text of one of them.
    #[must_use]
    pub fn has_text(&self, text: &str) -> bool {
        self.texts.contains(&blake3::hash(text.as_bytes()))
    }

    fn add(&mut self, file: &Path) -> Result<(), Reason> {
        for (id, text) in entries(serde_json::from_slice(&std::fs::read(file)?)?)? {
            if parse_query(&text).is_err() {
                return Err(Reason::NotGraphql(id));
            }
            self.texts.insert(blake3::hash(text.as_bytes()));
            let text: Arc<str> = text.into();
            let before = self.by_id.insert(id.clone(), Arc::clone(&text));
            if before.is_some_and(|before| before != text) {
                return Err(Reason::Twice(id));
            }
        }
        Ok(())
    }
}

fn manifests(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "json") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn entries(manifest: Value) -> Result<Vec<(String, String)>, Reason> {
    let Value::Object(entries) = manifest else {
        return Err(Reason::Shape);
    };
    if entries.get("format").is_some_and(|format| format == APOLLO) {
        let Apollo { operations } = serde_json::from_value(Value::Object(entries))?;
        return Ok(operations
            .into_iter()
            .map(|operation| (operation.id, operation.body))
            .collect());
    }
    let text = |(id, text)| match text {
        Value::String(text) => Ok((id, text)),
        _ => Err(Reason::Shape),
    };
    entries.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("it can be written");
        }
        folder
    }

    fn complaint(text: &str) -> String {
        let folder = folder(&[("a.json", text)]);
        let error = TrustedDocuments::read(folder.path()).expect_err("the manifest is wrong");
        error.to_string()
    }

    #[test]
    fn the_manifests_of_three_tools_are_read() {
        let apollo = r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
            {"id": "a1", "name": "A", "type": "query", "body": "query A { hub { version } }"}]}"#;
        let map = r#"{"b2": "query B { hub { version } }", "c3": "query C { hub { version } }"}"#;
        let folder = folder(&[
            ("apollo.json", apollo),
            ("relay.json", map),
            ("notes.txt", "none of it"),
        ]);
        let documents = TrustedDocuments::read(folder.path()).expect("both are right");
        for (id, text) in [
            ("a1", "query A { hub { version } }"),
            ("sha256:b2", "query B { hub { version } }"),
            ("c3", "query C { hub { version } }"),
        ] {
            assert_eq!(documents.get(id).map(|text| &**text), Some(text), "{id}");
            assert!(documents.has_text(text));
        }
        assert_eq!(documents.get("d4"), None);
        let single = TrustedDocuments::read(&folder.path().join("relay.json")).expect("it is right");
        assert_eq!(single.get("a1"), None);
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_its_place() {
        assert!(complaint("{").contains("a.json") && complaint("{").contains("not JSON"));
        assert!(complaint("[]").contains("shape"));
        assert!(complaint(r#"{"a": {"query": "{a}"}}"#).contains("shape"));
        assert!(complaint(r#"{"a": "{ a"}"#).contains("`a` is not GraphQL"));
        assert!(complaint("{}").contains("no document"));
        let twice = folder(&[("a.json", r#"{"a": "{a}"}"#), ("b.json", r#"{"a": "{b}"}"#)]);
        assert!(TrustedDocuments::read(twice.path()).is_err());
        assert!(TrustedDocuments::read(Path::new("/nowhere/at/all")).is_err());
    }
}
