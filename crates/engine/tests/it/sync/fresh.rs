//! What a copy says there is, held against a copy from nothing: every document and every edge of every kind, those too
//! that nobody counts one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::TryStreamExt;
use transom_core::Doc;
use transom_engine::Engine;
use transom_engine::dataset::Tier;
use transom_engine::entity::catalogue;
use transom_engine::sync::plan::Options;
use transom_store::Org;

use super::world::{World, connected};

/// An edge: its relation, the names of its ends, its number. What is below a group and whether it may hold roles is a guess
/// where Okta left out its statistics: more is asked for then.
const EDGES: &str = "SELECT r.name, s.kind, s.okta_id, coalesce(sp.okta_id, ''), d.kind, d.okta_id, \
                     coalesce(dp.okta_id, ''), x.attr FROM edge x JOIN relation r ON r.code = x.rel \
                     JOIN entity s ON s.org = x.org AND s.id = x.src JOIN entity d ON d.org = x.org AND d.id = x.dst \
                     LEFT JOIN entity sp ON sp.org = x.org AND sp.id = s.parent \
                     LEFT JOIN entity dp ON dp.org = x.org AND dp.id = d.parent \
                     WHERE r.name NOT IN ('group_below', 'admin_group')";

/// What is compared, and what is shown where it differs.
type Held = (String, String);

/// All that is there, by name. Of an object's document what Okta recounts at every read is not compared.
async fn present(engine: &Engine, org: &Org) -> BTreeMap<String, Held> {
    let catalogue = catalogue();
    let rows: Vec<_> =
        engine.store.export(org.id, Vec::new()).expect("kinds").try_collect().await.expect("readable");
    let mut all = BTreeMap::new();
    for row in rows {
        let mut doc = row.doc;
        if row.kind == "api_token" {
            // Okta moves them whenever the token is used, by us too.
            for moving in ["lastUpdated", "expiresAt"] {
                doc[moving].take();
            }
        }
        let compared = match catalogue.kind_named(row.kind) {
            Some(kind) => format!("{:?}", &Doc::of(kind, &doc).hash()[..8]),
            None => doc.to_string(),
        };
        let name = format!("{} {} {}", row.kind, row.parent.unwrap_or_default(), row.id);
        all.insert(name, (compared, doc.to_string()));
    }
    let edges = engine.store.sql(EDGES, 1_000_000).await.expect("readable");
    for mut edge in edges.rows {
        let attr = edge.pop().expect("a number").to_string();
        all.insert(format!("edge {}", serde_json::Value::from(edge)), (attr.clone(), attr));
    }
    all
}

impl World {
    /// Checks that the copy is, in all that it says there is, what a copy from nothing comes to.
    pub async fn equals_a_fresh_copy(&self, at: &str) {
        let (engine, org, _folder) = connected(&self.sim, &self.sim.tokens.super_admin).await;
        let options = Options { tiers: Tier::ALL.to_vec(), ask: false, ..Options::default() };
        engine.sync_with(&org, &options, Arc::new(|_| ())).await.expect("a sync that ends");
        let (ours, fresh) = (present(&self.engine, &self.org).await, present(&engine, &org).await);
        assert!(ours.len() > 500, "{at}: too little to mean something: {}", ours.len());
        let names: BTreeSet<&String> = ours.keys().chain(fresh.keys()).collect();
        let compared = |held: Option<&Held>| held.map(|(compared, _)| compared.clone());
        let shown = |held: Option<&Held>| held.map_or("nothing".to_owned(), |(_, shown)| shown.clone());
        let other: Vec<String> = names
            .into_iter()
            .map(|name| (name, ours.get(name), fresh.get(name)))
            .filter(|(_, ours, fresh)| compared(*ours) != compared(*fresh))
            .map(|(name, ours, fresh)| {
                format!("{name}: held as {}, read anew as {}", shown(ours), shown(fresh))
            })
            .take(5)
            .collect();
        assert_eq!(other, [""; 0], "{at}");
    }
}
