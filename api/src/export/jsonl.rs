//! JSON Lines: one compiled release a line, digit for digit as it was published.

use std::io;
use std::sync::Arc;

use crate::criteria::TenderFilter;
use crate::error::{Error, Result};
use crate::store::{Store, release};

/// Compiled releases that are in memory at a time.
const BATCH: u64 = 200;

/// Hands every compiled release that matches to `write`, in the order of their keys, and says how many there were.
///
/// # Errors
/// [`Error::BadUserInput`] if the filter makes no sense, [`Error::Store`] if the database fails, [`Error::Output`] if
/// `write` does.
pub async fn releases(
    store: &Store,
    filter: &TenderFilter,
    mut write: impl FnMut(&str) -> io::Result<()>,
) -> Result<u64> {
    let (mut after, mut count) = (None, 0);
    loop {
        let batch = release::compiled_after(store, filter, after, BATCH).await?;
        let Some(&(last, _)) = batch.last() else {
            return Ok(count);
        };
        for (_, text) in &batch {
            write(text).map_err(|error| Error::Output(Arc::new(error)))?;
            count += 1;
        }
        after = Some(last);
    }
}
