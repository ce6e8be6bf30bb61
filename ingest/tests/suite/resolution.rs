//! Which organisation a party is depends on the set of releases, not on how they came in.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::dump::dump;
use crate::hub::{Hub, options, sqlite};

/// Names that are alike, ambiguous, or name nobody.
const NAMES: &[&str] = &[
    "Brink Bouw BV",
    "BRINK BOUW B.V.",
    "Brink Bouw",
    "Brink Bouw NV",
    "Brink",
    "Anoniem 405",
    "Jan Brink",
    "Basisschool",
];
const PLACES: &[&str] = &["", "", "Delft", "Gouda"];
const COUNTRIES: &[&str] = &["", "NL", "NL", "BE"];
/// Numbers of two verified registers and of one that cannot be verified; most parties have none.
const IDENTIFIERS: &[&str] = &[
    "",
    "",
    "",
    r#"{"scheme":"NL-KVK","id":"90000001"}"#,
    r#"{"scheme":"NL-KVK","id":"90000002"}"#,
    r#"{"scheme":"NL-RSIN","id":"111222333"}"#,
    r#"{"scheme":"NL-RSIN","id":"123456782"}"#,
    r#"{"scheme":"XX-LOCAL","id":"17"}"#,
    r#"{"scheme":"XX-LOCAL","id":"18"}"#,
];

/// A supplier: which name, town, country and numbers.
type Supplier = (Index, Index, Index, Index, Index);

/// A release of one of a few processes, with a date of its own.
fn release(place: usize, process: Index, suppliers: &[Supplier]) -> String {
    let mut parties = String::new();
    for (name, town, country, main, further) in suppliers {
        let mut party = format!(
            r#"{{"name":"{}","address":{{"countryName":"{}""#,
            name.get(NAMES),
            country.get(COUNTRIES)
        );
        let town = town.get(PLACES);
        if !town.is_empty() {
            write!(party, r#","locality":"{town}""#).unwrap();
        }
        party.push('}');
        let (main, further) = (main.get(IDENTIFIERS), further.get(IDENTIFIERS));
        if !main.is_empty() {
            write!(party, r#","identifier":{main}"#).unwrap();
        }
        if !further.is_empty() {
            write!(party, r#","additionalIdentifiers":[{further}]"#).unwrap();
        }
        let separator = if parties.is_empty() { "" } else { "," };
        write!(parties, "{separator}{party}}}").unwrap();
    }
    format!(
        r#"{{"ocid":"ocds-abcdef-{}","id":"{place}","date":"2026-01-{:02}","tag":["award"],"buyer":{{"name":"Gemeente Brinkdam"}},"awards":[{{"id":"1","title":"x","suppliers":[{parties}]}}]}}"#,
        process.index(6),
        place + 1,
    )
}

async fn load(hub: &Hub, releases: &[String], batch: usize) {
    let mut options = options();
    options.batch_releases = Some(batch);
    let path = hub.file("releases.jsonl", releases.join("\n"));
    hub.load_path(&path, options).await;
}

fn suppliers() -> impl Strategy<Value = Vec<Supplier>> {
    let supplier = (
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
    );
    prop::collection::vec(supplier, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_batches_give_the_same_organizations(
        (releases, shuffled) in prop::collection::vec((any::<Index>(), suppliers()), 2..14)
            .prop_map(|drawn| {
                let drawn = drawn.iter().enumerate();
                drawn.map(|(place, (process, suppliers))| release(place, *process, suppliers)).collect::<Vec<_>>()
            })
            .prop_flat_map(|releases| (Just(releases.clone()), Just(releases).prop_shuffle())),
        batch in 1..5_usize,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (plain, other) = (sqlite().await, sqlite().await);
            load(&plain, &releases, 1000).await;
            load(&other, &shuffled, batch).await;
            let (plain, other) = (dump(&plain.reader).await, dump(&other.reader).await);
            for (table, rows) in &plain {
                assert_eq!(rows, &other[table], "{table}");
            }
        });
    }
}
