//! Archives and packed streams, as other programs make them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use rawzip::path::EntryPath;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// A stream of gzip.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// A frame of Zstandard.
pub fn zstandard(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).expect("memory can be written")
}

/// A tar archive as GNU tar makes it; names are taken as they are.
pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut folder = tar::Header::new_gnu();
    folder.set_entry_type(tar::EntryType::Directory);
    folder.set_size(0);
    archive
        .append_data(&mut folder, "a/", &[][..])
        .expect("memory can be written");
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        if name.len() > 100 {
            archive
                .append_data(&mut header, name, *content)
                .expect("memory can be written");
            continue;
        }
        // Past the check of the library, which would refuse what a hostile archive has.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, *content).expect("memory can be written");
    }
    archive.into_inner().expect("memory can be written")
}

/// A zip archive; members are stored, deflated and packed with Zstandard by turns, and names are taken as they are.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    archive.new_dir("a/").create().expect("memory can be written");
    for (place, (name, content)) in members.iter().enumerate() {
        let method = [
            CompressionMethod::STORE,
            CompressionMethod::DEFLATE,
            CompressionMethod::ZSTD,
        ][place % 3];
        let method = if content.len() > 1 << 20 {
            CompressionMethod::DEFLATE
        } else {
            method
        };
        let name = EntryPath::verbatim(name.as_bytes());
        let packed = match method {
            CompressionMethod::STORE => content.to_vec(),
            CompressionMethod::ZSTD => zstandard(content),
            _ => deflate(content),
        };
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(method)
            .start()
            .expect("memory can be written");
        // The checksum is that of the content, the bytes are those of the packed form.
        let mut checksum = config.wrap(std::io::sink());
        checksum.write_all(content).expect("nothing is written");
        let (_, descriptor) = checksum.finish().expect("nothing is written");
        entry.write_all(&packed).expect("memory can be written");
        entry.finish(descriptor).expect("memory can be written");
    }
    archive.finish().expect("memory can be written")
}

/// The same archive, its first file marked as encrypted in the table of contents.
pub fn encrypted(mut archive: Vec<u8>) -> Vec<u8> {
    let entries: Vec<usize> = archive
        .windows(4)
        .enumerate()
        .filter_map(|(at, window)| (window == b"PK\x01\x02").then_some(at))
        .collect();
    archive[entries[1] + 8] |= 1;
    archive
}
