//! Compression of a file on its way out.

use std::io::Write;
use std::sync::Arc;

use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream, TryStreamExt};

use crate::error::{Error, Result};

/// The same file, compressed with gzip.
pub fn gzip(file: impl Stream<Item = Result<Bytes>> + Send + 'static) -> impl Stream<Item = Result<Bytes>> + Send {
    let start = (Box::pin(file), GzEncoder::new(Vec::new(), Compression::fast()));
    stream::try_unfold(Some(start), |state| async move {
        let Some((mut file, mut encoder)) = state else {
            return Ok(None);
        };
        let Some(piece) = file.try_next().await? else {
            let rest = encoder.finish().map_err(|error| Error::Output(Arc::new(error)))?;
            return Ok(Some((rest.into(), None)));
        };
        encoder
            .write_all(&piece)
            .map_err(|error| Error::Output(Arc::new(error)))?;
        let compressed = std::mem::take(encoder.get_mut());
        Ok(Some((compressed.into(), Some((file, encoder)))))
    })
}
