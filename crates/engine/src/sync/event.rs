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
    /// A data set begins.
    Dataset {
        /// Its name.
        name: &'static str,
        /// What people read.
        title: &'static str,
        /// How many parents it is listed over, and how many are done already; `None` for the org's own listings.
        parents: Option<(u64, u64)>,
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

/// Called with every event, from any task; must not block.
pub type Watch = Arc<dyn Fn(Event) + Send + Sync>;
