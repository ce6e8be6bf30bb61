//! What readers of the generated packages may count on.

use std::collections::{HashMap, HashSet};

use demo::{Options, Releases, write};
use serde_json::Value;

fn generate(tenders: u64, seed: u64, releases_per_tender: Releases) -> String {
    let mut bytes = Vec::new();
    write(
        &Options {
            tenders,
            seed,
            releases_per_tender,
        },
        &mut bytes,
    )
    .expect("a vector takes everything");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn packages(tenders: u64, releases: Releases) -> Vec<Value> {
    let text = generate(tenders, 1, releases);
    text.lines()
        .map(|line| serde_json::from_str(line).expect("every line is JSON"))
        .collect()
}

/// The one release of each of so many processes.
fn whole_processes(tenders: u64) -> Vec<Value> {
    packages(tenders, Releases::Exactly(1))
        .iter_mut()
        .map(|package| package["releases"][0].take())
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("expected a string, found {value}"))
}

fn ids(values: &Value) -> HashSet<&str> {
    list(values).iter().map(|value| text(&value["id"])).collect()
}

fn is_supplier(party: &Value) -> bool {
    list(&party["roles"]).iter().any(|role| role == "supplier")
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let once = generate(200, 7, Releases::Natural);
    assert!(once == generate(200, 7, Releases::Natural));
    assert!(once != generate(200, 8, Releases::Natural));
}

#[test]
fn a_smaller_run_is_the_start_of_a_larger_one() {
    for releases in [Releases::Natural, Releases::Exactly(1), Releases::Exactly(3)] {
        assert!(generate(300, 2, releases).starts_with(&generate(100, 2, releases)));
    }
}

#[test]
fn every_line_is_a_release_package_of_one_process() {
    let mut ocids = HashSet::new();
    for package in packages(500, Releases::Natural) {
        assert_eq!(package["version"], "1.1");
        for field in ["uri", "publishedDate", "license"] {
            assert!(!text(&package[field]).is_empty());
        }
        assert!(package["publisher"]["name"].is_string());
        assert!(
            list(&package["extensions"])
                .iter()
                .any(|url| text(url).contains("ocds_lots_extension"))
        );
        let releases = list(&package["releases"]);
        let ocid = text(&releases[0]["ocid"]).to_owned();
        assert!(ocid.starts_with("ocds-d3m0nl-"));
        for release in releases {
            assert_eq!(release["ocid"], ocid.as_str());
            assert_eq!(release["initiationType"], "tender");
            assert_eq!(release["language"], "nl");
            assert!(!list(&release["tag"]).is_empty());
            assert!(text(&release["date"]) >= "2016" && text(&release["date"]) < "2026-07");
        }
        assert_eq!(ids(&package["releases"]).len(), releases.len());
        assert!(releases.is_sorted_by_key(|release| instant(&release["date"])), "{ocid}");
        assert!(ocids.insert(ocid));
    }
    assert_eq!(ocids.len(), 500);
}

fn instant(date: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text(date))
        .expect("dates are RFC 3339")
        .timestamp()
}

#[test]
fn processes_have_as_many_releases_as_asked_for() {
    for (count, expected) in [(0, 1), (1, 1), (2, 2), (3, 3), (9, 9)] {
        for package in packages(100, Releases::Exactly(count)) {
            assert_eq!(list(&package["releases"]).len(), expected);
        }
    }
    let natural: HashSet<usize> = packages(1_000, Releases::Natural)
        .iter()
        .map(|package| list(&package["releases"]).len())
        .collect();
    assert_eq!(natural, (1..=6).collect());
}

#[test]
fn three_releases_are_tender_award_and_contract() {
    let told = packages(500, Releases::Exactly(3));
    let contracted = told
        .iter()
        .filter(|package| package["releases"][2]["tag"][0] == "contract");
    let mut count = 0;
    for package in contracted {
        let tags: Vec<_> = list(&package["releases"])
            .iter()
            .map(|release| &release["tag"][0])
            .collect();
        assert_eq!(tags, ["tender", "award", "contract"]);
        count += 1;
    }
    assert!(count > 250, "most processes come to a contract, {count} of 500 did");
}

#[test]
fn however_many_releases_tell_it_a_process_ends_the_same() {
    let awards = |releases| -> Vec<Value> {
        let awards = |package: &Value| {
            list(&package["releases"])
                .iter()
                .find_map(|release| release.get("awards").cloned())
        };
        packages(200, releases)
            .iter()
            .map(|package| awards(package).unwrap_or_default())
            .collect()
    };
    assert_eq!(awards(Releases::Exactly(1)), awards(Releases::Exactly(3)));
    assert_eq!(awards(Releases::Exactly(1)), awards(Releases::Natural));
}

#[test]
fn amendments_name_the_releases_they_belong_to() {
    let mut amendments = 0;
    for package in packages(300, Releases::Natural) {
        let releases = ids(&package["releases"]);
        for release in list(&package["releases"]) {
            for amendment in list(&release["tender"]["amendments"]) {
                assert!(releases.contains(text(&amendment["releaseID"])));
                assert!(releases.contains(text(&amendment["amendsReleaseID"])));
                amendments += 1;
            }
        }
    }
    assert!(amendments > 50);
}

#[test]
fn what_is_referred_to_exists() {
    for package in packages(500, Releases::Natural) {
        let mut awards = HashSet::new();
        for release in list(&package["releases"]) {
            let parties = ids(&release["parties"]);
            assert_eq!(parties.len(), list(&release["parties"]).len());
            assert!(parties.contains(text(&release["buyer"]["id"])));
            let tender = &release["tender"];
            if let Some(entity) = tender.get("procuringEntity") {
                assert!(parties.contains(text(&entity["id"])));
            }
            assert!(ids(&tender["tenderers"]).is_subset(&parties));
            let lots = ids(&tender["lots"]);
            for item in list(&tender["items"]) {
                assert!(item.get("relatedLot").is_none_or(|lot| lots.contains(text(lot))));
            }
            for award in list(&release["awards"]) {
                let suppliers = ids(&award["suppliers"]);
                assert!(suppliers.is_subset(&parties));
                assert_eq!(award["status"] == "active", !suppliers.is_empty());
                assert!(list(&award["relatedLots"]).iter().all(|lot| lots.contains(text(lot))));
                awards.insert(text(&award["id"]));
            }
            for contract in list(&release["contracts"]) {
                assert!(awards.contains(text(&contract["awardID"])));
            }
        }
    }
}

#[test]
fn the_lots_add_up_to_the_tender() {
    let cents = |value: &Value| value["amount"].as_f64().map(|amount| format!("{amount:.2}"));
    for release in whole_processes(300) {
        let lots = list(&release["tender"]["lots"]);
        if lots.is_empty() || release["tender"].get("value").is_none() {
            continue;
        }
        let sum: f64 = lots.iter().filter_map(|lot| lot["value"]["amount"].as_f64()).sum();
        assert_eq!(cents(&release["tender"]["value"]), Some(format!("{sum:.2}")));
    }
}

#[test]
fn suppliers_are_spelled_in_many_ways() {
    let mut names: HashMap<String, HashSet<String>> = HashMap::new();
    let (mut suppliers, mut without_identifier) = (0.0, 0.0);
    let mut schemes = HashSet::new();
    for release in whole_processes(2_000) {
        for party in list(&release["parties"]).iter().filter(|party| is_supplier(party)) {
            suppliers += 1.0;
            let Some(identifier) = party.get("identifier") else {
                without_identifier += 1.0;
                continue;
            };
            schemes.insert(text(&identifier["scheme"]).to_owned());
            names
                .entry(identifier["id"].to_string())
                .or_default()
                .insert(text(&party["name"]).to_owned());
        }
    }
    assert!(names.values().filter(|names| names.len() >= 4).count() > 50);
    let all: Vec<&String> = names.values().flatten().collect();
    for variant in ["B.V.", "b.v.", " BV", "  ", "GMBH"] {
        assert!(
            all.iter().any(|name| name.contains(variant)),
            "{variant:?} occurs nowhere"
        );
    }
    assert_eq!(schemes, ["NL-KVK", "BE-BCE_KBO", "DE-CR"].map(str::to_owned).into());
    let share = without_identifier / suppliers;
    assert!((0.17..0.23).contains(&share), "{share}");
}

#[test]
fn fields_are_missing_as_often_as_in_real_publications() {
    let releases = whole_processes(2_000);
    let tenders: Vec<&Value> = releases.iter().map(|release| &release["tender"]).collect();
    let awards: Vec<&Value> = releases.iter().flat_map(|release| list(&release["awards"])).collect();
    assert_missing(&tenders, "value", 0.18);
    assert_missing(&tenders, "description", 0.10);
    assert_missing(&tenders, "procuringEntity", 0.40);
    assert_missing(&tenders, "mainProcurementCategory", 0.15);
    assert_missing(&tenders, "enquiryPeriod", 0.47);
    assert_missing(&tenders, "lots", 0.07);
    assert_missing(&awards, "date", 0.20);
    assert_missing(&awards, "value", 0.27);
    let with_status = |status: &str| tenders.iter().filter(|tender| tender["status"] == status).count();
    assert!((50..110).contains(&with_status("cancelled")));
    assert!((120..260).contains(&with_status("active")), "some have no award yet");
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand things are counted")]
fn assert_missing(things: &[&Value], field: &str, expected: f64) {
    let missing = things.iter().filter(|thing| thing.get(field).is_none()).count();
    let share = missing as f64 / things.len() as f64;
    assert!(
        (share - expected).abs() < 0.03,
        "{field} is missing in {share}, expected {expected}"
    );
}

#[test]
fn titles_and_descriptions_have_thousands_of_words() {
    let releases = whole_processes(2_000);
    let texts = releases
        .iter()
        .flat_map(|release| ["title", "description"].map(|field| &release["tender"][field]));
    let words: HashSet<String> = texts
        .filter_map(Value::as_str)
        .flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()))
        .map(str::to_lowercase)
        .collect();
    assert!(words.len() > 2_000, "{}", words.len());
}

#[test]
fn a_process_in_one_release_takes_some_kilobytes() {
    let size = generate(2_000, 1, Releases::Exactly(1)).len() / 2_000;
    assert!((4_000..6_000).contains(&size), "{size}");
}
