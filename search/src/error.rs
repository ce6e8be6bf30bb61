//! What can go wrong with the index.

use std::io;
use std::path::PathBuf;

use sea_orm::DbErr;
use tantivy::TantivyError;

/// Why the index could not be built or asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text to search for cannot be used.
    #[error(transparent)]
    Text(#[from] crate::text::TextError),
    /// There is no index to ask, or none that can be read.
    #[error("there is no search index at {0}; run `tendergraph reindex`, or start the server, which builds one")]
    Missing(PathBuf),
    /// Another process is building an index in the same folder.
    #[error("another process is building an index in {0}; wait for it to end")]
    Busy(PathBuf),
    /// A file or folder of the index cannot be used.
    #[error("the search index at {path} cannot be used: {source}; choose another place with INDEX_PATH")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The index failed, as a damaged one does.
    #[error("the search index failed: {0}; it may be deleted, and is built anew then")]
    Index(#[from] TantivyError),
    /// The database, from which the index is built, failed.
    #[error("the database failed while the search index was built: {0}")]
    Database(#[from] DbErr),
    /// The index must be built anew: it was made from another database, or from an older state of this one.
    #[error("the search index does not belong to this database")]
    Foreign,
}

/// The results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Index(TantivyError::from(error))
    }
}
