//! The rows of a file, read a batch at a time in the order of their keys.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::Selection;
use super::table::{
    AWARDS, AwardRecord, BUYERS, Header, RELEASES, Row, SUPPLIERS, TENDERS, TenderRecord, headers, row,
};
use crate::criteria::{OrganizationFilter, PartPage};
use crate::error::{Error, Result};
use crate::store::award::AwardRow;
use crate::store::classification::ClassificationsOf;
use crate::store::level::OfLevel as _;
use crate::store::organization::{OrganizationById, OrganizationRow, Role, SuppliersOfAward};
use crate::store::source::SourceById;
use crate::store::tender::{TenderById, TenderRow};
use crate::store::window::{self, Window};
use crate::store::{Shown, Store, award, merged, organization, release, tender};

/// Rows that are in memory at a time.
const BATCH: u64 = 500;
/// Compiled releases that are in memory at a time; they are the largest.
const RELEASE_BATCH: u64 = 100;
/// Keys that the index is asked for at a time.
const WINDOW: usize = 500;
/// All suppliers of an award, however many.
const ALL: PartPage = PartPage {
    size: i32::MAX as usize - 1,
    after: -1,
};

/// The columns of what is selected.
pub fn columns(selection: &Selection) -> Vec<Header> {
    match selection {
        Selection::Tenders(_) => headers(TENDERS),
        Selection::Awards(_) => headers(AWARDS),
        Selection::Suppliers(_) => headers(SUPPLIERS),
        Selection::Buyers(_) => headers(BUYERS),
        Selection::Releases(_) | Selection::Merged(..) => headers(RELEASES),
    }
}

/// Reads what is selected from its beginning to its end.
pub struct Rows {
    store: Store,
    selection: Selection,
    /// The key of the last row that was read; of a part of a process, the process's before it.
    last: Option<(Uuid, Uuid)>,
}

impl Rows {
    /// Begins at the beginning.
    pub fn new(store: Store, selection: Selection) -> Self {
        Self {
            store,
            selection,
            last: None,
        }
    }

    /// The next rows; none at the end.
    pub async fn next(&mut self) -> Result<Vec<Row>> {
        loop {
            let window = self.window()?;
            let (rows, last) = self.rows(&window).await?;
            self.last = last.or(self.last);
            if !rows.is_empty() || window.end.is_none() {
                return Ok(rows);
            }
            self.last = window.end;
        }
    }

    /// Where the next rows of tenders and awards are read from.
    fn window(&self) -> Result<Window> {
        let (store, tender) = (&self.store, self.last.map(|(tender, _)| tender));
        match &self.selection {
            Selection::Tenders(filter) | Selection::Releases(filter) | Selection::Merged(filter, _) => {
                window::of_tenders(store, filter, tender, WINDOW)
            }
            Selection::Awards(filter) => window::of_awards(store, filter, self.last, WINDOW),
            Selection::Suppliers(_) | Selection::Buyers(_) => Ok(Window::whole()),
        }
    }

    /// The next rows in a window, and the key of the last of them.
    async fn rows(&self, window: &Window) -> Result<(Vec<Row>, Option<(Uuid, Uuid)>)> {
        let last = self.last.map(|(key, _)| key);
        let (store, after) = (&self.store, self.last);
        Ok(match &self.selection {
            Selection::Tenders(_) => {
                let found = tender::after(store, window, last, BATCH).await?;
                let last = found.last().map(|tender| (tender.id, tender.id));
                let records = tender_records(store, found).await?;
                (records.iter().map(|record| row(TENDERS, record)).collect(), last)
            }
            Selection::Awards(_) => {
                let found = award::after(store, window, after, BATCH).await?;
                let last = found.last().map(|award| (award.tender_id, award.id));
                let records = award_records(store, found).await?;
                (records.iter().map(|record| row(AWARDS, record)).collect(), last)
            }
            Selection::Releases(_) => {
                let found = release::compiled_after(store, window, last, RELEASE_BATCH).await?;
                let last = found.last().map(|release| (release.tender_id, release.tender_id));
                (found.iter().map(|record| row(RELEASES, record)).collect(), last)
            }
            Selection::Merged(_, way) => {
                let (found, last) = merged::merged_after(store, window, last, RELEASE_BATCH, *way).await?;
                let last = last.map(|tender| (tender, tender));
                (found.iter().map(|record| row(RELEASES, record)).collect(), last)
            }
            Selection::Suppliers(filter) => {
                let (found, last) = organizations(store, Role::Supplier, filter, last).await?;
                (found.iter().map(|record| row(SUPPLIERS, record)).collect(), last)
            }
            Selection::Buyers(filter) => {
                let (found, last) = organizations(store, Role::Buyer, filter, last).await?;
                (found.iter().map(|record| row(BUYERS, record)).collect(), last)
            }
        })
    }
}

async fn organizations(
    store: &Store,
    role: Role,
    filter: &OrganizationFilter,
    after: Option<Uuid>,
) -> Result<(Vec<OrganizationRow>, Option<(Uuid, Uuid)>)> {
    let found = organization::after(store, role, filter, after, BATCH).await?;
    let last = found.last().map(|organization| (organization.id, organization.id));
    Ok((found, last))
}

async fn tender_records(store: &Store, tenders: Vec<TenderRow>) -> Result<Vec<TenderRecord>> {
    let buyers = load(
        store,
        tenders
            .iter()
            .filter_map(|tender| tender.buyer_id)
            .map(OrganizationById::whole),
    )
    .await?;
    let sources = load(store, tenders.iter().filter_map(TenderRow::source_id).map(SourceById)).await?;
    let codes = load(store, tenders.iter().map(|tender| ClassificationsOf(tender.id))).await?;
    let record = |tender: TenderRow| TenderRecord {
        source: tender
            .source_id()
            .and_then(|source| sources.get(&SourceById(source)).cloned()),
        buyer: tender
            .buyer_id
            .and_then(|buyer| buyers.get(&OrganizationById::whole(buyer)).cloned()),
        codes: codes.get(&ClassificationsOf(tender.id)).cloned(),
        tender,
    };
    Ok(tenders.into_iter().map(record).collect())
}

async fn award_records(store: &Store, awards: Vec<AwardRow>) -> Result<Vec<AwardRecord>> {
    let suppliers_of = |award: &AwardRow| SuppliersOfAward {
        tender: award.tender_id,
        award: award.id,
        page: ALL,
        shown: Shown::ALL,
    };
    let tenders = load(store, awards.iter().map(|award| TenderById::whole(award.tender_id))).await?;
    let buyers = load(
        store,
        awards
            .iter()
            .filter_map(|award| award.buyer_id)
            .map(OrganizationById::whole),
    )
    .await?;
    let keys: Vec<_> = awards.iter().map(suppliers_of).collect();
    let suppliers = SuppliersOfAward::load(store, &keys).await?;
    let record = |(award, suppliers): (AwardRow, _)| AwardRecord {
        tender: tenders.get(&TenderById::whole(award.tender_id)).cloned(),
        buyer: award
            .buyer_id
            .and_then(|buyer| buyers.get(&OrganizationById::whole(buyer)).cloned()),
        suppliers,
        award,
    };
    Ok(awards.into_iter().zip(suppliers).map(record).collect())
}

/// Asks one question for many keys, each of them once.
async fn load<K>(store: &Store, keys: impl Iterator<Item = K>) -> Result<HashMap<K, <Store as Loader<K>>::Value>>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    Store: Loader<K, Error = Error>,
{
    let once: HashSet<K> = keys.collect();
    let keys: Vec<K> = once.into_iter().collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    Loader::load(store, &keys).await
}
