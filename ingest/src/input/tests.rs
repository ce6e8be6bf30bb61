//! Streams of every kind, whole and damaged.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::read::read_stream;
use super::{Found, Meter};

const TEXT: &[u8] = br#"{"ocid":"ocds-1"}"#;

/// What a stream holds: the member and its text, or why there is none.
fn found(bytes: &[u8]) -> Vec<(String, Result<Vec<u8>, &'static str>)> {
    let mut all = Vec::new();
    let visited: Result<(), ()> = read_stream(Cursor::new(bytes), &Meter::default(), &mut |member, found| {
        let outcome = match found {
            Found::Json { stream, .. } => {
                let mut text = Vec::new();
                match stream.read_to_end(&mut text) {
                    Ok(_) => Ok(text),
                    Err(error) => Err(super::Refusal::from(error).code.as_str()),
                }
            }
            Found::Other { .. } => Err("not_json"),
            Found::Refused(refusal) => Err(refusal.code.as_str()),
        };
        all.push((member.to_owned(), outcome));
        Ok(())
    });
    visited.unwrap();
    all
}

#[track_caller]
fn holds(bytes: &[u8], expected: &[(&str, Result<&[u8], &'static str>)]) {
    let found = found(bytes);
    let found: Vec<_> = found
        .iter()
        .map(|(member, outcome)| (member.as_str(), outcome.as_deref().map_err(|code| *code)))
        .collect();
    assert_eq!(found, expected);
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (name, content) in members {
        let (mut entry, config) = archive
            .new_file(*name)
            .compression_method(CompressionMethod::STORE)
            .start()
            .unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, name, *content).unwrap();
    }
    archive.into_inner().unwrap()
}

/// A header with a length and a kind, and the checksum that goes with them.
fn header(name: &str, length: &[u8], kind: u8) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).unwrap();
    header.set_size(0);
    let bytes = header.as_mut_bytes();
    bytes[124..124 + length.len()].copy_from_slice(length);
    bytes[156] = kind;
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn padded(content: &[u8]) -> Vec<u8> {
    let mut blocks = content.to_vec();
    blocks.resize(content.len().next_multiple_of(512), 0);
    blocks
}

#[test]
fn names_and_lengths_stand_where_each_form_of_tar_puts_them() {
    let length = format!("{:011o}\0", TEXT.len());
    let file = [header("a", length.as_bytes(), b'0'), padded(TEXT)].concat();
    holds(&file, &[("a", Ok(TEXT))]);

    let pax = format!("{0} path={1}\n", 100 + 10, "p".repeat(110 - 10));
    let pax = [
        header("x", format!("{:011o}\0", pax.len()).as_bytes(), b'x'),
        padded(pax.as_bytes()),
        file.clone(),
    ]
    .concat();
    holds(&pax, &[(&"p".repeat(100), Ok(TEXT))]);

    let size = format!("11 size={}\n", TEXT.len());
    let pax = [
        header("x", format!("{:011o}\0", size.len()).as_bytes(), b'x'),
        padded(size.as_bytes()),
        header("a", b"00000000000\0", b'0'),
        padded(TEXT),
    ]
    .concat();
    holds(&pax, &[("a", Ok(TEXT))]);

    let mut number = [0; 12];
    (number[0], number[11]) = (0x80, 17);
    holds(&[header("a", &number, b'0'), padded(TEXT)].concat(), &[("a", Ok(TEXT))]);

    // Links and devices have no content, whatever they say; what comes after them is still found.
    let link = header("link", b"00000001000\0", b'2');
    holds(&[link, file.clone()].concat(), &[("a", Ok(TEXT))]);
    let sparse = [header("s", length.as_bytes(), b'S'), padded(TEXT), file].concat();
    holds(&sparse, &[("s", Err("unsupported_compression")), ("a", Ok(TEXT))]);
}

#[test]
fn hostile_headers_of_tar_take_no_memory() {
    let endless = header("x", b"77777777777\0", b'x');
    let long_name = header("x", b"77777777777\0", b'L');
    let mut largest = [0xFF; 12];
    largest[0] = 0x80;
    let beyond = header("a", &largest, b'0');
    for archive in [endless, long_name, beyond] {
        holds(&[archive, vec![b'a'; 2048]].concat(), &[("", Err("unreadable"))]);
    }
    for record in [
        "5 a\n",
        "99999999999 path=x\n",
        "0 path=x\n",
        "path",
        "7 path=",
        "x y=z\n",
        "11 size=-1\n",
    ] {
        let length = format!("{:011o}\0", record.len());
        let archive = [header("x", length.as_bytes(), b'x'), padded(record.as_bytes())].concat();
        assert_eq!(found(&archive), [(String::new(), Err("unreadable"))], "{record}");
    }
}

#[test]
fn a_stream_that_breaks_off_is_told_once() {
    let archive = tar(&[("a", TEXT), ("b", &[b'['; 4000])]);
    let packed = gzip(&archive);
    let cut = found(&packed[..packed.len() - 8]);
    assert_eq!(cut.len(), 3);
    assert_eq!(cut[0], ("a".to_owned(), Ok(TEXT.to_vec())));
    assert_eq!(cut[2], (String::new(), Err("unreadable")));
    let cut = found(&archive[..3000]);
    assert_eq!(cut[1], ("b".to_owned(), Err("unreadable")));
    assert_eq!(cut.len(), 2);
}

/// Streams of every kind.
fn seeds() -> Vec<Vec<u8>> {
    let both: &[(&str, &[u8])] = &[("a/one.json", TEXT), ("two", b"[1,2]")];
    let zstandard = |content: &[u8]| zstd::encode_all(content, 1).unwrap();
    let utf_16: Vec<u8> = "\u{FEFF}{\"ocid\":\"é\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    vec![
        TEXT.to_vec(),
        utf_16,
        b"{\"a\":\"\xE9\x92\"}".to_vec(),
        gzip(TEXT),
        zstandard(TEXT),
        tar(both),
        zip(both),
        gzip(&tar(both)),
        zstandard(&tar(both)),
        zip(&[("a.gz", &gzip(TEXT)), ("b.tar", &tar(both))]),
        tar(&[("both.zip", &zip(both))]),
    ]
}

/// A change to some bytes: a byte set to something, bytes taken out, bytes repeated, or the end cut off.
fn damage(bytes: &mut Vec<u8>, (kind, place, value): (u8, usize, u8)) {
    if bytes.is_empty() {
        return;
    }
    let at = place % bytes.len();
    let end = (at + usize::from(value)).min(bytes.len());
    match kind {
        0 => bytes[at] = value,
        1 => bytes[at] ^= 1 << (value % 8),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let repeated = bytes[at..end].to_vec();
            bytes.splice(at..at, repeated);
        }
        _ => bytes.truncate(at),
    }
}

proptest! {
    #[test]
    fn damaged_streams_come_to_an_end(
        seed in 0..seeds().len(),
        changes in prop::collection::vec((0_u8..5, any::<usize>(), any::<u8>()), 0..6),
    ) {
        let mut bytes = seeds()[seed].clone();
        for change in changes {
            damage(&mut bytes, change);
        }
        let found = found(&bytes);
        prop_assert!(found.len() <= 1 + bytes.len() / 40, "{} finds in {} bytes", found.len(), bytes.len());
    }

    #[test]
    fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = found(&bytes);
    }
}
