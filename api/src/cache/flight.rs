//! One computation for many who ask the same at the same time, across workers.
//!
//! The computation stays on the worker of whoever came first, because it uses that worker's connections. The others
//! wait for what it finds. If it is given up, because its client has gone, the next one takes over.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The computations under way.
pub struct Flights<K, V> {
    under_way: Mutex<HashMap<K, watch::Receiver<Option<V>>>>,
}

/// What to do about a question.
pub enum Turn<'a, K: Copy + Eq + Hash, V> {
    /// Find the answer, then [`Pilot::land`].
    Compute(Pilot<'a, K, V>),
    /// Someone else has found it.
    Ready(V),
}

/// The right and the duty to compute an answer. Dropping it passes both to the next in line.
pub struct Pilot<'a, K: Copy + Eq + Hash, V> {
    flights: &'a Flights<K, V>,
    key: K,
    result: watch::Sender<Option<V>>,
}

impl<K: Copy + Eq + Hash, V: Clone> Flights<K, V> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            under_way: Mutex::new(HashMap::new()),
        }
    }

    /// Waits for the answer if someone is computing it, or gives the caller the turn.
    pub async fn join(&self, key: K) -> Turn<'_, K, V> {
        loop {
            let mut result = match self.start_or_follow(key) {
                Ok(pilot) => return Turn::Compute(pilot),
                Err(result) => result,
            };
            // An error says that the computation was given up: whoever is first now takes over.
            if let Ok(found) = result.wait_for(Option::is_some).await
                && let Some(answer) = found.clone()
            {
                return Turn::Ready(answer);
            }
        }
    }

    fn start_or_follow(&self, key: K) -> Result<Pilot<'_, K, V>, watch::Receiver<Option<V>>> {
        let mut under_way = self.lock();
        if let Some(result) = under_way.get(&key) {
            return Err(result.clone());
        }
        let (sender, receiver) = watch::channel(None);
        under_way.insert(key, receiver);
        Ok(Pilot {
            flights: self,
            key,
            result: sender,
        })
    }
}

impl<K, V> Flights<K, V> {
    /// A panic elsewhere leaves the map as it was: nothing is done with it in more than one step.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, watch::Receiver<Option<V>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash, V> Pilot<'_, K, V> {
    /// Gives the answer to all who wait for it.
    pub fn land(self, answer: V) {
        self.result.send_replace(Some(answer));
    }
}

impl<K: Copy + Eq + Hash, V> Drop for Pilot<'_, K, V> {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// Asks the same from ten tasks, lets each computation go on at the gate's word, and counts the computations.
    fn ask(
        flights: &Arc<Flights<u8, u32>>,
        gate: &Arc<Semaphore>,
        count: &Arc<AtomicUsize>,
    ) -> Vec<tokio::task::JoinHandle<u32>> {
        let ask = || {
            let (flights, gate, count) = (Arc::clone(flights), Arc::clone(gate), Arc::clone(count));
            async move {
                match flights.join(7).await {
                    Turn::Ready(answer) => answer,
                    Turn::Compute(pilot) => {
                        count.fetch_add(1, Ordering::Relaxed);
                        gate.acquire().await.expect("the gate stays").forget();
                        pilot.land(42);
                        42
                    }
                }
            }
        };
        (0..10).map(|_| tokio::spawn(ask())).collect()
    }

    #[tokio::test]
    async fn many_who_ask_the_same_compute_once() {
        let (flights, gate, count) = (Arc::new(Flights::new()), Arc::new(Semaphore::new(0)), Arc::default());
        let asking = ask(&flights, &gate, &count);
        tokio::task::yield_now().await;
        gate.add_permits(1);
        for task in asking {
            assert_eq!(task.await.expect("it does not panic"), 42);
        }
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert!(flights.lock().is_empty());
    }

    #[tokio::test]
    async fn another_takes_over_when_the_first_gives_up() {
        let (flights, gate, count) = (Arc::new(Flights::new()), Arc::new(Semaphore::new(0)), Arc::default());
        let mut asking = ask(&flights, &gate, &count);
        tokio::task::yield_now().await;
        let first = asking.remove(0);
        first.abort();
        assert!(first.await.expect_err("it was aborted").is_cancelled());
        gate.add_permits(1);
        for task in asking {
            assert_eq!(task.await.expect("it does not panic"), 42);
        }
        assert_eq!(
            count.load(Ordering::Relaxed),
            2,
            "the one given up and the one that took over"
        );
    }

    #[tokio::test]
    async fn different_questions_do_not_wait_for_each_other() {
        let flights: Flights<u8, u32> = Flights::new();
        let Turn::Compute(_one) = flights.join(1).await else {
            panic!("nobody else asks")
        };
        assert!(matches!(flights.join(2).await, Turn::Compute(_)));
    }
}
