//! Releases as they are published: what can mean one thing alone becomes rows, and what was published comes back as it was.

use entities::{award, compiled_release, contract, document, item, lot, tender};
use ingest::Summary;
use sea_orm::EntityTrait;

use crate::hub::{Hub, on_each_database};

/// A release with about everything that publishers do.
const ODD: &str = r#"{"ocid":"OCDS-1","id":7,"date":"31/12/2016","tag":"contracts","language":"","buyer":[{"name":"R&amp;D Agency","id":""}],
"planning":[{"documents":{"id":1,"title":"Plan"}}],
"tender":{"id":"","title":"Pens &#38; ink","description":" ","status":"Active","procurementMethod":"","numberOfTenderers":"3",
"value":{"amount":"30,579,570","currency":"Naira"},"minValue":{"amount":"","currency":""},"tenderPeriod":{"startDate":"03/04/2016","endDate":2014},
"items":[{"id":1,"description":"Pen","quantity":"12"},{"id":"","description":"","quantity":""}],
"lots":{"0":{"id":1,"title":"Lot"}}},
"awards":[{"id":1,"date":"2016-06-01T10:00","value":{"amount":1.50,"currency":"mdl"},"relatedLots":[{"id":1}],"suppliers":[{"name":"Acme"}]}],
"contracts":[{"id":2,"awardID":1,"dateSigned":"15/06/2016","value":{"amount":"1,234","currency":"dollars"}}],
"x_names":{"name_hy":"Անուն"}}"#;

async fn compiled(hub: &Hub) -> String {
    let row = compiled_release::Entity::find()
        .one(&hub.reader)
        .await
        .unwrap()
        .unwrap();
    String::from_utf8(zstd::decode_all(&row.body[..]).unwrap()).unwrap()
}

async fn the_tender(hub: &Hub) -> tender::Model {
    tender::Entity::find().one(&hub.reader).await.unwrap().unwrap()
}

fn repaired(summary: &Summary, kind: &str) -> u64 {
    summary.oddities.repaired.get(kind).copied().unwrap_or_default()
}

#[tokio::test]
async fn what_can_mean_one_thing_alone_becomes_rows() {
    on_each_database(async |hub| {
        let summary = hub.load(ODD).await;
        assert_eq!((summary.new, summary.rejected), (1, 0));
        let tender = the_tender(&hub).await;
        assert_eq!(tender.title.as_deref(), Some("Pens & ink"));
        assert_eq!(
            (tender.description, tender.procurement_method, tender.language),
            (None, None, None)
        );
        assert_eq!(
            (tender.status.as_deref(), tender.number_of_tenderers),
            (Some("active"), Some(3))
        );
        assert_eq!(
            (tender.value_amount, tender.value_currency.as_deref()),
            ("30579570".parse().ok(), Some("NGN"))
        );
        assert_eq!(tender.published_at.to_rfc3339(), "2016-12-31T00:00:00+00:00");
        // The other dates of the release show that the day comes first.
        assert_eq!(tender.tender_start.unwrap().to_rfc3339(), "2016-04-03T00:00:00+00:00");
        assert_eq!(tender.tender_end, None);

        let items = item::Entity::find().all(&hub.reader).await.unwrap();
        assert_eq!(
            items.iter().map(|item| item.local_id.as_str()).collect::<Vec<_>>(),
            ["1"]
        );
        assert_eq!(items[0].quantity, "12".parse().ok());
        assert_eq!(lot::Entity::find().all(&hub.reader).await.unwrap().len(), 1);
        assert_eq!(document::Entity::find().all(&hub.reader).await.unwrap().len(), 1);
        assert_eq!(
            entities::award_lot::Entity::find()
                .all(&hub.reader)
                .await
                .unwrap()
                .len(),
            1
        );
        let award = award::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(
            (award.value_amount, award.value_currency.as_deref()),
            ("1.5".parse().ok(), Some("MDL"))
        );
        let contract = contract::Entity::find().one(&hub.reader).await.unwrap().unwrap();
        assert_eq!(contract.award_id, Some(award.id));
        assert_eq!((contract.value_amount, contract.value_currency), (None, None));
        assert_eq!(contract.date_signed.unwrap().to_rfc3339(), "2016-06-15T00:00:00+00:00");
    })
    .await;
}

#[tokio::test]
async fn what_was_odd_is_counted_once() {
    on_each_database(async |hub| {
        let summary = hub.load(ODD).await;
        let expected = [
            ("blank_text", 10),
            ("code_in_other_letters", 1),
            ("currency_by_name", 1),
            ("currency_in_small_letters", 1),
            ("date_with_slashes", 3),
            ("date_without_zone", 1),
            ("html_entity", 2),
            ("list_for_object", 2),
            ("number_as_id", 8),
            ("number_with_marks", 1),
            ("object_as_reference", 1),
            ("object_for_list", 2),
            ("ocds_1_0", 1),
            ("text_as_number", 2),
            ("text_as_tag", 1),
        ];
        assert_eq!(summary.oddities.repaired.into_iter().collect::<Vec<_>>(), expected);
        let expected = [("unclear_currency", 1), ("unclear_date", 1), ("unclear_number", 1)];
        assert_eq!(
            summary.oddities.not_understood.into_iter().collect::<Vec<_>>(),
            expected
        );
        let again = hub.load(ODD).await;
        assert_eq!((again.unchanged, again.oddities.repaired.len()), (1, 0));
        // Only the new release counts, not the one that is merged with it.
        let later = hub
            .load(r#"{"ocid":"OCDS-1","id":"8","date":"2017-01-02","tag":["tender"],"tender":{"id":""}}"#)
            .await;
        assert_eq!(
            (repaired(&later, "blank_text"), repaired(&later, "html_entity")),
            (1, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_published_comes_back_as_it_was() {
    on_each_database(async |hub| {
        hub.load(ODD).await;
        let compiled = compiled(&hub).await;
        for published in [
            r#""title":"Pens &#38; ink","description":" ","status":"Active""#,
            r#"{"amount":"30,579,570","currency":"Naira"}"#,
            r#""startDate":"03/04/2016","endDate":2014"#,
            r#""planning":[{"documents":{"id":1,"title":"Plan"}}]"#,
            r#""amount":1.50"#,
            r#""date":"31/12/2016""#,
            "Անուն",
        ] {
            assert!(compiled.contains(published), "{published} is not in {compiled}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_blank_form_takes_nothing_away() {
    on_each_database(async |hub| {
        let first = r#"{"ocid":"ocds-1","id":"1","date":"2016-01-01","tag":["tender"],"tender":{"title":"Pens","value":{"amount":5,"currency":"EUR"}}}"#;
        let form = r#"{"ocid":"ocds-1","id":"2","date":"2016-01-02","tag":["award"],"tender":{"title":"","value":{"amount":"","currency":""}},"awards":[{"id":"a","title":"x"}]}"#;
        hub.load(first).await;
        let summary = hub.load(form).await;
        assert_eq!(repaired(&summary, "blank_text"), 3);
        let tender = the_tender(&hub).await;
        assert_eq!((tender.title.as_deref(), tender.value_amount), (Some("Pens"), "5".parse().ok()));
        assert!(tender.has_awards);
        // As published, the texts are blank.
        assert!(compiled(&hub).await.contains(r#""value":{"amount":"","currency":""}"#));
    })
    .await;
}

#[tokio::test]
async fn rows_follow_what_is_understood_even_where_the_text_stays() {
    on_each_database(async |hub| {
        // The later release hides the title of the earlier one in the text, but says nothing.
        let late = r#"{"ocid":"ocds-1","id":"3","date":"2016-01-03","tag":["tender"],"tender":{"id":"1","title":""}}"#;
        let start = r#"{"ocid":"ocds-1","id":"1","date":"2016-01-01","tag":["tender"],"tender":{"id":"1","title":""}}"#;
        let middle =
            r#"{"ocid":"ocds-1","id":"2","date":"2016-01-02","tag":["tender"],"tender":{"id":"1","title":"Pens"}}"#;
        hub.load(format!("{start}\n{late}")).await;
        assert_eq!(the_tender(&hub).await.title, None);
        let before = compiled(&hub).await;
        hub.load(middle).await;
        assert_eq!(compiled(&hub).await, before);
        assert_eq!(the_tender(&hub).await.title.as_deref(), Some("Pens"));
    })
    .await;
}
