//! `/api/v1`: what programs read and do, one file per matter. A handler declares its path, parameters and answer; the
//! document at `/api/v1/openapi.json` is made from these declarations and from what the route table says that a route
//! needs, so that neither can say what the other does not do.
//!
//! Lists that can be long come a page at a time: `limit`, and `cursor` with what `next` of the page before said. Errors are problem
//! documents (RFC 9457). Times are RFC 3339 in UTC.

pub mod access_request;
pub mod audit;
pub mod coverage;
mod credential;
mod document;
pub mod edge;
pub mod entity;
mod extract;
pub mod finding;
pub mod forecast;
pub mod integration;
pub mod invitation;
pub mod kind;
mod limit;
pub mod me;
pub mod member;
pub mod org;
mod reference;
pub mod run;
pub mod search;
pub mod sync;
pub mod token;
pub(crate) mod under;
pub mod verification;
pub mod view;
mod words;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Error;

pub use document::openapi;
pub(crate) use document::{Described, show as send_document};
pub(crate) use extract::{At, Body, Nothing, Params, given};
pub(crate) use limit::{A_SECOND, BURST, Limits};
pub(crate) use reference::show as reference;
pub use words::{Orgs, RoleName, Time};

/// A handler's answer.
pub(crate) type Answer<T> = Result<Json<T>, Error>;

/// A page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Items<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// What asks for the next page, as `cursor`; null on the last.
    pub next: Option<String>,
}

impl<T> Items<T> {
    /// A list that is no longer than a page.
    pub(crate) fn all(items: impl IntoIterator<Item = T>) -> Json<Self> {
        Json(Self { items: items.into_iter().collect(), next: None })
    }

    /// A page of the store's, each of its rows told.
    pub(crate) fn page<R>(page: transom_store::Page<R>, told: impl FnMut(R) -> T) -> Json<Self> {
        Json(Self { items: page.rows.into_iter().map(told).collect(), next: page.next })
    }
}

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// How many on a page; 50 where absent.
    #[serde(default, deserialize_with = "given")]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

impl Page {
    /// After what it begins, and how many items it is to have.
    pub(crate) fn read(&self) -> Result<(Option<&str>, u32), Error> {
        Ok((self.cursor.as_deref(), size(self.limit)?))
    }
}

/// The items of a page where nobody says how many.
const USUAL: u32 = 50;
/// The most items of a page.
const MOST: u32 = 200;

/// How many items a page is to have: between 1 and [`MOST`].
pub(crate) fn size(limit: Option<u32>) -> Result<u32, Error> {
    match limit {
        None => Ok(USUAL),
        Some(n @ 1..=MOST) => Ok(n),
        Some(n) => {
            Err(Error::Asked(format!("limit: {n} is none that a page can have. Expected 1 to {MOST}.")))
        }
    }
}
