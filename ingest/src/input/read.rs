//! The texts of an input, whatever they are packed in.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use super::budget::{Budget, Count, Counted, DEPTH, Meter};
use super::kind::{Kind, hint, kind, peek};
use super::member;
use super::tar::Tar;
use super::text::{FileEncoding, Utf16};
use super::zip::Zip;
use crate::reject::Code;

/// The largest window of Zstandard, as a power of two: the memory that unpacking takes. It is what `zstd` itself takes
/// without being told to take more.
const LARGEST_WINDOW: u32 = 27;

/// What an input holds, itself or as a member of an archive.
pub(crate) enum Found<'s> {
    /// What looks like JSON, in an encoding that ASCII is a part of.
    Json {
        stream: &'s mut dyn Read,
        /// The encoding of the file.
        encoding: FileEncoding,
    },
    /// Something else: its first bytes, and what it is if that is known.
    Other {
        head: Vec<u8>,
        hint: Option<&'static str>,
        /// All of it.
        stream: &'s mut dyn Read,
    },
    /// Something that cannot be read or must not be.
    Refused(Refusal),
}

/// Why something is not read.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub code: Code,
    /// What exactly is wrong, if the code does not say it all.
    pub detail: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code.message())
    }
}

impl std::error::Error for Refusal {}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        Refusal { code, detail: None }
    }
}

/// A stream ends with the refusal as its error.
impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        io::Error::other(refusal)
    }
}

/// The refusal with which a stream ended, or one that tells what the system says.
impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        error.downcast().unwrap_or_else(|error: io::Error| Refusal {
            code: Code::Unreadable,
            detail: Some(error.to_string()),
        })
    }
}

/// Told what is found in an input, and the name of the member of an archive it is; empty where it is the input itself.
type Visit<'v, S> = dyn FnMut(&str, Found) -> Result<(), S> + 'v;

/// Calls `visit` with everything a file holds, in its order; without a path it is standard input.
pub(crate) fn read<S>(path: Option<&Path>, meter: &Meter, visit: &mut Visit<S>) -> Result<(), S> {
    match path {
        Some(path) => Walk::new(meter, visit).file(path),
        None => read_stream(io::stdin().lock(), meter, visit),
    }
}

/// Calls `visit` with everything a stream holds, in its order.
pub(super) fn read_stream<S>(stream: impl Read, meter: &Meter, visit: &mut Visit<S>) -> Result<(), S> {
    Walk::new(meter, visit).input(stream)
}

/// A stream of Zstandard, unpacked.
pub(super) fn zstandard<R: Read>(stream: R) -> io::Result<impl Read + use<R>> {
    let mut decoder = zstd::stream::read::Decoder::new(stream)?;
    decoder.window_log_max(LARGEST_WINDOW)?;
    Ok(decoder)
}

struct Walk<'w, 'v, S> {
    budget: Rc<Budget>,
    meter: &'w Meter,
    visit: &'w mut Visit<'v, S>,
}

impl<'w, 'v, S> Walk<'w, 'v, S> {
    fn new(meter: &'w Meter, visit: &'w mut Visit<'v, S>) -> Walk<'w, 'v, S> {
        Walk {
            budget: Rc::new(Budget::default()),
            meter,
            visit,
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), S> {
        match zip_or_stream(path) {
            Ok((file, None)) => self.input(file),
            Ok((file, Some(length))) => {
                self.budget.packed.set(length);
                let end = self.meter.bytes() + length;
                self.zip("", 0, file, Some(&self.meter.clone()))?;
                // Its table of contents, and what was not read.
                self.meter.add(end.saturating_sub(self.meter.bytes()));
                Ok(())
            }
            Err(error) => self.refuse("", error.into()),
        }
    }

    /// Reads what has no beginning to go back to.
    fn input(&mut self, stream: impl Read) -> Result<(), S> {
        let packed = self.budget.packed.clone();
        self.stream("", 0, &mut Counted::new(stream, packed, Some(self.meter.clone())))
    }

    fn refuse(&mut self, name: &str, refusal: Refusal) -> Result<(), S> {
        (self.visit)(name, Found::Refused(refusal))
    }

    /// Reads a stream at some depth of packing.
    fn stream(&mut self, name: &str, depth: usize, stream: &mut dyn Read) -> Result<(), S> {
        let (head, mut stream) = match peek(stream) {
            Ok(peeked) => peeked,
            Err(error) => return self.refuse(name, error.into()),
        };
        match kind(&head) {
            Kind::Json(encoding @ (FileEncoding::Utf16Little | FileEncoding::Utf16Big)) => {
                let stream = &mut Utf16::new(stream, encoding);
                (self.visit)(name, Found::Json { stream, encoding })
            }
            Kind::Json(encoding) => (self.visit)(
                name,
                Found::Json {
                    stream: &mut stream,
                    encoding,
                },
            ),
            Kind::Blank => Ok(()),
            Kind::Other => {
                let hint = hint(&head);
                let stream = &mut stream;
                (self.visit)(name, Found::Other { head, hint, stream })
            }
            _ if depth == DEPTH => {
                let detail = format!("more than {DEPTH} archives stand in one another");
                self.refuse(
                    name,
                    Refusal {
                        code: Code::ArchiveBomb,
                        detail: Some(detail),
                    },
                )
            }
            packed => self.packed(packed, name, depth + 1, &mut stream),
        }
    }

    fn packed(&mut self, kind: Kind, name: &str, depth: usize, stream: &mut dyn Read) -> Result<(), S> {
        let packed = Count::default();
        let stream = Counted::new(stream, packed.clone(), None);
        match kind {
            Kind::Tar => self.tar(name, depth, stream),
            Kind::Zip => match spooled(stream) {
                Ok(file) => self.zip(name, depth, file, None),
                Err(error) => self.refuse(name, error.into()),
            },
            Kind::Zstandard => match zstandard(stream) {
                Ok(unpacked) => self.stream(name, depth, &mut self.budget.guard(unpacked, packed)),
                Err(error) => self.refuse(name, error.into()),
            },
            _ => self.stream(name, depth, &mut self.budget.guard(MultiGzDecoder::new(stream), packed)),
        }
    }

    fn tar(&mut self, name: &str, depth: usize, stream: impl Read) -> Result<(), S> {
        let mut archive = Tar::new(stream);
        while !archive.has_failed() && !self.budget.is_exhausted() {
            let file = match archive.next_member() {
                Ok(Some(file)) => file,
                // To its end, where a packed stream has its checksum.
                Ok(None) => match io::copy(&mut archive.into_rest(), &mut io::sink()) {
                    Ok(_) => return Ok(()),
                    Err(error) => return self.refuse(name, error.into()),
                },
                Err(error) => return self.refuse(name, error.into()),
            };
            if member::is_litter(&file.name) {
                continue;
            }
            let inner = member::inside(name, &file.name);
            if let Err(refusal) = self.budget.member() {
                self.refuse(&inner, refusal)?;
            } else if member::is_unsafe(&file.name) {
                self.refuse(&inner, Code::UnsafePath.into())?;
            } else if file.is_sparse {
                self.refuse(&inner, Code::UnsupportedCompression.into())?;
            } else {
                self.stream(&inner, depth, &mut archive.content())?;
            }
        }
        Ok(())
    }

    fn zip(&mut self, name: &str, depth: usize, file: File, meter: Option<&Meter>) -> Result<(), S> {
        let mut archive = match Zip::open(file) {
            Ok(archive) => archive,
            Err(refusal) => return self.refuse(name, refusal),
        };
        archive.members(&mut |archive, file| {
            let file = match file {
                Ok(file) if self.budget.is_exhausted() || member::is_litter(&file.name) => return Ok(()),
                Ok(file) => file,
                Err(refusal) => return self.refuse(name, refusal),
            };
            let inner = member::inside(name, &file.name);
            let content = self
                .budget
                .member()
                .and_then(|()| file.content(archive, &self.budget, meter));
            match content {
                Ok(mut content) => self.stream(&inner, depth, &mut content),
                Err(refusal) => self.refuse(&inner, refusal),
            }
        })
    }
}

/// Opens a file, and tells its length if it is a zip archive.
fn zip_or_stream(path: &Path) -> io::Result<(File, Option<u64>)> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok((file, None));
    }
    let (head, _) = peek(&mut file)?;
    file.rewind()?;
    Ok((file, (kind(&head) == Kind::Zip).then_some(metadata.len())))
}

/// A stream as a file that is gone when it is closed.
fn spooled(mut stream: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut stream, &mut file)?;
    file.flush()?;
    Ok(file)
}
