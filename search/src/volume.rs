//! A whole index on disk: its two parts, how far it follows the database, and those who write it.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tantivy::columnar::Column;
use tantivy::index::SegmentId;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError};
use uuid::Uuid;

use crate::document::{organization_term, tender_term};
use crate::error::Result;
use crate::fields::{ORGANIZATION, TENDER, register_tokenizers};

/// Bytes in which a thread gathers documents before it writes them.
const BUDGET: usize = 40_000_000;
/// The same while few documents change.
const SMALL_BUDGET: usize = 16_000_000;
/// Bytes of stored texts that are packed together. To read one text is to unpack all of them.
const STORED_BLOCK: usize = 4_096;
/// How many of them are kept unpacked, for each segment: those of a few pages.
const STORED_BLOCKS: usize = 256;

/// How far an index follows its database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Tells the database from others: its oldest change, once it has one.
    pub origin: Option<String>,
    /// The data revision that is in it as a whole.
    pub revision: i64,
    /// The newest change that is in it: its revision and tender.
    pub cursor: (i64, Uuid),
}

/// An open index.
#[derive(Clone)]
pub(crate) struct Volume {
    pub tenders: Index,
    pub organizations: Index,
    pub tender_reader: IndexReader,
    pub organization_reader: IndexReader,
}

impl Volume {
    /// Makes an empty index in an empty folder.
    pub fn create(path: &Path) -> Result<Self> {
        let part = |name: &str, schema: &tantivy::schema::Schema| {
            let path = path.join(name);
            fs::create_dir_all(&path)?;
            let settings = IndexSettings {
                docstore_blocksize: STORED_BLOCK,
                ..IndexSettings::default()
            };
            let index = Index::builder().schema(schema.clone()).settings(settings);
            index.create_in_dir(path)
        };
        Self::new(
            part(TENDERS, &TENDER.schema)?,
            part(ORGANIZATIONS, &ORGANIZATION.schema)?,
        )
    }

    /// Opens the index in a folder, once all of it was found to be as it was written.
    pub fn open(path: &Path) -> Result<Self> {
        let part = |name: &str, schema: &tantivy::schema::Schema| {
            let index = Index::open_in_dir(path.join(name))?;
            let damaged = index.validate_checksum()?;
            if !damaged.is_empty() || index.schema() != *schema {
                return Err(TantivyError::SystemError(format!("{name} are damaged: {damaged:?}")));
            }
            Ok(index)
        };
        Self::new(
            part(TENDERS, &TENDER.schema)?,
            part(ORGANIZATIONS, &ORGANIZATION.schema)?,
        )
    }

    fn new(tenders: Index, organizations: Index) -> Result<Self> {
        register_tokenizers(&tenders);
        register_tokenizers(&organizations);
        Ok(Self {
            tender_reader: reader(&tenders)?,
            organization_reader: reader(&organizations)?,
            tenders,
            organizations,
        })
    }

    /// How far it follows the database, as its newest commit says.
    pub fn progress(&self) -> Result<Progress> {
        let metas = self.tenders.load_metas()?;
        let progress = metas.payload.and_then(|payload| serde_json::from_str(&payload).ok());
        Ok(progress.unwrap_or_default())
    }

    /// Begins to read what was committed last.
    pub fn reload(&self) -> Result<()> {
        self.organization_reader.reload()?;
        self.tender_reader.reload()?;
        Ok(())
    }

    /// Those who write a whole index, on so many threads.
    pub fn builders(&self, threads: NonZeroUsize) -> Result<Writers> {
        self.writers(threads, BUDGET)
    }

    /// Those who write what changes.
    pub fn keepers(&self) -> Result<Writers> {
        self.writers(NonZeroUsize::MIN, SMALL_BUDGET)
    }

    fn writers(&self, threads: NonZeroUsize, budget: usize) -> Result<Writers> {
        let options = |threads: usize| {
            IndexWriterOptions::builder()
                .num_worker_threads(threads)
                .memory_budget_per_thread(budget)
                .num_merge_threads(1)
                .build()
        };
        Ok(Writers {
            tenders: self.tenders.writer_with_options(options(threads.get()))?,
            // There are fewer of them, and little is to be said of each.
            organizations: self.organizations.writer_with_options(options(1))?,
        })
    }
}

const TENDERS: &str = "tenders";
const ORGANIZATIONS: &str = "organizations";

fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .doc_store_cache_num_blocks(STORED_BLOCKS)
        .try_into()
}

/// Those who write an index; one process has them at a time.
pub(crate) struct Writers {
    pub tenders: IndexWriter,
    pub organizations: IndexWriter,
}

impl Writers {
    /// Removes a tender.
    pub fn forget_tender(&self, id: Uuid) {
        self.tenders.delete_term(tender_term(id));
    }

    /// Removes an organisation.
    pub fn forget_organization(&self, id: Uuid) {
        self.organizations.delete_term(organization_term(id));
    }

    /// Makes everything written so far the state of the index.
    pub fn commit(&mut self, progress: &Progress) -> Result<()> {
        // Should the process end between the two, the changes are simply written once more.
        self.organizations.commit()?;
        let mut commit = self.tenders.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(progress).expect("numbers and text can be written as JSON"));
        commit.commit()?;
        Ok(())
    }

    /// Makes one piece of each part: that is the quickest to search. The pieces with the newest tenders come first in it.
    pub fn merge(&mut self) -> Result<()> {
        for writer in [&mut self.tenders, &mut self.organizations] {
            let searcher = reader(writer.index())?.searcher();
            let mut pieces = Vec::new();
            for segment in searcher.segment_readers() {
                let recency: Option<Column<f64>> = segment.fast_fields().column_opt("recency")?;
                let newest = recency.map_or(0.0, |column| column.max_value());
                pieces.push((newest, segment.segment_id()));
            }
            pieces.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            let segments: Vec<SegmentId> = pieces.into_iter().map(|(_, segment)| segment).collect();
            if segments.len() > 1 {
                writer.merge(&segments).wait()?;
            }
        }
        Ok(())
    }

    /// Ends the writing once what is being merged in the background is merged.
    pub fn finish(self) -> Result<()> {
        self.tenders.wait_merging_threads()?;
        self.organizations.wait_merging_threads()?;
        Ok(())
    }
}
