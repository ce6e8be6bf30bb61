//! What can be given to `tendergraph ingest`: files in every wrapping, folders, patterns, standard input.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::packing::{encrypted, gzip, tar, zip, zstandard};

const ONE: &str =
    r#"{"ocid":"ocds-1","id":"1","date":"2026-01-01T00:00:00Z","tag":["tender"],"tender":{"title":"Één"}}"#;
const TWO: &str =
    r#"{"ocid":"ocds-2","id":"1","date":"2026-01-02T00:00:00Z","tag":["tender"],"tender":{"title":"Twee"}}"#;

/// A folder with a database in it, and what a load of something in it gives.
struct Loads(TempDir);

/// The summary of a load, its rejects and its exit code.
struct Loaded {
    summary: Value,
    rejects: Vec<Value>,
    code: Option<i32>,
}

impl Loads {
    fn new() -> Loads {
        Loads(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, content).expect("the folder can be written");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load(&self, inputs: &[&str]) -> Loaded {
        self.load_with_input(inputs, Vec::new())
    }

    fn load_with_input(&self, inputs: &[&str], stdin: Vec<u8>) -> Loaded {
        let rejects = self.path().join("rejects.ndjson");
        let _ = fs::remove_file(&rejects);
        let mut child = Command::new(env!("CARGO_BIN_EXE_tendergraph"))
            .current_dir(self.path())
            .arg("ingest")
            .args(inputs)
            .args(["--source", "test", "--json", "--rejects", "rejects.ndjson"])
            .env_clear()
            .env("DATABASE_URL", "sqlite://hub.db")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let mut pipe = child.stdin.take().expect("standard input is a pipe");
        let writing = std::thread::spawn(move || pipe.write_all(&stdin));
        let output = child.wait_with_output().expect("the binary ends");
        // A program that does not read its input to the end closes the pipe.
        let _ = writing.join().expect("the thread ends");
        let rejects = fs::read_to_string(rejects).unwrap_or_default();
        Loaded {
            summary: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            rejects: rejects
                .lines()
                .map(|line| serde_json::from_str(line).expect("a reject is JSON"))
                .collect(),
            code: output.status.code(),
        }
    }
}

impl Loaded {
    fn counts(&self, names: &[&str]) -> Vec<u64> {
        names
            .iter()
            .map(|name| self.summary[name].as_u64().unwrap_or_default())
            .collect()
    }

    /// The code and the member of each reject.
    fn refused(&self) -> Vec<(&str, &str)> {
        let pairs = self.rejects.iter().map(|reject| (&reject["code"], &reject["member"]));
        pairs
            .map(|(code, member)| (code.as_str().unwrap_or_default(), member.as_str().unwrap_or_default()))
            .collect()
    }
}

/// The two releases in every wrapping.
fn wrappings() -> Vec<(&'static str, Vec<u8>)> {
    let lines = format!("{ONE}\n{TWO}\n").into_bytes();
    let (one, two) = (ONE.as_bytes(), TWO.as_bytes());
    let both: &[(&str, &[u8])] = &[("a/one.json", one), ("a/two", two)];
    let packed_one = gzip(one);
    let mixed: &[(&str, &[u8])] = &[("one.json.gz", &packed_one), ("two.json", two)];
    let two_parts = [gzip(one), gzip(b"\n"), gzip(two)].concat();
    let long_name = format!("{}/one.json", "folder".repeat(40));
    vec![
        ("plain", lines.clone()),
        ("gzip", gzip(&lines)),
        ("gzip in parts", two_parts),
        ("zstandard", zstandard(&lines)),
        ("zstandard in parts", [zstandard(one), zstandard(two)].concat()),
        ("tar", tar(both)),
        ("tar with a long name", tar(&[(&long_name, one), ("two", two)])),
        ("tar.gz", gzip(&tar(both))),
        ("tar.zst", zstandard(&tar(both))),
        ("zip", zip(both)),
        ("gzip in a zip", zip(mixed)),
        ("gzip in a tar", tar(mixed)),
        ("zip in a tar.gz", gzip(&tar(&[("both.zip", &zip(both))]))),
        ("tar.gz in a zip", zip(&[("both.tar.gz", &gzip(&tar(both)))])),
        ("zip in a gzip", gzip(&zip(both))),
    ]
}

#[test]
fn every_wrapping_is_told_by_its_content() {
    let loads = Loads::new();
    loads.write("first.json", format!("[{ONE},{TWO}]"));
    assert_eq!(loads.load(&["first.json"]).counts(&["read", "new"]), [2, 2]);
    for (name, content) in wrappings() {
        // No name tells anything.
        loads.write("input.dat", &content);
        let loaded = loads.load(&["input.dat"]);
        assert_eq!(
            loaded.counts(&["read", "unchanged"]),
            [2, 2],
            "{name}: {:?}",
            loaded.rejects
        );
        assert_eq!(loaded.counts(&["bytes"]), [content.len() as u64], "{name}");
        let streamed = loads.load_with_input(&["-"], content);
        assert_eq!(
            streamed.counts(&["read", "unchanged"]),
            [2, 2],
            "{name} on standard input"
        );
        assert_eq!((loaded.code, streamed.code), (Some(0), Some(0)), "{name}");
    }
}

#[test]
fn folders_and_patterns_name_many_files() {
    let loads = Loads::new();
    loads.write("data/2025/one.json", ONE);
    loads.write("data/2026/two.json.gz", gzip(TWO.as_bytes()));
    loads.write("data/2026/.DS_Store", [0; 10]);
    assert_eq!(loads.load(&["data"]).counts(&["read", "new", "rejected"]), [2, 2, 0]);
    for (pattern, expected) in [
        ("data/*/*.json", 1),
        ("data/**/*.json*", 2),
        ("data/202[56]", 2),
        ("data/202?/t*", 1),
    ] {
        assert_eq!(loads.load(&[pattern]).counts(&["read"]), [expected], "{pattern}");
    }
    assert_eq!(loads.load(&["data/*.csv"]).code, Some(1));
    loads.write("data/[odd]*.json", ONE);
    assert_eq!(loads.load(&["data/[odd]*.json"]).counts(&["read"]), [1]);
}

#[test]
fn texts_are_read_in_the_encoding_they_are_in() {
    let loads = Loads::new();
    let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let latin = |text: &str| {
        text.chars()
            .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
            .collect::<Vec<u8>>()
    };
    loads.write("first.json", ONE);
    loads.load(&["first.json"]);
    let marked = format!("\u{FEFF}{ONE}");
    for (encoding, content) in [
        ("utf_8", ONE.as_bytes().to_vec()),
        ("utf_8_with_byte_order_mark", marked.as_bytes().to_vec()),
        ("utf_16_little_endian", utf_16(&marked, u16::to_le_bytes)),
        ("utf_16_little_endian", utf_16(ONE, u16::to_le_bytes)),
        ("utf_16_big_endian", utf_16(&marked, u16::to_be_bytes)),
        ("utf_16_big_endian", utf_16(ONE, u16::to_be_bytes)),
        ("latin_1", latin(ONE)),
        ("latin_1", gzip(&latin(ONE))),
    ] {
        loads.write("input.json", content);
        let loaded = loads.load(&["input.json"]);
        // The same text, so the same release.
        assert_eq!(loaded.counts(&["unchanged"]), [1], "{encoding}");
        assert_eq!(loaded.summary["encodings"], json!({ encoding: 1 }));
    }
    let quoted = ONE.replace("Één", "€ ‘x’");
    let bytes = quoted
        .replace('€', "\u{80}")
        .replace('‘', "\u{91}")
        .replace('’', "\u{92}");
    loads.write("input.json", latin(&bytes));
    assert_eq!(
        loads.load(&["input.json"]).summary["encodings"],
        json!({ "windows_1252": 1 })
    );
    loads.write("input.json", quoted);
    assert_eq!(loads.load(&["input.json"]).counts(&["unchanged"]), [1]);
}

#[test]
fn a_broken_piece_leaves_the_others_what_they_are() {
    let loads = Loads::new();
    let damaged = [TWO.replace("Twee", "Één").as_bytes(), b"\n"].concat();
    let damaged: Vec<u8> = damaged
        .into_iter()
        .flat_map(|byte| if byte == b'n' { vec![byte, 0xFF] } else { vec![byte] })
        .collect();
    let other = TWO.replace("ocds-2", "ocds-3").replace("Twee", "Drie\u{EB}n");
    let other: Vec<u8> = other
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
        .collect();
    loads.write("mixed.jsonl", [ONE.as_bytes(), b"\n", &damaged, &other, b"\n"].concat());
    let loaded = loads.load(&["mixed.jsonl"]);
    assert_eq!(loaded.counts(&["read", "new", "rejected"]), [3, 2, 1]);
    assert_eq!(loaded.summary["encodings"], json!({ "latin_1": 1 }));
    assert_eq!(
        (loaded.rejects[0]["code"].as_str(), loaded.rejects[0]["line"].as_u64()),
        (Some("invalid_utf8"), Some(2))
    );
    assert!(loaded.rejects[0]["raw"].as_str().is_some_and(|raw| raw.contains("Één")));
    let database = loads.path().join("hub.db");
    let mut bytes = Vec::new();
    fs::File::open(database)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .expect("the database can be read");
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Één") && holds("Drieën"));
}

#[test]
fn hostile_members_are_refused_and_the_others_are_loaded() {
    let (one, two) = (ONE.as_bytes(), TWO.as_bytes());
    let blanks = vec![b' '; 80 << 20];
    let members: &[(&str, &[u8])] = &[
        ("one.json", one),
        ("../up.json", two),
        ("a/../../up.json", two),
        ("/etc/absolute.json", two),
        ("C:\\absolute.json", two),
        ("note.txt", b"read me"),
        ("__MACOSX/._one.json", &[0, 5, 22, 7]),
        ("two.json", two),
    ];
    let expected = [
        ("unsafe_path", "../up.json"),
        ("unsafe_path", "a/../../up.json"),
        ("unsafe_path", "/etc/absolute.json"),
        ("unsafe_path", "C:\\absolute.json"),
        ("not_json", "note.txt"),
    ];
    for archive in [zip(members), gzip(&tar(members))] {
        let loads = Loads::new();
        loads.write("archive", archive);
        let loaded = loads.load(&["archive"]);
        assert_eq!(loaded.refused(), expected);
        assert_eq!(
            (loaded.counts(&["new", "rejected"]), loaded.code),
            (vec![2, 5], Some(3))
        );
    }

    let loads = Loads::new();
    let secret = encrypted(zip(&[("secret.json", one)]));
    let bomb: &[(&str, &[u8])] = &[("bomb.json", &blanks), ("two.json", two)];
    let truncated = |mut archive: Vec<u8>, length: usize| {
        archive.truncate(length);
        archive
    };
    let many: Vec<u8> = (1000..2000)
        .flat_map(|number| ONE.replace("ocds-1", &format!("ocds-{number}")).into_bytes())
        .collect();
    let length = many.len() / 1000;
    // The headers of the folder and of the file, and the blocks of its content.
    let whole_member = 1024 + one.len().next_multiple_of(512);
    let nested = (0..6).fold(one.to_vec(), |inner, _| gzip(&inner));
    for (name, content, expected, loaded_releases) in [
        ("encrypted", secret, vec![("encrypted", "secret.json")], 0),
        ("bomb in a zip", zip(bomb), vec![("archive_bomb", "bomb.json")], 1),
        ("bomb", gzip(&blanks), vec![("archive_bomb", "")], 0),
        ("zstandard bomb", zstandard(&blanks), vec![("archive_bomb", "")], 0),
        ("nested", nested, vec![("archive_bomb", "")], 0),
        // 40 whole releases of the second member, after the first.
        (
            "cut tar",
            truncated(tar(&[("a", one), ("b", &many), ("c", two)]), 2048 + 40 * length + 20),
            vec![("unreadable", "b")],
            41,
        ),
        (
            "cut zip",
            truncated(zip(&[("a", one), ("b", two)]), 300),
            vec![("unreadable", "")],
            0,
        ),
        (
            "damaged tar",
            [tar(&[("a", one)])[..whole_member].to_vec(), vec![b'x'; 512]].concat(),
            vec![("unreadable", "")],
            1,
        ),
    ] {
        loads.write("archive", &content);
        let loaded = loads.load(&["archive"]);
        let told: Vec<_> = loaded.refused();
        assert_eq!(told, expected, "{name}");
        assert_eq!(
            loaded.counts(&["read"])[0] - expected.len() as u64,
            loaded_releases,
            "{name}"
        );
    }
}

#[test]
fn a_member_whose_checksum_is_wrong_is_reported() {
    let loads = Loads::new();
    let mut archive = zip(&[("one.json", ONE.as_bytes()), ("two.json", TWO.as_bytes())]);
    // The stored title of the first member.
    let place = archive
        .windows(4)
        .position(|window| window == "Één".as_bytes().split_at(4).0);
    archive[place.expect("the text is stored as it is") + 1] ^= 1;
    loads.write("archive.zip", archive);
    let loaded = loads.load(&["archive.zip"]);
    assert_eq!(loaded.refused(), [("unreadable", "one.json")]);
    assert!(
        loaded.rejects[0]["message"]
            .as_str()
            .is_some_and(|message| message.contains("checksum"))
    );
    assert_eq!(loaded.counts(&["new"]), [1]);
}
