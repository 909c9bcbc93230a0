//! How many requests the documents of an org need at least, whoever plans them: counted in the org itself, by a
//! simulator of the same size without limits, with a token that sees everything.
//!
//! What is asked is the coverage manifest's: data sets, what they are listed over, their other routes. What comes of it is
//! worked out here, from these assumptions:
//! - A listing takes as many requests as it has pages of the largest size that the org gives; an empty one takes one, for
//!   without it nobody knows that it is empty. Where Okta has no page size, it takes those that its `next` links make.
//! - What is listed for each object of a kind takes that for each of them, except where the object itself says that there
//!   is nothing below it (`told.rs`).
//! - Another route to the same documents takes one request for each parent, though it may have more pages: so that the
//!   least is not told too high.
//! - What the set-up's rights do not open needs nothing, nor does what is read only with consent or when asked for.
//!   Who the token is, refusals and objects read again by id are nobody's documents.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::http::Connection;
use super::pages::encoded;
use super::told;

/// Larger than any page that Okta gives: it answers with its largest.
const LARGEST: &str = "10000";

/// Requests by form of path, each with one target of that form.
pub type Requests = BTreeMap<String, (u64, String)>;

/// One way to read a data set.
pub struct Way {
    pub dataset: String,
    /// Whether the run reads it: others are asked only for what is listed over them.
    pub wanted: bool,
    /// Whether it is one of the data set's other routes.
    pub other: bool,
    /// Whether it yields edges without their documents.
    pub edges: bool,
    pub requests: Requests,
    over: Value,
    calls: Vec<Value>,
    /// The ways that are listed over what this one lists.
    below: Vec<usize>,
}

impl Way {
    /// Whether an object of the kind that it is listed over can have something below it.
    fn may_have(&self, parent: &Value) -> bool {
        told::may_have(&self.dataset, self.over["kind"].as_str().unwrap_or_default(), parent)
    }
}

/// Counts what the data sets of these tiers need.
pub fn take(origin: &str, token: &str, datasets: &[Value], tiers: &[&str]) -> Result<Vec<Way>> {
    let headers = format!("authorization: SSWS {token}\r\naccept: application/json\r\n");
    let mut census = Census { connection: Connection::open(origin)?, headers, ways: ways(datasets, tiers)? };
    for way in 0..census.ways.len() {
        if census.ways[way].over["kind"].is_null() && census.matters(way) {
            census.visit(way, &[])?;
        }
    }
    Ok(census.ways)
}

/// All ways, and which is listed over which.
fn ways(datasets: &[Value], tiers: &[&str]) -> Result<Vec<Way>> {
    let mut ways: Vec<Way> = Vec::new();
    for d in datasets {
        let name = d["name"].as_str().context("a data set has a name")?;
        let tier = d["tier"].as_str().unwrap_or_default();
        let wanted = tiers.contains(&tier) && d["profile"] != "beyond" && d["opt_in"].is_null();
        let routes = d["routes"].as_array().into_iter().flatten();
        for (n, way) in std::iter::once(d).chain(routes).enumerate() {
            let calls = way["calls"].as_array().cloned().unwrap_or_default();
            // What one answer tells is asked once, also where it is two data sets.
            let same = |known: &&mut Way| known.over == way["over"] && known.calls == calls;
            if let Some(same) = ways.iter_mut().find(same) {
                same.wanted |= wanted;
                continue;
            }
            ways.push(Way {
                dataset: name.to_string(),
                wanted,
                other: n > 0,
                edges: way["yields"] == "edges",
                requests: Requests::new(),
                over: way["over"].clone(),
                calls,
                below: Vec::new(),
            });
        }
    }
    for child in 0..ways.len() {
        let over = ways[child].over.clone();
        let Some(kind) = over["kind"].as_str() else { continue };
        let related =
            datasets.iter().filter(|d| !over["source_of"].is_null() && d["relates"] == over["source_of"]);
        let mut parents: Vec<&Value> = related.collect();
        if parents.is_empty() {
            must_be_told(&ways[child], kind)?;
            parents = datasets.iter().filter(|d| d["lists"] == kind).collect();
        }
        for parent in parents {
            let usual =
                |way: &&mut Way| way.dataset == parent["name"].as_str().unwrap_or_default() && !way.other;
            if let Some(parent) = ways.iter_mut().find(usual) {
                parent.below.push(child);
            }
        }
    }
    Ok(ways)
}

/// Fails where the manifest says that only some of a kind are asked and nobody told which.
fn must_be_told(way: &Way, kind: &str) -> Result<()> {
    let some = ["status", "status_not", "source_of", "column"].iter().any(|key| !way.over[*key].is_null());
    if some && way.wanted && !told::knows(&way.dataset, kind) {
        bail!("the bound does not know which {kind}s have {}: it needs a row in bench/told.rs", way.dataset);
    }
    Ok(())
}

struct Census {
    connection: Connection,
    headers: String,
    ways: Vec<Way>,
}

impl Census {
    /// Whether it or something below it is wanted.
    fn matters(&self, way: usize) -> bool {
        self.ways[way].wanted || self.ways[way].below.iter().any(|below| self.matters(*below))
    }

    /// Counts a way for one parent, known by the ids of its path, and what is listed over what it lists.
    fn visit(&mut self, way: usize, ids: &[String]) -> Result<()> {
        let below: Vec<usize> =
            self.ways[way].below.iter().copied().filter(|below| self.matters(*below)).collect();
        for call in self.ways[way].calls.clone() {
            let route = call["route"].as_str().context("a call has a route")?;
            let mut target = target(route, ids, call["query"].as_str().unwrap_or_default());
            let one = call["one"] == true;
            let several = !call["page"].is_null() && !self.ways[way].other;
            if one || below.is_empty() && !several {
                self.count(way, route, call["times"].as_u64().unwrap_or(1), &target);
                continue;
            }
            if several {
                let size = if route.ends_with("/agentPools") { "limitPerPoolType" } else { "limit" };
                let mark = if target.contains('?') { '&' } else { '?' };
                target = format!("{target}{mark}{size}={LARGEST}");
            }
            let mut next = Some(target);
            while let Some(target) = next {
                self.count(way, route, 1, &target);
                let (items, further) = self.page(&target)?;
                for item in &items {
                    for below in &below {
                        if self.ways[*below].may_have(item) {
                            let id = item["id"].as_str();
                            let id = id.with_context(|| format!("{target}: an item without id"))?;
                            self.visit(*below, &[ids, &[id.to_string()]].concat())?;
                        }
                    }
                }
                next = further;
            }
        }
        Ok(())
    }

    fn count(&mut self, way: usize, route: &str, times: u64, target: &str) {
        let requests = &mut self.ways[way].requests;
        requests.entry(route.to_string()).or_insert_with(|| (0, target.to_string())).0 += times;
    }

    /// The items of a page and the target of the next. What is refused has none: the org has no such thing.
    fn page(&mut self, target: &str) -> Result<(Vec<Value>, Option<String>)> {
        let mut body = Vec::new();
        let (head, _) = self.connection.get(target, &self.headers, &mut body)?;
        if !(200..300).contains(&head.status) {
            return Ok((Vec::new(), None));
        }
        let body: Value = serde_json::from_slice(&body).with_context(|| format!("the answer to {target}"))?;
        let link = head.all("link").find_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
        let next = link.or(body["_links"]["next"]["href"].as_str()).map(path_and_query).transpose()?;
        let items = match body {
            Value::Array(items) => items,
            Value::Object(members) => {
                members.into_iter().find_map(|(_, member)| match member {
                    Value::Array(items) => Some(items),
                    _ => None,
                })
            }
            .with_context(|| format!("{target} has no array of items"))?,
            _ => bail!("{target} has no items"),
        };
        Ok((items, next))
    }
}

/// A route with its ids; `x` where none is known, as for the types of contacts.
fn target(route: &str, ids: &[String], query: &str) -> String {
    let query = query.replace("{id}", ids.last().map_or("x", String::as_str));
    let mut ids = ids.iter();
    let fill = |part: &str| match part.starts_with('{') {
        true => ids.next().map_or_else(|| "x".to_string(), |id| encoded(id)),
        false => part.to_string(),
    };
    let path = route.split('/').map(fill).collect::<Vec<_>>().join("/");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn path_and_query(address: &str) -> Result<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let start = rest.find('/').with_context(|| format!("{address} has no path"))?;
    Ok(rest[start..].to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn datasets() -> Vec<Value> {
        let call = |route: &str| json!({ "route": route, "times": 1 });
        vec![
            json!({ "name": "app", "tier": "core", "lists": "app", "over": {}, "calls": [call("/apps")] }),
            json!({ "name": "app_again", "tier": "core", "over": {}, "calls": [call("/apps")] }),
            json!({ "name": "app_key", "tier": "deep", "over": { "kind": "app", "column": "sign_on_mode" },
                    "calls": [call("/apps/{appId}/keys")] }),
            json!({ "name": "app_user", "tier": "core", "over": { "kind": "app" }, "calls": [call("/apps/{appId}/users")],
                    "routes": [{ "yields": "documents", "over": { "kind": "user" }, "calls": [call("/users/{id}/apps")] }] }),
            json!({ "name": "secret", "tier": "core", "profile": "beyond", "over": {}, "calls": [call("/secrets")] }),
        ]
    }

    #[test]
    fn ways_stand_below_what_they_are_listed_over() {
        let ways = ways(&datasets(), &["core"]).expect("known");
        let names: Vec<_> = ways.iter().map(|w| (w.dataset.as_str(), w.wanted, w.other)).collect();
        let expected = [
            ("app", true, false),
            ("app_key", false, false),
            ("app_user", true, false),
            ("app_user", true, true),
            ("secret", false, false),
        ];
        assert_eq!(names, expected);
        assert_eq!(ways[0].below, [1, 2], "nothing lists users here");
    }

    #[test]
    fn a_choice_of_parents_that_nobody_told_of_is_an_error() {
        let mut datasets = datasets();
        datasets[2]["name"] = json!("app_lock");
        let error = ways(&datasets, &["deep"]).err().expect("no row").to_string();
        assert!(error.contains("which apps have app_lock"), "{error}");
    }

    #[test]
    fn targets_are_filled_in_order() {
        let ids = ["iam1".to_string(), "cr0".to_string()];
        assert_eq!(target("/sets/{a}/bindings/{b}/members", &ids, ""), "/sets/iam1/bindings/cr0/members");
        assert_eq!(target("/users", &[], "filter=status eq \"X\""), "/users?filter=status%20eq%20%22X%22");
        assert_eq!(target("/contacts/{type}", &[], ""), "/contacts/x");
        assert_eq!(
            target("/apps", &ids[..1], "filter=user.id eq \"{id}\""),
            "/apps?filter=user.id%20eq%20%22iam1%22"
        );
        assert_eq!(path_and_query("https://a.example/b?c=d").expect("a path"), "/b?c=d");
    }
}
