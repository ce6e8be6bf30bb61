//! Who wants to hear of changes: filters in, changes out, for the whole process.
//!
//! One task follows the table of changes. Each subscriber has a place in it, and those at the same place are served by one
//! statement with all their filters, so that a commit costs one statement however many subscribers there are. A subscriber
//! whose queue is full stays where it is and is served again once there is room: slow ones are late, but miss nothing and
//! hold up nobody, and no queue grows.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use search::Index;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use uuid::Uuid;

use crate::config::Connect;
use crate::criteria::TenderFilter;
use crate::error::Result;
use crate::feed::Feed;
use crate::store::change::{ChangeRow, Place, following};
use crate::store::{State, Store};

/// Changes that wait for one subscriber.
const QUEUE: usize = 32;
/// Changes read at once.
const ROWS: u64 = 200;
/// Filters of one statement: each takes values, of which databases bind a limited number.
const FILTERS: usize = 40;
/// How long the database is left alone after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The subscribers of the process. Cheap to clone, and the same for all clones.
#[derive(Clone, Default)]
pub struct Subscribers(Arc<Registry>);

#[derive(Default)]
struct Registry {
    list: Mutex<Enlisted>,
    /// Tells the task that a queue has room.
    room: Notify,
}

#[derive(Default)]
struct Enlisted {
    next: u64,
    subscribers: HashMap<u64, Subscriber>,
}

struct Subscriber {
    filter: Arc<TenderFilter>,
    /// The last change that was read for it.
    place: Place,
    queue: mpsc::Sender<Arc<ChangeRow>>,
}

/// The changes that one subscriber hears of. It ends when this is dropped.
pub struct Changes {
    queue: mpsc::Receiver<Arc<ChangeRow>>,
    registry: Arc<Registry>,
}

impl Changes {
    /// The next one. Nothing is lost if waiting for it is given up.
    pub async fn next(&mut self) -> Option<Arc<ChangeRow>> {
        if let Ok(change) = self.queue.try_recv() {
            return Some(change);
        }
        self.registry.room.notify_one();
        self.queue.recv().await
    }
}

/// The task that serves the subscribers. It ends when this is dropped.
#[derive(Debug)]
pub struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Subscribers {
    /// Adds one who wants to hear of what is committed after `revision`.
    #[must_use]
    pub fn add(&self, filter: TenderFilter, revision: i64) -> Changes {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut list = self.0.lock();
        let id = list.next;
        list.next += 1;
        let subscriber = Subscriber {
            filter: Arc::new(filter),
            place: end_of(revision),
            queue: sender,
        };
        list.subscribers.insert(id, subscriber);
        Changes {
            queue: receiver,
            registry: Arc::clone(&self.0),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        let list = self.0.lock();
        let going = list
            .subscribers
            .values()
            .filter(|subscriber| !subscriber.queue.is_closed());
        going.count()
    }

    /// Starts to serve them on the calling runtime. Statements are added to `asked`.
    #[must_use]
    pub fn serve(&self, feed: &Feed, connect: Connect, asked: Arc<AtomicU64>, index: Option<Index>) -> Serving {
        let published = index.as_ref().map(Index::published);
        let reader = Reader {
            connect,
            asked,
            index,
            store: None,
        };
        Serving(tokio::spawn(self.clone().follow(feed.news(), published, reader)))
    }

    async fn follow(
        self,
        mut news: watch::Receiver<Option<State>>,
        mut published: Option<watch::Receiver<i64>>,
        mut reader: Reader,
    ) {
        loop {
            tokio::select! {
                changed = news.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
                () = self.0.room.notified() => {}
                () = next(&mut published) => {}
            }
            let Some(State { revision, .. }) = *news.borrow_and_update() else {
                continue;
            };
            if let Err(error) = self.serve_up_to(revision, &mut reader).await {
                tracing::error!(%error, "subscribers cannot be told what changed; they are told later");
                reader.store = None;
                sleep(PAUSE).await;
                self.0.room.notify_one();
            }
        }
    }

    /// Serves all who have room and are not yet there.
    async fn serve_up_to(&self, revision: i64, reader: &mut Reader) -> Result<()> {
        loop {
            let groups = self.0.lock().groups(revision, reader.searchable());
            if groups.is_empty() {
                return Ok(());
            }
            let store = reader.store().await?;
            for group in groups {
                if self.serve_group(&group, store).await.is_err() {
                    // If that was the database's fault, so is this.
                    store.state().await?;
                    self.serve_one_by_one(group, store).await;
                }
            }
        }
    }

    async fn serve_group(&self, group: &Group, store: &Store) -> Result<()> {
        let filters: Vec<&TenderFilter> = group.members.iter().map(|(filter, _)| &**filter).collect();
        let rows = following(store, group.place, group.until, &filters, ROWS).await?;
        let rows = rows.into_iter().map(|(row, matches)| (Arc::new(row), matches));
        self.0
            .lock()
            .deliver(&group.members, &rows.collect::<Vec<_>>(), group.until);
        Ok(())
    }

    /// Serves each filter of a group by a statement of its own, and lets go of those that the database cannot evaluate, such
    /// as one of more values than it binds: nobody else may suffer from them.
    async fn serve_one_by_one(&self, group: Group, store: &Store) {
        for member in group.members {
            let alone = Group {
                place: group.place,
                until: group.until,
                members: vec![member],
            };
            if let Err(error) = self.serve_group(&alone, store).await {
                tracing::warn!(%error, "a subscription ends, because the database cannot evaluate its filter");
                let mut list = self.0.lock();
                for id in alone.members.iter().flat_map(|(_, ids)| ids) {
                    list.subscribers.remove(id);
                }
            }
        }
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Enlisted> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Subscribers at the same place, by filter.
struct Group {
    place: Place,
    /// The revision up to which they can be told.
    until: i64,
    members: Vec<(Arc<TenderFilter>, Vec<u64>)>,
}

impl Enlisted {
    /// Those who can be told something, and forgets those who have gone. Who asks for words waits until they are in the
    /// index, which has come as far as `searchable`.
    fn groups(&mut self, revision: i64, searchable: i64) -> Vec<Group> {
        self.subscribers.retain(|_, subscriber| !subscriber.queue.is_closed());
        let mut waiting: HashMap<(Place, i64), HashMap<Arc<TenderFilter>, Vec<u64>>> = HashMap::new();
        for (&id, subscriber) in &mut self.subscribers {
            // A database that was put back to an earlier state counts from there.
            subscriber.place = subscriber.place.min(end_of(revision));
            let until = if subscriber.filter.searches() {
                revision.min(searchable)
            } else {
                revision
            };
            if subscriber.place < end_of(until) && subscriber.queue.capacity() > 0 {
                let here = waiting.entry((subscriber.place, until)).or_default();
                here.entry(Arc::clone(&subscriber.filter)).or_default().push(id);
            }
        }
        let mut groups = Vec::new();
        for ((place, until), members) in waiting {
            let members: Vec<_> = members.into_iter().collect();
            groups.extend(members.chunks(FILTERS).map(|members| Group {
                place,
                until,
                members: members.to_vec(),
            }));
        }
        groups
    }

    /// Puts rows into the queues of those whom they concern, as far as there is room.
    fn deliver(
        &mut self,
        members: &[(Arc<TenderFilter>, Vec<u64>)],
        rows: &[(Arc<ChangeRow>, Vec<bool>)],
        revision: i64,
    ) {
        let is_all = (rows.len() as u64) < ROWS;
        for (filter, (_, ids)) in members.iter().enumerate() {
            for id in ids {
                let Some(subscriber) = self.subscribers.get_mut(id) else {
                    continue;
                };
                let has_taken_all = rows
                    .iter()
                    .all(|(row, matches)| !matches[filter] || subscriber.take(row));
                if has_taken_all {
                    subscriber.place = match rows.last() {
                        Some((row, _)) if !is_all => (row.revision, row.tender_id),
                        _ => end_of(revision),
                    };
                }
            }
        }
    }
}

impl Subscriber {
    /// Whether there was room for the change.
    fn take(&mut self, row: &Arc<ChangeRow>) -> bool {
        match self.queue.try_send(Arc::clone(row)) {
            Ok(()) => {
                self.place = (row.revision, row.tender_id);
                true
            }
            // It has gone, and is forgotten at the next look.
            Err(TrySendError::Closed(_)) => true,
            Err(TrySendError::Full(_)) => false,
        }
    }
}

/// The place behind all changes of a revision.
fn end_of(revision: i64) -> Place {
    (revision, Uuid::max())
}

struct Reader {
    connect: Connect,
    asked: Arc<AtomicU64>,
    index: Option<Index>,
    /// Opened when it is first needed.
    store: Option<Store>,
}

/// Waits for the next state of the index; for ever, if there is none.
async fn next(published: &mut Option<watch::Receiver<i64>>) {
    if let Some(published) = published
        && published.changed().await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

impl Reader {
    /// How far the index has come.
    fn searchable(&self) -> i64 {
        self.index.as_ref().and_then(Index::revision).unwrap_or(i64::MIN)
    }

    async fn store(&mut self) -> Result<&Store> {
        let store = if let Some(store) = self.store.take() {
            store
        } else {
            let database = (self.connect)().await?;
            Store::counting(&database, Arc::clone(&self.asked)).searching(self.index.clone())
        };
        Ok(self.store.insert(store))
    }
}
