//! One listing: page after page, each handed over to be stored with its checkpoint.

use okta_client::{Client, Cursor, Error, Listing, Sink};
use serde_json::Value;
use transom_core::PageRecord;
use transom_store::{PageWrite, PartState};

use super::event::{Event, Watch};
use super::writer::{Stored, Writer};
use crate::Problem;
use crate::dataset::{Dataset, Scope};

/// How often a listing is begun again because Okta no longer takes its cursor.
const RESTARTS: u32 = 2;

/// The number of the page that stands for a listing without one.
const NOTHING_TO_ASK: i32 = -1;

/// Why a listing ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Okta's answer; the data set decides what it means.
    Okta(Error),
    /// Ours: the run can't go on.
    Ours(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem)
    }
}

/// A page while its items are read: each goes as soon as it is.
struct Reading<'a> {
    dataset: &'static Dataset,
    scope: Scope<'a>,
    record: PageRecord,
}

impl Sink for Reading<'_> {
    fn begin(&mut self) {
        self.record = PageRecord::default();
    }

    fn item(&mut self, item: Value) {
        (self.dataset.read)(&item, &self.scope, &mut self.record);
    }
}

/// A listing from its first page to its last, in memory: for what one object has.
///
/// # Errors
/// The first answer that is no page.
pub(super) async fn whole(
    client: &Client,
    dataset: &'static Dataset,
    scope: Scope<'_>,
    listing: &Listing,
) -> Result<PageRecord, Error> {
    let (mut all, mut cursor, mut restarts) = (PageRecord::default(), None, 0);
    loop {
        let mut page = Reading { dataset, scope, record: PageRecord::default() };
        match client.read(listing, cursor.as_ref(), &mut page).await {
            Ok(answer) => {
                all.append(page.record);
                let Some(next) = answer.next else { return Ok(all) };
                cursor = Some(next);
            }
            Err(Error::InvalidCursor(_)) if cursor.is_some() && restarts < RESTARTS => {
                restarts += 1;
                (all, cursor) = (PageRecord::default(), None);
            }
            Err(error) => return Err(error),
        }
    }
}

/// What every listing of a run shares.
#[derive(Clone)]
pub(super) struct Lister {
    pub(super) client: Client,
    pub(super) writer: Writer,
    pub(super) watch: Watch,
}

impl Lister {
    /// Lists all parts of `dataset` under `scope`, going on where `parts` says an earlier process stopped.
    ///
    /// # Errors
    /// The first answer that is neither a page nor this data set's way to say "none here".
    pub(super) async fn parent(
        &self,
        dataset: &'static Dataset,
        scope: Scope<'_>,
        parts: &[PartState],
    ) -> Result<(), Stop> {
        let listings = (dataset.parts)(&scope);
        if listings.is_empty() {
            self.write(dataset, &scope, NOTHING_TO_ASK, None, PageRecord::default(), true).await?;
            return Ok(());
        }
        let last = listings.len() - 1;
        for (number, listing) in listings.into_iter().enumerate() {
            let part = i16::try_from(number).unwrap_or(i16::MAX);
            let start = parts.iter().find(|p| p.part == part);
            if start.is_some_and(|p| p.done) {
                continue;
            }
            let scope = Scope { part, ..scope };
            self.part(dataset, scope, listing, start, number == last).await?;
        }
        Ok(())
    }

    async fn part(
        &self,
        dataset: &'static Dataset,
        scope: Scope<'_>,
        listing: Listing,
        start: Option<&PartState>,
        last: bool,
    ) -> Result<(), Stop> {
        let mut page = start.map_or(0, |s| s.page);
        // A stored cursor that no longer reads as one is as good as an expired one: begin again.
        let mut cursor = start.and_then(|s| s.cursor.as_deref()).and_then(|c| Cursor::parse(c).ok());
        if cursor.is_none() && page > 0 {
            page = 0;
            self.writer.begin_again(dataset, &scope).await?;
        }
        let (mut restarts, mut earlier) = (0, None);
        loop {
            let mut reading = Reading { dataset, scope, record: PageRecord::default() };
            let answer = match self.client.read(&listing, cursor.as_ref(), &mut reading).await {
                Ok(answer) => answer,
                // A stored cursor may have expired; one that Okta has just given and takes back at every try never ends.
                Err(Error::InvalidCursor(_)) if cursor.is_some() && restarts < RESTARTS => {
                    restarts += 1;
                    (page, cursor) = (0, None);
                    self.writer.begin_again(dataset, &scope).await?;
                    continue;
                }
                Err(error) if (dataset.none)(&error) => {
                    self.write(dataset, &scope, page, None, PageRecord::default(), last).await?;
                    return Ok(());
                }
                Err(error) => return Err(Stop::Okta(error)),
            };
            let record = reading.record;
            let done = answer.next.is_none();
            if let Some(earlier) = earlier.take() {
                self.writer.stored(earlier).await?;
            }
            let write = self.write(dataset, &scope, page, answer.next.as_ref(), record, last && done);
            earlier = Some(write.await?);
            if done {
                return Ok(());
            }
            cursor = answer.next;
            page += 1;
        }
    }

    async fn write(
        &self,
        dataset: &'static Dataset,
        scope: &Scope<'_>,
        page: i32,
        next: Option<&Cursor>,
        record: PageRecord,
        parent_done: bool,
    ) -> Result<Stored, Problem> {
        let items = (record.objects.len() + record.links.len()) as u64;
        let write = PageWrite {
            dataset: dataset.name,
            target: dataset.target,
            parent: scope.id,
            part: scope.part,
            page,
            next: next.map(|c| c.as_str().to_string()),
            record,
        };
        let stored = self.writer.store(dataset, write).await?;
        (self.watch)(Event::Page { name: dataset.name, items, parent_done });
        Ok(stored)
    }
}
