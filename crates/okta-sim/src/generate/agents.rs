//! Agent pools at the beginning, with their agents: one of the directory, one that nobody uses any more.

use serde_json::{Value, json};

use super::document::Document;
use super::ids::{IdKind, Ids};
use super::people::DAY;

/// The agent pools at the beginning. A pool has the id of its directory's app [inf]; `directory` is the number of the
/// org's Active Directory app.
pub fn agent_pools(as_of: i64, ids: &Ids, directory: u32) -> Vec<Document> {
    let pool = |n: u64, name: &str, kind: &str, status: &str, agents: Vec<Value>| {
        let id = ids.encode(IdKind::App, n);
        let count = |what: &str| agents.iter().filter(|a| a["operationalStatus"] == what).count();
        let (disrupted, inactive) = (count("DISRUPTED"), count("INACTIVE"));
        let agents: Vec<Value> = agents
            .into_iter()
            .map(|mut agent| {
                agent["poolId"] = id.as_str().into();
                agent["type"] = kind.into();
                agent
            })
            .collect();
        let fields = json!({
            "name": name, "type": kind, "operationalStatus": status, "disruptedAgents": disrupted,
            "inactiveAgents": inactive, "agents": agents,
        });
        Document::new(IdKind::App, n, fields)
    };
    let agent = |n: u64, name: &str, version: &str, latest: bool, status: &str, heard: i64| {
        json!({
            "id": ids.encode(IdKind::Agent, n), "name": name, "version": version, "isLatestGAedVersion": latest,
            "operationalStatus": status, "isHidden": false, "lastConnection": heard,
        })
    };
    vec![
        pool(
            u64::from(directory),
            "corp.acme.example",
            "AD",
            "DEGRADED",
            vec![
                agent(0, "dc01", "3.21.0", true, "OPERATIONAL", as_of),
                agent(1, "dc02", "3.21.0", true, "OPERATIONAL", as_of),
                agent(2, "dc03-old", "3.7.0", false, "DISRUPTED", as_of - 9 * DAY),
            ],
        ),
        pool(
            1_000_000_007,
            "VPN",
            "Radius",
            "INACTIVE",
            vec![agent(3, "radius01", "2.15.1", false, "INACTIVE", as_of - 200 * DAY)],
        ),
    ]
}
