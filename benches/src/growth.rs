//! Growth: whether a process costs as much in a large load as in a small one.

use anyhow::{Context, Result};

use crate::ingest::{self, Loads, Outcome};
use crate::table::{Bar, Figure, number};

/// How many times as many processes the large load has.
const TIMES: u64 = 4;
/// How much more a process may cost there.
const BAR: f64 = 1.3;

/// Loads several times as much as before, and compares.
///
/// # Errors
/// If a load fails, or does not load everything.
pub async fn measure(loads: &Loads<'_>, tenders: u64, small: &[Outcome]) -> Result<Vec<Figure>> {
    let input = ingest::generate(loads.folder, tenders * TIMES, 1)?;
    let large = loads.measure(&input).await?;
    std::fs::remove_file(&input.path)?;
    large.database.drop().await?;
    let mut figures = large.figures;
    for outcome in &large.outcomes {
        let name = outcome.name();
        let before = small.iter().find(|outcome| outcome.name() == name);
        let before = before.context("a database was not measured before")?.load_seconds() / number(tenders);
        let after = outcome.load_seconds() / number(input.tenders);
        let ratio = after / before;
        figures.push(Figure {
            name: format!("time a process, {} beside {tenders} processes, {name}", input.tenders),
            measured: format!("{:.3} ms", after * 1e3),
            limit: format!("{:.3} ms", before * 1e3),
            ratio,
            bar: Some(Bar::ratio_below(BAR, ratio)),
        });
    }
    Ok(figures)
}
