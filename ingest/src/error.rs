use std::io;
use std::path::PathBuf;

use crate::fetch::FetchError;

/// Why a load could not go on. What was committed before stays; running the same load again finishes it.
///
/// A piece of input that is wrong is none of these: it becomes a [reject](crate::reject), and the load goes on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name given to the source cannot be a slug.
    #[error("`{0}` cannot name a source: use up to 64 of the letters a to z, the digits and `-`, such as `tenderned`")]
    Slug(String),
    /// A text that tells no times.
    #[error("`{0}` is no schedule: write an interval such as `30m`, `6h` or `1d`, or `daily 03:00`, or `monday 03:00`")]
    Schedule(String),
    /// Something said of a source that cannot be meant.
    #[error("`{value}` cannot be the {field} of a source: write it like `{example}`")]
    Declaration {
        /// What was said.
        field: &'static str,
        /// The value.
        value: String,
        /// What would do.
        example: &'static str,
    },
    /// Something said of how a source is merged that cannot be meant.
    #[error(transparent)]
    Override(#[from] ocds::rules::OverrideError),
    /// A source that nobody has heard of.
    #[error("there is no source `{0}`: `tendergraph source list` shows those there are")]
    UnknownSource(String),
    /// A source that cannot be fetched from.
    #[error("nobody said where to fetch `{0}` from: say so with `tendergraph source add {0} --url URL`")]
    NoAddress(String),
    /// A source that cannot be removed, because something loads it.
    #[error("`{slug}` is being loaded by process {process} on {host}: wait for its end, or stop it, and try again")]
    SourceInUse {
        /// The source.
        slug: String,
        /// The machine that the load runs on.
        host: String,
        /// Its number there.
        process: i64,
    },
    /// An input that looks like an address and is none.
    #[error("`{0}` is no address of a file: check it")]
    Url(String),
    /// Nothing of the input could be fetched.
    #[error("{url} cannot be fetched")]
    Fetch {
        /// The first address that could not be fetched.
        url: String,
        /// Why.
        source: FetchError,
    },
    /// An input that is not there, or a folder that cannot be listed.
    #[error("the input {} cannot be opened: check the path and its permissions", path.display())]
    Input {
        /// The path as given, or as found in a folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A pattern of paths that nothing matches.
    #[error("no file matches `{0}`: check the pattern, and the folder it starts from")]
    Pattern(String),
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
    /// Nobody answers at the address of the database, or the connection was cut.
    #[error("the database does not answer: see that it runs and can be reached, then run the same command again")]
    Unreachable(#[source] sqlx::Error),
    /// Another program has been writing to the same SQLite file for as long as a load waits.
    #[error("another program keeps the database locked: wait for it or end it, then run the same command again")]
    Locked(#[source] sqlx::Error),
    /// The database has no room left.
    #[error("the disk of the database is full: make room, then run the same command again")]
    DiskFull(#[source] sqlx::Error),
    /// The database is there, but not for writing.
    #[error("the database can only be read: give an address and an account that may write")]
    ReadOnly(#[source] sqlx::Error),
    /// The database refused something.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// Memory ran out while texts were compressed.
    #[error("a text could not be compressed: see that there is memory left, then run the same command again")]
    Compression(#[source] io::Error),
    /// Rows that waited for their turn in a temporary file are lost.
    #[error("rows that wait to be written cannot be read back from {}: see that its disk is sound, or name another folder \
             with TMPDIR, then run the same command again", std::env::temp_dir().display())]
    Spool(#[source] io::Error),
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
    /// A file of exchange rates that cannot be taken.
    #[error("the rates cannot be taken")]
    Rates(#[from] crate::rates::RatesError),
    /// A list of doubtful pairs that cannot be written.
    #[error("the list cannot be written")]
    Review(#[from] csv::Error),
    /// The part of the load that runs on its own thread ended without an answer.
    #[error("a worker thread of the load stopped unexpectedly: this is a defect, please report it")]
    Worker,
}

/// Tells failures apart by what can be done about them.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Error::Unreachable(error)
            }
            sqlx::Error::Database(failure) => kind(&failure.code().unwrap_or_default())(error),
            _ => Error::Database(error),
        }
    }
}

/// What a code of either database means: five characters are an SQLSTATE, and a number is a result code of SQLite, whose
/// lowest byte tells the kind.
fn kind(code: &str) -> fn(sqlx::Error) -> Error {
    if code.len() == 5 {
        return match code {
            // Connection exceptions; the server shuts down, has crashed, or is still starting.
            "57P01" | "57P02" | "57P03" => Error::Unreachable,
            _ if code.starts_with("08") => Error::Unreachable,
            "53100" => Error::DiskFull,
            "25006" | "42501" => Error::ReadOnly,
            _ => Error::Database,
        };
    }
    match code.parse::<i32>().map(|code| code & 0xFF) {
        Ok(5 | 6) => Error::Locked,
        Ok(13) => Error::DiskFull,
        Ok(8) => Error::ReadOnly,
        Ok(14) => Error::Unreachable,
        _ => Error::Database,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_tell_what_to_do() {
        for (code, expected) in [
            ("57P01", "does not answer"),
            ("08006", "does not answer"),
            ("53100", "disk"),
            ("25006", "only be read"),
            ("23505", "failed"),
            ("5", "locked"),
            ("517", "locked"),
            ("13", "disk"),
            ("1032", "only be read"),
            ("14", "does not answer"),
            ("2067", "failed"),
            ("", "failed"),
        ] {
            let said = kind(code)(sqlx::Error::WorkerCrashed).to_string();
            assert!(said.contains(expected), "{code}: {said}");
        }
    }
}
