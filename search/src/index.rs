//! The index as the read wing holds it: its newest state, and older ones for those who page through them.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::snapshot::Snapshot;
use crate::volume::Volume;

/// How many states are held for those who page through them, and how long.
const MOST_HELD: usize = 8;
const HELD_FOR: Duration = Duration::from_mins(2);
/// What is told before there is any state; revisions are never negative.
const NOTHING: i64 = -1;

/// What the index is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is being opened and looked over.
    Opening,
    /// It is being built, and has so many tenders.
    Building(u64),
    /// It can be asked.
    Ready,
    /// It cannot be had at present; it is tried again.
    Failed,
}

/// The index, for everyone who asks it. Cheap to clone, and the same for all clones.
#[derive(Clone)]
pub struct Index(Arc<Shared>);

struct Shared {
    snapshot: RwLock<Option<Arc<Snapshot>>>,
    held: Mutex<VecDeque<(Instant, Arc<Snapshot>)>>,
    status: RwLock<Status>,
    is_doubted: AtomicBool,
    /// The newest data revision, where someone tells it.
    newest: Option<watch::Receiver<i64>>,
    /// Tells of each new state.
    published: watch::Sender<i64>,
}

impl fmt::Debug for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Index");
        shown
            .field("status", &self.status())
            .field("revision", &self.revision());
        shown.finish_non_exhaustive()
    }
}

impl Index {
    pub(crate) fn new(newest: Option<watch::Receiver<i64>>) -> Self {
        Self(Arc::new(Shared {
            snapshot: RwLock::default(),
            held: Mutex::default(),
            status: RwLock::new(Status::Opening),
            is_doubted: AtomicBool::new(false),
            newest,
            published: watch::Sender::new(NOTHING),
        }))
    }

    /// Opens the index in a folder as it is, for a command that asks it and ends.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is none.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = Folder::new(path);
        let current = folder.current().ok_or_else(|| Error::Missing(path.to_owned()))?;
        let volume = Volume::open(&folder.volume(&current))?;
        let index = Self::new(None);
        index.publish(&volume, volume.progress()?.revision)?;
        Ok(index)
    }

    /// Its newest state; `None` as long as there is none.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.0.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The data revision that is in its newest state as a whole.
    #[must_use]
    pub fn revision(&self) -> Option<i64> {
        self.snapshot().map(|snapshot| snapshot.revision())
    }

    /// What tells of each new state: the data revision that is in it as a whole.
    #[must_use]
    pub fn published(&self) -> watch::Receiver<i64> {
        self.0.published.subscribe()
    }

    /// Whether a state has the newest data that was heard of.
    #[must_use]
    pub fn is_newest(&self, snapshot: &Snapshot) -> bool {
        let newest = self.0.newest.as_ref().map(|newest| *newest.borrow());
        newest.is_none_or(|newest| snapshot.revision() >= newest)
    }

    /// What it is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a state for those who go on to its next page.
    pub fn hold(&self, snapshot: &Arc<Snapshot>) {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(since, other)| since.elapsed() < HELD_FOR && other.id() != snapshot.id());
        if held.len() >= MOST_HELD {
            held.pop_front();
        }
        held.push_back((Instant::now(), Arc::clone(snapshot)));
    }

    /// A state that is still held.
    #[must_use]
    pub fn held(&self, id: Uuid) -> Option<Arc<Snapshot>> {
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.iter().find(|(_, snapshot)| snapshot.id() == id);
        found.map(|(_, snapshot)| Arc::clone(snapshot))
    }

    /// Has the files looked over: something in them could not be read.
    pub fn doubt(&self) {
        self.0.is_doubted.store(true, Ordering::Release);
    }

    pub(crate) fn take_doubt(&self) -> bool {
        self.0.is_doubted.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn set_status(&self, status: Status) {
        *self.0.status.write().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Makes the newest state of a volume the one that is asked.
    pub(crate) fn publish(&self, volume: &Volume, revision: i64) -> Result<()> {
        let last = self.0.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone();
        let snapshot = Arc::new(Snapshot::new(volume, revision, last.as_deref())?);
        *self.0.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
        self.set_status(Status::Ready);
        self.0.published.send_replace(revision);
        // States that nobody came back for are let go of, also when nobody pages any more.
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(since, _)| since.elapsed() < HELD_FOR);
        Ok(())
    }

    /// Has nothing to be asked any more.
    pub(crate) fn withdraw(&self) {
        *self.0.snapshot.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
