//! What can be subscribed to.
//!
//! The engine has no part in waiting: it is asked once in the beginning, for what is meant, and then again for each event,
//! as if that were a request of its own, so that each has fresh loaders.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Result, Subscription as GraphqlSubscription};
use futures_util::stream::{self, Stream};

use super::change::Change;
use super::direct::Direct;
use super::store;
use crate::criteria::TenderFilter;
use crate::store::change::{self, ChangeRow};

/// Why a subscription is executed.
#[derive(Clone)]
pub enum Occasion {
    /// It begins: what is meant is to be written here.
    Start(Arc<Meant>),
    /// This happened.
    Event(Arc<ChangeRow>),
}

/// Which tenders a subscription means; unknown until it was executed for [`Occasion::Start`].
#[derive(Default)]
pub struct Meant(Mutex<Option<TenderFilter>>);

impl Meant {
    /// The filter, once.
    pub fn take(&self) -> Option<TenderFilter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, filter: TenderFilter) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(filter);
    }
}

/// What the hub tells by itself, over WebSocket (graphql-transport-ws) or as server-sent events.
pub struct Subscription;

/// What the hub tells by itself, over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[GraphqlSubscription]
#[expect(clippy::unused_async, reason = "the engine wants it so")]
impl Subscription {
    /// Each tender published, changed or removed, as soon as it is committed, in the order of commits. Nothing is skipped while
    /// the connection lasts; after one that broke, read on with `changes(after:)` from the last `cursor`.
    async fn tender_changed(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Only tenders that match when they have changed, as `{cpv: [\"72\"]}`, and all removals: what a removed \
                          tender was, nobody knows any more."
        )]
        filter: Option<TenderFilter>,
    ) -> Result<impl Stream<Item = Direct<Change>>> {
        let event = match context.data::<Occasion>()? {
            Occasion::Start(meant) => {
                let filter = filter.unwrap_or_default();
                change::check(store(context), &filter)?;
                meant.set(filter);
                None
            }
            Occasion::Event(row) => Some(Direct(Change(Arc::clone(row)))),
        };
        Ok(stream::iter(event))
    }
}
