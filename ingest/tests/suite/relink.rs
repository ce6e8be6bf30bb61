//! Processes that stay as they are, while their organisations turn out to be others.

use chrono::DateTime;
use entities::{award, award_supplier, change, key, party, tender};
use ingest::organizations::{decide, rebuild};
use sea_orm::EntityTrait;
use sea_orm::prelude::Uuid;

use crate::dump::dump;
use crate::hub::{Hub, on_each_database};

const SAME: &str = "decision,left,right\nsame,NL-KVK:90000001,NL-KVK:90000002\n";
const DIFFERENT: &str = "decision,left,right\ndifferent,NL-KVK:90000001,NL-KVK:90000002\n";

/// A process in which a house without a number buys, and sells as well, and two others with numbers sell beside it.
const PROCESS: &str = r#"{"ocid":"ocds-abcdef-1","id":"1","date":"2026-01-01T00:00:00Z","tag":["award"],
    "parties":[{"id":"h","name":"Bouwhuis B.V.","address":{"countryName":"NL"},"roles":["buyer","procuringEntity","supplier"]},
        {"id":"1","name":"Eerste","identifier":{"scheme":"NL-KVK","id":"90000001"},"roles":["supplier"]},
        {"id":"2","name":"Tweede","identifier":{"scheme":"NL-KVK","id":"90000002"},"roles":["supplier"]}],
    "buyer":{"id":"h"},"tender":{"title":"x","procuringEntity":{"id":"h"}},
    "awards":[{"id":"a","title":"x","suppliers":[{"id":"2"},{"id":"h"},{"id":"1"}]}]}"#;

fn of_number(number: &str) -> Uuid {
    key::organization_by_identifier("NL-KVK", number)
}

async fn take(hub: &Hub, file: &str) {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    decide(&hub.database, file.as_bytes(), now).await.unwrap();
}

/// Makes sure that all rows are those that follow from the releases.
async fn check(hub: &Hub) {
    let found = dump(&hub.reader).await;
    let now = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
    rebuild(&hub.database, now).await.unwrap();
    assert_eq!(found, dump(&hub.reader).await);
}

/// The suppliers of the award, as they are listed.
async fn suppliers(hub: &Hub) -> Vec<Uuid> {
    let mut rows = award_supplier::Entity::find().all(&hub.reader).await.unwrap();
    rows.sort_by_key(|row| row.position);
    rows.into_iter().map(|row| row.organization_id).collect()
}

async fn process(hub: &Hub) -> tender::Model {
    let row = tender::Entity::find_by_id(key::tender("ocds-abcdef-1"))
        .one(&hub.reader)
        .await;
    row.unwrap().expect("it was loaded")
}

#[tokio::test]
async fn an_organization_is_another_one_wherever_it_is_named() {
    on_each_database(async |hub| {
        hub.load(PROCESS).await;
        let former = process(&hub).await;
        hub.load(
            r#"{"ocid":"ocds-abcdef-2","id":"1","date":"2026-01-02T00:00:00Z","tag":["tender"],"tender":{"title":"y"},
                "buyer":{"name":"Bouwhuis BV","address":{"countryName":"NL"},"identifier":{"scheme":"NL-KVK","id":"90000003"}}}"#,
        )
        .await;
        let house = of_number("90000003");
        let now = process(&hub).await;
        assert_ne!(former.buyer_id, Some(house));
        assert_eq!((now.buyer_id, now.procuring_entity_id), (Some(house), Some(house)));
        assert_eq!((former.revision, now.revision), (1, 2));
        let award = award::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(award.buyer_id, Some(house));
        assert_eq!(suppliers(&hub).await, [of_number("90000002"), house, of_number("90000001")]);
        let parties = party::Entity::find().all(&hub.reader).await.unwrap();
        assert_eq!(parties.iter().filter(|party| party.organization_id == house).count(), 2);
        let news = change::Entity::find().all(&hub.reader).await.unwrap();
        let of_process = news.iter().filter(|change| change.tender_id == now.id);
        let told = of_process.map(|change| (change.revision, change.kind.as_str(), change.paths.as_str()));
        assert_eq!(told.collect::<Vec<_>>(), [(1, "created", "[]"), (2, "updated", "[]")]);
        check(&hub).await;
    })
    .await;
}

#[tokio::test]
async fn two_suppliers_of_an_award_become_one_and_two_again() {
    on_each_database(async |hub| {
        hub.load(PROCESS).await;
        let all = suppliers(&hub).await;
        assert_eq!(all.len(), 3);
        take(&hub, SAME).await;
        assert_eq!(suppliers(&hub).await, [of_number("90000001"), all[1]]);
        check(&hub).await;
        take(&hub, DIFFERENT).await;
        assert_eq!(suppliers(&hub).await, all);
        check(&hub).await;
    })
    .await;
}
