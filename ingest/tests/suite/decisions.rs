//! What an operator decides about who is who.

use std::collections::BTreeSet;

use chrono::DateTime;
use entities::{change, organization, party};
use ingest::organizations::{Decided, decide, rebuild, review};
use sea_orm::EntityTrait;

use crate::dump::dump;
use crate::hub::{Hub, on_each_database};

const SAME: &str = "decision,left,right\nsame,NL-KVK:90000001,NL-KVK:90000002\n";
const DIFFERENT: &str = "decision,left,right\ndifferent,NL-KVK:90000001,NL-KVK:90000002\n";

/// A process whose buyer has this number and name.
fn release(process: u32, number: &str, name: &str) -> String {
    format!(
        r#"{{"ocid":"ocds-abcdef-{process}","id":"1","date":"2026-01-{process:02}","tag":["tender"],"buyer":{{"name":"{name}","address":{{"locality":"Delft","countryName":"NL"}},"identifier":{{"scheme":"NL-KVK","id":"{number}"}}}},"tender":{{"title":"x"}}}}"#
    )
}

async fn take(hub: &Hub, file: &str) -> Decided {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    decide(&hub.database, file.as_bytes(), now).await.unwrap()
}

async fn names(hub: &Hub) -> BTreeSet<String> {
    let rows = organization::Entity::find().all(&hub.reader).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn what_was_decided_wins_and_survives() {
    on_each_database(async |hub| {
        hub.load(release(1, "90000001", "Eerste")).await;
        hub.load(release(2, "90000002", "Tweede")).await;
        let before = dump(&hub.reader).await;
        assert_eq!(names(&hub).await, set(&["Eerste", "Tweede"]));

        let decided = take(&hub, SAME).await;
        assert_eq!((decided.taken, decided.known, decided.processes), (1, 0, 1));
        assert_eq!(names(&hub).await, set(&["Tweede"]));
        let tiers = party::Entity::find().all(&hub.reader).await.unwrap();
        let tiers: BTreeSet<String> = tiers.into_iter().map(|party| party.tier).collect();
        assert_eq!(tiers, set(&["decision", "identifier"]));
        let organization = organization::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(organization.identifier_id.as_deref(), Some("90000001"));
        assert_eq!(
            organization.additional_identifiers.as_deref(),
            Some(r#"[{"scheme":"NL-KVK","id":"90000002"}]"#)
        );
        let told = change::Entity::find().all(&hub.reader).await.unwrap();
        assert_eq!(told.len(), 3, "the process of the one that was absorbed is news");

        // Again, and after more was loaded.
        let decided = take(&hub, SAME).await;
        assert_eq!((decided.taken, decided.known, decided.processes), (0, 1, 0));
        hub.load(release(3, "90000002", "Derde")).await;
        assert_eq!(names(&hub).await, set(&["Derde"]));

        // The other way round, and back to nothing.
        hub.load(release(3, "90000002", "Derde")).await;
        take(&hub, DIFFERENT).await;
        assert_eq!(names(&hub).await, set(&["Eerste", "Derde"]));
        take(&hub, "decision,left,right\nforget,NL-KVK:90000001,NL-KVK:90000002\n").await;
        let after = dump(&hub.reader).await;
        assert_eq!(
            before["organization_claim"].len() + 1,
            after["organization_claim"].len()
        );
        assert_eq!(names(&hub).await, set(&["Eerste", "Derde"]));
    })
    .await;
}

#[tokio::test]
async fn a_decision_counts_whether_it_comes_before_the_data_or_after() {
    on_each_database(async |hub| {
        take(&hub, SAME).await;
        hub.load(release(1, "90000001", "Eerste")).await;
        hub.load(release(2, "90000002", "Tweede")).await;
        let other = crate::hub::sqlite().await;
        other.load(release(2, "90000002", "Tweede")).await;
        other.load(release(1, "90000001", "Eerste")).await;
        take(&other, SAME).await;
        assert_eq!(dump(&hub.reader).await, dump(&other.reader).await);
        assert_eq!(names(&hub).await, set(&["Tweede"]));

        rebuild(&hub.database, DateTime::from_timestamp(1_800_000_000, 0).unwrap())
            .await
            .unwrap();
        assert_eq!(dump(&hub.reader).await, dump(&other.reader).await);
    })
    .await;
}

#[tokio::test]
async fn a_review_comes_back_as_decisions() {
    on_each_database(async |hub| {
        let named = |process: u32, name: &str| {
            format!(
                r#"{{"ocid":"ocds-abcdef-{process}","id":"1","date":"2026-01-01","tag":["tender"],"buyer":{{"name":"{name}","address":{{"locality":"Delft","countryName":"NL"}}}},"tender":{{"title":"x"}}}}"#
            )
        };
        hub.load(named(1, "Hoogduinse Woonstichting")).await;
        hub.load(named(2, "Hoogduinse Woonstichitng")).await;
        let mut list = Vec::new();
        assert_eq!(review(&hub.database, 10, &mut list).await.unwrap(), 1);
        let list = String::from_utf8(list).unwrap();
        let decided: Vec<String> = list
            .lines()
            .map(|line| if line.starts_with(',') { format!("same{line}") } else { line.to_owned() })
            .collect();
        assert_eq!(take(&hub, &decided.join("\n")).await.taken, 1);
        assert_eq!(organization::Entity::find().all(&hub.reader).await.unwrap().len(), 1);
        let mut list = Vec::new();
        assert_eq!(review(&hub.database, 10, &mut list).await.unwrap(), 0, "what is decided is no doubt");
    })
    .await;
}

#[tokio::test]
async fn decisions_that_contradict_each_other_leave_everything_as_it_was() {
    on_each_database(async |hub| {
        hub.load(release(1, "90000001", "Eerste")).await;
        let before = dump(&hub.reader).await;
        let file = "decision,left,right\nsame,X:1,X:2\nsame,X:2,X:3\ndifferent,X:1,X:3\n";
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!(decide(&hub.database, file.as_bytes(), now).await.is_err());
        assert_eq!(take(&hub, SAME).await.taken, 1, "nothing of the file was taken");
        assert_eq!(dump(&hub.reader).await["organization"], before["organization"]);
    })
    .await;
}
