//! Recording fetched pages.

use transom_core::{EntityId, KindCode, PageRecord, RelCode};

use crate::{Lease, Result, RunId, Store, commit, commit::What, resolve::Cache};

/// What a listing lists, so that a sweep knows what it should have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The children of this kind under the parent (all of the kind for [`EntityId::ROOT`]).
    Children(KindCode),
    /// Edges into the parent: it is their destination, the sources are what is seen. Under [`EntityId::ROOT`] the
    /// listing shows all edges of the relation, and one is seen when its source is.
    Into(RelCode),
    /// Edges out of the parent: it is their source, the destinations are what is seen. Under [`EntityId::ROOT`] the
    /// listing shows all edges of the relation, and one is seen when its destination is.
    From(RelCode),
    /// Nothing that could be swept.
    None,
}

/// One fetched page on its way into the store.
#[derive(Debug)]
pub struct PageWrite {
    /// The data set's name.
    pub dataset: &'static str,
    /// What it lists.
    pub target: Target,
    /// Whose listing it is; [`EntityId::ROOT`] for top-level listings.
    pub parent: EntityId,
    /// Which of the parent's listings, from 0 (see [`Store::declare_parts`]).
    pub part: i16,
    /// The page's number, from 0; -1 where there was nothing to ask.
    pub page: i32,
    /// Where the next page is; `None` completes the part.
    pub next: Option<String>,
    /// What was on it.
    pub record: PageRecord,
}

/// What a commit changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Committed {
    /// Objects read for the first time, stubs filled among them.
    pub new: u64,
    /// Objects whose document changed.
    pub changed: u64,
    /// Objects that were as before.
    pub unchanged: u64,
    /// Objects that had been removed and are back.
    pub revived: u64,
    /// Edges that were not there before.
    pub edges_new: u64,
    /// Those of them that wait to be placed.
    pub edges_late: u64,
    /// Edges whose number or document changed.
    pub edges_changed: u64,
    /// Ends of edges that are not known yet.
    pub stubs: u64,
    /// Records set aside.
    pub quarantined: u64,
}

impl std::ops::AddAssign for Committed {
    fn add_assign(&mut self, o: Self) {
        self.new += o.new;
        self.changed += o.changed;
        self.unchanged += o.unchanged;
        self.revived += o.revived;
        self.edges_new += o.edges_new;
        self.edges_late += o.edges_late;
        self.edges_changed += o.edges_changed;
        self.stubs += o.stubs;
        self.quarantined += o.quarantined;
    }
}

/// Records the pages of one run under one lease.
#[derive(Debug)]
pub struct Recorder {
    store: Store,
    lease: Lease,
    run: RunId,
}

impl Store {
    /// A recorder of `run`. Several may record at the same time; their commits follow each other.
    pub fn recorder(&self, lease: &Lease, run: RunId) -> Recorder {
        Recorder { store: self.clone(), lease: lease.clone(), run }
    }
}

impl Recorder {
    /// Says that the org is a large one, and later, with `false`, that it is done with. All orgs share one writer: while one
    /// of them is large, SQLite's page cache has 16 MB more.
    pub async fn widen(&self, large: bool) {
        self.store.widen(large).await;
    }

    /// Records the pages in one transaction: objects and edges that changed, history, facets and search terms,
    /// stubs, quarantine, what was seen, and where to go on. The same page again changes nothing.
    /// Commit about 10,000 objects and edges at a time, or once a second: larger transactions are faster.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost) when another process works on the org; any other error leaves the store as it was
    /// before. So does dropping the future.
    pub async fn commit(&mut self, pages: Vec<PageWrite>) -> Result<Committed> {
        self.write(What { pages, ..What::default() }).await
    }

    /// The same, but that new edges of listings over parents wait until they are [placed](Store::place), durably and unseen:
    /// in the order of the table many edges cost a tenth of what each costs in the order in which it came.
    /// A page that comes again meanwhile counts its edges as new again.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub async fn commit_late(&mut self, pages: Vec<PageWrite>) -> Result<Committed> {
        self.write(What { pages, late: true, ..What::default() }).await
    }

    /// Records objects that were read one by one rather than from a listing: no checkpoint, nothing seen; odd
    /// records among them are left out (the caller sees that its object is not there).
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub async fn record_alone(&mut self, record: PageRecord) -> Result<Committed> {
        self.write(What { alone: Some(record), ..What::default() }).await
    }

    async fn write(&mut self, what: What) -> Result<Committed> {
        let slot = self.store.cache(self.lease.org);
        let mut slot = slot.lock().await;
        // Taken out, and put back only after the commit: what a failed or dropped transaction put in is forgotten.
        let mut cache = std::mem::take(&mut *slot);
        if cache.fence != self.lease.fence {
            cache = Cache::new(self.lease.fence);
        }
        let mut tx = self.store.begin_fenced(&self.lease).await?;
        let committed =
            commit::write(&self.store, &mut tx, &mut cache, self.lease.org, self.run, what).await?;
        tx.commit().await?;
        *slot = cache;
        self.store.committed();
        Ok(committed)
    }
}
