//! Growth: whether a process costs as much in a large load as in a small one, and an answer as much time.

use anyhow::{Context, Result};

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
        Ok(figure(
            format!("time a process, {} beside {tenders} processes, {name}", tenders * TIMES),
            outcome.load_seconds() * 1e3 / number(tenders * TIMES),
            before.load_seconds() * 1e3 / number(tenders),
        ))
    };
    large.iter().map(compare).collect()
}

/// How long answers took, as [`of_loads`].
///
/// # Errors
/// If different things were measured.
pub fn of_reads(tenders: u64, small: &[(&'static str, f64)], large: &[(&'static str, f64)]) -> Result<Vec<Figure>> {
    let compare = |&(name, after): &(&'static str, f64)| {
        let before = small.iter().find(|(read, _)| *read == name);
        let (_, before) = before.context("a question was not asked before")?;
        let name = format!("{name}, median, {} beside {tenders} processes", tenders * TIMES);
        Ok(figure(name, after, *before))
    };
    large.iter().map(compare).collect()
}

fn figure(name: String, after: f64, before: f64) -> Figure {
    let ratio = after / before;
    Figure {
        name,
        measured: format!("{after:.3} ms"),
        limit: format!("{before:.3} ms"),
        ratio,
        bar: Some(Bar::ratio_below(BAR, ratio)),
    }
}
