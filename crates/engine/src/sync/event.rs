//! What a running sync tells whoever watches.

use std::sync::Arc;

use transom_core::Coverage;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Something to know before it goes on.
    Note(String),
    /// The run begins, or goes on where an earlier one stopped.
    Started {
        /// Whether an unfinished run is continued.
        resumed: bool,
    },
    /// A data set begins; told again when it is known how far there is to go.
    Dataset {
        /// Its name.
        name: &'static str,
        /// What people read.
        title: &'static str,
        /// How far there is to go, as far as can be known.
        extent: Extent,
    },
    /// A page of a data set is stored.
    Page {
        /// The data set.
        name: &'static str,
        /// Objects and edges in it.
        items: u64,
        /// Whether a parent was finished with it.
        parent_done: bool,
    },
    /// A data set is finished.
    Finished {
        /// The data set.
        name: &'static str,
        /// What is now known of it.
        coverage: Coverage,
    },
}

/// How far a data set has to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A listing of the org: as many items as the last time, if there was one.
    Items {
        /// What the last run found.
        expected: Option<u64>,
    },
    /// A listing for each of so many parents.
    Parents {
        /// All of them; `None` while they are still being listed.
        all: Option<u64>,
        /// Those that an earlier process of this run finished.
        done: u64,
    },
}

/// Called with every event, from any task; must not block.
pub type Watch = Arc<dyn Fn(Event) + Send + Sync>;
