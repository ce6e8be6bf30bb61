//! Growth: whether a process costs as much in a large load as in a small one, and an answer as much time.

use anyhow::{Context, Result};

use crate::compare::Comparison;
use crate::ingest::Outcome;
use crate::table::{Bar, Figure, number};

/// How many times as many processes the large database has.
pub const TIMES: u64 = 4;
/// How much more a process or an answer may cost there.
const BAR: f64 = 1.3;

/// What loads took, of so many processes and of [`TIMES`] as many.
///
/// # Errors
/// If different things were measured.
pub fn of_loads(tenders: u64, small: &[Outcome], large: &[Outcome]) -> Result<Vec<Figure>> {
    let compare = |outcome: &Outcome| {
        let name = outcome.name();
        let before = small.iter().find(|outcome| outcome.name() == name);
        let before = before.context("a database was not measured before")?;
        let before = before.load_seconds() * 1e3 / number(tenders);
        let after = outcome.load_seconds() * 1e3 / number(tenders * TIMES);
        Ok(figure(
            format!("time a process, {} beside {tenders} processes, {name}", tenders * TIMES),
            (after, before),
            after / before,
        ))
    };
    large.iter().map(compare).collect()
}

/// How long answers took of [`TIMES`] as many processes, measured beside those of so many.
pub fn of_reads(tenders: u64, reads: &[(&'static str, Comparison)]) -> Vec<Figure> {
    let figure = |(name, read): &(&'static str, Comparison)| {
        figure(
            format!("{name}, median, {} beside {tenders} processes", tenders * TIMES),
            (read.measured.median_milliseconds(), read.limit.median_milliseconds()),
            read.slowdown(),
        )
    };
    reads.iter().map(figure).collect()
}

fn figure(name: String, (after, before): (f64, f64), ratio: f64) -> Figure {
    Figure {
        name,
        measured: format!("{after:.3} ms"),
        limit: format!("{before:.3} ms"),
        ratio,
        bar: Some(Bar::ratio_below(BAR, ratio)),
    }
}
