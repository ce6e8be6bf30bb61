//! How many connections each address keeps open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::StatusCode;

use super::refusal::Refusal;
use crate::error::Code;

/// The connections that are open, by address. Cheap to clone, and the same for all clones.
#[derive(Clone)]
pub struct Seats {
    taken: Arc<Mutex<HashMap<Arc<str>, usize>>>,
    per_address: usize,
}

/// The right to keep one connection open, until it is dropped.
pub struct Seat {
    seats: Seats,
    address: Arc<str>,
}

impl Seats {
    /// So many for each address.
    #[must_use]
    pub fn new(per_address: usize) -> Self {
        Self {
            taken: Arc::default(),
            per_address,
        }
    }

    /// Takes one of an address.
    ///
    /// # Errors
    /// 429 if it has no more.
    pub fn take(&self, address: &Arc<str>) -> Result<Seat, Refusal> {
        let mut taken = self.lock();
        let count = taken.entry(Arc::clone(address)).or_default();
        if *count >= self.per_address {
            let message = format!(
                "your address keeps {count} sockets and event streams open, and may keep {}; close some, or subscribe to several \
                 things over one socket",
                self.per_address
            );
            return Err(Refusal::new(Code::RateLimited, message).with_status(StatusCode::TOO_MANY_REQUESTS));
        }
        *count += 1;
        Ok(Seat {
            seats: self.clone(),
            address: Arc::clone(address),
        })
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().values().sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}
