use std::io;
use std::path::PathBuf;

/// Why a load could not go on. What was committed before stays; running the same load again finishes it.
///
/// A piece of input that is wrong is none of these: it becomes a [reject](crate::reject), and the load goes on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name given to the source cannot be a slug.
    #[error("`{0}` cannot name a source: use up to 64 of the letters a to z, the digits and `-`, such as `tenderned`")]
    Slug(String),
    /// An input that is an address on the network.
    #[error("`{0}` is a URL: download the file first and give its path")]
    Url(String),
    /// An input that is not there, or a folder that cannot be listed.
    #[error("the input {} cannot be opened: check the path and its permissions", path.display())]
    Input {
        /// The path as given, or as found in a folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The rejects file cannot be written.
    #[error("the rejects file {} cannot be written: choose another place for it", path.display())]
    Rejects {
        /// The path as given.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The address of the database is of neither kind.
    #[error("`{0}` is no address of a database: use `sqlite://FILE` or `postgres://USER@HOST/NAME`")]
    DatabaseUrl(String),
    /// The tables have not been made.
    #[error("the database does not have the tables of the hub: make them with `tendergraph migrate up`")]
    NotMigrated,
    /// The database refused something.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A row of the database does not have the shape this version of the hub writes.
    #[error("the database holds a row that this version cannot read: check that its tables are up to date")]
    Row(#[from] sea_orm::DbErr),
    /// A stored release or compiled release is damaged.
    #[error("the stored text of process {ocid} is damaged: remove its source and load it again")]
    Damaged {
        /// The process.
        ocid: String,
    },
    /// A file of decisions about organisations that cannot be taken.
    #[error("the decisions cannot be taken")]
    Decisions(#[from] crate::organization::DecisionError),
    /// A list of doubtful pairs that cannot be written.
    #[error("the list cannot be written")]
    Review(#[from] csv::Error),
    /// The part of the load that runs on its own thread ended without an answer.
    #[error("a worker thread of the load stopped unexpectedly: this is a defect, please report it")]
    Worker,
}
