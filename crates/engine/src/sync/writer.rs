//! The one task that writes an org's pages: whatever waits goes into one transaction.
//!
//! Listings of the org itself come first: what is listed over their objects can't begin before they end, and each of
//! their pages waits for the one before it. The others, which are many, share what time the database has left.
//!
//! A listing that goes on waits until its page is stored, so that no more than one of its pages is ever read again. The
//! last page of a listing has nobody waiting for it: it is stored with others, a little later, which saves the database
//! most of its work where listings are short.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use transom_core::PageRecord;
use transom_store::{Committed, PageWrite, Recorder};

use crate::dataset::{Dataset, Over};
use crate::{Class, Problem};

/// Rows in a transaction after which no further page is added (measured: 10 k rows a transaction is three times as
/// fast as 1 k, and more gains nothing).
const ROWS: usize = 10_000;
/// The same while the org's own listings go on: their next page should not have to wait long.
const FEW_ROWS: usize = 2_000;
/// Kilobytes of documents that may wait to be stored. Bounds memory, whatever the size of the org.
const WAITING: u32 = 8 << 10;
/// Kilobytes in a transaction after which no further page is added.
const BATCH: u32 = WAITING / 2;
/// The most pages that may wait: a kill costs each of them another call. As many as come while a large transaction is
/// written, or the calls would wait for it.
const PAGES: u32 = 256;
/// How long pages nobody waits for are collected.
const LINGER: Duration = Duration::from_millis(250);
/// How long after a page of the org's own listings the next of them is thought to be on its way.
const NEAR: Duration = Duration::from_secs(1);

enum Job {
    /// A page; `stored` is told, where somebody waits for it.
    Page { page: PageWrite, room: OwnedSemaphorePermit, stored: Option<oneshot::Sender<()>> },
    /// Store what there is, now.
    Settle(oneshot::Sender<()>),
}

/// Hands pages to the writing task.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    first: mpsc::UnboundedSender<Job>,
    others: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
    /// How many transactions were committed.
    stored: watch::Receiver<u64>,
    failed: Arc<Mutex<Option<Problem>>>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Page { page, .. } => {
                f.debug_struct("Page").field("dataset", &page.dataset).finish_non_exhaustive()
            }
            Self::Settle(_) => f.write_str("Settle"),
        }
    }
}

/// What was written, all told.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Written {
    pub(super) pages: u64,
    pub(super) transactions: u64,
    pub(super) sum: Committed,
}

impl Writer {
    /// Starts the task. It ends when every clone of the writer is dropped, and then returns its totals.
    pub(super) fn start(recorder: Recorder) -> (Self, tokio::task::JoinHandle<Written>) {
        let (first, first_jobs) = mpsc::unbounded_channel();
        let (others, other_jobs) = mpsc::unbounded_channel();
        let queue = Queue { first: first_jobs, others: other_jobs, pressed: None };
        let failed = Arc::default();
        let (told, stored) = watch::channel(0);
        let writing = tokio::spawn(write(recorder, queue, told, Arc::clone(&failed)));
        (Self { first, others, room: Arc::new(Semaphore::new(WAITING as usize)), stored, failed }, writing)
    }

    /// Takes a page to be stored. Returns when it is committed where the listing goes on after it, else when there is
    /// room for it: [`settle`](Self::settle) says when that one is stored.
    ///
    /// # Errors
    /// The database's problem, this page's or an earlier one's; nothing of the page is stored then.
    pub(super) async fn store(&self, dataset: &Dataset, page: PageWrite) -> Result<(), Problem> {
        self.fine()?;
        let room =
            Arc::clone(&self.room).acquire_many_owned(kilobytes(&page.record)).await.map_err(|_| gone())?;
        let (stored, waits) = match page.next {
            Some(_) => {
                let (stored, waits) = oneshot::channel();
                (Some(stored), Some(waits))
            }
            None => (None, None),
        };
        self.jobs(dataset).send(Job::Page { page, room, stored }).map_err(|_| self.problem())?;
        if let Some(waits) = waits {
            waits.await.map_err(|_| self.problem())?;
        }
        Ok(())
    }

    /// Returns when every page of `dataset` taken so far is stored.
    ///
    /// # Errors
    /// The database's problem; the pages since are not stored then.
    pub(super) async fn settle(&self, dataset: &Dataset) -> Result<(), Problem> {
        let (stored, waits) = oneshot::channel();
        self.jobs(dataset).send(Job::Settle(stored)).map_err(|_| self.problem())?;
        waits.await.map_err(|_| self.problem())
    }

    /// Changes whenever pages were stored.
    pub(super) fn stored(&self) -> watch::Receiver<u64> {
        self.stored.clone()
    }

    fn jobs(&self, dataset: &Dataset) -> &mpsc::UnboundedSender<Job> {
        match dataset.over {
            Over::Org => &self.first,
            Over::Each(_) => &self.others,
        }
    }

    fn fine(&self) -> Result<(), Problem> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.clone().map_or(Ok(()), Err)
    }

    fn problem(&self) -> Problem {
        self.fine().err().unwrap_or_else(gone)
    }
}

fn gone() -> Problem {
    Problem::new(Class::Internal, "The sync stopped.", "Its writing task is gone.", "Run it again.")
}

/// What a page takes: at least its share of the pages that may wait, at most all there is.
fn kilobytes(record: &PageRecord) -> u32 {
    let objects = record.objects.iter().map(|o| o.doc.text().len() + 400);
    let links = record.links.iter().map(|l| l.doc.as_ref().map_or(0, |d| d.text().len()) + 150);
    let bytes: usize = objects.chain(links).sum();
    u32::try_from(bytes >> 10).unwrap_or(WAITING).clamp(WAITING / PAGES, WAITING)
}

/// A transaction in the making.
#[derive(Default)]
struct Batch {
    pages: Vec<PageWrite>,
    rooms: Vec<OwnedSemaphorePermit>,
    waiting: Vec<oneshot::Sender<()>>,
    rows: usize,
    kilobytes: usize,
}

impl Batch {
    fn add(&mut self, job: Job) {
        match job {
            Job::Page { page, room, stored } => {
                self.rows += page.record.objects.len() + page.record.links.len() + 1;
                self.kilobytes += room.num_permits();
                self.pages.push(page);
                self.rooms.push(room);
                self.waiting.extend(stored);
            }
            Job::Settle(stored) => self.waiting.push(stored),
        }
    }

    fn full(&self, rows: usize) -> bool {
        self.rows >= rows || self.kilobytes >= BATCH as usize
    }
}

/// What is to be written.
struct Queue {
    /// Of the org's own listings.
    first: mpsc::UnboundedReceiver<Job>,
    others: mpsc::UnboundedReceiver<Job>,
    /// When a page of the org's own listings came last.
    pressed: Option<Instant>,
}

impl Queue {
    /// What goes into the next transaction; `None` when all writers are gone.
    async fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        let (job, first) = tokio::select! {
            biased;
            Some(job) = self.first.recv() => (job, true),
            Some(job) = self.others.recv() => (job, false),
            else => return None,
        };
        batch.add(job);
        if first {
            self.pressed = Some(Instant::now());
        }
        let until = Instant::now() + LINGER;
        let pressed = self.pressed.is_some_and(|at| at.elapsed() < NEAR);
        let rows = if pressed { FEW_ROWS } else { ROWS };
        while !batch.full(rows) {
            // Whoever waits is served at once, with all that has come by now.
            let at_once = !batch.waiting.is_empty();
            let next = tokio::select! {
                biased;
                Some(job) = self.first.recv() => Some(job),
                Some(job) = self.others.recv() => Some(job),
                () = std::future::ready(()), if at_once => None,
                () = sleep_until(until), if !at_once => None,
                else => None,
            };
            let Some(next) = next else { break };
            batch.add(next);
        }
        Some(batch)
    }
}

async fn write(
    mut recorder: Recorder,
    mut queue: Queue,
    told: watch::Sender<u64>,
    failed: Arc<Mutex<Option<Problem>>>,
) -> Written {
    let mut written = Written::default();
    while let Some(batch) = queue.next().await {
        let count = batch.pages.len() as u64;
        if count > 0 {
            match recorder.commit(batch.pages).await {
                Ok(committed) => {
                    written.pages += count;
                    written.transactions += 1;
                    written.sum += committed;
                    told.send_replace(written.transactions);
                }
                Err(error) => {
                    // Nothing more is written, and whoever waits learns why: their channels are dropped.
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Problem::from(error));
                    return written;
                }
            }
        }
        for waiting in batch.waiting {
            // A listing that was cancelled no longer listens; its page is stored all the same.
            let _ = waiting.send(());
        }
    }
    written
}
