//! The reading half of the assembly line, on a thread of its own: bytes, pieces, releases, batches.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use entities::package;
use ocds::Encoding;
use ocds::split::{Piece, Place, SplitError, Splitter};
use sea_orm::prelude::Uuid;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;

use crate::Error;
use crate::batch::Batch;
use crate::fetch::{FetchError, FetchOptions, download};
use crate::format::ocds as format;
use crate::input::{self, Document, FileEncoding, Found, Input, Meter, Refusal};
use crate::pace::Pace;
use crate::reject::{Code, Reject, Rejects, cut, raw};
use crate::write::Sieve;

/// The largest piece that is parsed: in memory it takes a few times its length.
const PIECE_LIMIT: usize = 32 * 1024 * 1024;
/// How many bytes of texts make a batch, however few releases it has.
const BATCH_SIZE: usize = 384 * 1024 * 1024;
/// How much of a file that is not JSON is shown in its reject, in bytes.
const SHOWN: usize = 256;

/// What to read, and where everything goes.
pub(crate) struct Reader {
    /// The key of the source.
    pub source: Uuid,
    /// How many releases make the present batch.
    pub batch_releases: usize,
    /// How many make a batch at most.
    pub most_releases: usize,
    /// How many are written fast enough.
    pub pace: Pace,
    /// How many were handed over.
    pub handed_over: u64,
    /// What is allowed to downloads.
    pub fetch: FetchOptions,
    /// What could not be fetched.
    pub lost: Vec<Error>,
    /// Where releases are until it is known which of them are new.
    pub sieve: Sieve,
    /// Where refused pieces go.
    pub rejects: Rejects,
    /// Counts the bytes of the input.
    pub meter: Meter,
    /// How many bytes the input has, if that is known.
    pub total: Option<u64>,
    /// Where batches go.
    pub batches: Sender<Batch>,
    /// Room for the releases that are read and not written yet.
    pub room: Arc<Semaphore>,
    /// Where connections to the network and the database live.
    pub runtime: Handle,
}

/// Reading ends early: the writing half has stopped, or rejects cannot be written.
enum Stop {
    WriterGone,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl Reader {
    /// Reads all documents and hands over batch after batch; the last one holds what is left.
    pub fn read(mut self, documents: &[Document]) -> Result<(), Error> {
        let mut batch = Batch::default();
        let read = self.make_room(&mut batch).and_then(|()| {
            documents
                .iter()
                .try_for_each(|document| self.document(document, &mut batch))
        });
        let read = read.and_then(|()| self.sift(&mut batch));
        let read = read.and_then(|()| self.hand_over(&mut batch));
        let has_nothing = !documents.is_empty() && self.lost.len() == documents.len();
        match read {
            Ok(()) if has_nothing => Err(self.lost.swap_remove(0)),
            Ok(()) | Err(Stop::WriterGone) => self.rejects.flush(),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn document(&mut self, document: &Document, batch: &mut Batch) -> Result<(), Stop> {
        let name = document.input.to_string();
        let path = match &document.input {
            Input::Stdin => None,
            Input::Path(path) => Some(path.as_path()),
            Input::Download(download) => Some(download.path()),
            Input::Url(url) => {
                tracing::info!("fetching {name}");
                return match self.runtime.block_on(download(url, &self.fetch)) {
                    Ok(download) => self.file(&name, Some(download.path()), batch),
                    Err(error) => self.not_fetched(name, error, batch),
                };
            }
        };
        self.file(&name, path, batch)
    }

    /// Takes note of a file that could not be fetched.
    fn not_fetched(&mut self, name: String, error: FetchError, batch: &mut Batch) -> Result<(), Stop> {
        let detail = Some(error.to_string());
        let origin = Origin {
            file: &name,
            member: "",
        };
        self.refuse(batch, &origin.reject(None, Code::NotFetched, detail, String::new()))?;
        self.lost.push(Error::Fetch {
            url: name,
            source: error,
        });
        Ok(())
    }

    /// Reads a file to its end; without a path it is standard input.
    fn file(&mut self, file: &str, path: Option<&Path>, batch: &mut Batch) -> Result<(), Stop> {
        let meter = self.meter.clone();
        input::read(path, &meter, &mut |member, found| {
            let origin = Origin { file, member };
            match found {
                Found::Json { stream, encoding } => self.text(origin, Splitter::new(stream), encoding, batch),
                Found::Other { head, hint, .. } => {
                    let shown = cut(&String::from_utf8_lossy(&head), SHOWN).to_owned();
                    let reject = origin.reject(None, Code::NotJson, hint.map(str::to_owned), shown);
                    self.refuse(batch, &reject)
                }
                Found::Refused(refusal) => self.refuse(batch, &origin.refused(refusal)),
            }
        })
    }

    /// Reads a text to its end.
    fn text<R: Read>(
        &mut self,
        origin: Origin,
        pieces: Splitter<R>,
        encoding: FileEncoding,
        batch: &mut Batch,
    ) -> Result<(), Stop> {
        let mut package: Option<(Arc<str>, Arc<package::Model>)> = None;
        let mut of_pieces = Encoding::Utf8;
        for piece in pieces {
            match piece {
                Ok(piece) => {
                    // All pieces of a package share one text, which is read once.
                    if package.as_ref().map(|(text, _)| text) != piece.package.as_ref() {
                        let row = |text: Arc<str>| (text.clone(), Arc::new(format::package(self.source, &text)));
                        package = piece.package.clone().map(row);
                    }
                    of_pieces = of_pieces.max(piece.encoding);
                    self.piece(origin, &piece, package.as_ref().map(|(_, row)| row), batch)?;
                }
                Err(error) => self.refuse(batch, &origin.broken(error))?,
            }
        }
        batch.summary.encoding(name_of(encoding, of_pieces));
        Ok(())
    }

    fn piece(
        &mut self,
        origin: Origin,
        piece: &Piece,
        package: Option<&Arc<package::Model>>,
        batch: &mut Batch,
    ) -> Result<(), Stop> {
        if piece.text.len() > PIECE_LIMIT {
            let detail = format!("it has {} bytes, the limit is {PIECE_LIMIT}", piece.text.len());
            let reject = origin.reject(Some(&piece.place), Code::TooLarge, Some(detail), raw(&piece.text));
            return self.refuse(batch, &reject);
        }
        let found = format::read(self.source, package, &piece.text, piece.kind);
        batch.summary.linked_releases += found.linked;
        for refused in found.refused {
            let mut reject = origin.reject(Some(&piece.place), refused.code, refused.detail, refused.raw);
            if !reject.path.is_empty() && !refused.path.is_empty() {
                reject.path.push('/');
            }
            reject.path.push_str(&refused.path);
            reject.ocid = refused.ocid;
            self.refuse(batch, &reject)?;
        }
        for (release, text) in found.releases {
            self.sieve.push(release, text);
            if self.sieve.is_full(self.batch_releases) {
                self.sift(batch)?;
            }
        }
        Ok(())
    }

    /// Adds to the batch what is new of what was read.
    fn sift(&mut self, batch: &mut Batch) -> Result<(), Stop> {
        let new = self.runtime.block_on(self.sieve.empty(batch))?;
        for release in new {
            batch.summary.read += 1;
            batch.size += release.text.len();
            batch.releases.push(release);
            self.hand_over_if_full(batch)?;
        }
        self.hand_over_if_full(batch)
    }

    fn hand_over_if_full(&mut self, batch: &mut Batch) -> Result<(), Stop> {
        if batch.summary.read >= self.batch_releases as u64 || batch.size >= BATCH_SIZE {
            self.handed_over += batch.summary.read;
            self.hand_over(batch)?;
            self.batch_releases = self
                .pace
                .next(Some(self.batch_releases), self.most_releases, self.left());
            self.make_room(batch)?;
        }
        Ok(())
    }

    /// About how many releases are left to read, if the rest of the input is like what was read; unknown if its length is.
    fn left(&self) -> Option<usize> {
        let behind = self.meter.bytes();
        let left = u128::from(self.total?.saturating_sub(behind)) * u128::from(self.handed_over);
        usize::try_from(left / u128::from(behind.max(1))).ok()
    }

    fn refuse(&mut self, batch: &mut Batch, reject: &Reject) -> Result<(), Stop> {
        batch.summary.reject(reject.code.as_str());
        Ok(self.rejects.write(reject)?)
    }

    /// Rejects are in their file before the batch that followed them can be committed.
    fn hand_over(&mut self, batch: &mut Batch) -> Result<(), Stop> {
        self.rejects.flush()?;
        self.batches
            .blocking_send(std::mem::take(batch))
            .map_err(|_| Stop::WriterGone)
    }

    /// Waits until there is room for another batch. Small ones may wait while the next is read; of large ones there is no
    /// more than one beside that which is written.
    fn make_room(&self, batch: &mut Batch) -> Result<(), Stop> {
        let releases = u32::try_from(self.batch_releases).unwrap_or(u32::MAX);
        let room = self
            .runtime
            .block_on(Arc::clone(&self.room).acquire_many_owned(releases));
        batch.room = Some(room.map_err(|_| Stop::WriterGone)?);
        Ok(())
    }
}

/// Where a text stands.
#[derive(Clone, Copy)]
struct Origin<'n> {
    file: &'n str,
    /// The member of an archive; empty where the file is none.
    member: &'n str,
}

impl Origin<'_> {
    /// The reject of what stands at a place, or of a whole text.
    fn reject(self, place: Option<&Place>, code: Code, detail: Option<String>, raw: String) -> Reject {
        Reject {
            file: self.file.to_owned(),
            member: (!self.member.is_empty()).then(|| self.member.to_owned()),
            line: place.map(|place| place.line),
            path: place.map(|place| place.path.clone()).unwrap_or_default(),
            ocid: None,
            code,
            message: message(code, detail),
            raw,
        }
    }

    /// The reject of what is not read at all.
    fn refused(self, refusal: Refusal) -> Reject {
        self.reject(None, refusal.code, refusal.detail, String::new())
    }

    /// The reject of what could not even be cut into pieces.
    fn broken(self, error: SplitError) -> Reject {
        match error {
            SplitError::Io(error) => self.refused(error.into()),
            SplitError::Syntax { place, reason, text } => {
                self.reject(Some(&place), Code::InvalidJson, Some(reason), text)
            }
            SplitError::Damaged { place, text_lossy } => {
                let detail = "U+FFFD stands for what cannot be read".to_owned();
                self.reject(Some(&place), Code::InvalidUtf8, Some(detail), text_lossy)
            }
            SplitError::TooLarge { place, limit } => {
                let detail = format!("the limit is {limit} bytes");
                self.reject(Some(&place), Code::TooLarge, Some(detail), String::new())
            }
        }
    }
}

fn message(code: Code, detail: Option<String>) -> String {
    detail.map_or_else(
        || code.message().to_owned(),
        |detail| format!("{} ({detail})", code.message()),
    )
}

/// What a summary calls the encoding of a text: what its pieces show, or else what its first bytes do.
fn name_of(file: FileEncoding, pieces: Encoding) -> &'static str {
    match (pieces, file) {
        (Encoding::Windows1252, _) => "windows_1252",
        (Encoding::Latin1, _) => "latin_1",
        (Encoding::Utf8, FileEncoding::Utf8) => "utf_8",
        (Encoding::Utf8, FileEncoding::Utf8WithMark) => "utf_8_with_byte_order_mark",
        (Encoding::Utf8, FileEncoding::Utf16Little) => "utf_16_little_endian",
        (Encoding::Utf8, FileEncoding::Utf16Big) => "utf_16_big_endian",
    }
}
