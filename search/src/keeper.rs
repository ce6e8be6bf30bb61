//! The thread that opens the index, builds it where there is none, and keeps it fresh.
//!
//! Several servers may share a folder. One of them, the keeper, holds a lock and writes; the others read what it writes,
//! and one of them takes over when it ends.

use std::num::NonZeroUsize;
use std::path::Path;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::{oneshot, watch};

use crate::build::{Built, build};
use crate::error::{Error, Result};
use crate::folder::{Current, Folder};
use crate::follow::Follower;
use crate::index::{Index, Status};
use crate::news::News;
use crate::volume::Volume;

/// How often the folder is looked at, whether there is news or not.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often those who do not write look for what was written.
const READ_EVERY: Duration = Duration::from_millis(250);
/// How long to wait after a failure; twice as long after each further one, up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Keeps an index fresh for as long as it lives.
#[derive(Debug)]
pub struct Keeper {
    /// Dropped to end the thread.
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl Keeper {
    /// Starts to keep the index in this folder fresh, and returns at once; the index can be asked when it is there.
    ///
    /// `connect` opens the database on the thread that will use it; `revisions` tells the newest data revision.
    #[must_use]
    pub fn start<Connecting>(
        path: &Path,
        connect: impl Fn() -> Connecting + Send + 'static,
        revisions: watch::Receiver<i64>,
    ) -> (Index, Self)
    where
        Connecting: Future<Output = Result<DatabaseConnection, DbErr>>,
    {
        let index = Index::new(Some(revisions.clone()));
        let (stop, stopped) = oneshot::channel();
        let (ending, ended) = oneshot::channel();
        let keeping = Keeping {
            folder: Folder::new(path),
            index: index.clone(),
            revisions,
        };
        let work = move || {
            // Whoever waits for the end hears of it, however it comes.
            let _ending = ending;
            run(keeping, connect, stopped);
        };
        if let Err(error) = thread::Builder::new().name("search".to_owned()).spawn(work) {
            tracing::error!(%error, "no thread can be started for the search index");
            index.set_status(Status::Failed);
        }
        (index, Self { stop, ended })
    }

    /// Ends the work on the index, and waits until it has ended.
    pub async fn stop(self) {
        drop(self.stop);
        // The thread tells its end by letting go of the channel.
        let _ = self.ended.await;
    }
}

/// Tends the index until told to stop. What fails is tried again.
fn run<Connecting>(mut keeping: Keeping, connect: impl Fn() -> Connecting, stopped: oneshot::Receiver<()>)
where
    Connecting: Future<Output = Result<DatabaseConnection, DbErr>>,
{
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the work on the search index cannot be started");
            return;
        }
    };
    runtime.block_on(async {
        let tending = async {
            let mut pause = SHORTEST_PAUSE;
            loop {
                let failure = match connect().await {
                    Ok(database) => keeping.tend(&database, || pause = SHORTEST_PAUSE).await,
                    Err(error) => error.into(),
                };
                tracing::error!(error = %failure, "the search index cannot be kept fresh; trying again");
                if keeping.index.snapshot().is_none() {
                    keeping.index.set_status(Status::Failed);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        tokio::select! {
            () = pin!(tending) => {}
            _ = stopped => {}
        }
    });
}

struct Keeping {
    folder: Folder,
    index: Index,
    revisions: watch::Receiver<i64>,
}

/// Why a volume is no longer followed.
enum Left {
    /// Another one is in use, or there may be something wrong with it.
    Replaced,
    /// It is of no use any more.
    Useless,
}

impl Keeping {
    /// Opens or builds the index, and follows the database until something fails.
    async fn tend(&mut self, database: &DatabaseConnection, mut succeeded: impl FnMut()) -> Error {
        let mut useless: Option<Current> = None;
        loop {
            let result = self.tend_volume(database, &mut useless).await;
            match result {
                Ok(()) => succeeded(),
                Err(error) => return error,
            }
        }
    }

    async fn tend_volume(&mut self, database: &DatabaseConnection, useless: &mut Option<Current>) -> Result<()> {
        let lock = self.folder.lock_as_keeper()?;
        let current = self
            .folder
            .current()
            .filter(|current| Some(current) != useless.as_ref());
        let opened = match &current {
            Some(current) => self.open(current, database).await?,
            None => None,
        };
        let (Some(current), Some(volume)) = (current, opened) else {
            if lock.is_some() {
                self.build(database).await?;
            } else {
                tokio::time::sleep(READ_EVERY).await;
            }
            return Ok(());
        };
        self.index.publish(&volume, volume.progress()?.revision)?;
        let left = if lock.is_some() {
            self.write(&current, &volume, database).await
        } else {
            self.read(&current, &volume).await
        };
        match left {
            Ok(Left::Replaced) => Ok(()),
            Ok(Left::Useless) => {
                *useless = Some(current);
                Ok(())
            }
            Err(error) => {
                if matches!(error, Error::Index(_)) {
                    *useless = Some(current);
                }
                Err(error)
            }
        }
    }

    /// Opens a volume, if it can be read and belongs to the database.
    async fn open(&self, current: &Current, database: &DatabaseConnection) -> Result<Option<Volume>> {
        let opened = Volume::open(&self.folder.volume(current)).and_then(|volume| Ok((volume.progress()?, volume)));
        match opened {
            Ok((progress, volume)) if News::read(database).await?.continues(&progress) => Ok(Some(volume)),
            Ok(_) => {
                tracing::warn!("the search index was made from other data; it is built anew");
                Ok(None)
            }
            Err(error) => {
                tracing::warn!(%error, "the search index cannot be read; it is built anew");
                Ok(None)
            }
        }
    }

    async fn build(&self, database: &DatabaseConnection) -> Result<()> {
        self.index.withdraw();
        let report = |built: Built| self.index.set_status(Status::Building(built.tenders));
        report(Built::default());
        match build(&self.folder, database, NonZeroUsize::MIN, &report).await {
            Ok(built) => {
                tracing::info!(
                    tenders = built.tenders,
                    organizations = built.organizations,
                    "the search index is built"
                );
                Ok(())
            }
            Err(Error::Busy(_)) => {
                tokio::time::sleep(READ_EVERY).await;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Writes what changes into the volume, for as long as it is in use.
    async fn write(&mut self, current: &Current, volume: &Volume, database: &DatabaseConnection) -> Result<Left> {
        let index = self.index.clone();
        let mut follower = Follower::new(database, volume)?;
        loop {
            let revision = *self.revisions.borrow_and_update();
            if revision != follower.progress().revision {
                let caught_up = follower
                    .catch_up(|progress| index.publish(volume, progress.revision))
                    .await;
                match caught_up {
                    Err(Error::Foreign) => return Ok(Left::Useless),
                    other => other?,
                }
            }
            // Both end the wait: news, and time.
            let _ = tokio::time::timeout(LOOK_EVERY, self.revisions.changed()).await;
            if index.take_doubt() || self.folder.current().as_ref() != Some(current) {
                return Ok(Left::Replaced);
            }
        }
    }

    /// Reads what another process writes into the volume, for as long as it is in use and the other one lives.
    async fn read(&mut self, current: &Current, volume: &Volume) -> Result<Left> {
        let mut shown = volume.progress()?;
        loop {
            tokio::time::sleep(READ_EVERY).await;
            if self.folder.current().as_ref() != Some(current) || self.index.take_doubt() {
                return Ok(Left::Replaced);
            }
            if self.folder.lock_as_keeper()?.is_some() {
                return Ok(Left::Replaced);
            }
            let progress = volume.progress()?;
            if progress != shown {
                volume.reload()?;
                self.index.publish(volume, progress.revision)?;
                shown = progress;
            }
        }
    }
}
