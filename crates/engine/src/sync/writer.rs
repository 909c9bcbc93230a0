//! The one task that writes an org's pages: whatever waits goes into one transaction.
//!
//! Listings of the org itself come first: what is listed over their objects can't begin before they end, and each of
//! their pages is asked for by the one before it. The others, which are many, share what time the database has left.
//!
//! Pages are stored with those of others, in the order in which they came. In a small org a listing asks for its
//! next page while one is stored, and waits with that until it is; in a [large](LARGE) one only until there is room for it,
//! and transactions are larger there: each object has its places in a dozen indexes, and the more of them are written at
//! one go, the more share a place. A kill costs the pages that wait, a bounded number.
//!
//! New edges of listings over parents are stored with their page, but [placed](Store::place) in their table later, many at
//! one go: where nothing else is to be written, where somebody waits for a data set's end, and where [enough](PLACED) have
//! come together.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};
use transom_core::{EntityId, LinkDoc, PageRecord};
use transom_store::{Committed, Lease, PageWrite, Recorder, RunId, Store};

use crate::dataset::{Dataset, Over, Scope};
use crate::{Class, Problem};

/// Rows in a transaction after which no further page is added: 10 k are three times as fast as 1 k, and more gain nothing
/// (measured).
const ROWS: usize = 10_000;
/// New edges after which those that wait are placed: a share of what the run has written, so that each page of the table
/// takes several of them; within bounds, for they are sorted in memory, 40 bytes each.
const PLACED: RangeInclusive<u64> = 20_000..=100_000;
const SHARE: u64 = 16;
/// Kilobytes of documents in a transaction after which no further page is added.
const FULL: u32 = 2 << 10;
/// Kilobytes that may wait to be stored, and the least that a page counts for, because a kill costs each that waits another
/// call: of the org's own listings, of small pages over parents, and of the others. Small pages have room of their own, for
/// they cost the database little: behind the others they would wait for it, and one call for each user takes its time even
/// when none waits.
const WAITING: [(u32, u32); 3] = [(2 << 10, 64), (1 << 10, SMALL), (3 << 10, 16)];
/// The most kilobytes of a small page.
const SMALL: u32 = 4;
/// Kilobytes of the org's own listings after which it is a large one, and for how many more each has room then: for what
/// comes while a large transaction is written, or the calls would wait for it.
const LARGE: usize = 64 << 10;
const MORE: u32 = 6 << 10;
/// How long pages nobody waits for are collected.
const LINGER: Duration = Duration::from_millis(250);
/// After how long without a page the edges that wait are placed.
const IDLE: Duration = Duration::from_millis(500);

enum Job {
    /// A page, and the room that it takes until it is stored; `stored` is told, where its listing waits for it.
    Page { page: PageWrite, room: OwnedSemaphorePermit, stored: Option<oneshot::Sender<()>> },
    /// Store what there is and place its edges, now.
    Settle(oneshot::Sender<()>),
}

/// A page on its way into the database; nothing where its listing need not wait for it.
#[derive(Debug)]
pub(super) struct Stored(Option<oneshot::Receiver<()>>);

/// Hands pages to the writing task.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    first: mpsc::UnboundedSender<Job>,
    others: mpsc::UnboundedSender<Job>,
    rooms: [Arc<Semaphore>; 3],
    progress: Arc<Progress>,
    store: Store,
    lease: Lease,
    run: RunId,
    /// How many transactions were committed.
    commits: watch::Receiver<u64>,
    failed: Arc<Mutex<Option<Problem>>>,
}

/// What the writing task tells of what it wrote.
#[derive(Debug, Default)]
struct Progress {
    /// Whether the org is a large one.
    large: AtomicBool,
    /// Whether most of what came last had to be written: only then is it worth packing before it is known.
    news: AtomicBool,
}

/// The kilobytes of a page.
fn size(record: &PageRecord) -> u32 {
    let objects = record.objects.iter().map(|o| o.doc.text().len() + 400);
    let links = record.links.iter().map(|l| l.doc.as_ref().map_or(0, LinkDoc::size) + 250);
    let bytes: usize = objects.chain(links).sum();
    u32::try_from(bytes >> 10).unwrap_or(u32::MAX)
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
        lease: &Lease,
        run: RunId,
    ) -> (Self, tokio::task::JoinHandle<Written>) {
        let (first, first_jobs) = mpsc::unbounded_channel();
        let (others, other_jobs) = mpsc::unbounded_channel();
        let (progress, failed) = (Arc::default(), Arc::default());
        let (told, commits) = watch::channel(0);
        let rooms = WAITING.map(|(kilobytes, _)| Arc::new(Semaphore::new(kilobytes as usize)));
        let queue = Queue { first: first_jobs, others: other_jobs, rooms: rooms.clone() };
        let writing = Writing {
            store: store.clone(),
            lease: lease.clone(),
            recorder: store.recorder(lease, run),
            told,
            progress: Arc::clone(&progress),
            rooms: rooms.clone(),
            written: Written::default(),
            rows: 0,
            first_kilobytes: 0,
            late: 0,
        };
        let writing = tokio::spawn(writing.run(queue, Arc::clone(&failed)));
        let (store, lease) = (store.clone(), lease.clone());
        (Self { first, others, rooms, progress, store, lease, run, commits, failed }, writing)
    }

    /// Takes a page to be stored. Returns when there is room for it; what comes back says [when it is](Self::stored).
    ///
    /// # Errors
    /// The database's problem, this page's or an earlier one's; nothing of the page is stored then.
    pub(super) async fn store(&self, dataset: &Dataset, mut page: PageWrite) -> Result<Stored, Problem> {
        self.fine()?;
        if self.progress.news.load(Ordering::Relaxed) {
            self.store.pack_links(self.lease.org, &mut page.record)?;
        }
        let large = self.progress.large.load(Ordering::Relaxed);
        let size = size(&page.record);
        let place = match dataset.over {
            Over::Org => 0,
            Over::Each(_) if size <= SMALL => 1,
            Over::Each(_) => 2,
        };
        let (most, least) = WAITING[place];
        let room = Arc::clone(&self.rooms[place]).acquire_many_owned(size.clamp(least, most));
        let room = room.await.map_err(|_| gone())?;
        let (stored, waits) = oneshot::channel();
        let wait = page.next.is_some() && !large;
        let stored = Some(stored).filter(|_| wait);
        self.jobs(dataset).send(Job::Page { page, room, stored }).map_err(|_| self.problem())?;
        Ok(Stored(Some(waits).filter(|_| wait)))
    }

    /// Returns when a page is stored, or need not be waited for.
    ///
    /// # Errors
    /// The database's problem; the page is not stored then.
    pub(super) async fn stored(&self, Stored(page): Stored) -> Result<(), Problem> {
        match page {
            Some(page) => page.await.map_err(|_| self.problem()),
            None => Ok(()),
        }
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

    /// Forgets what a listing showed so far, because it begins again: [`Store::begin_again`].
    ///
    /// # Errors
    /// The database's problem.
    pub(super) async fn begin_again(&self, dataset: &Dataset, scope: &Scope<'_>) -> Result<(), Problem> {
        // Stored after it, its pages before would be taken for those that come.
        self.settle(dataset).await?;
        Ok(self.store.begin_again(&self.lease, self.run, dataset.name, scope.id, scope.part).await?)
    }

    /// Changes whenever pages were stored.
    pub(super) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
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

/// A transaction in the making.
#[derive(Default)]
struct Batch {
    pages: Vec<PageWrite>,
    rooms: Vec<OwnedSemaphorePermit>,
    /// Who waits for a page to be stored.
    waiting: Vec<oneshot::Sender<()>>,
    /// Who waits for the edges to be placed, too.
    settling: Vec<oneshot::Sender<()>>,
    rows: usize,
    kilobytes: usize,
    /// Of the org's own listings.
    first_kilobytes: usize,
}

impl Batch {
    fn add(&mut self, job: Job) {
        match job {
            Job::Page { page, room, stored } => {
                self.rows += page.record.objects.len() + page.record.links.len() + 1;
                self.kilobytes += room.num_permits();
                self.first_kilobytes += if page.parent == EntityId::ROOT { room.num_permits() } else { 0 };
                self.pages.push(page);
                self.rooms.push(room);
                self.waiting.extend(stored);
            }
            Job::Settle(stored) => self.settling.push(stored),
        }
    }

    fn full(&self, kilobytes: u32) -> bool {
        self.rows >= ROWS || self.kilobytes >= kilobytes as usize
    }
}

/// What is to be written.
struct Queue {
    /// Of the org's own listings.
    first: mpsc::UnboundedReceiver<Job>,
    others: mpsc::UnboundedReceiver<Job>,
    rooms: [Arc<Semaphore>; 3],
}

/// What the task does next.
enum Next {
    Write(Batch),
    /// Nothing came for a while.
    Idle,
    /// All writers are gone.
    End,
}

impl Queue {
    /// What goes into the next transaction, up to `full` kilobytes. Where nothing comes, tells so after [`IDLE`] if `bored`.
    async fn next(&mut self, full: u32, bored: bool) -> Next {
        let mut batch = Batch::default();
        let job = tokio::select! {
            biased;
            Some(job) = self.first.recv() => job,
            Some(job) = self.others.recv() => job,
            () = sleep(IDLE), if bored => return Next::Idle,
            else => return Next::End,
        };
        batch.add(job);
        let until = Instant::now() + LINGER;
        while !batch.full(full) {
            // Whoever waits is served at once, with all that has come by now.
            let at_once = !batch.waiting.is_empty() || !batch.settling.is_empty() || self.crowded();
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
        Next::Write(batch)
    }

    /// Whether a room is half full: what comes while this is written needs the other half.
    fn crowded(&self) -> bool {
        self.rooms
            .iter()
            .zip(WAITING)
            .any(|(room, (kilobytes, _))| room.available_permits() < kilobytes as usize / 2)
    }
}

/// The writing task.
struct Writing {
    store: Store,
    lease: Lease,
    recorder: Recorder,
    told: watch::Sender<u64>,
    progress: Arc<Progress>,
    rooms: [Arc<Semaphore>; 3],
    written: Written,
    rows: u64,
    /// Of the org's own listings.
    first_kilobytes: usize,
    /// Edges that wait to be placed.
    late: u64,
}

impl Writing {
    async fn run(mut self, mut queue: Queue, failed: Arc<Mutex<Option<Problem>>>) -> Written {
        loop {
            let full = if self.large() { FULL + MORE / 2 } else { FULL };
            let done = match queue.next(full, self.late > 0).await {
                Next::Write(batch) => self.store(batch).await,
                Next::Idle => self.place().await,
                Next::End => break,
            };
            if let Err(error) = done {
                // Nothing more is written, and whoever waits learns why: their channels are dropped.
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Problem::from(error));
                break;
            }
        }
        if self.large() {
            self.recorder.widen(false).await;
        }
        self.written
    }

    fn large(&self) -> bool {
        self.first_kilobytes >= LARGE
    }

    async fn store(&mut self, batch: Batch) -> Result<(), transom_store::Error> {
        let count = batch.pages.len() as u64;
        if count > 0 {
            let committed = self.recorder.commit_late(batch.pages).await?;
            self.written.pages += count;
            self.written.transactions += 1;
            self.written.sum += committed;
            self.late += committed.edges_late;
            self.rows += batch.rows as u64;
            let news = committed.edges_new + committed.edges_changed;
            self.progress.news.store(news * 2 > batch.rows as u64, Ordering::Relaxed);
            self.first_kilobytes += batch.first_kilobytes;
            if self.large() && !self.progress.large.swap(true, Ordering::Relaxed) {
                self.rooms.iter().for_each(|room| room.add_permits(MORE as usize));
                self.recorder.widen(true).await;
            }
            self.told.send_replace(self.written.transactions);
        }
        // A listing that was cancelled no longer listens; its page is stored all the same.
        batch.waiting.into_iter().for_each(|waiting| waiting.send(()).unwrap_or_default());
        let many = (self.rows / SHARE).clamp(*PLACED.start(), *PLACED.end());
        if self.late >= many || !batch.settling.is_empty() {
            self.place().await?;
        }
        batch.settling.into_iter().for_each(|waiting| waiting.send(()).unwrap_or_default());
        Ok(())
    }

    /// Places the edges that wait.
    async fn place(&mut self) -> Result<(), transom_store::Error> {
        if self.late > 0 {
            self.store.place(&self.lease).await?;
            self.late = 0;
        }
        Ok(())
    }
}
