//! Keys computed from the data: a 128-bit hash of the kind of thing and of what identifies it where it was published.
//!
//! Loading the same data twice gives the same keys, keys are known before anything is written, two loaders never have to
//! ask each other for one, and a link made from a key survives a rebuild of the database. The hash is BLAKE3, cut to the
//! 122 bits that an RFC 9562 UUID of version 8 leaves free, so that every tool that knows UUIDs can show a key.

use sea_orm::prelude::{DateTimeUtc, Uuid};

/// The key of a source: its slug identifies it.
#[must_use]
pub fn source(slug: &str) -> Uuid {
    hash("source", &[slug.as_bytes()])
}

/// The key of a release package: the source and the package's own metadata identify it.
#[must_use]
pub fn package(source: Uuid, metadata: &str) -> Uuid {
    hash("package", &[source.as_bytes(), metadata.as_bytes()])
}

/// The key of a run: when and where it began identifies it, with its number among those that one process began.
#[must_use]
pub fn run(host: &str, process: u32, number: u64, started_at: DateTimeUtc) -> Uuid {
    let instant = started_at.timestamp_micros().to_be_bytes();
    let (process, number) = (process.to_be_bytes(), number.to_be_bytes());
    hash("run", &[host.as_bytes(), &process, &number, &instant])
}

/// The key of a contracting process: its ocid identifies it, whoever published it. Case-sensitive, as the standard says.
#[must_use]
pub fn tender(ocid: &str) -> Uuid {
    hash("tender", &[ocid.as_bytes()])
}

/// The key of a release: source, ocid, release id and the bytes as published. One id published twice with different
/// content is two releases; the same bytes published again are one.
#[must_use]
pub fn release(source: Uuid, tender: Uuid, release_id: &str, text: &[u8]) -> Uuid {
    hash(
        "release",
        &[source.as_bytes(), tender.as_bytes(), release_id.as_bytes(), text],
    )
}

/// The key of something that a process owns (a lot, an award, a contract, a document, …): the kind, the process and the
/// identifier inside it. `path` tells apart things whose identifiers are only unique under a parent.
#[must_use]
pub fn part(kind: &str, tender: Uuid, path: &[&str]) -> Uuid {
    let mut parts: Vec<&[u8]> = vec![tender.as_bytes()];
    parts.extend(path.iter().map(|step| step.as_bytes()));
    hash(kind, &parts)
}

/// The key of an organisation: the evidence that identifies it, such as a register's scheme and number.
#[must_use]
pub fn organization(evidence: &[&str]) -> Uuid {
    let parts: Vec<&[u8]> = evidence.iter().map(|part| part.as_bytes()).collect();
    hash("organization", &parts)
}

/// The key of the organisation with this number in this register, as [`organization`] of the evidence `identifier`.
///
/// Publishers write one number in many ways, so case does not count, nor blanks, dots and dashes in the number:
/// `NL-KVK 1234.5678` and `nl-kvk 12345678` are one organisation.
#[must_use]
pub fn organization_by_identifier(scheme: &str, id: &str) -> Uuid {
    let is_filler = |letter: char| letter.is_whitespace() || matches!(letter, '.' | '-');
    let id: String = id.to_uppercase().chars().filter(|letter| !is_filler(*letter)).collect();
    organization(&["identifier", &scheme.trim().to_uppercase(), &id])
}

/// Hashes length-prefixed parts, so that no two different lists of parts run together into one text.
fn hash(kind: &str, parts: &[&[u8]]) -> Uuid {
    let parts = || std::iter::once(kind.as_bytes()).chain(parts.iter().copied());
    let length: usize = parts().map(|part| size_of::<u64>() + part.len()).sum();
    let hash = if length > blake3::CHUNK_LEN {
        let mut hasher = blake3::Hasher::new();
        for part in parts() {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.finalize()
    } else {
        // Almost all are as short as this, and a process has dozens of them: one go spares the state of a hash in parts.
        let mut text = Vec::with_capacity(length);
        for part in parts() {
            text.extend((part.len() as u64).to_le_bytes());
            text.extend(part);
        }
        blake3::hash(&text)
    };
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_change() {
        // Links to nodes are made of keys: a different value here breaks every link that was ever shared.
        assert_eq!(
            tender("ocds-213czf-1").to_string(),
            "8254eb70-9d11-8674-b57e-0f4cfe0f147f"
        );
    }

    #[test]
    fn a_long_text_is_hashed_like_a_short_one() {
        // Of what is put together from parts, the length alone decides how that is done.
        for length in [900, 1000, 1100, 5000] {
            let text = vec![b'x'; length];
            let whole = [b"kind".as_slice(), &text].map(|part| [&(part.len() as u64).to_le_bytes(), part].concat());
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&blake3::hash(&whole.concat()).as_bytes()[..16]);
            let expected = uuid::Builder::from_custom_bytes(bytes).into_uuid();
            assert_eq!(hash("kind", &[&text]), expected, "{length}");
        }
    }

    #[test]
    fn an_identifier_is_one_however_it_is_written() {
        let written = organization_by_identifier("NL-KVK", "12345678");
        assert_eq!(organization_by_identifier(" nl-kvk ", "1234.5678"), written);
        assert_eq!(organization_by_identifier("NL-KVK", "1234 56-78"), written);
        assert_ne!(organization_by_identifier("NL-KVK", "12345679"), written);
        assert_ne!(organization_by_identifier("NLKVK", "12345678"), written);
    }

    #[test]
    fn parts_do_not_run_together() {
        let process = tender("ocds-213czf-1");
        assert_ne!(
            part("award", process, &["ab", "c"]),
            part("award", process, &["a", "bc"])
        );
        assert_ne!(part("award", process, &["1"]), part("lot", process, &["1"]));
    }
}
