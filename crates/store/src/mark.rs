//! Marks: where a page of a list ends or begins, for the next request. Opaque to those who pass them on.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, Result};

/// A mark of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark<P> {
    /// Which list this belongs to, its order included.
    of: String,
    /// Whether it asks for what stands before the place rather than after it.
    pub back: bool,
    /// The row at the edge of the page; `None` for the list's end.
    pub place: Option<P>,
}

impl<P: Serialize + DeserializeOwned> Mark<P> {
    pub fn new(of: &str, back: bool, place: Option<P>) -> Self {
        Self { of: of.to_string(), back, place }
    }

    pub fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads a mark of the list `of`.
    ///
    /// # Errors
    /// [`Error::Mark`].
    pub fn read(text: &str, of: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let mark: Self = bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(Error::Mark("This is no mark of a page."))?;
        if mark.of == of {
            Ok(mark)
        } else {
            Err(Error::Mark("This mark is of another list, or of this one in another order."))
        }
    }
}

/// A page with its marks.
pub(crate) struct Turned<P> {
    /// Its places, in the list's order.
    pub found: Vec<P>,
    pub next: Option<String>,
    pub prev: Option<String>,
}

/// Makes a page of the list `of` from what was found on the way: at most one more than `limit`, the nearest first. `cut` is
/// how far was looked where that is not to the end, `back` which way, `entered` whether by a place in the list.
pub(crate) fn turn<P: Clone + Serialize + DeserializeOwned>(
    of: &str,
    mut found: Vec<P>,
    limit: u32,
    cut: Option<P>,
    back: bool,
    entered: bool,
) -> Turned<P> {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let onward = if more { found.last().cloned() } else { cut };
    let behind = found.first().filter(|_| entered).cloned();
    if back {
        found.reverse();
    }
    let write = |back: bool, place: Option<P>| place.map(|p| Mark::new(of, back, Some(p)).write());
    let (next, prev) = if back { (behind, onward) } else { (onward, behind) };
    Turned { next: write(false, next), prev: write(true, prev), found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_and_refuses_what_is_none() {
        let mark = Mark::new("name", true, Some((7_i64, "zoë:".to_string())));
        assert_eq!(Mark::read(&mark.write(), "name").expect("its own"), mark);
        let other = Mark::<(i64, String)>::read(&mark.write(), "login").expect_err("another list");
        assert!(other.to_string().contains("another list"), "{other}");
        let wrong_place = URL_SAFE_NO_PAD.encode(r#"{"of":"name","back":false,"place":["a"]}"#);
        for bad in ["", "%%", "aGVsbG8", &wrong_place] {
            let error = Mark::<(i64, String)>::read(bad, "name").expect_err(bad).to_string();
            assert!(error.contains("first page"), "{error}");
        }
    }
}
