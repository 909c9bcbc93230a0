//! The one task that writes an org's pages: whatever waits goes into one transaction.

use tokio::sync::{mpsc, oneshot};
use transom_store::{Committed, PageWrite, Recorder};

use crate::{Class, Problem};

/// Rows in a transaction after which no further page is added (measured: 10 k rows a transaction is three times as
/// fast as 1 k, and more gains nothing).
const ROWS: usize = 10_000;
/// Pages that may wait. Bounds memory; a listing waits for its page to be stored before it asks for the next.
const WAITING: usize = 64;

struct Job {
    page: PageWrite,
    stored: oneshot::Sender<Result<(), Problem>>,
}

/// Hands pages to the writing task.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("dataset", &self.page.dataset).finish_non_exhaustive()
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
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), tokio::spawn(write(recorder, receiver)))
    }

    /// Stores a page and returns when it is committed.
    ///
    /// # Errors
    /// The database's problem; nothing of the page is stored then.
    pub(super) async fn store(&self, page: PageWrite) -> Result<(), Problem> {
        let (stored, answer) = oneshot::channel();
        let gone = || {
            Problem::new(Class::Internal, "The sync stopped.", "Its writing task is gone.", "Run it again.")
        };
        self.0.send(Job { page, stored }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn write(mut recorder: Recorder, mut waiting: mpsc::Receiver<Job>) -> Written {
    let mut written = Written::default();
    while let Some(first) = waiting.recv().await {
        let mut rows = size(&first.page);
        let mut batch = vec![first];
        while rows < ROWS {
            let Ok(next) = waiting.try_recv() else { break };
            rows += size(&next.page);
            batch.push(next);
        }
        let (pages, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.page, job.stored)).unzip();
        let count = pages.len() as u64;
        let outcome = recorder.commit(pages).await.map_err(Problem::from);
        if let Ok(committed) = &outcome {
            written.pages += count;
            written.transactions += 1;
            written.sum += *committed;
        }
        for answer in answers {
            // A listing that was cancelled no longer listens; its page is stored all the same.
            let _ = answer.send(outcome.as_ref().map(|_| ()).map_err(Clone::clone));
        }
    }
    written
}

fn size(page: &PageWrite) -> usize {
    page.record.objects.len() + page.record.links.len() + 1
}
