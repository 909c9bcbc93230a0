//! Paging as Okta does it: a cursor in a `Link` header, one header line per relation.

use std::borrow::Cow;

use crate::error::Refusal;
use crate::json::Out;
use crate::reply::{Answer, Reply};
use crate::routes::Call;

/// A request's query, decoded, in the order sent.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string.
    pub fn parse(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The first value of a parameter that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// How many objects a list shows: by default, and at most.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Without `limit`.
    pub default: usize,
    /// However large `limit` is.
    pub most: usize,
}

impl Sizes {
    /// Sizes of a list.
    pub const fn new(default: usize, most: usize) -> Self {
        Self { default, most }
    }
}

/// The page that was asked for.
#[derive(Debug, Clone)]
pub struct Page {
    /// How many objects.
    pub limit: usize,
    /// After which object.
    pub after: Option<String>,
}

impl Page {
    /// The page a call asks for. More than the most is the most, and nonsense the default: Okta refuses neither [inf].
    pub fn of(call: &Call<'_>, sizes: Sizes) -> Self {
        let asked = call.query.get("limit").and_then(|text| text.parse::<i64>().ok()).filter(|n| *n > 0);
        let limit = asked.map_or(sizes.default, |n| (n as usize).min(sizes.most));
        Self {
            limit: limit.min(call.org.config().largest_page.unwrap_or(usize::MAX)),
            after: call.query.get("after").map(str::to_owned),
        }
    }

    /// The object the cursor names; 400 E0000029 when it names none.
    pub fn cursor(&self, find: impl FnOnce(&str) -> Option<u32>) -> Result<Option<u32>, Refusal> {
        self.after.as_deref().map(|id| find(id).ok_or_else(Refusal::bad_cursor)).transpose()
    }
}

/// `path?after=…&limit=…&…`: the order in which Okta writes it [rec].
pub fn relation(call: &Call<'_>, limit: Option<usize>, after: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    if let Some(limit) = limit {
        query.append_pair("limit", &limit.to_string());
    }
    for (name, value) in call.query.0.iter().filter(|(name, _)| name != "after" && name != "limit") {
        query.append_pair(name, value);
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{}{mark}{query}", call.origin, call.path)
}

/// Adds `self` and, where there is more, `next`.
pub fn with_links(call: &Call<'_>, page: &Page, next: Option<&str>, reply: Reply) -> Reply {
    let own = relation(call, Some(page.limit), page.after.as_deref());
    let mut reply = reply.with_header("link", format!("<{own}>; rel=\"self\""));
    if let Some(next) = next {
        let next = relation(call, Some(page.limit), Some(next));
        reply = reply.with_header("link", format!("<{next}>; rel=\"next\""));
    }
    reply
}

/// Writes one page of `items` as an array; the last one's `id` is the cursor of the next.
pub fn list<T>(
    call: &Call<'_>,
    page: &Page,
    items: impl Iterator<Item = T>,
    id: impl Fn(&T) -> String,
    write: impl FnMut(&mut Out, &T),
) -> Answer {
    let (body, next) = array(page, items, id, write);
    Ok(with_links(call, page, next.as_deref(), Reply::json(body)))
}

/// One page of `items` as an array, and the cursor of the next if there is more.
pub fn array<T>(
    page: &Page,
    mut items: impl Iterator<Item = T>,
    id: impl Fn(&T) -> String,
    mut write: impl FnMut(&mut Out, &T),
) -> (Vec<u8>, Option<String>) {
    let mut out = Out::with_capacity(page.limit.min(1_000) * 1_024);
    let mut last = None;
    out.array(|out| {
        for item in items.by_ref().take(page.limit) {
            write(out, &item);
            last = Some(item);
        }
    });
    let next = last.filter(|_| items.next().is_some()).map(|item| id(&item));
    (out.into_bytes(), next)
}

/// One page of an IAM list: `{"roles":[…],"_links":{"self":…,"next":…}}`; the next page is in the body [spec].
pub fn envelope<T>(
    call: &Call<'_>,
    key: &str,
    page: &Page,
    items: impl Iterator<Item = T>,
    id: impl Fn(&T) -> String,
    write: impl FnMut(&mut Out, &T),
    link: Option<(&str, String)>,
) -> Answer {
    let (array, next) = array(page, items, id, write);
    let sent = call.query.get("limit").map(|_| page.limit);
    let mut out = Out::with_capacity(array.len() + 256);
    out.object(|o| {
        o.raw(key, &String::from_utf8_lossy(&array));
        // [rec] assignees have no links on their only page.
        if key == "value" && next.is_none() {
            return;
        }
        o.object_at("_links", |o| {
            if let Some((name, href)) = &link {
                o.object_at(name, |o| o.text("href", href));
            }
            if key != "value" {
                o.object_at("self", |o| o.text("href", &relation(call, sent, page.after.as_deref())));
            }
            if let Some(next) = &next {
                o.object_at("next", |o| o.text("href", &relation(call, sent, Some(next))));
            }
        });
    });
    Ok(Reply::json(out.into_bytes()))
}

/// A path segment with its percent-escapes undone.
pub fn unescape(segment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy()
}
