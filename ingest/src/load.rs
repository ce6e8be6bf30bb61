//! A load: documents are read, batches of them are prepared, and written, all three at the same time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::batch::Batch;
use crate::input::{Document, Meter};
use crate::pace::Pace;
use crate::read::Reader;
use crate::reject::Rejects;
use crate::write::{Ahead, HEARTBEAT, Preparer, Run, Sieve, Writer};
use crate::{Database, Error, Options, Progress, Source, Summary, background};

/// How often whoever watches is told how far a load is, at least.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// What is loaded, where to, and how.
pub(crate) struct Load<'l> {
    pub database: &'l Database,
    pub source: &'l Source,
    pub documents: Vec<Document>,
    pub rejects: Rejects,
    pub options: &'l Options,
}

impl Load<'_> {
    /// Loads everything, and reports as a run if there is one.
    ///
    /// A thread of its own reads, and each batch is prepared while the one before is written; see [`Preparer`] for what may
    /// wait in between.
    pub async fn run(self, run: Option<&mut Run>, progress: &dyn Progress) -> Result<Summary, Error> {
        let (source, now) = (self.source, self.options.time());
        let lengths = self.documents.iter().map(|document| document.length);
        let mut writing = Writing {
            writer: Writer::new(self.database, source.clone(), now, self.options.dry_run),
            run,
            progress,
            started: Instant::now(),
            meter: Meter::default(),
            total: lengths.sum(),
            pace: Pace::unknown(),
            summary: Summary::default(),
        };
        let preparer = Preparer::new(self.database, source.key(), now);
        let (batches, filled) = channel(1);
        let (prepared, waiting) = channel(1);

        let (reader, documents) = self.reader(&writing, batches);
        let reading = background::spawn(move || reader.read(&documents));
        let preparing = prepare(preparer, filled, prepared);
        tokio::try_join!(Box::pin(preparing), Box::pin(writing.write(waiting)))?;
        reading.await.map_err(|_| Error::Worker)??;
        writing.measure();
        Ok(writing.summary)
    }

    /// What reads, and what there is to read.
    fn reader(self, writing: &Writing<'_>, batches: Sender<Batch>) -> (Reader, Vec<Document>) {
        let suiting = || self.database.batch_releases();
        let most = self.options.batch_releases.unwrap_or_else(suiting).max(1);
        let room = most.saturating_add(most / 4).min(Semaphore::MAX_PERMITS);
        let reader = Reader {
            source: self.source.key(),
            batch_releases: writing.pace.next(None, most, None),
            most_releases: most,
            pace: writing.pace.clone(),
            handed_over: 0,
            fetch: self.options.fetch.clone(),
            lost: Vec::new(),
            sieve: Sieve::new(self.database),
            rejects: self.rejects,
            meter: writing.meter.clone(),
            total: writing.total,
            batches,
            room: Arc::new(Semaphore::new(room)),
            runtime: Handle::current(),
        };
        (reader, self.documents)
    }
}

/// Prepares each batch that comes.
async fn prepare(
    mut preparer: Preparer<'_>,
    mut filled: Receiver<Batch>,
    prepared: Sender<Ahead>,
) -> Result<(), Error> {
    // A place comes first, so that no more than one batch is prepared or waits.
    while let Ok(place) = prepared.reserve().await {
        let Some(batch) = filled.recv().await else { break };
        place.send(preparer.prepare(batch).await?);
    }
    Ok(())
}

/// The end of a load where batches are written, and where all who watch hear of it.
struct Writing<'l> {
    writer: Writer<'l>,
    run: Option<&'l mut Run>,
    progress: &'l dyn Progress,
    started: Instant,
    meter: Meter,
    /// How many bytes there are to read, if that is known.
    total: Option<u64>,
    pace: Pace,
    summary: Summary,
}

impl Writing<'_> {
    /// Writes each batch that comes.
    async fn write(&mut self, mut prepared: Receiver<Ahead>) -> Result<(), Error> {
        loop {
            match tokio::time::timeout(HEARTBEAT, prepared.recv()).await {
                Ok(Some(batch)) => self.write_batch(batch).await?,
                Ok(None) => return Ok(()),
                // Nothing comes, as from a slow pipe.
                Err(_) => {}
            }
            self.measure();
            if let Some(run) = self.run.as_deref_mut() {
                run.tell(self.writer.database, &self.summary).await?;
            }
            self.progress.advanced(self.summary.bytes, self.total, &self.summary);
        }
    }

    async fn write_batch(&mut self, batch: Ahead) -> Result<(), Error> {
        let (so_far, begun) = (self.summary.clone(), Instant::now());
        let writing = self.writer.write(batch, &mut self.summary, self.run.as_deref_mut());
        let tell = || self.progress.advanced(self.meter.bytes(), self.total, &so_far);
        watched(Box::pin(writing), tell).await?;
        self.pace.written(self.summary.read - so_far.read, begun.elapsed());
        Ok(())
    }

    fn measure(&mut self) {
        self.summary.bytes = self.meter.bytes();
        self.summary.seconds = self.started.elapsed().as_secs_f64();
    }
}

/// Waits for something that takes long, and says so from time to time.
async fn watched<T>(mut waited_for: impl Future<Output = T> + Unpin, tell: impl Fn()) -> T {
    loop {
        match tokio::time::timeout(TOLD_EVERY, &mut waited_for).await {
            Ok(outcome) => return outcome,
            Err(_) => tell(),
        }
    }
}
