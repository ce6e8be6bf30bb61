//! Writing processes anew that stayed as they are, because their organisations turned out to be others.

use entities::{compiled_release, tender};
use ocds::Value;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use super::connection::Transaction;
use super::keys;
use crate::Error;
use crate::compile::State;
use crate::compress::Decompress;
use crate::published::Tally;
use crate::rows::{self, Rows};

/// The present rows of processes, and the rows that stand for them at this revision.
pub(super) async fn rewritten(
    transaction: &mut Transaction,
    processes: &[Uuid],
    revision: i64,
) -> Result<(Vec<tender::Model>, Rows), Error> {
    let mut tenders: Vec<tender::Model> = Vec::with_capacity(processes.len());
    let mut compiled: Vec<compiled_release::Model> = Vec::with_capacity(processes.len());
    for list in keys::lists(processes) {
        let statement = tender::Entity::find()
            .filter(tender::Column::Id.is_in(list.clone()))
            .into_query();
        tenders.append(&mut transaction.fetch(&statement).await?);
        let statement = compiled_release::Entity::find()
            .filter(compiled_release::Column::TenderId.is_in(list))
            .into_query();
        compiled.append(&mut transaction.fetch(&statement).await?);
    }
    tenders.sort_unstable_by_key(|tender| tender.id);
    compiled.sort_unstable_by_key(|compiled| compiled.tender_id);
    tokio::task::spawn_blocking(move || {
        let rows = flatten(&tenders, compiled, revision)?;
        Ok((tenders, rows))
    })
    .await
    .map_err(|_| Error::Worker)?
}

fn flatten(tenders: &[tender::Model], compiled: Vec<compiled_release::Model>, revision: i64) -> Result<Rows, Error> {
    let mut decompress = Decompress::new().map_err(sqlx::Error::Io)?;
    // What columns cannot take over was counted when the process came in.
    let tally = Tally::default();
    let mut rows = Rows::default();
    for tender in tenders {
        let damaged = || Error::Damaged {
            ocid: tender.ocid.clone(),
        };
        let place = compiled.binary_search_by_key(&tender.id, |compiled| compiled.tender_id);
        let body = &compiled[place.map_err(|_| damaged())?].body;
        let text = decompress.text(body).ok_or_else(damaged)?;
        let state = State {
            release: Value::parse(&text).map_err(|_| damaged())?,
            published_at: tender.published_at,
            updated_at: tender.updated_at,
            source: tender.source_id,
        };
        rows::flatten(&tender.ocid, &state, revision, &tally, &mut rows);
    }
    rows.compiled_releases = compiled;
    Ok(rows)
}
