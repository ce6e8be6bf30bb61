//! The reading half of the assembly line, on a thread of its own: bytes, pieces, releases, batches.

use std::sync::Arc;

use entities::package;
use ocds::split::{Piece, Place, SplitError, Splitter};
use sea_orm::prelude::Uuid;
use tokio::sync::mpsc::Sender;

use crate::Error;
use crate::batch::Batch;
use crate::format::ocds as format;
use crate::input::{self, Content, Document, Meter};
use crate::reject::{Code, Reject, Rejects, cut, raw};

/// The largest piece that is parsed: in memory it takes a few times its length.
const PIECE_LIMIT: usize = 32 * 1024 * 1024;
/// How much text a batch holds at most, give or take one release.
const BATCH_SIZE: usize = 16 * 1024 * 1024;
/// How much of a file that is not JSON is shown in its reject, in bytes.
const SHOWN: usize = 256;

/// What to read, and where everything goes.
pub(crate) struct Reader {
    /// The key of the source.
    pub source: Uuid,
    /// How many releases make a batch.
    pub batch_releases: usize,
    /// Where refused pieces go.
    pub rejects: Rejects,
    /// Counts the bytes of the input.
    pub meter: Meter,
    /// Where batches go.
    pub batches: Sender<Batch>,
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
        let read = documents
            .iter()
            .try_for_each(|document| self.document(document, &mut batch));
        match read.and_then(|()| self.hand_over(&mut batch)) {
            Ok(()) | Err(Stop::WriterGone) => self.rejects.flush(),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn document(&mut self, document: &Document, batch: &mut Batch) -> Result<(), Stop> {
        let name = document.name();
        let stream = match input::open(document, &self.meter) {
            Ok(Content::Json(stream)) => stream,
            Ok(Content::Empty) => return Ok(()),
            Ok(Content::Other(head)) => {
                let shown = cut(&String::from_utf8_lossy(&head), SHOWN).to_owned();
                let reject = at(&name, None, Code::NotJson, hint(&head).map(str::to_owned), shown);
                return self.refuse(batch, &reject);
            }
            Err(error) => return self.refuse(batch, &broken(&name, SplitError::Io(error))),
        };
        let mut package: Option<(Arc<str>, Arc<package::Model>)> = None;
        for piece in Splitter::new(stream) {
            match piece {
                Ok(piece) => {
                    // All pieces of a package share one text, which is read once.
                    if package.as_ref().map(|(text, _)| text) != piece.package.as_ref() {
                        let row = |text: Arc<str>| (text.clone(), Arc::new(format::package(self.source, &text)));
                        package = piece.package.clone().map(row);
                    }
                    self.piece(&name, &piece, package.as_ref().map(|(_, row)| row), batch)?;
                }
                Err(error) => self.refuse(batch, &broken(&name, error))?,
            }
        }
        Ok(())
    }

    fn piece(
        &mut self,
        name: &str,
        piece: &Piece,
        package: Option<&Arc<package::Model>>,
        batch: &mut Batch,
    ) -> Result<(), Stop> {
        if piece.text.len() > PIECE_LIMIT {
            let detail = format!("it has {} bytes, the limit is {PIECE_LIMIT}", piece.text.len());
            let reject = at(name, Some(&piece.place), Code::TooLarge, Some(detail), raw(&piece.text));
            return self.refuse(batch, &reject);
        }
        let found = format::read(self.source, package, &piece.text, piece.kind);
        batch.summary.linked_releases += found.linked;
        for refused in found.refused {
            let mut reject = at(name, Some(&piece.place), refused.code, refused.detail, refused.raw);
            if !reject.path.is_empty() && !refused.path.is_empty() {
                reject.path.push('/');
            }
            reject.path.push_str(&refused.path);
            reject.ocid = refused.ocid;
            self.refuse(batch, &reject)?;
        }
        for release in found.releases {
            batch.size += release.text.len();
            batch.summary.read += 1;
            batch.releases.push(release);
            if batch.releases.len() >= self.batch_releases || batch.size >= BATCH_SIZE {
                self.hand_over(batch)?;
            }
        }
        Ok(())
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
}

/// The reject of what stands at a place, or of a whole document.
fn at(name: &str, place: Option<&Place>, code: Code, detail: Option<String>, raw: String) -> Reject {
    Reject {
        file: name.to_owned(),
        line: place.map(|place| place.line),
        path: place.map(|place| place.path.clone()).unwrap_or_default(),
        ocid: None,
        code,
        message: message(code, detail),
        raw,
    }
}

/// The reject of what could not even be cut into pieces.
fn broken(name: &str, error: SplitError) -> Reject {
    match error {
        SplitError::Io(error) => at(name, None, Code::Unreadable, Some(error.to_string()), String::new()),
        SplitError::Syntax { place, reason, text } => at(name, Some(&place), Code::InvalidJson, Some(reason), text),
        SplitError::NotUtf8 { place, text_lossy } => {
            let detail = "U+FFFD stands for what cannot be read".to_owned();
            at(name, Some(&place), Code::InvalidUtf8, Some(detail), text_lossy)
        }
        SplitError::TooLarge { place, limit } => {
            let detail = format!("the limit is {limit} bytes");
            at(name, Some(&place), Code::TooLarge, Some(detail), String::new())
        }
    }
}

fn message(code: Code, detail: Option<String>) -> String {
    detail.map_or_else(
        || code.message().to_owned(),
        |detail| format!("{} ({detail})", code.message()),
    )
}

/// What to do with a file of a well-known kind that is not JSON.
fn hint(head: &[u8]) -> Option<&'static str> {
    let is_tar = head.get(257..262) == Some(b"ustar");
    match head {
        [b'P', b'K', ..] => Some("it is a zip archive: unpack it first"),
        _ if is_tar => Some("it is a tar archive: unpack it first"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("it is UTF-16: convert it to UTF-8 first"),
        [b'<', ..] => Some("it is XML or HTML"),
        _ => None,
    }
}
