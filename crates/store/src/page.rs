//! Pages of the lists of orgs, people and what is theirs: a page begins after the last row of the one before, wherever rows
//! have come or gone since.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, mark::Mark};

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it, in the list's order.
    pub rows: Vec<T>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of the list `of` from what was found: more than `limit` where it is not the last. `place` says where a row stands.
    pub(crate) fn new<P: Serialize + DeserializeOwned>(
        of: &str,
        mut rows: Vec<T>,
        limit: u32,
        place: impl Fn(&T) -> P,
    ) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| more).map(place);
        let next = last.map(|place| Mark::new(of, false, Some(place)).write());
        Self { rows, next }
    }
}

/// The place after which a page of the list `of` begins; `None` for the first page.
///
/// # Errors
/// [`Error::Mark`](crate::Error::Mark) for a mark that is none of this list.
pub(crate) fn place<P: Serialize + DeserializeOwned>(of: &str, after: Option<&str>) -> Result<Option<P>> {
    Ok(after.map(|text| Mark::read(text, of)).transpose()?.and_then(|mark| mark.place))
}
