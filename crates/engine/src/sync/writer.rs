//! The one task that writes an org's pages: whatever waits goes into one transaction.
//!
//! Listings of the org itself come first: what is listed over their objects can't begin before they end, and each of
//! their pages is asked for by the one before it. The others, which are many, share what time the database has left.
//!
//! Pages are stored with those of others, in the order in which they came. At first a listing that goes on waits until its
//! page is stored: small transactions are quick while the tables are small. Most of the database's work is to write all
//! the places that a listing's rows fall on, and the larger the tables have grown, the more rows it takes for two of them
//! to share a place. So from [`LARGE`] on transactions grow with the tables, and a listing waits only until there is room
//! for its page. A kill costs the pages that wait, a bounded number.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use transom_core::{LinkDoc, OrgId, PageRecord};
use transom_store::{Committed, PageWrite, Recorder, Store};

use crate::dataset::{Dataset, Over};
use crate::{Class, Problem};

/// Rows in a transaction after which no further page is added: at first, where 10 k are three times as fast as 1 k and
/// more gain nothing; and at most, where with a million edges 30 k take half as long as 5 k (measured).
const ROWS: RangeInclusive<usize> = 10_000..=40_000;
/// The same while the org's own listings go on: what they bring should not have to wait long.
const FEW_ROWS: RangeInclusive<usize> = 2_000..=10_000;
/// Rows of a run from which on listings no longer wait until their pages are stored.
const LARGE: usize = 500_000;
/// Rows of a run for each row of a transaction, from which on it grows; for one of [`FEW_ROWS`] likewise.
const GROWS: usize = 20;
const GROWS_FEW: usize = 64;
/// Kilobytes of documents that may wait to be stored; half of them may be in a transaction before no further page is
/// added. They grow with the rows of a transaction, and no further: memory is bounded, whatever the size of the org.
const WAITING: RangeInclusive<u32> = (8 << 10)..=(24 << 10);
/// The most pages that may wait: a kill costs each of them another call. As many as come while a large transaction is
/// written, or the calls would wait for it.
const PAGES: u32 = 256;
/// The same two of the org's own listings, which have room of their own.
const FIRST_WAITING: u32 = 2 << 10;
const FIRST_PAGES: u32 = 32;
/// How long pages nobody waits for are collected.
const LINGER: Duration = Duration::from_millis(250);
/// How long after a page of the org's own listings the next of them is thought to be on its way.
const NEAR: Duration = Duration::from_secs(1);

enum Job {
    /// A page, and the room that it takes until it is stored; `stored` is told, where somebody waits for it.
    Page { page: PageWrite, room: OwnedSemaphorePermit, stored: Option<oneshot::Sender<()>> },
    /// Store what there is, now.
    Settle(oneshot::Sender<()>),
}

/// Hands pages to the writing task.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    first: mpsc::UnboundedSender<Job>,
    others: mpsc::UnboundedSender<Job>,
    first_room: Arc<Room>,
    room: Arc<Room>,
    progress: Arc<Progress>,
    store: Store,
    org: OrgId,
    /// How many transactions were committed.
    stored: watch::Receiver<u64>,
    failed: Arc<Mutex<Option<Problem>>>,
}

/// What the writing task tells of what it wrote.
#[derive(Debug, Default)]
struct Progress {
    rows: AtomicUsize,
    /// Whether most of what came last had to be written: only then is it worth packing before it is known.
    news: AtomicBool,
}

/// What may wait to be stored.
#[derive(Debug)]
struct Room {
    kilobytes: Arc<Semaphore>,
    /// How many kilobytes there are in all.
    size: AtomicU32,
    /// The most pages that may wait.
    pages: u32,
}

impl Room {
    fn new(size: u32, pages: u32) -> Self {
        let kilobytes = Arc::new(Semaphore::new(size as usize));
        Self { kilobytes, size: AtomicU32::new(size), pages }
    }

    /// What a page takes: at least its share of the pages that may wait, at most all there is.
    fn share(&self, record: &PageRecord) -> u32 {
        let objects = record.objects.iter().map(|o| o.doc.text().len() + 400);
        let links = record.links.iter().map(|l| l.doc.as_ref().map_or(0, LinkDoc::size) + 250);
        let bytes: usize = objects.chain(links).sum();
        let size = self.size.load(Ordering::Relaxed);
        u32::try_from(bytes >> 10).unwrap_or(size).clamp(size / self.pages, size)
    }

    /// Makes room for more.
    fn grow(&self, size: u32) {
        let more = size.saturating_sub(self.size.load(Ordering::Relaxed));
        if more > 0 {
            self.size.store(size, Ordering::Relaxed);
            self.kilobytes.add_permits(more as usize);
        }
    }
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
    pub(super) fn start(
        store: &Store,
        org: OrgId,
        recorder: Recorder,
    ) -> (Self, tokio::task::JoinHandle<Written>) {
        let (first, first_jobs) = mpsc::unbounded_channel();
        let (others, other_jobs) = mpsc::unbounded_channel();
        let queue = Queue { first: first_jobs, others: other_jobs, pressed: None };
        let first_room = Arc::new(Room::new(FIRST_WAITING, FIRST_PAGES));
        let room = Arc::new(Room::new(*WAITING.start(), PAGES));
        let (progress, failed) = (Arc::default(), Arc::default());
        let (told, stored) = watch::channel(0);
        let writing = tokio::spawn(write(
            recorder,
            queue,
            told,
            (Arc::clone(&room), Arc::clone(&progress)),
            Arc::clone(&failed),
        ));
        (
            Self { first, others, first_room, room, progress, store: store.clone(), org, stored, failed },
            writing,
        )
    }

    /// Takes a page to be stored. Returns when there is room for it, and where its listing goes on and the tables are small,
    /// when it is stored: [`settle`](Self::settle) says when that is.
    ///
    /// # Errors
    /// The database's problem, this page's or an earlier one's; nothing of the page is stored then.
    pub(super) async fn store(&self, dataset: &Dataset, mut page: PageWrite) -> Result<(), Problem> {
        self.fine()?;
        if self.progress.news.load(Ordering::Relaxed) {
            self.store.pack_links(self.org, &mut page.record)?;
        }
        let (jobs, room) = self.jobs(dataset);
        let share = room.share(&page.record);
        let room = Arc::clone(&room.kilobytes).acquire_many_owned(share).await.map_err(|_| gone())?;
        let (stored, waits) = oneshot::channel();
        let large = self.progress.rows.load(Ordering::Relaxed) >= LARGE;
        let stored = Some(stored).filter(|_| page.next.is_some() && !large);
        let wait = stored.is_some();
        jobs.send(Job::Page { page, room, stored }).map_err(|_| self.problem())?;
        if wait {
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
        self.jobs(dataset).0.send(Job::Settle(stored)).map_err(|_| self.problem())?;
        waits.await.map_err(|_| self.problem())
    }

    /// Changes whenever pages were stored.
    pub(super) fn stored(&self) -> watch::Receiver<u64> {
        self.stored.clone()
    }

    fn jobs(&self, dataset: &Dataset) -> (&mpsc::UnboundedSender<Job>, &Room) {
        match dataset.over {
            Over::Org => (&self.first, &self.first_room),
            Over::Each(_) => (&self.others, &self.room),
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

    fn full(&self, rows: usize, kilobytes: u32) -> bool {
        self.rows >= rows || self.kilobytes >= kilobytes as usize
    }
}

/// How many kilobytes may wait after so many rows: as much as goes with the rows of a transaction.
fn waiting(written: usize) -> u32 {
    let times = written / GROWS / ROWS.start();
    u32::try_from(times)
        .unwrap_or(u32::MAX)
        .saturating_mul(*WAITING.start())
        .clamp(*WAITING.start(), *WAITING.end())
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
    /// What goes into the next transaction after `written` rows; `None` when all writers are gone.
    async fn next(&mut self, written: usize) -> Option<Batch> {
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
        let within =
            |written, bounds: RangeInclusive<usize>| usize::clamp(written, *bounds.start(), *bounds.end());
        let rows = match pressed {
            true => within(written / GROWS_FEW, FEW_ROWS),
            false => within(written / GROWS, ROWS),
        };
        while !batch.full(rows, waiting(written) / 2) {
            // Whoever waits is served at once, with all that has come by now; and so are the org's own listings.
            let at_once = first || !batch.waiting.is_empty();
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
    (room, progress): (Arc<Room>, Arc<Progress>),
    failed: Arc<Mutex<Option<Problem>>>,
) -> Written {
    let mut written = Written::default();
    let mut rows = 0;
    while let Some(batch) = queue.next(rows).await {
        let count = batch.pages.len() as u64;
        if count > 0 {
            match recorder.commit(batch.pages).await {
                Ok(committed) => {
                    written.pages += count;
                    written.transactions += 1;
                    written.sum += committed;
                    told.send_replace(written.transactions);
                    let news = committed.edges_new + committed.edges_changed;
                    progress.news.store(news * 2 > batch.rows as u64, Ordering::Relaxed);
                    rows += batch.rows;
                    room.grow(waiting(rows));
                    progress.rows.store(rows, Ordering::Relaxed);
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
