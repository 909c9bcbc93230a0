//! What the program says it reads, from its coverage manifest: which call belongs to which tier, and how many calls the
//! deep tier takes by the counts of the org.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::access_log::Call;

/// Calls that belong to no data set: who the token is, one object again by its id.
pub const OTHER: &str = "other";

pub struct Manifest {
    datasets: Vec<Value>,
}

impl Manifest {
    /// Asks the program; none where it is older than the manifest.
    pub fn of(transom: &mut Command) -> Result<Option<Manifest>> {
        let output = transom.args(["docs", "manifest"]).output()?;
        if !output.status.success() {
            return Ok(None);
        }
        let document: Value = serde_json::from_slice(&output.stdout).context("the manifest is JSON")?;
        let datasets = document["datasets"].as_array().context("the manifest has `datasets`")?;
        Ok(Some(Manifest { datasets: datasets.clone() }))
    }

    /// The data sets, in reading order.
    pub fn datasets(&self) -> &[Value] {
        &self.datasets
    }

    /// Answered calls by tier.
    pub fn by_tier(&self, calls: &[Call]) -> BTreeMap<String, u64> {
        let mut tiers = BTreeMap::new();
        for call in calls {
            *tiers.entry(self.tier(&call.target).to_string()).or_default() += 1;
        }
        tiers
    }

    fn tier(&self, target: &str) -> &str {
        let path = target.split('?').next().unwrap_or(target);
        let asks = |dataset: &&Value| {
            let routes = dataset["routes"].as_array().into_iter().flatten();
            let mut calls =
                std::iter::once(*dataset).chain(routes).filter_map(|way| way["calls"].as_array()).flatten();
            calls.any(|call| call["route"].as_str().is_some_and(|route| fits(route, path)))
        };
        self.datasets.iter().find(asks).and_then(|d| d["tier"].as_str()).unwrap_or(OTHER)
    }

    /// For each deep data set its name, requests for a parent, and the query that counts its parents.
    pub fn deep(&self) -> Vec<(String, u64, String)> {
        let deep = self.datasets.iter().filter(|d| d["tier"] == "deep");
        deep.map(|d| {
            let calls = d["calls"].as_array().into_iter().flatten();
            let times = calls.map(|c| c["times"].as_u64().unwrap_or(1)).sum();
            (d["name"].as_str().unwrap_or_default().to_string(), times, parents(&d["over"]))
        })
        .collect()
    }
}

/// Whether a path is one of a route's, `{…}` standing for any segment.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(path).all(|(r, p)| r.starts_with('{') || *r == p)
}

/// Counts what a data set is listed for.
fn parents(over: &Value) -> String {
    let text = |key: &str| over[key].as_str();
    let Some(kind) = text("kind") else { return "SELECT 1".to_string() };
    if let Some(relation) = text("source_of") {
        return format!(
            "SELECT count(DISTINCT e.src) FROM edge e JOIN relation r ON r.code = e.rel WHERE r.name = '{relation}'"
        );
    }
    if let Some(column) = text("column") {
        let value = text("value").map_or_else(String::new, |v| format!(" AND f.value = '{v}'"));
        return format!(
            "SELECT count(DISTINCT f.id) FROM facet f JOIN kind k ON k.code = f.kind \
             WHERE k.name = '{kind}' AND f.name = '{column}'{value}"
        );
    }
    let status = match (text("status"), text("status_not")) {
        (Some(status), _) => format!(" WHERE status = '{status}'"),
        (None, Some(status)) => format!(" WHERE status IS NULL OR status <> '{status}'"),
        (None, None) => String::new(),
    };
    format!("SELECT count(*) FROM okta_{kind}{status}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calls_find_their_tier() {
        let dataset = |tier: &str, route: &str| json!({ "tier": tier, "calls": [{ "route": route }] });
        let other = json!({ "tier": "core", "calls": [{ "route": "/api/v1/apps/{appId}/groups" }],
            "routes": [{ "calls": [{ "route": "/api/v1/groups/{groupId}/apps" }] }] });
        let datasets = vec![
            dataset("core", "/api/v1/users"),
            other,
            dataset("factors", "/api/v1/users/{userId}/factors"),
            dataset("deep", "/api/v1/apps/{appId}/grants"),
        ];
        let manifest = Manifest { datasets };
        assert_eq!(manifest.tier("/api/v1/users?limit=200&after=x"), "core");
        assert_eq!(manifest.tier("/api/v1/users/00u1/factors"), "factors");
        assert_eq!(manifest.tier("/api/v1/users/00u1"), "other");
        assert_eq!(manifest.tier("/api/v1/groups/00g1/apps"), "core", "by another route");
        assert_eq!(manifest.deep().len(), 1);
    }

    #[test]
    fn parents_are_counted_as_they_are_chosen() {
        assert_eq!(parents(&json!({})), "SELECT 1");
        assert_eq!(parents(&json!({ "kind": "app" })), "SELECT count(*) FROM okta_app");
        let chosen = parents(&json!({ "kind": "app", "column": "features", "value": "GROUP_PUSH" }));
        assert!(
            chosen.ends_with("k.name = 'app' AND f.name = 'features' AND f.value = 'GROUP_PUSH'"),
            "{chosen}"
        );
    }
}
