//! Who is who, while processes come and change.

use std::collections::BTreeMap;

use entities::{buyer, key, organization, supplier};
use sea_orm::EntityTrait;

use crate::hub::{Hub, on_each_database};

/// A release that names one buyer and, if `supplier` is not empty, one supplier.
fn release(ocid: &str, id: u32, buyer: (&str, &str), supplier: &str) -> String {
    let (number, name) = buyer;
    let (party, reference) = if supplier.is_empty() {
        (String::new(), "")
    } else {
        (
            format!(r#",{{"id":"supplier","name":"{supplier}"}}"#),
            r#"{"id":"supplier"}"#,
        )
    };
    format!(
        r#"{{"ocid":"{ocid}","id":"{id}","date":"2026-01-{id:02}","tag":["award"],
            "parties":[{{"id":"buyer","name":"{name}","identifier":{{"scheme":"NL-KVK","id":"9000000{number}"}}}}{party}],
            "buyer":{{"id":"buyer"}},"awards":[{{"id":"1","title":"x","suppliers":[{reference}]}}]}}"#
    )
}

async fn names(hub: &Hub) -> BTreeMap<String, String> {
    let rows = organization::Entity::find().all(&hub.reader).await.unwrap();
    rows.into_iter()
        .map(|row| (row.identifier_id.unwrap_or_else(|| "-".to_owned()), row.name))
        .collect()
}

#[tokio::test]
async fn the_newest_mention_gives_the_name() {
    on_each_database(async |hub| {
        hub.load(release("ocds-1", 10, ("1", "Ten"), "")).await;
        hub.load(release("ocds-2", 5, ("1", "Five"), "")).await;
        assert_eq!(names(&hub).await["90000001"], "Ten");
        hub.load(release("ocds-3", 15, ("1", "Fifteen"), "")).await;
        assert_eq!(names(&hub).await["90000001"], "Fifteen");
    })
    .await;
}

#[tokio::test]
async fn a_process_that_moves_on_leaves_nothing_behind() {
    on_each_database(async |hub| {
        hub.load(release("ocds-1", 1, ("1", "First"), "Jansen BV")).await;
        hub.load(release("ocds-2", 2, ("2", "Second"), "")).await;
        // The buyer was a mistake, and so was the supplier.
        let corrected = r#"{"ocid":"ocds-1","id":"3","date":"2026-01-03","tag":["awardUpdate"],
            "parties":[{"id":"buyer","name":"Second","identifier":{"scheme":"NL-KVK","id":"90000002"}},{"id":"supplier","name":null}],
            "awards":[{"id":"1","suppliers":null}]}"#;
        hub.load(corrected).await;
        assert_eq!(names(&hub).await.into_keys().collect::<Vec<_>>(), ["90000002"]);
        let buyers = buyer::Entity::find().all(&hub.reader).await.unwrap();
        assert_eq!(buyers.iter().map(|row| row.id).collect::<Vec<_>>(), [key::organization_by_identifier("NL-KVK", "90000002")]);
        assert!(supplier::Entity::find().one(&hub.reader).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn what_others_still_name_stays() {
    on_each_database(async |hub| {
        hub.load(release("ocds-1", 9, ("1", "Newer"), "Jansen BV")).await;
        hub.load(release("ocds-2", 4, ("1", "Older"), "JANSEN B.V.")).await;
        assert_eq!(names(&hub).await["90000001"], "Newer");
        hub.load(release("ocds-1", 11, ("2", "Other"), "Pietersen BV")).await;
        // Described by the older mention again, since the newer one is gone.
        assert_eq!(names(&hub).await["90000001"], "Older");
        assert_eq!(supplier::Entity::find().all(&hub.reader).await.unwrap().len(), 2);
        assert_eq!(buyer::Entity::find().all(&hub.reader).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_party_in_the_role_is_the_buyer_where_none_is_referred_to() {
    on_each_database(async |hub| {
        hub.load(
            r#"{"ocid":"ocds-1","id":"1","date":"2026-01-01","tag":["tender"],"parties":[
                {"id":"a","name":"Someone else","roles":["supplier"]},
                {"id":"b","name":"The Buyer","roles":["payer","buyer"],"identifier":{"scheme":"NL-KVK","id":"90000007"}}]}"#,
        )
        .await;
        let tender = entities::tender::Entity::find()
            .one(&hub.reader)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(tender.buyer_id, Some(key::organization_by_identifier("NL-KVK", "90000007")));
    })
    .await;
}
