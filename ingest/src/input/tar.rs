//! Tar archives, member by member, as they stream by: ustar, GNU and pax, and the older form without a name.
//!
//! Only files count: links and devices have nothing to load. Long names and pax headers are read up to a limit, which is
//! why no library does this: those at hand keep them in memory whatever their size.

use std::io::{self, ErrorKind, Read};

/// The unit of a tar archive.
const BLOCK: usize = 512;
/// The longest pax header or long name that is read.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// Whether a stream begins with the header of a tar archive, which its checksum shows.
pub(super) fn is_header(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|block| Header(*block).is_intact())
}

/// A file in the archive.
pub(super) struct Member {
    /// Its name as the archive has it.
    pub name: String,
    /// Whether holes were left out of it, which nothing here puts back.
    pub is_sparse: bool,
}

/// A tar archive being read.
pub(super) struct Tar<R> {
    stream: R,
    /// What is left of the member, and of the block in which it ends.
    rest: u64,
    padding: u64,
    has_failed: bool,
}

impl<R: Read> Tar<R> {
    pub fn new(stream: R) -> Tar<R> {
        Tar {
            stream,
            rest: 0,
            padding: 0,
            has_failed: false,
        }
    }

    /// Whether the archive broke off while a member was read, so that nothing can follow.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Goes on to the next file; `None` at the end of the archive.
    pub fn next_member(&mut self) -> io::Result<Option<Member>> {
        let mut extensions = Extensions::default();
        loop {
            self.skip()?;
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let length = extensions.length.take().map_or_else(|| header.length(), Ok)?;
            // Links, devices and folders have no content, whatever length they name.
            let has_content = !matches!(header.0[156], b'1'..=b'6');
            self.rest = if has_content { length } else { 0 };
            self.padding = self.rest.wrapping_neg() % BLOCK as u64;
            match header.0[156] {
                b'L' => extensions.name = Some(trimmed(&self.extension()?)),
                b'x' => extensions.read(&self.extension()?)?,
                // The target of a link, and what holds for all members.
                b'K' | b'g' => {}
                kind @ (b'0' | b'7' | b'S' | 0) => {
                    let name = extensions.name.take().unwrap_or_else(|| header.name());
                    // Before ustar, a folder was a file whose name ends with a slash.
                    if !name.ends_with('/') {
                        return Ok(Some(Member {
                            name,
                            is_sparse: kind == b'S' || extensions.is_sparse,
                        }));
                    }
                }
                _ => extensions = Extensions::default(),
            }
        }
    }

    /// The content of the member; what is not read of it is passed over.
    pub fn content(&mut self) -> impl Read + '_ {
        Content(self)
    }

    /// What stands behind the end of the archive.
    pub fn into_rest(self) -> R {
        self.stream
    }

    fn extension(&mut self) -> io::Result<Vec<u8>> {
        if self.rest > LONGEST_EXTENSION {
            return Err(damaged("a name or a header of an archive member is too long"));
        }
        let mut extension = Vec::new();
        self.content().read_to_end(&mut extension)?;
        Ok(extension)
    }

    /// Passes over the rest of the member.
    fn skip(&mut self) -> io::Result<()> {
        let rest = self.rest + self.padding;
        let skipped = io::copy(&mut self.stream.by_ref().take(rest), &mut io::sink())?;
        // Some archives lack the padding at their end.
        if skipped < self.rest {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        (self.rest, self.padding) = (0, 0);
        Ok(())
    }

    /// The next header; `None` where the archive ends, with a block of zeros or without one.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut block = [0; BLOCK];
        let mut length = 0;
        while length < BLOCK {
            match self.stream.read(&mut block[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        match length {
            0 => Ok(None),
            BLOCK if block.iter().all(|byte| *byte == 0) => Ok(None),
            BLOCK if Header(block).is_intact() => Ok(Some(Header(block))),
            BLOCK => Err(damaged("a header of the tar archive is damaged")),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

struct Content<'t, R>(&'t mut Tar<R>);

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let archive = &mut *self.0;
        let read = match archive.stream.by_ref().take(archive.rest).read(buffer) {
            Ok(0) if archive.rest > 0 && !buffer.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            read => read,
        };
        match &read {
            Ok(length) => archive.rest -= *length as u64,
            Err(error) => archive.has_failed |= error.kind() != ErrorKind::Interrupted,
        }
        read
    }
}

/// What headers before that of a member say about it.
#[derive(Default)]
struct Extensions {
    name: Option<String>,
    length: Option<u64>,
    is_sparse: bool,
}

impl Extensions {
    /// Reads the records of a pax header: `LENGTH KEY=VALUE` and a line break, the length that of the whole record.
    fn read(&mut self, mut records: &[u8]) -> io::Result<()> {
        let wrong = || damaged("a pax header of the tar archive is damaged");
        while !records.is_empty() {
            let blank = records.iter().position(|byte| *byte == b' ').ok_or_else(wrong)?;
            let length = std::str::from_utf8(&records[..blank])
                .ok()
                .and_then(|text| text.parse::<usize>().ok());
            let length = length
                .filter(|length| (blank + 2..=records.len()).contains(length))
                .ok_or_else(wrong)?;
            let (record, rest) = records.split_at(length);
            let record = String::from_utf8_lossy(&record[blank + 1..length - 1]);
            let (key, value) = record.split_once('=').ok_or_else(wrong)?;
            match key {
                "path" => self.name = Some(value.to_owned()),
                "size" => self.length = Some(value.parse().map_err(|_| wrong())?),
                sparse if sparse.starts_with("GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
            records = rest;
        }
        Ok(())
    }
}

struct Header([u8; BLOCK]);

impl Header {
    /// Whether the checksum is that of the header. Old programs took bytes as signed numbers.
    fn is_intact(&self) -> bool {
        let Some(expected) = octal(&self.0[148..156]) else {
            return false;
        };
        let bytes = || {
            self.0
                .iter()
                .enumerate()
                .map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte })
        };
        let unsigned: u64 = bytes().map(u64::from).sum();
        let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
        // The checksum of zeros alone is 256.
        unsigned != 256 && (expected == unsigned || i64::try_from(expected) == Ok(signed))
    }

    fn name(&self) -> String {
        let name = trimmed(&self.0[..100]);
        let prefix = trimmed(&self.0[345..500]);
        let has_prefix = &self.0[257..263] == b"ustar\0" && !prefix.is_empty();
        if has_prefix { format!("{prefix}/{name}") } else { name }
    }

    /// The length: octal, or a number in bytes if it is too large for that.
    fn length(&self) -> io::Result<u64> {
        let field = &self.0[124..136];
        let length = if field[0] == 0x80 {
            let high = field[1..4].iter().all(|byte| *byte == 0);
            high.then(|| {
                field[4..]
                    .iter()
                    .fold(0, |number, byte| (number << 8) | u64::from(*byte))
            })
        } else if trimmed(field).trim().is_empty() {
            Some(0)
        } else {
            octal(field)
        };
        // Beyond this nobody has a disk, and sums could run over.
        length
            .filter(|length| *length < 1 << 60)
            .ok_or_else(|| damaged("the length of an archive member is damaged"))
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches([' ', '\0']);
    u64::from_str_radix(digits, 8).ok()
}

fn trimmed(name: &[u8]) -> String {
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    String::from_utf8_lossy(&name[..end]).into_owned()
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
