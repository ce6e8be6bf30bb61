//! Files, folders, patterns, addresses and standard input, one after the other, as streams of text.
//!
//! What a stream holds is told by its first bytes, never by its name: gzip and Zstandard are unpacked, zip and tar are read
//! member by member, one in the other where publishers do that. Nothing is unpacked to the disk but a zip archive that
//! does not stand there yet, as its table of contents is at its end. Memory does not grow with the size of anything.

mod budget;
mod kind;
mod member;
mod read;
mod tar;
#[cfg(test)]
mod tests;
mod text;
mod zip;

use std::fmt;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use url::Url;

use crate::Error;
use crate::fetch::Download;

pub(crate) use budget::Meter;
pub(crate) use read::{Found, Refusal, read};
pub(crate) use text::FileEncoding;

/// Something to load.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, or a folder with all files below it, in the order of their paths. Where there is no such file, `*`, `?`,
    /// `[…]` and `**` in it stand for names, as in a shell.
    Path(PathBuf),
    /// A file on the network, fetched when its turn comes.
    Url(Url),
    /// A file that was fetched before.
    Download(Arc<Download>),
    /// Standard input.
    Stdin,
}

/// What a command line calls an input: `-` is standard input, what begins with `http://` or `https://` an address, and
/// everything else a path.
///
/// # Errors
/// [`Error::Url`] if an address cannot be read.
impl FromStr for Input {
    type Err = Error;

    fn from_str(text: &str) -> Result<Input, Error> {
        let is_address = |scheme| {
            text.get(..8)
                .is_some_and(|start| start.to_ascii_lowercase().starts_with(scheme))
        };
        match text {
            "-" => Ok(Input::Stdin),
            address if is_address("http://") || is_address("https://") => address
                .parse()
                .map(Input::Url)
                .map_err(|_| Error::Url(address.to_owned())),
            path => Ok(Input::Path(path.into())),
        }
    }
}

/// As a command line calls it, but for the name and the password that an address may carry.
impl fmt::Display for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Path(path) => path.display().fmt(formatter),
            Input::Url(url) => formatter.write_str(&shown(url)),
            Input::Download(download) => formatter.write_str(&shown(download.url())),
            Input::Stdin => formatter.write_str("-"),
        }
    }
}

impl From<Download> for Input {
    fn from(download: Download) -> Input {
        Input::Download(Arc::new(download))
    }
}

/// A single file or stream of input.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Where it is: never a folder or a pattern.
    pub input: Input,
    /// Its length in bytes, if known.
    pub length: Option<u64>,
}

/// An address without the name and the password that it may carry.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Addresses that cannot have them have none.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.into()
}

/// Every file that the inputs name, folders replaced by what is in them.
///
/// # Errors
/// [`Error::Input`] if a path is not there, or a folder cannot be listed; [`Error::Pattern`] if nothing matches a pattern.
pub(crate) fn documents(inputs: &[Input]) -> Result<Vec<Document>, Error> {
    let mut documents = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin | Input::Url(_) => documents.push(Document {
                input: input.clone(),
                length: None,
            }),
            Input::Download(download) => documents.push(Document {
                input: input.clone(),
                length: Some(download.length()),
            }),
            Input::Path(path) => match fs::metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && is_pattern(path) => {
                    for path in matches(path)? {
                        let metadata = fs::metadata(&path).map_err(|source| failed(&path, source))?;
                        add(&path, &metadata, &mut documents)?;
                    }
                }
                metadata => add(path, &metadata.map_err(|source| failed(path, source))?, &mut documents)?,
            },
        }
    }
    Ok(documents)
}

fn add(path: &Path, metadata: &fs::Metadata, documents: &mut Vec<Document>) -> Result<(), Error> {
    if metadata.is_dir() {
        return walk(path, documents);
    }
    documents.push(Document {
        input: Input::Path(path.to_owned()),
        // A pipe has no length worth showing.
        length: metadata.is_file().then_some(metadata.len()),
    });
    Ok(())
}

/// Adds the files below a folder. Links to other folders are not followed, so that the walk ends.
fn walk(folder: &Path, documents: &mut Vec<Document>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(|source| failed(folder, source))?;
    entries.sort_by_key(DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if member::is_litter(&entry.file_name().to_string_lossy()) {
            continue;
        }
        // What cannot even be looked at is left to be refused when it is opened.
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && path.is_symlink() => {}
            Ok(metadata) if metadata.is_dir() => walk(&path, documents)?,
            Ok(metadata) if !metadata.is_file() => {}
            Ok(metadata) => documents.push(Document {
                input: Input::Path(path),
                length: Some(metadata.len()),
            }),
            Err(_) => documents.push(Document {
                input: Input::Path(path),
                length: Some(0),
            }),
        }
    }
    Ok(())
}

fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

/// The paths that a pattern stands for, in their order.
fn matches(pattern: &Path) -> Result<Vec<PathBuf>, Error> {
    let wrong = || Error::Pattern(pattern.display().to_string());
    let paths = glob::glob(&pattern.to_string_lossy()).map_err(|_| wrong())?;
    let paths = paths.collect::<Result<Vec<_>, _>>().map_err(|error| Error::Input {
        path: error.path().to_owned(),
        source: error.into(),
    })?;
    if paths.is_empty() { Err(wrong()) } else { Ok(paths) }
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Input {
        path: path.to_owned(),
        source,
    }
}
