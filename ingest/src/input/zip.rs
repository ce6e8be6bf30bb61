//! Zip archives, member by member. The table of contents is read in portions, so their number costs no memory.

use std::fs::File;
use std::io::Read;
use std::rc::Rc;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use super::budget::{Budget, Count, Counted, Meter};
use super::member;
use super::read::{Refusal, zstandard};
use crate::reject::Code;

/// A zip archive on the disk.
pub(super) struct Zip {
    archive: ZipArchive<FileReader>,
    buffer: Vec<u8>,
}

/// A file in the archive, as its table of contents has it.
pub(super) struct Member {
    /// Its name as the archive has it.
    pub name: String,
    method: CompressionMethod,
    is_encrypted: bool,
    place: ZipArchiveEntryWayfinder,
}

/// What is done with each file of an archive, or with the word that the next one cannot be found.
type Visit<'v, S> = dyn FnMut(&ZipArchive<FileReader>, Result<Member, Refusal>) -> Result<(), S> + 'v;

impl Zip {
    pub fn open(file: File) -> Result<Zip, Refusal> {
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let archive = ZipArchive::from_file(file, &mut buffer).map_err(|error| damaged(&error))?;
        Ok(Zip { archive, buffer })
    }

    /// Calls `visit` with every file of the archive, in the order of its table of contents.
    pub fn members<S>(&mut self, visit: &mut Visit<'_, S>) -> Result<(), S> {
        let mut entries = self.archive.entries(&mut self.buffer);
        loop {
            let member = match entries.next_entry() {
                Ok(None) => return Ok(()),
                Ok(Some(entry)) if entry.is_dir() => continue,
                Ok(Some(entry)) => Member {
                    name: String::from_utf8_lossy(entry.file_path().as_ref()).into_owned(),
                    method: entry.compression_method(),
                    is_encrypted: entry.flags().is_encrypted() || entry.compression_method() == CompressionMethod::AES,
                    place: entry.wayfinder(),
                },
                Err(error) => return visit(&self.archive, Err(damaged(&error))),
            };
            visit(&self.archive, Ok(member))?;
        }
    }
}

impl Member {
    /// The content, unpacked, checked and watched.
    pub fn content<'a>(
        &self,
        archive: &'a ZipArchive<FileReader>,
        budget: &Rc<Budget>,
        meter: Option<&Meter>,
    ) -> Result<impl Read + use<'a>, Refusal> {
        if member::is_unsafe(&self.name) {
            return Err(Code::UnsafePath.into());
        }
        if self.is_encrypted {
            return Err(Code::Encrypted.into());
        }
        let entry = archive.get_entry(self.place).map_err(|error| damaged(&error))?;
        let packed = Count::default();
        let stream = Counted::new(entry.reader(), packed.clone(), meter.cloned());
        let unpacked: Box<dyn Read> = match self.method {
            CompressionMethod::STORE => Box::new(stream),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(stream)),
            CompressionMethod::ZSTD => Box::new(zstandard(stream)?),
            other => {
                let name = other
                    .name()
                    .map_or_else(|| format!("number {}", other.as_u16()), str::to_owned);
                return Err(Refusal {
                    code: Code::UnsupportedCompression,
                    detail: Some(format!("it is {name}")),
                });
            }
        };
        Ok(budget.guard(entry.verifying_reader(unpacked), packed))
    }
}

fn damaged(error: &rawzip::Error) -> Refusal {
    Refusal {
        code: Code::Unreadable,
        detail: Some(error.to_string()),
    }
}
