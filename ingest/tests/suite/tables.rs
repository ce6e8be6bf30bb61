//! What a process looks like in the tables.

use std::collections::BTreeMap;

use entities::value::Amount;
use entities::{
    award, award_lot, award_supplier, classification, code_tender, contract, document, item, key, lot, organization,
    package, party, release, source, tender, tender_code,
};
use migration::MigratorTrait as _;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{EntityTrait, QueryOrder};

use crate::dump::{dump, text};
use crate::hub::{Hub, SOURCE, on_each_database};

const CURRENT: &str = include_str!("fixtures/process-1.1.json");
const OLD: &str = include_str!("fixtures/process-1.0.json");

async fn rows<E: EntityTrait>(hub: &Hub) -> Vec<E::Model> {
    E::find().all(&hub.reader).await.unwrap()
}

fn amount(text: &str) -> Option<Amount> {
    text.parse().ok()
}

fn instant(text: &str) -> Option<DateTimeUtc> {
    text.parse().ok()
}

#[tokio::test]
async fn the_tender_section_is_the_tender() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let expected = tender::Model {
            id: key::tender("ocds-example-bridge"),
            ocid: "ocds-example-bridge".to_owned(),
            source_id: key::source(SOURCE),
            published_at: instant("2026-01-05T08:00:00Z").unwrap(),
            updated_at: instant("2026-02-20T09:00:00Z").unwrap(),
            revision: 1,
            has_awards: true,
            number_of_tenderers: Some(3),
            buyer_id: Some(key::organization_by_identifier("NL-KVK", "12345678")),
            procuring_entity_id: Some(key::organization_by_identifier("NL-KVK", "12345678")),
            status: Some("complete".to_owned()),
            main_procurement_category: Some("works".to_owned()),
            procurement_method: Some("open".to_owned()),
            value_amount: amount("1250000.5"),
            value_currency: Some("EUR".to_owned()),
            tender_start: instant("2026-01-05T00:00:00Z"),
            tender_end: instant("2026-02-05T23:59:59Z"),
            enquiry_start: instant("2026-01-05T00:00:00Z"),
            enquiry_end: instant("2026-01-20T12:00:00Z"),
            award_start: None,
            award_end: None,
            contract_start: instant("2026-03-01T00:00:00Z"),
            contract_end: instant("2026-12-31T23:59:59Z"),
            language: Some("nl".to_owned()),
            title: Some("Replacing a bridge".to_owned()),
            procurement_method_details: Some("Openbaar".to_owned()),
            description: Some("Two spans".to_owned()),
        };
        assert_eq!(rows::<tender::Entity>(&hub).await, [expected]);
    })
    .await;
}

#[tokio::test]
async fn lots_and_items_have_keys_of_their_own_whatever_their_ids() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let process = key::tender("ocds-example-bridge");
        let lots = lot::Entity::find()
            .order_by_asc(lot::Column::Position)
            .all(&hub.reader)
            .await
            .unwrap();
        assert_eq!(
            lots.iter().map(|lot| lot.local_id.as_str()).collect::<Vec<_>>(),
            ["L1", "L2"]
        );
        assert_eq!(
            (lots[0].value_amount, lots[0].status.as_deref()),
            (amount("600000"), Some("active"))
        );
        assert_eq!(lots[1].status, None, "a code outside its list");

        let items = item::Entity::find()
            .order_by_asc(item::Column::Position)
            .all(&hub.reader)
            .await
            .unwrap();
        let items: Vec<_> = items.into_iter().filter(|item| item.owner == "tender").collect();
        let told: Vec<_> = items.iter().filter_map(|item| item.description.as_deref()).collect();
        // The merge joins what has one id; what only has an id left says nothing.
        assert_eq!(told, ["The same id again", "No id"]);
        assert_eq!((items[0].owner_id, items[0].lot_id), (process, Some(lots[0].id)));
        assert_eq!(
            (items[0].quantity, items[0].unit.as_deref()),
            (amount("12.5"), Some("tonne"))
        );
        assert_eq!(
            (items[0].unit_amount, items[0].unit_currency.as_deref()),
            (amount("800"), Some("EUR"))
        );
        assert_eq!(items[0].classification_code.as_deref(), Some("44212100-6"));
    })
    .await;
}

#[tokio::test]
async fn repeated_ids_of_a_snapshot_are_told_apart() {
    on_each_database(async |hub| {
        hub.load(
            r#"{"ocid":"ocds-1","id":"1","date":"2026-01-01","tag":["compiled"],
                "awards":[{"id":"1","title":"a"},{"id":"1","title":"b"},{"title":"c"},{"id":"","title":"d"}]}"#,
        )
        .await;
        let awards = award::Entity::find()
            .order_by_asc(award::Column::Position)
            .all(&hub.reader)
            .await
            .unwrap();
        assert_eq!(
            awards
                .iter()
                .filter_map(|award| award.title.as_deref())
                .collect::<String>(),
            "abcd"
        );
        assert_eq!(awards[0].id, key::part("award", key::tender("ocds-1"), &["", "1"]));
    })
    .await;
}

#[tokio::test]
async fn awards_know_their_lots_suppliers_and_buyer() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let awards = rows::<award::Entity>(&hub).await;
        assert_eq!(awards.len(), 1, "an empty form is no award");
        let won = &awards[0];
        assert_eq!((won.local_id.as_str(), won.status.as_deref()), ("A1", Some("active")));
        assert_eq!(
            (won.date, won.value_amount),
            (instant("2026-02-19T00:00:00Z"), amount("590000"))
        );
        assert_eq!(
            won.buyer_id,
            Some(key::organization_by_identifier("NL-KVK", "12345678"))
        );

        let lots = rows::<award_lot::Entity>(&hub).await;
        assert_eq!(
            lots.iter().map(|lot| lot.lot_id).collect::<Vec<_>>(),
            [key::part("lot", won.tender_id, &["", "L1"])]
        );
        let mut suppliers = rows::<award_supplier::Entity>(&hub).await;
        suppliers.sort_by_key(|supplier| supplier.position);
        assert_eq!(
            suppliers.iter().map(|supplier| supplier.position).collect::<Vec<_>>(),
            [0, 1]
        );
        assert_eq!(
            suppliers[0].organization_id,
            key::organization_by_identifier("NL-KVK", "87654321")
        );
        assert_eq!(suppliers[0].date, won.date);
    })
    .await;
}

#[tokio::test]
async fn contracts_find_their_award() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let award = rows::<award::Entity>(&hub).await.remove(0);
        let contracts: BTreeMap<_, _> = rows::<contract::Entity>(&hub)
            .await
            .into_iter()
            .map(|row| (row.local_id.clone(), row))
            .collect();
        assert_eq!(
            (contracts["1"].award_id, contracts["2"].award_id),
            (Some(award.id), None)
        );
        assert_eq!(contracts["1"].date_signed, instant("2026-03-01T00:00:00Z"));
        assert_eq!(contracts["1"].period_end, instant("2026-12-31T23:59:59Z"));
        assert_eq!(
            (contracts["1"].value_amount, contracts["1"].status.as_deref()),
            (amount("595000"), Some("active"))
        );
    })
    .await;
}

#[tokio::test]
async fn documents_belong_to_the_section_that_lists_them() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let mut documents = rows::<document::Entity>(&hub).await;
        documents.sort_by(|one, other| one.owner.cmp(&other.owner));
        let told: Vec<_> = documents
            .iter()
            .map(|row| (row.owner.as_str(), row.title.as_deref().unwrap()))
            .collect();
        let expected = [
            ("award", "Award notice"),
            ("contract", "Signed contract"),
            ("implementation", "Report"),
            ("planning", "Plan"),
            ("tender", "Notice"),
        ];
        assert_eq!(told, expected);
        assert_eq!(documents[1].owner_id, documents[2].owner_id, "both are the contract's");
        assert_eq!(documents[4].document_type.as_deref(), Some("tenderNotice"));
        assert_eq!(documents[4].date_modified, instant("2026-01-06T00:00:00Z"));
    })
    .await;
}

#[tokio::test]
async fn classifications_are_found_under_every_code_above_them() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let mut codes = rows::<classification::Entity>(&hub).await;
        codes.sort_by_key(|code| code.position);
        let told: Vec<_> = codes
            .iter()
            .map(|code| (code.scheme.as_str(), code.code.as_str()))
            .collect();
        assert_eq!(told, [("cpv", "45221111-3"), ("NUTS", "NL331"), ("CPV", "44212100-6")]);
        assert_eq!(codes[0].label.as_deref(), Some("Bridges"));
        let mut above: Vec<_> = rows::<tender_code::Entity>(&hub)
            .await
            .into_iter()
            .map(|row| row.code)
            .collect();
        above.sort();
        let expected = "44 442 4421 44212 442121 45 452 4522 45221 452211 4522111 45221111 NL NL3 NL33 NL331";
        assert_eq!(above.join(" "), expected);
    })
    .await;
}

/// The NUTS codes of a process whose tender and only item deliver there, and whose buyer is in Drenthe.
async fn regions(hub: &Hub, tender: &str, item: &str) -> Vec<String> {
    hub.load(format!(
        r#"{{"ocid":"ocds-regions","id":"1","date":"2026-01-01T00:00:00Z","tag":["compiled"],
        "buyer":{{"id":"B","name":"Gemeente Voorbeeld"}},
        "parties":[{{"id":"B","name":"Gemeente Voorbeeld","address":{{"region":"NL131","countryName":"Nederland"}}}}],
        "tender":{{"id":"1",{tender}"items":[{{"id":"1","description":"Sand"{item}}}]}}}}"#
    ))
    .await;
    let mut codes = rows::<classification::Entity>(hub).await;
    codes.sort_by_key(|code| code.position);
    codes
        .into_iter()
        .map(|code| format!("{} {}", code.scheme, code.code))
        .collect()
}

/// What the tender says, what its item says, and the codes that come of it.
const REGIONS: &[(&str, &str, &[&str])] = &[
    ("", "", &["NUTS NL131"]),
    ("", r#","deliveryAddress":{"region":"Utrecht"}"#, &["NUTS NL131"]),
    (
        "",
        r#","deliveryAddress":{"region":"NL350","countryName":"NL"}"#,
        &["NUTS NL350"],
    ),
    (
        r#""deliveryAddresses":[{"region":"NL321"},{"region":"BE211","country":"BE"}],"#,
        r#","deliveryAddresses":[{"region":"nl321"}]"#,
        &["NUTS NL321", "NUTS BE211"],
    ),
    (
        "",
        r#","deliveryLocation":{"gazetteer":{"scheme":"NUTS","identifiers":["NL23"]}}"#,
        &["NUTS NL23"],
    ),
    (
        r#""additionalClassifications":[{"scheme":"nuts","id":"NL41"}],"#,
        "",
        &["nuts NL41"],
    ),
];

#[tokio::test]
async fn regions_of_delivery_are_codes_and_the_buyers_stands_in() {
    for &(tender, item, expected) in REGIONS {
        on_each_database(move |hub| async move {
            assert_eq!(regions(&hub, tender, item).await, expected, "{tender} {item}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_code_that_is_none_is_kept_and_found_under_itself() {
    on_each_database(async |hub| {
        hub.load(
            r#"{"ocid":"ocds-odd","id":"1","date":"2026-01-01T00:00:00Z","tag":["compiled"],"tender":{"id":"1",
            "classification":{"scheme":"CPV","id":"IT services"},
            "additionalClassifications":[{"scheme":"UNSPSC","id":"43230000"},{"scheme":"CPV","id":"99"}]}}"#,
        )
        .await;
        assert_eq!(rows::<classification::Entity>(&hub).await.len(), 3);
        let above = rows::<tender_code::Entity>(&hub).await;
        let mut above: Vec<_> = above
            .iter()
            .map(|row| (row.scheme.as_str(), row.code.as_str()))
            .collect();
        above.sort_unstable();
        assert_eq!(above, [("CPV", "99"), ("CPV", "IT services")]);
    })
    .await;
}

#[tokio::test]
async fn packages_and_sources_are_described_by_what_they_say() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        hub.load(OLD).await;
        let packages = rows::<package::Entity>(&hub).await;
        let package = packages
            .iter()
            .find(|row| row.uri.as_deref() == Some("https://example.org/packages/1"))
            .unwrap();
        assert_eq!(package.published_at, instant("2026-02-02T08:00:00Z"));
        assert_eq!(package.license.as_deref(), Some("https://example.org/licence"));
        let releases = rows::<release::Entity>(&hub).await;
        let stored = releases
            .iter()
            .find(|row| row.release_id.as_deref() == Some("award-1"))
            .unwrap();
        assert_eq!(
            (stored.package_id, stored.tags.as_str()),
            (Some(package.id), "award,contract")
        );
        assert!(
            CURRENT.contains(&text(&stored.body)),
            "the text is the published one, blanks included"
        );

        let source = rows::<source::Entity>(&hub).await.remove(0);
        assert_eq!((source.slug.as_str(), source.format.as_deref()), (SOURCE, Some("ocds")));
        assert_eq!(source.package_publisher.as_deref(), Some("Ministry of Examples"));
        assert_eq!(source.package_license.as_deref(), Some("https://example.org/licence"));
        assert_eq!(
            (source.publisher, source.license),
            (None, None),
            "the operator has said nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn amounts_keep_every_digit_or_have_no_column() {
    on_each_database(async |hub| {
        let release = |ocid: &str, amount: &str| {
            format!(
                r#"{{"ocid":"{ocid}","id":"1","date":"2026-01-01","tag":["tender"],
                     "tender":{{"value":{{"amount":{amount},"currency":"AMD"}}}}}}"#
            )
        };
        let cases = [
            ("a", "312559198875000.0", amount("312559198875000")),
            ("b", "0.1", amount("0.1")),
            ("c", "\"1250.75\"", amount("1250.75")),
            ("d", "1.5e3", amount("1500")),
            ("e", "33333.333333333336", None),
            ("f", "1e30", None),
            ("g", "\"1.250,75\"", amount("1250.75")),
            ("h", "[1]", None),
        ];
        let lines: Vec<_> = cases
            .iter()
            .map(|(ocid, amount, _)| release(ocid, amount).replace('\n', ""))
            .collect();
        let summary = hub.load(lines.join("\n")).await;
        assert_eq!((summary.new, summary.inexact_amounts), (8, 2));
        let found: BTreeMap<_, _> = rows::<tender::Entity>(&hub)
            .await
            .into_iter()
            .map(|row| (row.ocid, row.value_amount))
            .collect();
        for (ocid, text, expected) in cases {
            assert_eq!(found[ocid], expected, "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_nul_is_left_out_of_columns_and_kept_in_the_release() {
    on_each_database(async |hub| {
        let text_with_nul = r#"{"ocid":"ocds-1","id":"a\u0000b","date":"2026-01-01","tag":["tender"],"tender":{"title":"One\u0000Two"},"buyer":{"name":"A\u0000B City"}}"#;
        let summary = hub.load(text_with_nul).await;
        assert!(summary.nul_characters > 0);
        assert_eq!(rows::<tender::Entity>(&hub).await[0].title.as_deref(), Some("OneTwo"));
        let stored = rows::<release::Entity>(&hub).await.remove(0);
        assert_eq!((stored.release_id.as_deref(), text(&stored.body).as_str()), (Some("ab"), text_with_nul));
    })
    .await;
}

#[tokio::test]
async fn names_and_codes_too_long_for_an_index_do_not_stop_a_load() {
    on_each_database(async |hub| {
        // Digits that hardly compress, as a database compresses long texts before it gives up.
        let noise: String = (0..2000_u64)
            .map(|number| (number * number * 2_654_435_761 % 99_991).to_string())
            .collect();
        hub.load(format!(
            r#"{{"ocid":"ocds-1","id":"1","date":"2026-01-01","tag":["tender"],"buyer":{{"name":"Buyer {noise}"}},
                 "tender":{{"classification":{{"scheme":"{noise}","id":"{noise}"}}}}}}"#
        ))
        .await;
        let name = rows::<organization::Entity>(&hub).await.remove(0).name;
        assert_eq!(name.len(), 2000);
        assert!(rows::<classification::Entity>(&hub).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn references_of_ocds_1_0_become_parties() {
    on_each_database(async |hub| {
        hub.load(OLD).await;
        let mut parties = rows::<party::Entity>(&hub).await;
        parties.sort_by_key(|party| party.position);
        let told: Vec<_> = parties
            .iter()
            .map(|party| (party.name.as_str(), party.roles.as_str(), party.tier.as_str()))
            .collect();
        let expected = [
            ("Example Borough", "buyer", "identifier_and_name"),
            ("EXAMPLE BOROUGH", "procuringEntity", "identifier_and_name"),
            ("Meals Limited", "supplier", "name"),
            ("N/A", "supplier", "process"),
            ("MEALS LTD.", "supplier", "name"),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            (parties[0].country.as_deref(), parties[0].locality.as_deref()),
            (Some("GB"), Some("Example"))
        );
        assert_eq!(parties[2].evidence, "meals ltd GB");
        let tender = rows::<tender::Entity>(&hub).await.remove(0);
        assert_eq!(tender.buyer_id, Some(parties[0].organization_id));
        assert_eq!(tender.procuring_entity_id, tender.buyer_id);
        let suppliers = rows::<award_supplier::Entity>(&hub).await;
        let meals = suppliers
            .iter()
            .filter(|supplier| supplier.organization_id == parties[2].organization_id);
        assert_eq!((suppliers.len(), meals.count()), (3, 2));
    })
    .await;
}

#[tokio::test]
async fn codes_of_a_loaded_database_come_through_the_step_that_divides_their_table() {
    on_each_database(async |hub| {
        hub.load(CURRENT).await;
        let before = dump(&hub.reader).await;
        assert_eq!([before["tender_code"].len(), before["code_tender"].len()], [16, 16]);
        let newest_first = migration::Migrator::migrations().into_iter().rev();
        let later = newest_first.take_while(|step| step.name() != "m20261126_000002_codes");
        let steps = u32::try_from(later.count()).unwrap() + 1;
        migration::Migrator::down(&hub.reader, Some(steps)).await.unwrap();
        assert!(code_tender::Entity::find().one(&hub.reader).await.is_err());
        migration::Migrator::up(&hub.reader, None).await.unwrap();
        assert_eq!(dump(&hub.reader).await, before);
    })
    .await;
}
