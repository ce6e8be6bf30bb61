//! Writing processes anew whose releases are as they were: where their rows do not tell what follows from other organisations,
//! and where all rows are to follow from other rules.

use entities::{compiled_release, tender};
use sea_orm::prelude::Uuid;

use super::connection::Transaction;
use super::known;
use crate::Error;
use crate::compile;
use crate::compress::Decompress;
use crate::prepare::{Process, dated};
use crate::published::Tally;
use crate::rows::{self, Rows};
use crate::summary::Oddities;

/// The present rows of processes, and the rows that stand for them now.
pub(super) async fn rewritten(
    transaction: &mut Transaction,
    processes: &[Uuid],
) -> Result<(Vec<tender::Model>, Rows), Error> {
    let mut processes: Vec<Process> = processes.iter().copied().map(Process::new).collect();
    processes.sort_unstable_by_key(|process| process.key);
    known::load(transaction, &mut processes).await?;
    tokio::task::spawn_blocking(move || {
        let rows = flatten(&processes)?;
        let tenders = processes
            .into_iter()
            .filter_map(|process| process.tender.map(|tender| *tender));
        Ok((tenders.collect(), rows))
    })
    .await
    .map_err(|_| Error::Worker)?
}

/// The rows follow from the releases, as when the process came in.
fn flatten(processes: &[Process]) -> Result<Rows, Error> {
    let mut decompress = Decompress::new().map_err(Error::Compression)?;
    // What columns cannot take over was counted when the process came in.
    let tally = Tally::default();
    let mut rows = Rows::default();
    for process in processes {
        let (Some(tender), Some(compiled)) = (&process.tender, &process.compiled) else {
            continue;
        };
        let releases = dated(process, &mut decompress)?;
        let Some(state) = compile::compile(&releases, &mut Oddities::default(), &mut Vec::new()) else {
            continue;
        };
        rows.compiled_releases.push(&compiled_release::Model {
            tender_id: process.key,
            body: compiled.clone(),
        });
        rows::flatten(&tender.ocid, &state, &tally, &mut rows);
    }
    Ok(rows)
}
