//! How often the hub is right about who is who, on pairs of parties that people have labelled.
//!
//! `tests/organizations/README.md` tells how to add one.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use entities::{party, tender};
use sea_orm::EntityTrait;
use sea_orm::prelude::Uuid;
use serde_json::{Value, json};

use crate::hub::{Hub, on_each_database, options};

/// The least share of the pairs taken for one organisation that are one.
const PRECISION: f64 = 0.99;
/// The least share of the pairs that are one organisation that are taken for one.
const RECALL: f64 = 0.90;

/// Two parties, and whether they are the same organisation.
struct Pair {
    same: bool,
    why: String,
    /// The processes and party ids, if the party has one, under which they are found.
    parties: [(String, Option<String>); 2],
    names: String,
}

/// What the hub made of pairs.
#[derive(Default)]
struct Figures {
    right: u32,
    wrong: u32,
    missed: u32,
    apart: u32,
}

impl Figures {
    fn of<'p>(pairs: impl Iterator<Item = &'p Pair>, organizations: &HashMap<(String, String), Uuid>) -> Figures {
        let mut figures = Figures::default();
        let mut by_reason: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for pair in pairs {
            let [one, other] = pair.parties.each_ref().map(|(ocid, id)| {
                let key = (ocid.clone(), id.clone().unwrap_or_default());
                *organizations
                    .get(&key)
                    .unwrap_or_else(|| panic!("no party {key:?} of {}", pair.names))
            });
            let is_right = (one == other) == pair.same;
            match (pair.same, one == other) {
                (true, true) => figures.right += 1,
                (false, true) => figures.wrong += 1,
                (true, false) => figures.missed += 1,
                (false, false) => figures.apart += 1,
            }
            let of_reason = by_reason.entry(&pair.why).or_default();
            of_reason.0 += u32::from(is_right);
            of_reason.1 += 1;
            if !is_right {
                let verdict = if pair.same { "missed" } else { "wrong" };
                println!("{verdict}: {} ({})", pair.names, pair.why);
            }
        }
        for (why, (right, all)) in by_reason {
            println!("{right:4} of {all:4}  {why}");
        }
        println!(
            "precision {:.4} ({} of {}), recall {:.4} ({} of {}), {} pairs",
            figures.precision(),
            figures.right,
            figures.right + figures.wrong,
            figures.recall(),
            figures.right,
            figures.right + figures.missed,
            figures.right + figures.wrong + figures.missed + figures.apart,
        );
        figures
    }

    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.wrong)
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.missed)
    }
}

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
}

/// The pairs of the project, and releases in which their parties are suppliers.
fn own_pairs() -> (Vec<Pair>, Vec<Value>) {
    let mut releases = Vec::new();
    let pairs = lines(include_str!("../organizations/pairs.jsonl"))
        .enumerate()
        .map(|(number, line)| {
            let parties = ["one", "other"].map(|side| {
                let place = usize::from(side == "other");
                let publisher = line["publishers"][place].as_str().unwrap_or("ocds-labels");
                let ocid = format!("{publisher}-{number}-{side}");
                let mut party = line[side].clone();
                party["roles"] = json!(["supplier"]);
                releases.push(json!({
                    "ocid": ocid, "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["award"], "parties": [party],
                }));
                (ocid, line[side]["id"].as_str().map(str::to_owned))
            });
            Pair {
                same: line["same"].as_bool().unwrap(),
                why: line["why"].as_str().unwrap().to_owned(),
                names: format!("{} | {}", line["one"]["name"], line["other"]["name"]),
                parties,
            }
        });
    let pairs = pairs.collect();
    (pairs, releases)
}

/// The organisations of all parties, by ocid and id.
async fn organizations(hub: &Hub) -> HashMap<(String, String), Uuid> {
    let tenders = tender::Entity::find().all(&hub.reader).await.unwrap();
    let ocids: HashMap<Uuid, String> = tenders.into_iter().map(|tender| (tender.id, tender.ocid)).collect();
    let parties = party::Entity::find().all(&hub.reader).await.unwrap();
    let parties = parties
        .into_iter()
        .map(|party| ((ocids[&party.tender_id].clone(), party.local_id), party.organization_id));
    parties.collect()
}

#[tokio::test]
async fn labelled_pairs_are_told_apart() {
    on_each_database(async |hub| {
        let (pairs, releases) = own_pairs();
        assert!(pairs.len() >= 450, "{} pairs", pairs.len());
        let text: Vec<String> = releases.iter().map(Value::to_string).collect();
        let path = hub.file("pairs.jsonl", text.join("\n"));
        let mut options = options();
        options.batch_releases = Some(100);
        hub.load_path(&path, options).await;
        let figures = Figures::of(pairs.iter(), &organizations(&hub).await);
        assert!(figures.precision() >= PRECISION);
        assert!(figures.recall() >= RECALL);
    })
    .await;
}

/// The whole set: the pairs of published parties with the others, in one hub, where the published data is.
#[tokio::test]
async fn labelled_pairs_of_published_data_are_told_apart() {
    on_each_database(async |hub| {
        let Ok(samples) = std::env::var("TENDERGRAPH_SAMPLES") else {
            eprintln!("skipped: TENDERGRAPH_SAMPLES is not set");
            return;
        };
        let (mut pairs, releases) = own_pairs();
        let text: Vec<String> = releases.iter().map(Value::to_string).collect();
        hub.load(text.join("\n")).await;
        let mut folders = Vec::new();
        for line in lines(include_str!("../organizations/published.jsonl")) {
            let party = |side: &str| {
                let place = &line[side];
                (
                    place["ocid"].as_str().unwrap().to_owned(),
                    place["party"].as_str().map(str::to_owned),
                )
            };
            folders.extend(
                line["folders"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|folder| folder.as_str().unwrap().to_owned()),
            );
            pairs.push(Pair {
                same: line["same"].as_bool().unwrap(),
                why: line["why"].as_str().unwrap().to_owned(),
                names: format!("{} | {}", line["one"], line["other"]),
                parties: [party("one"), party("other")],
            });
        }
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            hub.load_path(&Path::new(&samples).join("ocds").join(folder), options())
                .await;
        }
        let figures = Figures::of(pairs.iter(), &organizations(&hub).await);
        assert!(figures.precision() >= PRECISION);
        assert!(figures.recall() >= RECALL);
    })
    .await;
}
