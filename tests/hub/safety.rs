//! Loads that are cut off in every way: what they leave is consistent, and the same command finishes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use serde_json::Value;

use crate::harness::{create_postgres_database, drop_postgres_database, write_demo};
use crate::private_postgres::PrivatePostgres;

/// How many loads are killed on each database.
const KILLS: u32 = 20;
/// Numbers that look random and are the same each time.
const SEED: u64 = 0x5EED_2026_1125;

/// A file to load, and what the hub holds after a load that nobody disturbed.
struct Load {
    folder: tempfile::TempDir,
    expected: Held,
    took: Duration,
}

/// What a hub holds: its export and the number of rows in each table, reports of runs aside.
#[derive(Debug, PartialEq)]
struct Held {
    export: String,
    rows: BTreeMap<String, i64>,
}

impl Load {
    /// Loads generated processes into the database, undisturbed.
    fn new(database: &str, tenders: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        write_demo(&folder.path().join("demo.jsonl"), tenders);
        let mut load = Self {
            folder,
            expected: Held {
                export: String::new(),
                rows: BTreeMap::new(),
            },
            took: Duration::ZERO,
        };
        let started = Instant::now();
        load.finish(database);
        load.took = started.elapsed();
        load.expected = load.held(database);
        assert!(load.expected.rows["release"] > 0, "{:?}", load.expected.rows);
        load
    }

    fn command(&self, database: &str) -> Command {
        let mut command = tendergraph(&[
            "ingest",
            "demo.jsonl",
            "--source",
            "demo",
            "--json",
            "--batch-releases",
            "40",
        ]);
        command.current_dir(self.folder.path()).env("DATABASE_URL", database);
        command
    }

    fn finish(&self, database: &str) {
        let output = self.command(database).output().expect("the binary can be run");
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    }

    /// Begins a load and does something to it some time later. Tells how it ended.
    fn disturb(&self, database: &str, after: Duration, harm: impl FnOnce(&mut std::process::Child)) -> Output {
        let mut command = self.command(database);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let started = Instant::now();
        while started.elapsed() < after && child.try_wait().expect("a child can be asked").is_none() {
            std::thread::yield_now();
        }
        harm(&mut child);
        child.wait_with_output().expect("a child ends")
    }

    /// Finishes a load that was disturbed, and compares.
    fn check(&self, database: &str, what: &str) {
        self.finish(database);
        assert!(
            self.held(database) == self.expected,
            "{what}: something is lost or twice there"
        );
    }

    fn held(&self, database: &str) -> Held {
        let output = tendergraph(&["export", "releases"])
            .current_dir(self.folder.path())
            .env("DATABASE_URL", database)
            .output()
            .expect("the binary can be run");
        assert!(output.status.success(), "{}", words(&output));
        Held {
            export: String::from_utf8(output.stdout).expect("an export is UTF-8"),
            rows: rows(database, self.folder.path()),
        }
    }
}

fn tendergraph(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tendergraph"));
    command.args(arguments).env_clear();
    command
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// How many rows each table has.
fn rows(url: &str, folder: &Path) -> BTreeMap<String, i64> {
    let url = url.replace("sqlite://", &format!("sqlite://{}/", folder.display()));
    let runtime = tokio_runtime();
    runtime.block_on(async {
        let database = Database::connect(url).await.expect("the database can be opened");
        let backend = database.get_database_backend();
        let names = match backend {
            DbBackend::Postgres => "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
            _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        };
        let names = database.query_all_raw(Statement::from_string(backend, names)).await;
        let mut counts = BTreeMap::new();
        for row in names.expect("tables can be listed") {
            let name: String = row.try_get("", "name").expect("a name is text");
            if name == "run" {
                continue;
            }
            let count = Statement::from_string(backend, format!("SELECT COUNT(*) AS count FROM \"{name}\""));
            let row = database.query_one_raw(count).await.expect("rows can be counted");
            counts.insert(
                name,
                row.expect("a count is a row")
                    .try_get("", "count")
                    .expect("a count is a number"),
            );
        }
        database.close().await.expect("a connection can be closed");
        counts
    })
}

fn tokio_runtime() -> actix_web::rt::Runtime {
    actix_web::rt::Runtime::new().expect("a runtime can be made")
}

/// The next moment of a load that takes so long at which to disturb it.
fn moment(state: &mut u64, took: Duration) -> Duration {
    // Steele and others, "Fast splittable pseudorandom number generators": SplitMix64.
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    took.mul_f64(f64::from(u32::try_from(mixed >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX))
}

/// Kills loads into new databases and finishes them.
fn kill_and_finish(load: &Load, mut database: impl FnMut(u32) -> String, mut done: impl FnMut(&str)) {
    println!("seed {SEED:#x}, an undisturbed load takes {:?}", load.took);
    let mut state = SEED;
    let mut killed = 0;
    for number in 0..KILLS {
        let (url, after) = (database(number), moment(&mut state, load.took));
        let output = load.disturb(&url, after, |child| child.kill().expect("a child can be killed"));
        killed += u32::from(output.status.code().is_none());
        load.check(&url, &format!("kill {number} after {after:?}"));
        done(&url);
    }
    println!("{killed} of {KILLS} were killed before their end");
    assert!(killed > KILLS / 2, "{killed}");
}

#[test]
fn a_load_killed_at_any_moment_is_finished_by_the_same_command_on_sqlite() {
    let load = Load::new("sqlite://unbroken.db", 200);
    kill_and_finish(&load, |number| format!("sqlite://killed{number}.db"), |_| {});
}

#[test]
fn tables_are_made_once_however_often_that_is_cut_off() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let migrate = |number: u32| {
        let mut command = tendergraph(&["migrate", "up"]);
        command
            .current_dir(folder.path())
            .env("DATABASE_URL", format!("sqlite://cut-off{number}.db"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the binary can be run")
    };
    let started = Instant::now();
    migrate(0).wait_with_output().expect("a child ends");
    let took = started.elapsed();
    let mut state = SEED;
    for number in 1..=KILLS {
        let after = moment(&mut state, took);
        let mut killed = migrate(number);
        tokio_runtime().block_on(async { tokio::time::sleep(after).await });
        killed.kill().expect("a child can be killed");
        killed.wait().expect("a child ends");
        // Several at once, as hubs and loads that start together.
        for again in [migrate(number), migrate(number), migrate(number)] {
            let output = again.wait_with_output().expect("a child ends");
            assert!(output.status.success(), "after {after:?}: {}", words(&output));
        }
    }
}

#[test]
fn a_load_killed_at_any_moment_is_finished_by_the_same_command_on_postgres() {
    let new_database = || tokio_runtime().block_on(create_postgres_database());
    let drop_database = |url: &str| tokio_runtime().block_on(drop_postgres_database(url));
    let Some(unbroken) = new_database() else { return };
    let load = Load::new(&unbroken, 200);
    kill_and_finish(&load, |_| new_database().expect("there was one before"), drop_database);
    drop_database(&unbroken);
}

#[test]
fn a_load_whose_database_stops_is_finished_once_it_is_back() {
    let Some(mut server) = PrivatePostgres::start() else {
        return;
    };
    server.create_database("unbroken");
    let load = Load::new(&server.url("unbroken"), 200);
    let mut state = SEED;
    for number in 0..3 {
        let name = format!("stopped{number}");
        server.create_database(&name);
        let (url, after) = (server.url(&name), moment(&mut state, load.took));
        let output = load.disturb(&url, after, |_| server.stop_immediately());
        println!("stopped after {after:?}: {:?} {}", output.status, words(&output));
        if !output.status.success() {
            assert_eq!(output.status.code(), Some(1), "it ends with an error");
            assert!(words(&output).contains("error: "), "and says so");
        }
        server.start_again();
        load.check(&url, &format!("stop {number} after {after:?}"));
    }
}

/// The file system is a small one in memory, which only this load sees; so it takes root to make it.
#[test]
fn a_full_disk_ends_a_load_with_clear_words_and_whole_batches() {
    let load = Load::new("sqlite://unbroken.db", 400);
    let kept = load.folder.path().join("kept");
    fs::create_dir(&kept).expect("the temporary folder can be written");
    let script = format!(
        "mkdir small && mount -t tmpfs -o size=3m none small || exit 99
         DATABASE_URL=sqlite://small/hub.db '{}' ingest demo.jsonl --source demo --json --batch-releases 40
         code=$?; cp small/hub.db* kept/; exit $code",
        env!("CARGO_BIN_EXE_tendergraph"),
    );
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(load.folder.path())
        .output();
    let output = match output {
        Ok(output) if !matches!(output.status.code(), Some(99)) && !words(&output).contains("unshare") => output,
        other => {
            println!("skipped: no small file system can be mounted here: {other:?}");
            return;
        }
    };
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(
        words(&output).contains("the disk of the database is full"),
        "{}",
        words(&output)
    );
    let there = rows("sqlite://kept/hub.db", load.folder.path());
    assert!(
        there["release"] > 0 && there["release"] < load.expected.rows["release"],
        "{there:?}"
    );
    load.check("sqlite://kept/hub.db", "full disk");
}

#[test]
fn loads_at_once_neither_block_nor_spoil_each_other_on_postgres() {
    let new_database = || tokio_runtime().block_on(create_postgres_database());
    let Some(unbroken) = new_database() else { return };
    let load = Load::new(&unbroken, 200);
    let together = new_database().expect("there was one before");
    // The tables are made before, so that the loads begin at the same time.
    let migrated = tendergraph(&["migrate", "up"]).env("DATABASE_URL", &together).output();
    assert!(migrated.is_ok_and(|output| output.status.success()));
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = load.command(&together);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary can be run")
        })
        .collect();
    let mut new = 0;
    for child in children {
        let output = child.wait_with_output().expect("a child ends");
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let summary: Value = serde_json::from_slice(&output.stdout).expect("a summary is JSON");
        new += summary["new"].as_i64().unwrap_or_default() + summary["changed"].as_i64().unwrap_or_default();
    }
    assert_eq!(new, load.expected.rows["release"], "each release is written once");
    load.check(&together, "four at once");
    tokio_runtime().block_on(drop_postgres_database(&unbroken));
    tokio_runtime().block_on(drop_postgres_database(&together));
}
