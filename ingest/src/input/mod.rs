//! Files, folders and standard input, one after the other, as streams of decompressed bytes.

mod open;

use std::fmt;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::Error;

pub(crate) use open::{Content, Meter, open};

/// Something to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with all files below it, in the order of their paths.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// What a command line calls an input: `-` is standard input, everything else a path.
///
/// # Errors
/// [`Error::Url`] if it is an address.
impl FromStr for Input {
    type Err = Error;

    fn from_str(text: &str) -> Result<Input, Error> {
        match text {
            "-" => Ok(Input::Stdin),
            url if url.starts_with("http://") || url.starts_with("https://") => Err(Error::Url(url.to_owned())),
            path => Ok(Input::Path(path.into())),
        }
    }
}

/// As a command line calls it.
impl fmt::Display for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Path(path) => path.display().fmt(formatter),
            Input::Stdin => formatter.write_str("-"),
        }
    }
}

/// A single stream of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// Its path; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Its length in bytes, if known.
    pub length: Option<u64>,
}

impl Document {
    /// What messages and rejects call it.
    pub fn name(&self) -> String {
        self.path
            .as_ref()
            .map_or_else(|| "-".to_owned(), |path| path.display().to_string())
    }
}

/// Every file that the inputs name, folders replaced by what is in them.
///
/// # Errors
/// [`Error::Input`] if a path is not there, or a folder cannot be listed.
pub(crate) fn documents(inputs: &[Input]) -> Result<Vec<Document>, Error> {
    let mut documents = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin => documents.push(Document {
                path: None,
                length: None,
            }),
            Input::Path(path) => {
                let metadata = fs::metadata(path).map_err(|source| failed(path, source))?;
                if metadata.is_dir() {
                    walk(path, &mut documents)?;
                } else {
                    // A pipe has no length worth showing.
                    let length = metadata.is_file().then_some(metadata.len());
                    documents.push(Document {
                        path: Some(path.clone()),
                        length,
                    });
                }
            }
        }
    }
    Ok(documents)
}

/// Adds the files below a folder. Links to other folders are not followed, so that the walk ends.
fn walk(folder: &Path, documents: &mut Vec<Document>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(|source| failed(folder, source))?;
    entries.sort_by_key(DirEntry::path);
    for entry in entries {
        let path = entry.path();
        // What cannot even be looked at is left to be refused when it is opened.
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && path.is_symlink() => {}
            Ok(metadata) if metadata.is_dir() => walk(&path, documents)?,
            Ok(metadata) if !metadata.is_file() => {}
            Ok(metadata) => documents.push(Document {
                path: Some(path),
                length: Some(metadata.len()),
            }),
            Err(_) => documents.push(Document {
                path: Some(path),
                length: Some(0),
            }),
        }
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Input {
        path: path.to_owned(),
        source,
    }
}
