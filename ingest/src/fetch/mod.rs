//! Files from the network: fetched whole to the disk, and only if they are new.
//!
//! A download that breaks off goes on where it stopped, in the same call or in the next one: what is there stays in the
//! folder for downloads, with what the server said about it, and is only added to if the server still has the same file.
//! Addresses of private networks are refused, at every redirect and after the name was resolved, and it is the address
//! that was checked that is connected to. Proxies are not used: they would undo that.

mod address;
mod part;
mod transfer;

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use url::Url;

use part::Part;
use transfer::{Outcome, Transfer};

/// How often a download is tried again that makes no progress.
const RETRIES: u32 = 3;
/// The longest that is waited between two tries.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What is allowed to a download.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// Whether addresses of private networks and of this machine may be connected to.
    pub allow_private_addresses: bool,
    /// The largest file in bytes.
    pub size_limit: u64,
    /// The longest time for one file, all tries together.
    pub time_limit: Duration,
    /// Where downloads lie until they are loaded. It is made if it is not there.
    pub folder: PathBuf,
    /// A file of certificates (PEM) of the authorities that are trusted, in the place of those that browsers trust.
    pub certificates: Option<PathBuf>,
}

/// Public addresses only, up to 64 GiB and 12 hours, in the system's folder for temporary files.
impl Default for FetchOptions {
    fn default() -> FetchOptions {
        FetchOptions {
            allow_private_addresses: false,
            size_limit: 64 << 30,
            time_limit: Duration::from_hours(12),
            folder: std::env::temp_dir().join("tendergraph"),
            certificates: None,
        }
    }
}

/// What a server says about the version of a file, by which it can be asked whether there is a newer one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validators {
    /// What tells for certain that a file is the same, byte for byte.
    fn strong(&self) -> Option<&str> {
        let etag = self.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
        etag.or(self.last_modified.as_deref())
    }
}

/// What came of a fetch.
#[derive(Debug)]
pub enum Fetched {
    /// The server has nothing newer than what the validators stand for.
    NotModified,
    /// The file.
    Downloaded(Download),
}

/// A file that was fetched; it is gone from the disk when this is dropped.
#[derive(Debug)]
pub struct Download {
    part: Part,
}

impl Download {
    /// Where it was fetched from.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.part.url()
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.part.path()
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.part.length()
    }

    /// What the server says about this version of it: for the next fetch.
    #[must_use]
    pub fn validators(&self) -> &Validators {
        self.part.validators()
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.part.remove();
    }
}

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The host is, or leads to, an address that not everybody can reach.
    #[error(
        "{host} has the address {address}, which is not a public one: if you trust it, allow it with `--allow-private-addresses`"
    )]
    PrivateAddress {
        /// The host of the URL, or of the redirect.
        host: String,
        /// What it was resolved to.
        address: IpAddr,
    },
    /// The server refuses.
    #[error("the server answers with status {status}: check the address")]
    Status {
        /// The status of its answer.
        status: u16,
    },
    /// The file is larger than allowed.
    #[error("the file has more than {limit} bytes: raise the limit if that is right")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The download takes longer than allowed.
    #[error("the download takes longer than {} seconds: run the same command again, it goes on where it stopped", limit.as_secs())]
    TooSlow {
        /// The limit.
        limit: Duration,
    },
    /// The server cannot be reached, or breaks off again and again.
    #[error("the connection fails: check the address and the network")]
    Connection(#[source] Box<ureq::Error>),
    /// The server sent less than it said it would.
    #[error("the server broke off after {length} bytes")]
    BrokenOff {
        /// How much of the file is there.
        length: u64,
    },
    /// The folder for downloads cannot be used.
    #[error("the folder {} for downloads cannot be used: choose another one", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file of certificates holds none.
    #[error("the file {} cannot be read as certificates: give a file in PEM form", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
    },
    /// The thread that fetches ended without an answer.
    #[error("a worker thread of the download stopped unexpectedly: this is a defect, please report it")]
    Worker,
}

impl FetchError {
    /// Whether the next try may go better.
    fn is_temporary(&self) -> bool {
        match self {
            FetchError::Status { status } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            FetchError::Connection(error) => !matches!(
                **error,
                ureq::Error::BadUri(_) | ureq::Error::TooManyRedirects | ureq::Error::RequireHttpsOnly(_)
            ),
            FetchError::BrokenOff { .. } => true,
            _ => false,
        }
    }
}

/// Fetches a file, unless the server says that it is still the one that `known` stands for. Nothing known asks for the
/// file whatever it is.
///
/// # Errors
/// See [`FetchError`]. What was downloaded stays, and the next fetch of the same address goes on behind it.
pub async fn fetch(url: &Url, known: &Validators, options: &FetchOptions) -> Result<Fetched, FetchError> {
    let deadline = Instant::now() + options.time_limit;
    let mut transfer = Transfer::new(url, known, options, deadline)?;
    let (open_folder, open_url) = (options.folder.clone(), url.clone());
    let opened = blocking(move || Part::open(&open_folder, &open_url)).await?;
    let mut part = opened.map_err(|source| FetchError::Folder {
        path: options.folder.clone(),
        source,
    })?;
    let mut fruitless = 0;
    loop {
        let before = part.length();
        let attempt;
        (transfer, part, attempt) = blocking(move || {
            let attempt = transfer.attempt(&mut part);
            (transfer, part, attempt)
        })
        .await?;
        let error = match attempt {
            Ok(Outcome::NotModified) => {
                part.remove();
                return Ok(Fetched::NotModified);
            }
            Ok(Outcome::Complete) => return Ok(Fetched::Downloaded(Download { part })),
            Err(error) => error,
        };
        fruitless = if part.length() > before { 0 } else { fruitless + 1 };
        let wait = transfer
            .wished_wait()
            .unwrap_or(Duration::from_secs(1 << fruitless))
            .min(LONGEST_WAIT);
        if !error.is_temporary() || fruitless > RETRIES {
            part.remove_if_useless();
            return Err(error);
        }
        if Instant::now() + wait >= deadline {
            return Err(FetchError::TooSlow {
                limit: options.time_limit,
            });
        }
        tracing::info!("{error}, trying again in {} s", wait.as_secs());
        tokio::time::sleep(wait).await;
    }
}

/// Fetches a file, whatever version of it there is.
///
/// # Errors
/// As [`fetch`].
pub(crate) async fn download(url: &Url, options: &FetchOptions) -> Result<Download, FetchError> {
    match fetch(url, &Validators::default(), options).await? {
        Fetched::Downloaded(download) => Ok(download),
        // Nothing was said to be known, so this is no answer.
        Fetched::NotModified => Err(FetchError::Status { status: 304 }),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FetchError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| FetchError::Worker)
}
