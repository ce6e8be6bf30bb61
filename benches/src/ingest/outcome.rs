//! What loads cost beside the bare addition of their rows, as tables and figures.

use std::time::Duration;

use super::Input;
use crate::compare::median;
use crate::process::Cost;
use crate::table::{Bar, Figure, Table, megabytes, number, seconds};

/// The most memory that a load may hold, in bytes.
const MEMORY_BAR: u64 = 512_000_000;

/// A kind of database, and what is asked of loads into it.
pub struct Side {
    name: &'static str,
    bare: &'static str,
    /// The least part of the rate of the bare addition.
    bar: f64,
}

/// Loads into SQLite.
pub const SQLITE: Side = Side {
    name: "SQLite",
    bare: "bare inserts",
    bar: 0.5,
};
/// Loads into PostgreSQL.
pub const POSTGRES: Side = Side {
    name: "PostgreSQL",
    bare: "bare COPY",
    bar: 0.6,
};

/// A load, and what it cost the database's own processes, if it has any.
pub struct Load {
    /// What it cost the hub.
    pub cost: Cost,
    /// Processor time of the database.
    pub database_cpu: Option<Duration>,
}

/// Loads into empty databases, each with the time that adding its rows alone took, and one load again.
pub struct Outcome {
    /// The kind of database.
    pub side: &'static Side,
    /// Loads and bare additions, in turn.
    pub rounds: Vec<(Load, Duration)>,
    /// The load that had nothing new.
    pub again: Load,
}

impl Outcome {
    /// The kind of database.
    pub fn name(&self) -> &'static str {
        self.side.name
    }

    /// How many seconds a load took, in the round in the middle.
    pub fn load_seconds(&self) -> f64 {
        median(&self.of_rounds(|load, _| load.cost.elapsed.as_secs_f64()))
    }

    fn bare_seconds(&self) -> f64 {
        median(&self.of_rounds(|_, bare| bare.as_secs_f64()))
    }

    fn peak_memory(&self) -> u64 {
        let peaks = self.rounds.iter().map(|(load, _)| load.cost.peak_memory);
        peaks.max().unwrap_or_default()
    }

    fn of_rounds(&self, value: impl Fn(&Load, Duration) -> f64) -> Vec<f64> {
        self.rounds.iter().map(|(load, bare)| value(load, *bare)).collect()
    }

    /// The rate beside that of the bare addition, and the memory beside what is allowed.
    pub fn figures(&self, input: &Input) -> [Figure; 2] {
        let rate = |seconds: f64| format!("{:.0}/s", number(input.tenders) / seconds);
        let ratio = median(&self.of_rounds(|load, bare| bare.as_secs_f64() / load.cost.elapsed.as_secs_f64()));
        let memory = self.peak_memory();
        let what = format!("{} processes of {}, {}", input.tenders, releases(input), self.side.name);
        [
            Figure {
                name: format!("ingest, {what}"),
                measured: rate(self.load_seconds()),
                limit: rate(self.bare_seconds()),
                ratio,
                bar: Some(Bar::ratio_at_least(self.side.bar, ratio)),
            },
            Figure {
                name: format!("peak memory, {what}"),
                measured: megabytes(memory),
                limit: megabytes(MEMORY_BAR),
                ratio: number(memory) / number(MEMORY_BAR),
                bar: Some(Bar::bytes_below(MEMORY_BAR, memory)),
            },
        ]
    }
}

/// All loads of a file.
pub fn table(input: &Input, parsing: &Cost, outcomes: &[Outcome]) -> Table {
    let title = format!(
        "Ingest: {} processes of {}, {}",
        input.tenders,
        releases(input),
        megabytes(input.bytes)
    );
    let columns = [
        "load",
        "processes",
        "input",
        "time",
        "CPU",
        "database CPU",
        "peak memory",
    ];
    let mut table = Table::new(title, &columns);
    let dash = || "-".to_owned();
    let mut add = |name: String, elapsed: Duration, rest: [String; 3]| {
        let rates = [
            format!("{:.0}/s", number(input.tenders) / elapsed.as_secs_f64()),
            format!("{:.1} MB/s", number(input.bytes) / 1e6 / elapsed.as_secs_f64()),
            seconds(elapsed),
        ];
        table.row([name].into_iter().chain(rates).chain(rest));
    };
    let costs = |load: &Load| {
        let database_cpu = load.database_cpu.map_or_else(dash, seconds);
        [seconds(load.cost.cpu), database_cpu, megabytes(load.cost.peak_memory)]
    };
    add(
        "parsing alone".to_owned(),
        parsing.elapsed,
        [seconds(parsing.cpu), dash(), dash()],
    );
    for outcome in outcomes {
        let side = outcome.side;
        for (load, bare) in &outcome.rounds {
            add(format!("{}, first", side.name), load.cost.elapsed, costs(load));
            add(format!("{}, {}", side.name, side.bare), *bare, [dash(), dash(), dash()]);
        }
        let again = &outcome.again;
        add(format!("{}, again", side.name), again.cost.elapsed, costs(again));
    }
    table
}

fn releases(input: &Input) -> String {
    match input.releases_each {
        1 => "one release".to_owned(),
        many => format!("{many} releases"),
    }
}
