//! Pages and the cursors between them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::governor::RateLimit;
use crate::listing::{Items, Listing, matches_route};
use crate::secrets::DroppedSecret;
use crate::{Error, link};

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page {
    /// The items, in Okta's order, secrets dropped.
    pub items: Vec<Value>,
    /// Where the following page is. `None` is the end; a feed ([`Listing::is_feed`]) has no end.
    pub next: Option<Cursor>,
    /// How the call went.
    pub call: Call,
    /// What was dropped from the body.
    pub dropped: Vec<DroppedSecret>,
}

/// A page whose items went to a [`Sink`](crate::Sink).
#[derive(Clone, Debug)]
pub struct PageRead {
    /// How many items there were.
    pub items: usize,
    /// Where the following page is, as [`Page::next`].
    pub next: Option<Cursor>,
    /// How the call went.
    pub call: Call,
    /// What was dropped from the body.
    pub dropped: Vec<DroppedSecret>,
}

/// How one call went, its retries included.
#[derive(Clone, Debug)]
pub struct Call {
    /// The rate-limit bucket it was counted in; see [`crate::governor::bucket`].
    pub bucket: &'static str,
    /// The last HTTP status.
    pub status: u16,
    /// Okta's `x-okta-request-id`, which its support asks for.
    pub request_id: Option<String>,
    /// Bytes of the last body, decompressed.
    pub bytes: u64,
    /// Requests sent, at least 1.
    pub attempts: u32,
    /// Time spent waiting for rate limits, for a free slot and between attempts; not the time of the requests.
    pub waited: Duration,
    /// The last rate-limit headers.
    pub rate: Option<RateLimit>,
    /// Okta's `Date` (whole seconds).
    pub date: Option<Timestamp>,
}

/// Where a page is: path and query, never a host. It can be stored and used again with the same listing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

/// Why a text is not a cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a page cursor: {reason}. Expected a path and query such as /api/v1/users?after=…&limit=200. \
     Start the listing again from its first page"
)]
pub struct CursorError {
    reason: &'static str,
}

impl CursorError {
    pub(crate) fn foreign() -> Self {
        Self { reason: "it belongs to another listing" }
    }
}

impl Cursor {
    /// Reads a stored cursor.
    ///
    /// # Errors
    /// Anything with a scheme, a host, a fragment, a `..` segment, or characters that do not belong in a URL.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let refuse = |reason| Err(CursorError { reason });
        if !text.starts_with('/') {
            return refuse("it does not start with /");
        }
        if text.starts_with("//") {
            return refuse("it names a host");
        }
        if text.bytes().any(|b| b <= b' ' || b >= 0x7f || matches!(b, b'\\' | b'#' | b'<' | b'>' | b'"')) {
            return refuse("it has characters that do not belong in a URL");
        }
        let path = text.split_once('?').map_or(text, |(path, _)| path);
        if path.contains("//") {
            return refuse("its path has an empty segment");
        }
        let climbs = |segment: &str| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            plain == "." || plain == ".."
        };
        if path.split('/').any(climbs) {
            return refuse("its path climbs");
        }
        Ok(Self(text.to_owned()))
    }

    /// Path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn path(&self) -> &str {
        self.0.split_once('?').map_or(self.0.as_str(), |(path, _)| path)
    }

    /// Whether it is a page of this listing.
    pub(crate) fn belongs_to(&self, listing: &Listing) -> bool {
        self.path() == listing.path || matches_route(listing.route, self.path())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        Self::parse(text)
    }
}

/// Value of a query parameter in a path and query.
pub(crate) fn parameter<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = target.split_once('?')?;
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(n, _)| *n == name).map(|(_, v)| v))
}

/// The target with a query parameter set; every other byte stays as Okta sent it, since cursors are opaque.
pub(crate) fn with_parameter(target: &str, name: &str, value: u32) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<String> = Vec::new();
    let mut found = false;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.split_once('=').map_or(pair, |(n, _)| n) == name {
            found = true;
            pairs.push(format!("{name}={value}"));
        } else {
            pairs.push(pair.to_owned());
        }
    }
    if !found {
        pairs.push(format!("{name}={value}"));
    }
    format!("{path}?{}", pairs.join("&"))
}

/// The target without a query parameter; `None` where it has none of this name.
pub(crate) fn without_parameter(target: &str, name: &str) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let named = |pair: &&str| pair.split_once('=').map_or(*pair, |(n, _)| n) == name;
    let (gone, kept): (Vec<&str>, Vec<&str>) = query.split('&').partition(named);
    (!gone.is_empty()).then(|| format!("{path}?{}", kept.join("&")))
}

/// Takes the items out of a body.
pub(crate) fn items_of(listing: &Listing, body: Value) -> Result<Vec<Value>, Error> {
    let wrong = |path: &str, expected: &'static str, got: &Value| Error::Decode {
        route: listing.route.to_owned(),
        path: path.to_owned(),
        detail: format!("expected {expected}, got {}", kind_of(got)),
    };
    match (listing.items, body) {
        (Items::Array, Value::Array(items)) => Ok(items),
        (Items::Array, other) => Err(wrong("$", "an array", &other)),
        (Items::One, one @ Value::Object(_)) => Ok(vec![one]),
        (Items::One, other) => Err(wrong("$", "an object", &other)),
        (Items::Field(field), Value::Object(mut object)) => match object.remove(field) {
            Some(Value::Array(items)) => Ok(items),
            // Okta writes null for "none" in places the spec says array; a field that is not there at all is
            // something else, and counting it as an empty list would hide it.
            Some(Value::Null) => Ok(Vec::new()),
            Some(other) => Err(wrong(&format!("$.{field}"), "an array", &other)),
            None => Err(Error::Decode {
                route: listing.route.to_owned(),
                path: format!("$.{field}"),
                detail: "expected an array, got nothing".to_owned(),
            }),
        },
        (Items::Field(_), other) => Err(wrong("$", "an object", &other)),
        (Items::Within(field), Value::Array(holders)) => {
            let mut items = Vec::new();
            for (at, mut holder) in holders.into_iter().enumerate() {
                // What holds nothing because it is something else may stand for many: it is an item then, and an odd one.
                if !holder.is_object() {
                    items.push(holder);
                    continue;
                }
                match holder.get_mut(field).map(Value::take) {
                    Some(Value::Array(within)) => items.extend(within),
                    Some(Value::Null) | None => {}
                    Some(other) => return Err(wrong(&format!("$[{at}].{field}"), "an array", &other)),
                }
            }
            Ok(items)
        }
        (Items::Within(_), other) => Err(wrong("$", "an array", &other)),
    }
}

/// The `next` link of an answer, as sent.
pub(crate) fn next_link(listing: &Listing, links: &[String], body: &Value) -> Option<String> {
    let headers = || link::next_in_headers(links.iter().map(String::as_str));
    match listing.items {
        Items::One => None,
        Items::Array | Items::Within(_) => headers(),
        Items::Field(_) => link::next_in_body(body).or_else(headers),
    }
    .map(str::to_owned)
}

/// Turns a `next` link into a cursor. `at` is the path and query of the page that held it, `empty` whether that page
/// had no items.
pub(crate) fn follow(listing: &Listing, at: &str, link: &str, empty: bool) -> Result<Cursor, Error> {
    let refuse = |reason: &'static str| Error::BadNext { route: listing.route.to_owned(), reason };
    let target = link::path_and_query(link).ok_or_else(|| refuse("it is not a URL"))?;
    let next = Cursor::parse(&target).map_err(|e| refuse(e.reason))?;
    if !next.belongs_to(listing) {
        return Err(refuse("it leads to another resource"));
    }
    // A feed with nothing new answers with the same cursor; anything else would go round for ever.
    if same_page(listing, next.as_str(), at) && !(listing.is_feed() && empty) {
        return Err(refuse("it leads back to the same page"));
    }
    Ok(next)
}

/// Whether two targets are the same page, whatever its size.
fn same_page(listing: &Listing, a: &str, b: &str) -> bool {
    match listing.page_size {
        Some(size) => with_parameter(a, size.param, 0) == with_parameter(b, size.param, 0),
        None => a == b,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_is_a_path_and_a_query() {
        assert!(Cursor::parse("/api/v1/users?after=000us&limit=200").is_ok());
        for bad in [
            "https://acme.okta.com/api/v1/users",
            "//evil.example/api",
            "/api//users",
            "/api/v1/../../x",
            "/api/v1/%2e%2E/x",
            "/a b",
            "/a#b",
            "/a\\b",
            "",
        ] {
            assert!(Cursor::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_page_size_is_rewritten_and_nothing_else() {
        let at = "/api/v1/users?after=a%2Bb%3D&limit=200&search=id+pr";
        assert_eq!(with_parameter(at, "limit", 50), "/api/v1/users?after=a%2Bb%3D&limit=50&search=id+pr");
        assert_eq!(with_parameter("/api/v1/users", "limit", 50), "/api/v1/users?limit=50");
        assert_eq!(parameter(at, "limit"), Some("200"));
        let plain = without_parameter(at, "search");
        assert_eq!(plain.as_deref(), Some("/api/v1/users?after=a%2Bb%3D&limit=200"));
        assert_eq!(without_parameter(at, "expand"), None);
    }

    #[test]
    fn a_next_that_leads_back_or_elsewhere_is_refused() {
        let listing = Listing::new("/api/v1/users", &[], Items::Array).limit(200, 50);
        let next = |at: &str, to: &str| follow(&listing, at, &format!("https://acme.okta.com{to}"), false);
        assert!(next("/api/v1/users?limit=200", "/api/v1/users?after=1&limit=200").is_ok());
        assert!(next("/api/v1/users?after=1&limit=100", "/api/v1/users?after=1&limit=200").is_err());
        assert!(next("/api/v1/users?limit=200", "/api/v1/groups?after=1").is_err());
    }

    #[test]
    fn a_feed_that_has_nothing_new_keeps_its_cursor() {
        let feed = Listing::new("/api/v1/logs", &[], Items::Array).query("since", "2026-01-01T00:00:00.000Z");
        let at = "/api/v1/logs?after=1";
        let link = format!("https://acme.okta.com{at}");
        assert_eq!(follow(&feed, at, &link, true).expect("feed").as_str(), at);
        assert!(follow(&feed, at, &link, false).is_err(), "items without progress are a loop");
    }

    #[test]
    fn a_missing_field_is_not_an_empty_list() {
        let listing = Listing::new("/api/v1/iam/roles", &[], Items::Field("roles"));
        assert_eq!(items_of(&listing, json!({"roles": null})).expect("null"), Vec::<Value>::new());
        let error = items_of(&listing, json!({})).expect_err("missing");
        assert!(error.to_string().contains("$.roles"), "{error}");
    }

    #[test]
    fn what_should_hold_items_and_is_no_object_is_not_taken_for_empty() {
        let listing = Listing::new("/api/v1/agentPools", &[], Items::Within("agents"));
        let body = json!([{"agents": [{"id": "a1"}]}, {"agents": null}, {}, "00uNotAnObject", null]);
        let items = items_of(&listing, body).expect("holders");
        assert_eq!(items, [json!({"id": "a1"}), json!("00uNotAnObject"), Value::Null]);
    }
}
