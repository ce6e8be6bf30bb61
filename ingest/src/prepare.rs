//! The part of a batch that is work for the processor: compiling processes and turning them into rows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::value::code::{ChangeKind, ReleaseKind};
use entities::{change, compiled_release, release, tender};
use ocds::Value;
use sea_orm::prelude::Uuid;

use crate::background;
use crate::batch::Incoming;
use crate::compile::{self, Dated, State};
use crate::compress::{Compress, Decompress};
use crate::difference;
use crate::packed::Packed;
use crate::published::{Tally, without_nul};
use crate::rows::{self, Rows};
use crate::source_rules::SourceRules;
use crate::spool::{self, Piece, Spool};
use crate::summary::Oddities;
use crate::{Error, Summary};

/// A process with new releases, or one that has lost some, and what the database knows of it.
#[derive(Debug)]
pub(crate) struct Process {
    /// Its key.
    pub key: Uuid,
    /// Its new releases, in the order in which they were read.
    pub incoming: Vec<Incoming>,
    /// Whether it may have releases in the database.
    pub may_be_stored: bool,
    /// Its releases in the database.
    pub stored: Vec<Stored>,
    /// Its row, if it has one.
    pub tender: Option<Box<tender::Model>>,
    /// The stored compiled release, if it has one.
    pub compiled: Option<Vec<u8>>,
    /// By which rules the releases of each source are merged.
    pub rules: SourceRules,
    /// By which they were merged before, if nothing but the rules has changed.
    pub former_rules: Option<SourceRules>,
}

impl Process {
    /// A process of which nothing is known yet.
    pub fn new(key: Uuid) -> Process {
        Process {
            key,
            incoming: Vec::new(),
            may_be_stored: true,
            stored: Vec::new(),
            tender: None,
            compiled: None,
            rules: SourceRules::default(),
            former_rules: None,
        }
    }

    /// The process with its new releases, as if nothing were known of it.
    pub fn anew(self) -> Process {
        Process {
            incoming: self.incoming,
            ..Process::new(self.key)
        }
    }

    /// Forgets what the database knows of it.
    fn forget_stored(&mut self) {
        self.stored = Vec::new();
        self.tender = None;
        self.compiled = None;
    }

    /// Its ocid.
    pub fn ocid(&self) -> &str {
        let row = || self.tender.as_ref().map_or("", |tender| &tender.ocid);
        self.incoming.first().map_or_else(row, |release| &release.ocid)
    }
}

/// A release in the database.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Its key.
    pub key: Uuid,
    /// Its source.
    pub source: Uuid,
    /// Its `id`; empty if it has none.
    pub release_id: String,
    /// The instant of its `date`.
    pub date: DateTime<Utc>,
    /// Whether it is merged with others or is a snapshot.
    pub kind: ReleaseKind,
    /// Its text, compressed; absent for snapshots that a newer one has replaced.
    pub body: Option<Vec<u8>>,
}

/// What every row of a batch has in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commit {
    /// The source that is loaded.
    pub source: Uuid,
    /// The data revision.
    pub revision: i64,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Where rows wait that are too many for memory.
    spool: Spool,
    /// New releases.
    pub releases: Packed<release::Model>,
    /// Rows of the processes that changed or are new.
    pub rows: Rows,
    /// Processes whose old rows are replaced.
    pub replaced: Vec<tender::Model>,
    /// The news.
    pub changes: Vec<change::Model>,
    /// The figures.
    pub summary: Summary,
}

impl Prepared {
    /// Nothing yet; rows to come may wait in a spool.
    pub fn on(spool: Spool) -> Prepared {
        Prepared {
            releases: Packed::on(&spool),
            rows: Rows::on(&spool),
            spool,
            replaced: Vec::new(),
            changes: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// Prepares processes as well, on two threads. They come back in their order, without the texts of their new releases,
    /// which are part of the rows now, and without what was stored of them.
    pub async fn add(&mut self, mut processes: Vec<Process>, commit: Commit) -> Result<Vec<Process>, Error> {
        let other = processes.split_off(middle(&processes));
        // Threads that last from batch to batch keep what they need of memory, too.
        let on_thread = |part| {
            let prepared = Prepared::on(self.spool.clone());
            background::spawn(move || prepare_all(part, prepared, commit))
        };
        let (one, other) = tokio::join!(on_thread(processes), on_thread(other));
        let (mut processes, prepared) = one.map_err(|_| Error::Worker)??;
        self.append(prepared);
        let (mut others, prepared) = other.map_err(|_| Error::Worker)??;
        self.append(prepared);
        processes.append(&mut others);
        Ok(processes)
    }

    /// Adds what is to be written of other processes.
    fn append(&mut self, mut other: Prepared) {
        self.releases.append(other.releases);
        self.rows.append(other.rows);
        self.replaced.append(&mut other.replaced);
        self.changes.append(&mut other.changes);
        self.summary.add(&other.summary);
    }

    /// Gives the processes back the texts of their new releases, as if nothing had been prepared.
    pub fn give_back(self, processes: &mut [Process]) -> Result<(), Error> {
        let mut decompress = Decompress::new().map_err(Error::Compression)?;
        let mut texts = HashMap::with_capacity(self.releases.len());
        for release in self.releases.rows() {
            let release = release?;
            let text = decompress.text(&release.body).ok_or_else(spool::damaged)?;
            texts.insert(release.id, self.spool.put(text.into_bytes()));
        }
        for release in processes.iter_mut().flat_map(|process| &mut process.incoming) {
            release.text = texts.remove(&release.key).unwrap_or(Piece::EMPTY);
        }
        Ok(())
    }

    /// Makes another data revision of the news.
    pub fn set_revision(&mut self, revision: i64) {
        for change in &mut self.changes {
            change.revision = revision;
        }
    }
}

/// Where to divide the processes so that both parts hold about the same amount of text.
fn middle(processes: &[Process]) -> usize {
    let size = |process: &Process| -> usize { process.incoming.iter().map(|release| release.text.len()).sum() };
    let half = processes.iter().map(size).sum::<usize>() / 2;
    let mut before = 0;
    processes
        .iter()
        .position(|process| {
            before += size(process);
            before > half
        })
        .unwrap_or(processes.len())
}

fn prepare_all(
    mut processes: Vec<Process>,
    prepared: Prepared,
    commit: Commit,
) -> Result<(Vec<Process>, Prepared), Error> {
    let mut preparation = Preparation {
        commit,
        prepared,
        tally: Tally::default(),
        compress: Compress::new().map_err(Error::Compression)?,
        decompress: Decompress::new().map_err(Error::Compression)?,
    };
    for process in &mut processes {
        preparation.process(process)?;
        process.forget_stored();
    }
    let mut prepared = preparation.prepared;
    prepared.summary.inexact_amounts = preparation.tally.inexact_amounts.get();
    prepared.summary.nul_characters = preparation.tally.nul_characters.get();
    Ok((processes, prepared))
}

struct Preparation {
    commit: Commit,
    prepared: Prepared,
    tally: Tally,
    compress: Compress,
    decompress: Decompress,
}

impl Preparation {
    fn process(&mut self, process: &mut Process) -> Result<(), Error> {
        let releases = self.dated(process)?;
        self.releases(process, &releases)?;
        let mut warnings = Vec::new();
        let state = compile::compile(&releases, &mut self.prepared.summary.oddities, &mut warnings);
        for kind in warnings {
            self.prepared.summary.warn(kind);
        }
        if let Some(state) = state {
            return self.state(process, &releases, &state);
        }
        self.removed(process);
        Ok(())
    }

    /// News of a process of which nothing is left that could be its state.
    fn removed(&mut self, process: &Process) {
        let Some(known) = &process.tender else { return };
        self.prepared.replaced.push(tender::Model::clone(known));
        self.prepared.changes.push(change::Model {
            tender_id: process.key,
            revision: self.commit.revision,
            ocid: known.ocid.clone(),
            kind: ChangeKind::Removed.as_str().to_owned(),
            at: self.commit.now,
            paths: "[]".to_owned(),
        });
    }

    /// Rows of the new releases, with their texts.
    fn releases(&mut self, process: &Process, releases: &[Dated]) -> Result<(), Error> {
        self.prepared.summary.processes_touched += 1;
        let stored = process
            .stored
            .iter()
            .filter(|stored| stored.source == self.commit.source);
        let mut known: HashSet<&str> = stored.map(|stored| stored.release_id.as_str()).collect();
        let new = releases.iter().filter(|release| release.is_new);
        for (release, dated) in process.incoming.iter().zip(new) {
            if known.insert(&release.release_id) {
                self.prepared.summary.new += 1;
            } else {
                self.prepared.summary.changed += 1;
            }
            self.prepared.releases.push(&release::Model {
                tender_id: process.key,
                id: release.key,
                source_id: self.commit.source,
                package_id: release.package.as_ref().map(|package| package.id),
                release_id: (!release.release_id.is_empty()).then(|| release.release_id.clone()),
                date: release.date,
                tags: release.tags.clone(),
                kind: release.kind.as_str().to_owned(),
                retrieved_at: self.commit.now,
                body: self.compress.text(&dated.text).map_err(Error::Compression)?,
            });
        }
        Ok(())
    }

    /// All releases of a process that its state can be made of, with their texts: the new ones, whose texts are taken from
    /// them, last and in their order.
    fn dated(&mut self, process: &mut Process) -> Result<Vec<Dated>, Error> {
        let mut releases = dated(process, &mut self.decompress)?;
        for release in &mut process.incoming {
            let text = std::mem::replace(&mut release.text, Piece::EMPTY);
            releases.push(Dated {
                key: release.key,
                source: self.commit.source,
                date: release.date,
                kind: release.kind,
                text: text.into_text()?,
                is_new: true,
                rules: process.rules.of(self.commit.source),
            });
        }
        Ok(releases)
    }

    /// Rows and news of a process, unless it is as it was before.
    fn state(&mut self, process: &Process, releases: &[Dated], state: &State) -> Result<(), Error> {
        // The key of the rows is made of it: as published, where the column may leave something out.
        let ocid = ocds::release::ocid(&state.release).unwrap_or_else(|| process.ocid());
        let text = state.release.to_json();
        let before = process
            .compiled
            .as_deref()
            .map(|body| self.decompress.text(body).ok_or_else(|| damaged(process)));
        let before = before.transpose()?;
        let known = process.tender.as_ref();
        let looks_same = before.as_ref() == Some(&text) && known.is_some_and(|tender| is_same(tender, state));
        if looks_same && (!state.is_repaired() || is_understood_as_before(process, releases, state)) {
            return Ok(());
        }
        let (kind, paths) = match (known, &before) {
            (Some(_), Some(before)) => {
                let before = Value::parse(before).map_err(|_| damaged(process))?;
                (ChangeKind::Updated, difference::paths(&before, &state.release))
            }
            _ => (ChangeKind::Created, Vec::new()),
        };
        self.prepared.summary.processes_created += u64::from(known.is_none());
        self.prepared
            .replaced
            .extend(known.map(|known| tender::Model::clone(known)));
        self.prepared.changes.push(change::Model {
            tender_id: process.key,
            revision: self.commit.revision,
            ocid: without_nul(ocid),
            kind: kind.as_str().to_owned(),
            at: self.commit.now,
            paths: Value::Array(paths.into_iter().map(|path| Value::String(path.into())).collect()).to_json(),
        });
        let body = self.compress.text(&text).map_err(Error::Compression)?;
        let rows = &mut self.prepared.rows;
        rows.compiled_releases.push(&compiled_release::Model {
            tender_id: process.key,
            body,
        });
        rows::flatten(ocid, state, &self.tally, rows);
        Ok(())
    }
}

/// The stored releases of a process that its state can be made of, with their texts.
pub(crate) fn dated(process: &Process, decompress: &mut Decompress) -> Result<Vec<Dated>, Error> {
    let mut releases = Vec::with_capacity(process.stored.len() + process.incoming.len());
    for stored in &process.stored {
        let Some(body) = &stored.body else { continue };
        let text = decompress.text(body).ok_or_else(|| damaged(process))?;
        releases.push(Dated {
            key: stored.key,
            source: stored.source,
            date: stored.date,
            kind: stored.kind,
            text,
            is_new: false,
            rules: process.rules.of(stored.source),
        });
    }
    Ok(releases)
}

/// Whether a process has the dates and the source it had; everything else in its rows follows from its compiled
/// release as it is understood.
fn is_same(tender: &tender::Model, state: &State) -> bool {
    tender.published_at == state.published_at
        && tender.updated_at == state.updated_at
        && tender.source_id == state.source
}

/// Whether the releases that were there before are understood as the same state. Nothing that is stored tells, so they are
/// compiled once more.
fn is_understood_as_before(process: &Process, releases: &[Dated], state: &State) -> bool {
    let mut before: Vec<Dated> = releases.iter().filter(|release| !release.is_new).cloned().collect();
    if let Some(former) = &process.former_rules {
        for release in &mut before {
            release.rules = former.of(release.source);
        }
    } else if process.incoming.is_empty() {
        // Some were removed, which nobody can compile any more.
        return false;
    }
    let before = compile::compile(&before, &mut Oddities::default(), &mut Vec::new());
    before.is_some_and(|before| before.understood() == state.understood())
}

fn damaged(process: &Process) -> Error {
    Error::Damaged {
        ocid: process.ocid().to_owned(),
    }
}
