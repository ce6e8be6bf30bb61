//! What clients have spent of their quotas, counted in Redis if there is one, so that several hubs count together, and in
//! the process otherwise.
//!
//! A quota is a bucket that fills evenly. All there is to keep of it is the moment at which it will be full again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::future::Cache as Map;

/// Clients that a process remembers; beyond that, those who have not asked for longest begin anew.
const CLIENTS: u64 = 100_000;

/// What a client may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Points of a full bucket.
    pub points: u64,
    /// How long an empty one takes to be full.
    pub window: Duration,
}

/// The state of a client's quota after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// The quota.
    pub quota: Quota,
    /// Points that are left.
    pub available: u64,
    /// How long until all are there.
    pub full_after: Duration,
    /// How long to wait until there are enough, if there were not: nothing was taken then.
    pub wait: Option<Duration>,
}

impl Quota {
    /// How long it takes until so many points have come back. Whole microseconds, as Redis counts them.
    #[must_use]
    pub fn time_for(self, points: u64) -> Duration {
        let micros = self.window.as_micros().saturating_mul(points.into()) / u128::from(self.points.max(1));
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// How many points come back in a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "it is told to people")]
    pub fn points_per_second(self) -> f64 {
        let rate = self.points as f64 / self.window.as_secs_f64();
        (rate * 1000.0).round() / 1000.0
    }

    /// Takes points from a bucket that is full after `missing`, if they are there. Gives its level and after how long it
    /// is full then.
    #[must_use]
    pub fn take(self, missing: Duration, cost: u64) -> (Level, Duration) {
        let after = missing.saturating_add(self.time_for(cost));
        let (full_after, wait) = match after.checked_sub(self.window) {
            None | Some(Duration::ZERO) => (after, None),
            Some(excess) => (missing, Some(excess)),
        };
        let left = self
            .window
            .saturating_sub(full_after)
            .as_micros()
            .saturating_mul(self.points.into());
        // Times are rounded down, so a point that was just taken may look as if a bit of it were still missing.
        let available = (left + self.window.as_micros() / 1000) / self.window.as_micros().max(1);
        let level = Level {
            quota: self,
            available: u64::try_from(available).unwrap_or(u64::MAX).min(self.points),
            full_after,
            wait,
        };
        (level, full_after)
    }
}

/// When each client's bucket is full again.
pub struct Points(Map<Arc<str>, Arc<Mutex<Instant>>>);

impl Points {
    /// Nobody has spent anything.
    #[must_use]
    pub fn new() -> Self {
        Self(Map::new(CLIENTS))
    }

    /// Takes points from a client's bucket if they are there.
    pub async fn spend(&self, client: &Arc<str>, quota: Quota, cost: u64) -> Level {
        let now = Instant::now();
        let full_at = self
            .0
            .get_with(Arc::clone(client), async { Arc::new(Mutex::new(now)) })
            .await;
        let mut full_at = full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let (level, full_after) = quota.take(full_at.saturating_duration_since(now), cost);
        *full_at = now + full_after;
        level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota {
        points: 100,
        window: Duration::from_mins(1),
    };

    #[test]
    fn points_are_taken_while_there_are_enough() {
        let (level, missing) = QUOTA.take(Duration::ZERO, 60);
        assert_eq!((level.available, level.wait), (40, None));
        assert_eq!(missing, Duration::from_secs(36));
        let (level, missing) = QUOTA.take(missing, 40);
        assert_eq!((level.available, level.wait), (0, None));
        let (level, missing) = QUOTA.take(missing, 1);
        assert_eq!((level.available, missing), (0, Duration::from_mins(1)));
        assert_eq!(level.wait, Some(Duration::from_millis(600)));
    }

    #[test]
    fn points_come_back_evenly() {
        let (level, _) = QUOTA.take(Duration::from_secs(30), 50);
        assert_eq!((level.available, level.wait), (0, None));
        let (level, _) = QUOTA.take(Duration::from_secs(30), 51);
        assert_eq!(level.available, 50, "what was not taken is still there");
        assert!(level.wait.is_some());
    }

    #[test]
    fn points_that_do_not_divide_the_window_are_counted_right() {
        let quota = Quota { points: 7, ..QUOTA };
        let mut missing = Duration::ZERO;
        for left in (0..7).rev() {
            let (level, after) = quota.take(missing, 1);
            assert_eq!((level.available, level.wait), (left, None));
            missing = after;
        }
        assert!(quota.take(missing, 1).0.wait.is_some());
        let (level, _) = Quota {
            points: u64::MAX,
            ..QUOTA
        }
        .take(Duration::ZERO, u64::MAX);
        assert_eq!((level.available, level.wait), (0, None));
    }

    #[tokio::test]
    async fn each_client_has_a_bucket() {
        let points = Points::new();
        let [one, other]: [Arc<str>; 2] = ["one".into(), "other".into()];
        assert_eq!(points.spend(&one, QUOTA, 100).await.wait, None);
        assert!(points.spend(&one, QUOTA, 50).await.wait.is_some());
        assert_eq!(points.spend(&other, QUOTA, 50).await.wait, None);
    }
}
