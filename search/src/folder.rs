//! The folder of the index: which of the volumes in it is in use, and who may write.
//!
//! A volume is a whole index. A new one is built beside the one in use, and a small file then names it instead: whoever
//! searches notices and goes over to it, and an unfinished one is never in use. All of it may be deleted at any time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The form of the volumes that this version writes and reads; one of another form is built anew.
pub(crate) const FORMAT: u32 = 3;

/// Names the volume in use.
const CURRENT: &str = "current.json";
/// Whoever holds it keeps the index fresh.
const KEEPER_LOCK: &str = "keeper.lock";
/// Whoever holds it builds a volume.
const BUILDER_LOCK: &str = "builder.lock";
/// Begins the names of the folders that hold volumes; nothing else in the folder is ever removed.
const VOLUME: &str = "volume-";

/// The folder of the index.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// The volume in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    format: u32,
    volume: String,
}

/// A lock, for as long as it is kept. The system takes it from a process that ends.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file is what unlocks")] File);

impl Folder {
    /// The folder at this path, which need not exist.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The volume in use; `None` if there is none of the present form.
    pub fn current(&self) -> Option<Current> {
        let text = fs::read(self.path.join(CURRENT)).ok()?;
        let current: Current = serde_json::from_slice(&text).ok()?;
        let is_whole = current.format == FORMAT && self.volume(&current).is_dir();
        is_whole.then_some(current)
    }

    /// The folder of a volume.
    pub fn volume(&self, current: &Current) -> PathBuf {
        self.path.join(&current.volume)
    }

    /// Makes an empty folder for a new volume, and the folder itself if it does not exist.
    pub fn create_volume(&self) -> Result<Current> {
        let newest = self.volumes()?.iter().filter_map(|name| number(name)).max();
        let volume = format!("{VOLUME}{}", newest.unwrap_or_default() + 1);
        let path = self.path.join(&volume);
        fs::create_dir_all(&path).map_err(|source| Error::Folder { path, source })?;
        Ok(Current { format: FORMAT, volume })
    }

    /// Puts a volume to use, and removes all others. Those who read one of them can do so until they let go of it.
    pub fn publish(&self, current: &Current) -> Result<()> {
        let (path, part) = (self.path.join(CURRENT), self.path.join(format!("{CURRENT}.part")));
        let text = serde_json::to_vec(current).expect("names and numbers can be written as JSON");
        fs::write(&part, text)
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|source| Error::Folder { path, source })?;
        for volume in self.volumes()? {
            if volume != current.volume {
                self.remove(&volume);
            }
        }
        Ok(())
    }

    /// Removes a volume that is of no use.
    pub fn discard(&self, current: &Current) {
        self.remove(&current.volume);
    }

    fn remove(&self, volume: &str) {
        let path = self.path.join(volume);
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(path = %path.display(), %error, "an old search index cannot be removed");
        }
    }

    /// The names of all volumes.
    fn volumes(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.failed(source)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| number(name).is_some()).collect())
    }

    /// Becomes the keeper of the index; `None` if another process is.
    pub fn lock_as_keeper(&self) -> Result<Option<Lock>> {
        self.lock(KEEPER_LOCK)
    }

    /// Becomes the one who builds; `None` if another process does.
    pub fn lock_as_builder(&self) -> Result<Option<Lock>> {
        self.lock(BUILDER_LOCK)
    }

    fn lock(&self, name: &str) -> Result<Option<Lock>> {
        let path = self.path.join(name);
        fs::create_dir_all(&self.path).map_err(|source| self.failed(source))?;
        let file = File::create(&path).map_err(|source| Error::Folder {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::Folder { path, source }),
        }
    }

    fn failed(&self, source: io::Error) -> Error {
        let path = self.path.clone();
        Error::Folder { path, source }
    }
}

/// The number of a volume.
fn number(name: &str) -> Option<u64> {
    name.strip_prefix(VOLUME)?.parse().ok()
}
