//! A download on the disk, as far as it got, and beside it what the server said about the file.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::Validators;

/// A file that is being downloaded. Nobody else writes it: it is locked.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    url: Url,
    file: File,
    length: u64,
    validators: Validators,
}

/// What stands beside a part.
#[derive(Serialize, Deserialize)]
struct Facts {
    url: Url,
    #[serde(flatten)]
    validators: Validators,
}

impl Part {
    /// The download of this address, with what is there of it already.
    pub fn open(folder: &Path, url: &Url) -> io::Result<Part> {
        own_folder(folder)?;
        let name = entities::key::part("download", sea_orm::prelude::Uuid::nil(), &[url.as_str()])
            .simple()
            .to_string();
        let path = folder.join(format!("{name}.part"));
        let file = locked(&path)?;
        let mut part = Part {
            path,
            url: url.clone(),
            length: file.metadata()?.len(),
            file,
            validators: Validators::default(),
        };
        match part.read_facts() {
            Some(facts) if facts.url == part.url && facts.validators.strong().is_some() => {
                part.validators = facts.validators;
                part.file.seek(SeekFrom::End(0))?;
            }
            // Nothing tells of which version of the file this is a part.
            _ => part.restart(Validators::default())?,
        }
        Ok(part)
    }

    fn read_facts(&self) -> Option<Facts> {
        serde_json::from_slice(&fs::read(self.facts()).ok()?).ok()
    }

    /// Where it is fetched from.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where stands what the server said about it.
    fn facts(&self) -> PathBuf {
        self.path.with_extension("json")
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How much of it is there, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What the server said about the version of the file that this is a part of.
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// Begins again, with this version of the file.
    pub fn restart(&mut self, validators: Validators) -> io::Result<()> {
        // In this order, so that what is there is never taken for a part of another version.
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.length = 0;
        let facts = Facts {
            url: self.url.clone(),
            validators,
        };
        fs::write(self.facts(), serde_json::to_vec(&facts)?)?;
        self.validators = facts.validators;
        Ok(())
    }

    /// Adds what came next.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Takes it off the disk, unless the next fetch can go on behind it.
    pub fn remove_if_useless(&self) {
        if self.length == 0 || self.validators.strong().is_none() {
            self.remove();
        }
    }

    /// Takes it off the disk.
    pub fn remove(&self) {
        // What cannot be removed is in nobody's way, and is overwritten the next time.
        let _ = fs::remove_file(self.facts());
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes sure of a folder that nobody else puts files into: in one that all may write, somebody could leave the first half
/// of a file for us.
fn own_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let owner = tempfile::tempfile_in(folder)?.metadata()?.uid();
    let metadata = fs::metadata(folder)?;
    if metadata.uid() != owner || metadata.mode() & 0o002 != 0 {
        let reason = "it belongs to another user, or all users may write into it";
        return Err(io::Error::new(ErrorKind::PermissionDenied, reason));
    }
    Ok(())
}

/// Opens a file that no other process has open, waiting for one that has.
fn locked(path: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        file.lock()?;
        // Whoever had it may have removed it.
        let is_there = fs::metadata(path).is_ok_and(|now| file.metadata().is_ok_and(|ours| ours.ino() == now.ino()));
        if is_there {
            return Ok(file);
        }
    }
}
