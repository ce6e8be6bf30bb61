//! Real published data, where a folder of it is at hand: every file loads or is refused with a reason.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::harness::{Hub, on_both_databases, samples};

/// The folders in a folder, by name.
pub fn subfolders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    paths.sort();
    paths
}

/// Processes whose compiled release differs from the reference implementation's on purpose, and why.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    (
        "null over an object removes it, as the specification says; the reference ignores it",
        &["ocds-azam7x-a405e2ng-UBEC"],
    ),
    (
        "releases of one date are ordered by their ids; the reference takes them as they come",
        &["ocds-3n5h6d-000-00001"],
    ),
    (
        "releases of OCDS 1.0 are upgraded to 1.1; the reference merges them as they are",
        &[
            "10",
            "100",
            "101",
            "104",
            "105",
            "106",
            "107",
            "108",
            "109",
            "110",
            "OCDS-87SD3T-AD-SF-DRM-066-2015",
            "OCDS-87SD3T-AD-SF-DRM-069-2015",
            "OCDS-87SD3T-SEFIN-DRM-AD-024-2016",
            "ocds-03ad3f-273637",
            "ocds-03ad3f-274231",
            "ocds-03ad3f-274744",
            "ocds-03ad3f-275348",
            "ocds-03ad3f-277004",
            "ocds-03ad3f-280555",
            "ocds-03ad3f-284182",
            "ocds-03ad3f-284444",
            "ocds-03ad3f-284462",
            "ocds-03ad3f-284745",
            "ocds-azam7x-186bc3ng-nphda",
            "ocds-xxxxxx-UA-2016-08-31-000670-b",
        ],
    ),
];

async fn exported(hub: &Hub) -> BTreeMap<String, Value> {
    let file = hub.download("/export/releases.jsonl").await.text();
    let releases = file
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is a release"));
    releases
        .map(|release: Value| (release["ocid"].as_str().unwrap_or_default().to_owned(), release))
        .collect()
}

on_both_databases! {
    async fn every_folder_of_published_data_is_accounted_for(hub: &Hub) {
        let Some(samples) = samples() else { return };
        for folder in subfolders(&samples.join("ocds")) {
            let source = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
            let first = hub.ingest(&folder, &source).await;
            println!("{source}: {first}");
            assert_eq!(first.read, first.new + first.changed + first.unchanged + first.rejected, "{source}");
            let again = hub.ingest(&folder, &source).await;
            assert_eq!((again.new, again.changed, again.rejected), (0, 0, first.rejected), "{source}");
        }
    }

    async fn real_processes_compile_as_the_reference_does(hub: &Hub) {
        let Some(samples) = samples() else { return };
        let mut expected = BTreeMap::new();
        for entry in fs::read_dir(samples.join("merge-fixtures/real")).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            let file = File::open(&path).expect("the file can be read");
            for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
                let line = line.expect("the file is text");
                let case: Value = serde_json::from_str(&line).expect("a case is JSON");
                let source = path.file_name().expect("a file has a name").to_string_lossy().replace(".jsonl.gz", "");
                hub.ingest_text(&case["releases"].to_string(), &source).await;
                expected.insert(case["ocid"].as_str().expect("a case has an ocid").to_owned(), case["compiledRelease"].clone());
            }
        }
        let found = exported(hub).await;
        let mut different = Vec::new();
        for (ocid, expected) in &expected {
            // The reference gives up on a process with an undated release; the hub refuses that release alone.
            if !expected.is_null() && found.get(ocid) != Some(expected) {
                different.push(ocid.as_str());
            }
        }
        let mut excepted: Vec<&str> = EXCEPTIONS.iter().flat_map(|(_, ocids)| ocids.iter().copied()).collect();
        excepted.sort_unstable();
        assert_eq!(different, excepted);
        assert!(expected.len() >= 46);
    }
}
