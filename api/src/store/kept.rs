//! A worker's connections, which it keeps between statements.
//!
//! The pool makes them. It also asks each one that is given back whether it still lives, which takes a round trip more
//! for every statement: so they are not given back, unless something went wrong with them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Database, Error, Pool};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// After so long without work a connection is asked for a sign of life before it is used.
const TEST_AFTER: Duration = Duration::from_secs(30);
/// How long that sign may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(1);

/// The connections of a pool that nobody else uses.
#[derive(Debug)]
pub(super) struct Kept<D: Database> {
    pool: Pool<D>,
    /// As many as the pool may have connections.
    permits: Semaphore,
    idle: Idle<D>,
}

impl<D: Database> Kept<D> {
    pub fn new(pool: &Pool<D>) -> Self {
        let most = pool.options().get_max_connections();
        Self {
            pool: pool.clone(),
            permits: Semaphore::new(most as usize),
            idle: Idle::default(),
        }
    }

    /// How many connections there are, and how many of them are idle.
    pub fn count(&self) -> (usize, usize) {
        (self.pool.size() as usize, self.pool.num_idle() + self.idle.count())
    }

    /// The right to use a connection, once there is one to be had.
    ///
    /// # Errors
    /// [`Error::PoolTimedOut`] if others use all of them for too long.
    pub async fn permit(&self) -> Result<SemaphorePermit<'_>, Error> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let permit = timeout(self.pool.options().get_acquire_timeout(), self.permits.acquire()).await;
        permit.ok().and_then(Result::ok).ok_or(Error::PoolTimedOut)
    }

    /// A connection that did its work before, if there is one that may still live.
    pub async fn reuse(&self) -> Option<PoolConnection<D>> {
        while let Some((since, mut connection)) = self.idle.take() {
            if since.elapsed() < TEST_AFTER {
                return Some(connection);
            }
            match Box::pin(timeout(TEST_TIMEOUT, connection.ping())).await {
                Ok(Ok(())) => return Some(connection),
                _ => connection.close_on_drop(),
            }
        }
        None
    }

    /// A connection of the pool.
    ///
    /// # Errors
    /// Of the driver, if none can be made.
    pub async fn make(&self) -> Result<PoolConnection<D>, Error> {
        // Boxed, because making a connection holds much more than all the rest.
        Box::pin(self.pool.acquire()).await
    }

    /// Keeps a connection that did its work to the end.
    pub fn keep(&self, connection: PoolConnection<D>) {
        self.idle.lock().push((Instant::now(), connection));
    }
}

/// Connections without work, the one that had work last on top.
#[derive(Debug)]
struct Idle<D: Database>(Mutex<Vec<(Instant, PoolConnection<D>)>>);

impl<D: Database> Default for Idle<D> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<D: Database> Idle<D> {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, PoolConnection<D>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<(Instant, PoolConnection<D>)> {
        self.lock().pop()
    }

    fn count(&self) -> usize {
        self.lock().len()
    }
}

impl<D: Database> Drop for Idle<D> {
    fn drop(&mut self) {
        // Giving them back takes a task, and the runtime may have ended.
        for (_, connection) in self.lock().drain(..) {
            drop(connection.leak());
        }
    }
}
