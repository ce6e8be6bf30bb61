//! Sources that are fetched again and again, by command and beside the server.

use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};
use crate::urls::{answer, releases, serve};

fn command(hub: &Hub, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tendergraph"));
    command
        .current_dir(hub.folder.path())
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", &hub.database_url)
        .env("DOWNLOAD_PATH", "downloads");
    command
}

fn add(hub: &Hub, slug: &str, more: &[&str]) {
    let output = command(hub, &["source", "add", slug]).args(more).output();
    let output = output.expect("the binary can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The exit code of `tendergraph sync`, and what it tells of each source.
fn sync(hub: &Hub, arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = command(hub, &["sync", "--json", "--allow-private-addresses"])
        .args(arguments)
        .output()
        .expect("the binary can be run");
    println!("{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told(&output.stdout))
}

fn told(output: &[u8]) -> Vec<Value> {
    let lines = String::from_utf8_lossy(output).into_owned();
    let lines = lines.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("each line is JSON")
}

fn outcomes(told: &[Value]) -> Vec<[&str; 2]> {
    told.iter()
        .map(|told| ["source", "outcome"].map(|name| told[name].as_str().unwrap_or_default()))
        .collect()
}

/// The reports of the runs of a source, newest first: their outcomes and how many releases were new.
async fn runs(hub: &Hub, slug: &str) -> Vec<Value> {
    let query = "{ sources { slug runs { nodes { command outcome new message } } } }";
    let data = hub.data(query, Value::Null).await;
    let sources = data["sources"].as_array().expect("there is a list of sources");
    let source = sources.iter().find(|source| source["slug"] == slug);
    source.expect("the source is listed")["runs"]["nodes"]
        .as_array()
        .expect("there is a list of runs")
        .clone()
}

on_both_databases! {
    async fn only_what_changed_is_fetched(hub: &Hub) {
        let content = Arc::new(Mutex::new((1, releases(3))));
        let current = content.clone();
        let (port, requests) = serve(move |request, _| {
            let (version, content) = current.lock().expect("no test panics here").clone();
            let etag = format!("\"{version}\"");
            if request.header("if-none-match") == etag {
                return answer("304 Not Modified", "", b"");
            }
            answer("200 OK", &format!("etag: {etag}\r\n"), content.as_bytes())
        });
        add(hub, "city", &["--url", &format!("http://127.0.0.1:{port}/releases.jsonl")]);

        let (code, told) = sync(hub, &[]);
        assert_eq!((code, outcomes(&told)), (Some(0), vec![["city", "loaded"]]));
        assert_eq!(told[0]["summary"]["new"], 3);
        let (code, told) = sync(hub, &["city"]);
        assert_eq!((code, outcomes(&told)), (Some(0), vec![["city", "not_modified"]]));
        *content.lock().expect("no test panics here") = (2, releases(5));
        let (code, told) = sync(hub, &[]);
        assert_eq!((code, outcomes(&told)), (Some(0), vec![["city", "loaded"]]));
        assert_eq!((&told[0]["summary"]["new"], &told[0]["summary"]["unchanged"]), (&json!(2), &json!(3)));

        let asked: Vec<String> = requests
            .lock()
            .expect("no test panics here")
            .iter()
            .map(|request| request.header("if-none-match").to_owned())
            .collect();
        assert_eq!(asked, ["", "\"1\"", "\"1\""]);
        let runs = runs(hub, "city").await;
        let told: Vec<_> = runs
            .iter()
            .map(|run| json!([run["command"], run["outcome"], run["new"]]))
            .collect();
        assert_eq!(told, [2, 0, 3].map(|new| json!(["sync", "DONE", new])));
    }

    async fn a_source_that_fails_does_not_stop_the_others(hub: &Hub) {
        let content = releases(2);
        let (port, _) = serve(move |request, _| match request.path.as_str() {
            "/here" => answer("200 OK", "", content.as_bytes()),
            _ => answer("404 Not Found", "", b""),
        });
        add(hub, "a-gone", &["--url", &format!("http://127.0.0.1:{port}/gone")]);
        add(hub, "b-here", &["--url", &format!("http://127.0.0.1:{port}/here")]);
        add(hub, "c-nowhere", &[]);
        let (code, told) = sync(hub, &[]);
        assert_eq!(code, Some(1));
        assert_eq!(outcomes(&told), [["a-gone", "failed"], ["b-here", "loaded"]]);
        let failed = &runs(hub, "a-gone").await[0];
        assert_eq!(failed["outcome"], "FAILED");
        assert!(failed["message"].as_str().is_some_and(|message| message.contains("/gone")), "{failed}");

        let (code, told) = sync(hub, &["c-nowhere", "d-unknown"]);
        assert_eq!(code, Some(1));
        for (told, word) in told.iter().zip(["--url", "no source `d-unknown`"]) {
            assert!(told["error"].as_str().is_some_and(|error| error.contains(word)), "{told}");
        }
    }

    async fn schedules_say_whose_turn_it_is(hub: &Hub) {
        let content = releases(1);
        let (port, _) = serve(move |_, _| answer("200 OK", "", content.as_bytes()));
        let url = format!("http://127.0.0.1:{port}/");
        let file = format!(
            "[sources.hourly]\nurl = '{url}1'\nschedule = '1h'\npublisher = 'City'\n[sources.by-hand]\nurl = '{url}2'\n"
        );
        fs::write(hub.folder.path().join("sources.toml"), file).expect("the folder can be written");
        let arguments = ["--sources", "sources.toml", "--due"];
        assert_eq!(outcomes(&sync(hub, &arguments).1), [["hourly", "loaded"]]);
        assert_eq!(outcomes(&sync(hub, &arguments).1), [[""; 2]; 0], "an hour has not passed");
        assert_eq!(outcomes(&sync(hub, &[]).1), [["by-hand", "loaded"], ["hourly", "loaded"]]);
        let sources = hub.data("{ sources { slug publisher } }", Value::Null).await;
        assert_eq!(sources["sources"][1]["publisher"], "City");

        fs::write(hub.folder.path().join("sources.toml"), "[sources.a]\nschedule = 'sometimes'").expect("as before");
        assert_eq!(sync(hub, &arguments).0, Some(1), "a file with a mistake is no file");
    }

    async fn one_run_at_a_time_fetches_from_a_source(hub: &Hub) {
        let (go_on, may_go_on) = channel::<()>();
        let content = releases(1);
        let (port, requests) = serve(move |_, _| {
            may_go_on.recv().expect("the test tells when");
            answer("200 OK", "", content.as_bytes())
        });
        add(hub, "slow", &["--url", &format!("http://127.0.0.1:{port}/")]);
        let first = command(hub, &["sync", "--json", "--allow-private-addresses"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        wait_until(|| !requests.lock().expect("no test panics here").is_empty());
        assert_eq!(outcomes(&sync(hub, &[]).1), [["slow", "under_way"]]);
        release(&go_on);
        let first = first.wait_with_output().expect("it ends");
        assert_eq!(outcomes(&told(&first.stdout)), [["slow", "loaded"]]);
        release(&go_on);
        assert_eq!(outcomes(&sync(hub, &[]).1), [["slow", "loaded"]]);
        assert_eq!(runs(hub, "slow").await.len(), 2);
    }

    async fn the_server_fetches_when_the_schedule_says_so(hub: &Hub) {
        let content = releases(4);
        let (port, _) = serve(move |_, _| answer("200 OK", "", content.as_bytes()));
        let file = format!("[sources.city]\nurl = 'http://127.0.0.1:{port}/'\nschedule = '1h'\n");
        fs::write(hub.folder.path().join("sources.toml"), file).expect("the folder can be written");
        let mut server = command(hub, &["serve", "--sync", "--allow-private-addresses", "--bind", "127.0.0.1:0"])
            .env("SOURCES_FILE", "sources.toml")
            .spawn()
            .expect("the binary can be run");
        let count = async || hub.data("{ tenders { totalCount } }", Value::Null).await["tenders"]["totalCount"].clone();
        for _ in 0..600 {
            if count().await == 4 {
                break;
            }
            actix_web::rt::time::sleep(Duration::from_millis(100)).await;
        }
        server.kill().expect("it can be ended");
        server.wait().expect("it ends");
        assert_eq!(count().await, 4);
        assert_eq!(runs(hub, "city").await[0]["command"], "serve --sync");
    }
}

fn release(waiting: &Sender<()>) {
    waiting.send(()).expect("the server waits");
}

fn wait_until(is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        thread::park_timeout(Duration::from_millis(100));
    }
    panic!("it takes too long");
}
