//! Keeping an index fresh: what changed in the tables is written anew, in the order of commits.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{DatabaseConnection, FromQueryResult};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocSet as _, Searcher, TERMINATED, TantivyDocument, Term};
use uuid::Uuid;

use crate::document::{self, organization_term, tender_term};
use crate::error::{Error, Result};
use crate::fields::TENDER;
use crate::news::{News, changes};
use crate::read::{self, Keys, fetch};
use crate::volume::{Progress, Volume, Writers};

/// How many tenders or organisations are written anew at a time.
const BATCH: usize = 500;
/// While there is much to catch up with, what was done is put to use this often.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

/// Whoever writes what changed into an index.
pub(crate) struct Follower<'k> {
    database: &'k DatabaseConnection,
    volume: &'k Volume,
    writers: Writers,
    progress: Progress,
    /// When the newest data was committed.
    now: DateTime<Utc>,
    /// The tenders that were written since the last commit of the index.
    written: HashSet<Uuid>,
    /// The organisations that they name, or named before.
    touched: HashSet<Uuid>,
    committed_at: Instant,
}

impl<'k> Follower<'k> {
    /// Continues where the index stands.
    pub fn new(database: &'k DatabaseConnection, volume: &'k Volume) -> Result<Self> {
        Ok(Self {
            database,
            volume,
            writers: volume.keepers()?,
            progress: volume.progress()?,
            now: DateTime::UNIX_EPOCH,
            written: HashSet::new(),
            touched: HashSet::new(),
            committed_at: Instant::now(),
        })
    }

    /// How far the index has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Takes over what changed since. `publish` is called whenever there is a new state of the index to be read.
    pub async fn catch_up(&mut self, mut publish: impl FnMut(&Progress) -> Result<()>) -> Result<()> {
        let news = News::read(self.database).await?;
        if !news.continues(&self.progress) {
            return Err(Error::Foreign);
        }
        self.now = news.at;
        self.progress.origin = news.origin;
        loop {
            let page = changes(self.database, self.progress.cursor, BATCH as u64).await?;
            let Some(last) = page.last() else { break };
            let changed: HashSet<Uuid> = page.iter().map(|change| change.tender_id).collect();
            // Whom a tender named before is read from the index, so it must be there.
            if !changed.is_disjoint(&self.written) {
                self.commit(&mut publish).await?;
            }
            self.replace_tenders(&changed).await?;
            self.progress.cursor = (last.revision, last.tender_id);
            // More of that revision may follow.
            self.progress.revision = Ord::max(self.progress.revision, last.revision - 1);
            if page.len() < BATCH {
                break;
            }
            if self.committed_at.elapsed() > COMMIT_EVERY {
                self.commit(&mut publish).await?;
            }
        }
        self.progress.revision = Ord::max(self.progress.revision, news.revision);
        self.commit(&mut publish).await
    }

    async fn commit(&mut self, publish: &mut impl FnMut(&Progress) -> Result<()>) -> Result<()> {
        let touched: Vec<Uuid> = self.touched.drain().collect();
        for keys in touched.chunks(BATCH) {
            self.replace_organizations(keys).await?;
        }
        self.writers.commit(&self.progress)?;
        self.written.clear();
        self.committed_at = Instant::now();
        self.volume.reload()?;
        publish(&self.progress)
    }

    /// Writes tenders as they are now, and remembers whom they name, or named.
    async fn replace_tenders(&mut self, changed: &HashSet<Uuid>) -> Result<()> {
        let searcher = self.volume.tender_reader.searcher();
        for id in changed {
            self.touched.extend(parties(&searcher, *id)?);
        }
        self.write_tenders(changed.iter().copied().collect()).await?;
        self.written.extend(changed);
        Ok(())
    }

    async fn write_tenders(&mut self, keys: Vec<Uuid>) -> Result<()> {
        for id in &keys {
            self.writers.forget_tender(*id);
        }
        for tender in read::tenders(self.database, &Keys::Among(keys)).await? {
            self.touched.extend(&tender.party_ids);
            self.writers.tenders.add_document(document::tender(&tender, self.now))?;
        }
        Ok(())
    }

    /// Writes organisations as they are now. Tenders are found by the country of their buyer, so those of a buyer that is
    /// in another country now are written too.
    async fn replace_organizations(&mut self, keys: &[Uuid]) -> Result<()> {
        let searcher = self.volume.organization_reader.searcher();
        let mut moved = Vec::new();
        let organizations = read::organizations(self.database, &Keys::Among(keys.to_vec())).await?;
        for organization in &organizations {
            let row = &organization.row;
            if has_moved(&searcher, row.id, row.country.as_deref())? {
                moved.push(row.id);
            }
        }
        for &id in keys {
            self.writers.forget_organization(id);
        }
        for organization in organizations.iter().filter(|organization| organization.has_role()) {
            self.writers
                .organizations
                .add_document(document::organization(organization))?;
        }
        self.write_tenders_of(&moved).await
    }

    async fn write_tenders_of(&mut self, buyers: &[Uuid]) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Key {
            id: Uuid,
        }
        for buyer in buyers {
            let mut last = Uuid::nil();
            loop {
                let select = Query::select()
                    .column("id")
                    .from("tender")
                    .and_where(Expr::col("buyer_id").eq(*buyer))
                    .and_where(Expr::col("id").gt(last))
                    .order_by("id", Order::Asc)
                    .limit(BATCH as u64)
                    .take();
                let keys: Vec<Uuid> = fetch::<Key>(self.database, &select)
                    .await?
                    .into_iter()
                    .map(|key| key.id)
                    .collect();
                let Some(&newest) = keys.last() else { break };
                last = newest;
                let touched = self.touched.clone();
                self.write_tenders(keys).await?;
                // Nothing but a country changed, so whom they name is as it was.
                self.touched = touched;
            }
        }
        Ok(())
    }
}

/// The document with this term, which no other has.
fn find(searcher: &Searcher, term: &Term) -> Result<Option<DocAddress>> {
    for (number, segment) in (0..).zip(searcher.segment_readers()) {
        let index = segment.inverted_index(term.field())?;
        let option = tantivy::schema::IndexRecordOption::Basic;
        let Some(mut documents) = index.read_postings(term, option)? else {
            continue;
        };
        while documents.doc() != TERMINATED {
            if !segment.is_deleted(documents.doc()) {
                return Ok(Some(DocAddress::new(number, documents.doc())));
            }
            documents.advance();
        }
    }
    Ok(None)
}

/// The organisations that a tender names, as far as the index knows.
fn parties(searcher: &Searcher, tender: Uuid) -> Result<Vec<Uuid>> {
    let Some(address) = find(searcher, &tender_term(tender))? else {
        return Ok(Vec::new());
    };
    let document: TantivyDocument = searcher.doc(address)?;
    let bytes = document.get_first(TENDER.parties).and_then(|value| value.as_bytes());
    let keys = bytes.unwrap_or_default().chunks_exact(16);
    Ok(keys.filter_map(|key| Uuid::from_slice(key).ok()).collect())
}

/// Whether an organisation is in another country than the index says; what the index does not know has not moved.
fn has_moved(searcher: &Searcher, organization: Uuid, now: Option<&str>) -> Result<bool> {
    let Some(address) = find(searcher, &organization_term(organization))? else {
        return Ok(false);
    };
    let segment = searcher.segment_reader(address.segment_ord);
    let mut country = None;
    if let Some(column) = segment.fast_fields().str("country")?
        && let Some(ordinal) = column.term_ords(address.doc_id).next()
    {
        let mut text = String::new();
        column.ord_to_str(ordinal, &mut text)?;
        country = Some(text);
    }
    Ok(country.as_deref() != now)
}
