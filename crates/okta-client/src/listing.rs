//! A call as a value: what a caller can store, schedule, and resume.

use std::fmt;
use std::marker::PhantomData;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// One GET, paged or not, before it is sent.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The path as a template, e.g. `/api/v1/groups/{groupId}/users`: what errors, logs and metrics show.
    pub route: &'static str,
    /// The path with its ids filled in and percent-encoded.
    pub path: String,
    /// Query parameters, not yet encoded, without the page size.
    pub query: Vec<(&'static str, String)>,
    /// How large a page to ask for; `None` where Okta takes no such parameter.
    pub page_size: Option<PageSize>,
    /// Where the items are in the body.
    pub items: Items,
    /// The members that are kept of each item of an array, where a caller needs no others: the rest is not even built.
    /// `None` keeps all.
    pub only: Option<&'static [&'static str]>,
    /// The query parameter that may be left out where even the smallest page with it takes too long; see
    /// [`Listing::spare`].
    pub spare: Option<&'static str>,
}

/// How many items a page should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// The parameter's name, nearly always `limit`.
    pub param: &'static str,
    /// Sent first.
    pub ask: u32,
    /// Halved down to this when Okta times out or answers 500, which on a list usually means a timeout [docs].
    pub floor: u32,
}

/// Where a page's items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// The body is the array; `next` comes in a `Link` header.
    Array,
    /// The body is an object with the array under this field; `next` comes in `_links.next.href` [spec].
    Field(&'static str),
    /// The body is an array of objects, each with an array of items under this field; null or nothing is none. What is no
    /// object there is given as an item, so that whoever reads it sees that something was left out.
    Within(&'static str),
    /// The body is the one item.
    One,
}

impl Listing {
    /// A listing of `route`, its `{…}` segments filled from `ids` in order, each percent-encoded. An id that is
    /// missing leaves its segment empty, which Okta answers with 404.
    #[must_use]
    pub fn new(route: &'static str, ids: &[&str], items: Items) -> Self {
        Self {
            route,
            path: fill(route, ids),
            query: Vec::new(),
            page_size: None,
            items,
            only: None,
            spare: None,
        }
    }

    /// Adds a query parameter, not yet encoded.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a query parameter for what may be missing beside each item: it is left out where even the smallest page with
    /// it takes too long. What a listing is for is never asked for in this way, since nothing would tell that it is
    /// not there.
    #[must_use]
    pub fn spare(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.spare = Some(name);
        self.query(name, value)
    }

    /// Asks for pages of `ask` items by `limit`, made smaller down to `floor` when Okta is slow.
    #[must_use]
    pub fn limit(mut self, ask: u32, floor: u32) -> Self {
        self.page_size = Some(PageSize { param: "limit", ask, floor });
        self
    }

    /// Keeps only these members of each item. Has no effect where the items are not the body's array.
    #[must_use]
    pub fn only(mut self, members: &'static [&'static str]) -> Self {
        self.only = Some(members);
        self
    }

    pub(crate) fn of<T>(self) -> List<T> {
        List { listing: self, view: PhantomData }
    }

    /// Whether this is the System Log as a feed: without `until` it never ends, and its last page's `next` is to be
    /// asked again later [docs].
    #[must_use]
    pub fn is_feed(&self) -> bool {
        self.route == "/api/v1/logs" && !self.query.iter().any(|(name, _)| *name == "until")
    }

    /// The rate bucket that its calls are counted in; see [`bucket::of`](crate::governor::bucket::of).
    #[must_use]
    pub fn bucket(&self) -> &'static str {
        crate::governor::bucket::of(&reqwest::Method::GET, &self.path)
    }

    /// Path and query of the first page.
    pub(crate) fn first(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.query {
            query.append_pair(name, value);
        }
        if let Some(size) = self.page_size {
            query.append_pair(size.param, &size.ask.to_string());
        }
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }
}

/// A [`Listing`] that knows the type of its items.
pub struct List<T> {
    listing: Listing,
    view: PhantomData<fn() -> T>,
}

impl<T> List<T> {
    /// Types a listing made by hand.
    #[must_use]
    pub fn from_listing(listing: Listing) -> Self {
        listing.of()
    }

    /// The untyped call.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The untyped call, by value.
    #[must_use]
    pub fn into_listing(self) -> Listing {
        self.listing
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { listing: self.listing.clone(), view: PhantomData }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.listing.fmt(f)
    }
}

impl<T> From<List<T>> for Listing {
    fn from(list: List<T>) -> Self {
        list.listing
    }
}

/// What stays as it is inside one path segment (RFC 3986 unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Fills the `{…}` segments of a template. An id of only dots is encoded too, so that it cannot climb.
fn fill(route: &str, ids: &[&str]) -> String {
    let mut ids = ids.iter();
    let filled = route.split('/').map(|segment| {
        if !segment.starts_with('{') {
            return segment.to_owned();
        }
        let id = ids.next().copied().unwrap_or_default();
        if !id.is_empty() && id.bytes().all(|b| b == b'.') {
            return id.replace('.', "%2E");
        }
        utf8_percent_encode(id, SEGMENT).to_string()
    });
    filled.collect::<Vec<_>>().join("/")
}

/// Whether `path` is of the family of `route`: same length, same literal segments, something in each `{…}`.
pub(crate) fn matches_route(route: &str, path: &str) -> bool {
    let mut path = path.split('/');
    let same = route.split('/').all(|want| match path.next() {
        Some(got) if want.starts_with('{') => !got.is_empty(),
        Some(got) => got == want,
        None => false,
    });
    same && path.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_segment() {
        let listing = Listing::new("/api/v1/groups/{groupId}/users", &["00g/../../org?x=1"], Items::Array);
        assert_eq!(listing.path, "/api/v1/groups/00g%2F..%2F..%2Forg%3Fx%3D1/users");
        assert_eq!(Listing::new("/api/v1/users/{id}", &[".."], Items::One).path, "/api/v1/users/%2E%2E");
    }

    #[test]
    fn the_first_page_asks_for_the_page_size_last() {
        let listing = Listing::new("/api/v1/users", &[], Items::Array)
            .query("filter", "status eq \"DEPROVISIONED\"")
            .limit(200, 50);
        assert_eq!(listing.first(), "/api/v1/users?filter=status+eq+%22DEPROVISIONED%22&limit=200");
    }

    #[test]
    fn a_path_family_is_its_template() {
        let route = "/api/v1/groups/{groupId}/users";
        assert!(matches_route(route, "/api/v1/groups/00g1/users"));
        assert!(!matches_route(route, "/api/v1/groups//users"));
        assert!(!matches_route(route, "/api/v1/groups/00g1/users/x"));
        assert!(!matches_route(route, "/api/v1/groups/00g1"));
    }
}
