//! The coverage manifest: what Transom reads, with which right, by which calls, how often, and what is lost without it.
//! For programs; the pages are made from the same entries.

use okta_client::governor::bucket;
use okta_client::{Items, Listing, Method};
use serde::Serialize;
use transom_core::{Evidence, KindCode};
use transom_engine::dataset::{Dataset, Over, Scope, Sight, Tier, Yields};
use transom_engine::entity::{catalogue, dataset, datasets};
use transom_engine::setup::{Grant, Model, features};
use transom_store::{Selector, Target};

use crate::out::Failure;

/// One data set.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub name: &'static str,
    pub title: &'static str,
    pub used_for: &'static str,
    pub without: &'static str,
    /// `core`, `factors`, `deep` or `on_demand`.
    pub tier: &'static str,
    /// For what the calls are made: once, or for each of these.
    pub over: Each,
    /// The kind whose objects it lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<&'static str>,
    /// The relation whose edges it lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relates: Option<&'static str>,
    pub calls: Vec<Call>,
    /// Other ways to read it, from another end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Way>,
    /// Of a custom role; none where only a standard role opens it.
    pub permission: Option<&'static str>,
    /// The permission's name in the Admin Console, or the least standard role.
    pub console: &'static str,
    pub scope: &'static str,
    pub read_only_admin: bool,
    /// `read` where the usual set-up brings it, `deeper` where a further right can be chosen that shows it whole, `beyond`
    /// where it takes a right that can change the org.
    pub profile: &'static str,
    pub evidence: Evidence,
    /// Whose rights narrow a complete-looking answer: `all` (nobody's), `administered`, `own`.
    pub sight: &'static str,
    /// The setting by which an admin has to allow it first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_in: Option<&'static str>,
    /// Inferred facts that its completeness rests on.
    pub assumed: &'static [&'static str],
    pub after: &'static [&'static str],
}

/// The parents of a data set's calls.
#[derive(Debug, Default, Serialize)]
pub struct Each {
    /// The kind; none means once for the org.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Only those with this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// Only those with another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_not: Option<&'static str>,
    /// Only those with an edge of this relation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_of: Option<&'static str>,
    /// Only those that show something in this column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// The value in that column; none means any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<&'static str>,
    /// For each of these, too: as many calls for a parent as the org has objects of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<&'static str>,
}

/// Another way to read a data set.
#[derive(Debug, Serialize)]
pub struct Way {
    /// `documents` where it yields all that the data set declares, `edges` where it yields no documents.
    pub yields: Yields,
    pub over: Each,
    pub calls: Vec<Call>,
}

/// One kind of call. A listing with pages is at least one request a parent.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Call {
    pub route: &'static str,
    /// How many such calls, differing in what stands for the id alone.
    pub times: usize,
    /// The query, without the page size.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// Objects a page; none where Okta takes no such parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    pub bucket: &'static str,
    /// Whether the answer is one object.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub one: bool,
}

/// Every data set, in reading order.
pub fn entries() -> Vec<Entry> {
    datasets().map(entry).collect()
}

/// The manifest as a JSON document.
pub fn json() -> Result<String, Failure> {
    let document = serde_json::json!({ "datasets": entries(), "setup": setup() });
    Ok(serde_json::to_string_pretty(&document).map_err(anyhow::Error::from)?)
}

/// What the usual set-up asks for, by the names that Okta's API has for it.
fn setup() -> serde_json::Value {
    let model = Model::read();
    let resources: Vec<_> = model.resources.iter().map(|m| m.console).collect();
    let names = |grants: &[Grant]| grants.iter().map(|g| g.name).collect::<Vec<_>>();
    serde_json::json!({
        "profile": model.profile, "roles": names(&model.roles), "permissions": names(&model.permissions),
        "resources": resources, "scopes": names(&model.scopes),
    })
}

/// Where a data set stands to the set-up.
fn profile(d: &Dataset) -> &'static str {
    match features().iter().find(|f| f.reason.dataset == d.name) {
        Some(feature) if feature.permission.is_some() => "deeper",
        Some(_) => "beyond",
        None if d.in_setup() => "read",
        None => "beyond",
    }
}

fn entry(d: &'static Dataset) -> Entry {
    let catalogue = catalogue();
    let relation = |code| catalogue.relation(code).map(|r| r.name);
    let (lists, relates) = match d.target {
        Target::Children(code) => (catalogue.kind(code).map(|k| k.name), None),
        Target::Into(code) | Target::From(code) => (None, relation(code)),
        Target::None => (None, None),
    };
    Entry {
        name: d.name,
        title: d.title,
        used_for: d.used_for,
        without: d.without,
        tier: match d.tier {
            Tier::Core => "core",
            Tier::Factors => "factors",
            Tier::Deep => "deep",
            Tier::OnDemand => "on_demand",
        },
        over: Each { per: d.per.and_then(kind_of), ..each(d.over) },
        lists,
        relates,
        calls: calls(d),
        routes: d
            .routes
            .iter()
            .map(|route| Way {
                yields: route.yields,
                over: each(route.reading.over),
                calls: calls(route.reading),
            })
            .collect(),
        permission: d.right.permission,
        console: d.right.console,
        scope: d.right.scope,
        read_only_admin: d.right.read_only_admin,
        profile: profile(d),
        evidence: d.right.evidence,
        sight: match d.sight {
            Sight::All => "all",
            Sight::Administered => "administered",
            Sight::Own => "own",
        },
        opt_in: d.opt_in.map(|o| o.setting),
        assumed: d.assumed,
        after: d.after,
    }
}

/// The kind that a data set lists.
fn kind_of(name: &'static str) -> Option<&'static str> {
    dataset(name).and_then(Dataset::lists).and_then(|code| catalogue().kind(code)).map(|k| k.name)
}

fn each(over: Over) -> Each {
    let catalogue = catalogue();
    let named = |kind: KindCode| catalogue.kind(kind).map(|k| k.name);
    match over {
        Over::Org => Each::default(),
        Over::Each(Selector::Kind { kind, status, status_not }) => {
            Each { kind: named(kind), status, status_not, ..Each::default() }
        }
        Over::Each(Selector::SourceOf { rel, kind, .. }) => {
            Each { kind: named(kind), source_of: catalogue.relation(rel).map(|r| r.name), ..Each::default() }
        }
        Over::Each(Selector::Marked { kind, .. }) => Each { kind: named(kind), ..Each::default() },
        Over::Each(Selector::Facet { kind, name, value, .. }) => {
            Each { kind: named(kind), column: Some(name), value, ..Each::default() }
        }
    }
}

/// What the data set asks for one parent. The ids do not show in a route; which calls are made may hang on the
/// parent's status or on the shape of its id, so a parent of each sort is tried.
fn calls(d: &Dataset) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let parents = [("0parent", Some("ACTIVE")), ("0parent", None), ("cr0parent", Some("ACTIVE"))];
    for (okta_id, status) in parents {
        let scope = Scope { okta_id, status, above: Some("id"), ..Scope::any() };
        let mut of_one: Vec<Call> = Vec::new();
        for listing in (d.parts)(&scope) {
            let new = call(&listing, okta_id);
            match of_one.iter_mut().find(|c| (c.route, &c.query) == (new.route, &new.query)) {
                Some(same) => same.times += 1,
                None => of_one.push(new),
            }
        }
        of_one.retain(|c| !calls.contains(c));
        calls.extend(of_one);
    }
    calls
}

/// A call of the parent with this id, which a query names as `{id}`.
fn call(listing: &Listing, okta_id: &str) -> Call {
    let pair = |(name, value): &(&str, String)| format!("{name}={}", value.replace(okta_id, "{id}"));
    let query: Vec<String> = listing.query.iter().map(pair).collect();
    Call {
        route: listing.route,
        times: 1,
        query: query.join("&"),
        page: listing.page_size.map(|p| p.ask),
        bucket: bucket::of(&Method::GET, listing.route),
        one: matches!(listing.items, Items::One),
    }
}

impl Entry {
    /// The buckets of its calls, each once.
    pub fn buckets(&self) -> Vec<&'static str> {
        let mut buckets: Vec<_> = self.calls.iter().map(|c| c.bucket).collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }

    /// How many requests it takes, in words: `3 for the org`, ``1 for each `app` whose `features` holds GROUP_PUSH``.
    pub fn cost(&self) -> String {
        let over = &self.over;
        let times: usize = self.calls.iter().map(|c| c.times).sum();
        let Some(kind) = over.kind else { return format!("{times} for the org") };
        let only = match over {
            Each { status: Some(status), .. } => format!(" whose status is {status}"),
            Each { status_not: Some(status), .. } => format!(" whose status is not {status}"),
            Each { source_of: Some(relation), .. } => format!(" with an edge `{relation}`"),
            Each { column: Some(column), value: Some(value), .. } => {
                format!(" whose `{column}` holds {value}")
            }
            Each { column: Some(column), value: None, .. } => format!(" with any `{column}`"),
            _ => String::new(),
        };
        let per = over.per.map_or_else(String::new, |per| format!(" and each `{per}`"));
        format!("{times} for each `{kind}`{only}{per}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_set_says_how_it_is_read() {
        for entry in entries() {
            assert!(!entry.calls.is_empty(), "{}: no parent makes it call anything", entry.name);
            for call in &entry.calls {
                assert!(call.route.starts_with('/'), "{}: {}", entry.name, call.route);
            }
            let below = entry.over.kind.is_none() || entry.calls.iter().any(|c| c.route.contains('{'));
            assert!(below, "{}: its calls name no parent", entry.name);
        }
    }
}
