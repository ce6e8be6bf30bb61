//! Exchange rates from the bank's files, and what statistics make of them.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};
use crate::urls::{answer, serve};

/// Two weeks, as in `eurofxref-hist.csv`: the newest day first, a comma at the end, and no publication on Good Friday and
/// Easter Monday.
const HISTORY: &str = "Date,USD,GBP,RUB,
2026-04-07,1.25,0.5,N/A,
2026-04-02,2,0.8,N/A,
2026-04-01,1.6,0.8,100,
";

fn rates(hub: &Hub, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_tendergraph"))
        .current_dir(hub.folder.path())
        .args(["rates", "load"])
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", &hub.database_url)
        .output()
        .expect("the binary can be run");
    println!("{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn write(hub: &Hub, name: &str, bytes: &[u8]) {
    fs::write(hub.folder.path().join(name), bytes).expect("the folder can be written");
}

/// What the command said of a load that went well.
fn loaded(output: &Output) -> &str {
    assert!(output.status.success());
    str::from_utf8(&output.stdout).expect("output is UTF-8").trim_end()
}

/// Awards of so many units of a currency on days of April 2026.
async fn ingest(hub: &Hub, awards: &[(u32, &str, &str)]) {
    let awards: Vec<Value> = awards
        .iter()
        .enumerate()
        .map(|(place, (day, amount, currency))| {
            let amount: serde_json::Number = amount.parse().expect("it is a number");
            json!({
                "id": place.to_string(), "date": format!("2026-04-{day:02}T12:00:00Z"), "status": "active",
                "value": { "amount": amount, "currency": currency },
            })
        })
        .collect();
    let release = json!({
        "ocid": "ocds-1", "id": "1", "date": "2026-05-01T00:00:00Z", "tag": ["compiled"], "awards": awards,
        "tender": { "id": "1" },
    });
    hub.ingest_text(&release.to_string(), "awards").await;
}

/// The awards in another currency: how many could be converted, how many not, and the sum.
async fn converted(hub: &Hub, currency: &str) -> Value {
    let query = "query ($currency: String!) { awardStatistics(groupBy: [], currency: $currency) {
        total { countWithValue countNotConverted value { amount currency } }
        conversion { currency ratesFrom ratesUntil }
    } }";
    hub.data(query, json!({ "currency": currency })).await["awardStatistics"].clone()
}

async fn revision(hub: &Hub) -> Value {
    hub.data("{ hub { dataRevision } }", json!({})).await["hub"]["dataRevision"].clone()
}

on_both_databases! {
    async fn values_are_converted_at_the_rates_of_the_day(hub: &Hub) {
        let awards = [
            (1, "16", "USD"),
            // Easter Sunday, for which Thursday's rate holds.
            (5, "3", "USD"),
            (7, "5", "GBP"),
            (7, "2.5", "EUR"),
            // The rouble was given up, and nobody knows of the eighth yet.
            (2, "100", "RUB"),
            (8, "1", "USD"),
        ];
        ingest(hub, &awards).await;
        write(hub, "rates.csv", HISTORY.as_bytes());
        let told = rates(hub, &["rates.csv"]);
        // Seven days of the dollar, the pound and the euro, and one of the rouble.
        assert_eq!(loaded(&told), "3 currencies from 2026-04-01 to 2026-04-07; 22 rates of a day are new or changed");

        let in_euros = converted(hub, "EUR").await;
        let sum = json!([{ "amount": "24", "currency": "EUR" }]);
        assert_eq!(in_euros["total"], json!({ "countWithValue": 4, "countNotConverted": 2, "value": sum }));
        let days = json!({
            "currency": "EUR", "ratesFrom": "2026-04-01T00:00:00+00:00", "ratesUntil": "2026-04-07T00:00:00+00:00",
        });
        assert_eq!(in_euros["conversion"], days);
        let in_dollars = converted(hub, "USD").await;
        // The dollars as they are, that of the eighth too, and twelve and a half euros on the seventh.
        let sum = json!([{ "amount": "35.625", "currency": "USD" }]);
        assert_eq!(in_dollars["total"], json!({ "countWithValue": 5, "countNotConverted": 1, "value": sum }));
    }

    async fn loading_again_changes_nothing_and_a_newer_file_goes_on(hub: &Hub) {
        ingest(hub, &[(9, "3", "USD"), (1, "16", "USD")]).await;
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(HISTORY.as_bytes()).expect("memory takes everything");
        write(hub, "rates.csv.gz", &packed.finish().expect("memory takes everything"));
        rates(hub, &["rates.csv.gz"]);
        let before = revision(hub).await;
        let again = rates(hub, &["rates.csv.gz"]);
        assert!(loaded(&again).ends_with("; 0 rates of a day are new or changed"));
        assert_eq!(revision(hub).await, before);
        assert_eq!(converted(hub, "EUR").await["total"]["countNotConverted"], 1);

        // The daily file, from the network, two days later.
        let daily = "Date, USD, \n09 April 2026, 1.5, \n";
        let (port, _) = serve(move |_, _| answer("200 OK", "", daily.as_bytes()));
        let url = format!("http://127.0.0.1:{port}/eurofxref.csv");
        let told = rates(hub, &[&url, "--allow-private-addresses"]);
        // The eighth repeats the seventh.
        assert_eq!(loaded(&told), "1 currencies from 2026-04-09 to 2026-04-09; 4 rates of a day are new or changed");
        assert_ne!(revision(hub).await, before, "answers that were kept must go");
        let sum = json!([{ "amount": "12", "currency": "EUR" }]);
        assert_eq!(converted(hub, "EUR").await["total"]["value"], sum);
    }

    async fn a_file_that_is_wrong_somewhere_is_not_taken_at_all(hub: &Hub) {
        write(hub, "wrong.csv", b"Date,USD\n2026-04-01,1.6\n2026-04-02,much\n");
        write(hub, "json.csv", b"{\"USD\": 1.6}");
        write(hub, "empty.csv", b"Date,USD\n");
        for (name, words) in [
            ("wrong.csv", "line 3: `much` is no rate"),
            ("json.csv", "no table of rates"),
            ("empty.csv", "no rate in it"),
            ("missing.csv", "cannot be opened"),
        ] {
            let output = rates(hub, &[name]);
            assert_eq!(output.status.code(), Some(1), "{name}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains(words), "{said}");
        }
        let query = "{ awardStatistics(groupBy: [], currency: \"USD\") { total { count } } }";
        let refused = hub.ask(query, json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
    }
}
