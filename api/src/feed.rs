//! The news: which data revision is the newest, for the whole process.
//!
//! One task asks the database a few times a second. A commit, by whatever process, is known here within
//! [`INTERVAL`] and the time of one short statement, and the response cache stops finding what was made before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::config::Connect;
use crate::error::Error;
use crate::store::{State, Store};

/// Time between two questions.
const INTERVAL: Duration = Duration::from_millis(250);
/// How long the database may take to answer one.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is told before any revision is known; real ones are never negative.
const UNKNOWN: i64 = -1;

/// What is known of the data. Cheap to clone, and the same for all clones.
#[derive(Clone, Debug)]
pub struct Feed(Arc<News>);

#[derive(Debug)]
struct News {
    /// `None` until the database has answered once.
    state: watch::Sender<Option<State>>,
    /// Tells of each newer revision.
    revisions: watch::Sender<i64>,
    is_fresh: AtomicBool,
}

/// The task that asks. It ends when this is dropped.
#[derive(Debug)]
pub struct Asking(JoinHandle<()>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Feed {
    /// Asks for the first time, then starts to ask again and again on the calling runtime.
    pub async fn start(connect: Connect) -> (Self, Asking) {
        let news = News {
            state: watch::Sender::new(None),
            revisions: watch::Sender::new(UNKNOWN),
            is_fresh: AtomicBool::new(true),
        };
        let feed = Self(Arc::new(news));
        let mut reader = Reader { connect, store: None };
        feed.tell(reader.state().await);
        let asking = tokio::spawn(feed.clone().follow(reader));
        (feed, Asking(asking))
    }

    /// The newest data revision that was heard of; `None` before the database ever answered.
    #[must_use]
    pub fn revision(&self) -> Option<i64> {
        self.state().map(|state| state.revision)
    }

    /// The newest state of the data that was heard of; `None` before the database ever answered.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        *self.0.state.borrow()
    }

    /// What tells of each newer state.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<Option<State>> {
        self.0.state.subscribe()
    }

    /// Each new revision as it is heard of.
    #[must_use]
    pub fn revisions(&self) -> watch::Receiver<i64> {
        self.0.revisions.subscribe()
    }

    /// Whether the database answered when it was last asked.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.0.is_fresh.load(Ordering::Acquire)
    }

    async fn follow(self, mut reader: Reader) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.tell(reader.state().await);
        }
    }

    /// A failure is logged when it begins and when it ends; in between the last revision stands.
    fn tell(&self, heard: Result<State, Silence>) {
        let was_fresh = self.0.is_fresh.swap(heard.is_ok(), Ordering::AcqRel);
        match heard {
            Ok(state) => {
                self.0
                    .state
                    .send_if_modified(|known| known.replace(state) != Some(state));
                let is_news = |known: &mut i64| std::mem::replace(known, state.revision) != state.revision;
                self.0.revisions.send_if_modified(is_news);
                if !was_fresh {
                    tracing::info!(revision = state.revision, "the database answers again");
                }
            }
            Err(error) if was_fresh => tracing::error!(%error, "the data revision is not known"),
            Err(_) => {}
        }
    }
}

/// Why no revision was heard.
#[derive(Debug, thiserror::Error)]
enum Silence {
    #[error("the database did not answer within {} s", PATIENCE.as_secs())]
    Slow,
    #[error(transparent)]
    Failed(#[from] Error),
}

struct Reader {
    connect: Connect,
    store: Option<Store>,
}

impl Reader {
    async fn state(&mut self) -> Result<State, Silence> {
        timeout(PATIENCE, self.ask())
            .await
            .map_err(|_| Silence::Slow)?
            .map_err(Silence::Failed)
    }

    async fn ask(&mut self) -> Result<State, Error> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::new(&(self.connect)().await?),
        };
        self.store.insert(store).state().await
    }
}
