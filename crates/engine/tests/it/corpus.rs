//! Recorded reality through the whole ingest: nothing lost, nothing set aside, every identity its own, every edge where
//! the documents state it. What was seen is printed, for a person to judge.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use transom_core::{KindCode, RelCode};
use transom_engine::entity::{self, catalogue};
use transom_store::Target;

use crate::expected::Edge;
use crate::ingest::{Ingest, kind_of, relation_of};
use crate::recorded::{Exchange, Way, exchanges, sources};
use crate::reviewed;

#[tokio::test]
async fn every_recorded_object_is_stored_whole() {
    let (all, sources) = (exchanges(), sources());
    if all.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut ingest = Ingest::new(folder.path()).await;
    println!("\nAnswers taken (data set, how its objects come, endpoint, answers):");
    for source in &sources {
        let answers: Vec<&Exchange> = all
            .iter()
            .filter(|e| e.endpoint == source.endpoint && (200..300).contains(&e.status) && !e.body.is_null())
            .collect();
        println!(
            "  {:22} {:9} {:58} {:4}",
            source.dataset.name,
            format!("{:?}", source.way),
            source.endpoint,
            answers.len()
        );
        if source.way == Way::Elsewhere {
            assert!(!answers.is_empty(), "{} was never recorded: leave it out", source.endpoint);
        }
        for recorded in answers {
            ingest.take(source, recorded).await;
        }
    }
    dropped_is_reviewed(&ingest);
    every_kind_was_seen(&ingest);
    ids_repeat_below_parents_only(&ingest).await;
    projections_hold(&ingest);
    edges_are_as_stated(&ingest).await;
    views_show_all(&ingest).await;
}

fn dropped_is_reviewed(ingest: &Ingest) {
    println!("\nSecrets dropped (endpoint, place in the object, rule, times):");
    for ((endpoint, path, rule), n) in &ingest.dropped {
        println!("  {endpoint} {path} ({rule}) {n}");
    }
    let found: BTreeSet<_> = ingest.dropped.keys().map(|(e, p, r)| (e.as_str(), p.as_str(), *r)).collect();
    assert_eq!(
        found,
        reviewed::DROPPED.iter().copied().collect(),
        "look at what changed, then change the list"
    );
}

fn every_kind_was_seen(ingest: &Ingest) {
    println!("\nObjects seen (kind, all, by data set; edges by relation):");
    for kind in &catalogue().kinds {
        let (all, by) =
            ingest.seen.get(kind.name).map_or((0, String::new()), |s| (s.all(), format!("{:?}", s.by)));
        println!("  {:22} {all:5} {by}", kind.name);
        let excused = reviewed::KINDS_NOT_RECORDED.iter().find(|(name, _)| *name == kind.name);
        assert_eq!(all == 0, excused.is_some(), "{} was seen {all} times; excused: {excused:?}", kind.name);
    }
    for (relation, n) in &ingest.links {
        println!("  {relation:22} {n:5}");
    }
    for dataset in entity::datasets() {
        if let Target::Into(rel) | Target::From(rel) = dataset.target {
            let name = relation_of(rel);
            let excused = reviewed::RELATIONS_NOT_RECORDED.iter().any(|(excused, _)| *excused == name);
            assert!(excused || ingest.links.contains_key(name), "no {} was recorded", dataset.name);
        }
    }
}

/// Why the parent belongs to the identity: Okta gives the same id to things under different parents, and only there.
async fn ids_repeat_below_parents_only(ingest: &Ingest) {
    let query = "SELECT kind, count(*) FROM (SELECT org, kind, okta_id FROM entity GROUP BY org, kind, okta_id \
                 HAVING count(*) > 1) GROUP BY kind";
    let mut repeated: BTreeMap<&str, u64> = BTreeMap::new();
    for row in ingest.store.sql(query, 1000).await.expect("a result").rows {
        let kind = kind_of(KindCode(row[0].as_i64().and_then(|c| i16::try_from(c).ok()).expect("a code")));
        assert!(!kind.parents.is_empty(), "{} has no parent and ids that repeat", kind.name);
        repeated.insert(kind.name, row[1].as_u64().expect("a number"));
    }
    println!("\nIds that stand under several parents of one org: {repeated:?}");
    assert!(repeated.contains_key("role_assignment"), "{repeated:?}");
}

fn projections_hold(ingest: &Ingest) {
    println!(
        "\nRead from the documents (kind, name %, status %, created %, older volatile values kept; columns):"
    );
    let mut empty: BTreeSet<String> = BTreeSet::new();
    let mut lacking = BTreeSet::new();
    for kind in &catalogue().kinds {
        let Some(seen) = ingest.seen.get(kind.name) else { continue };
        let share = |n: usize| n * 100 / seen.all();
        let (name, status, created) = (share(seen.named), share(seen.with_status), share(seen.with_created));
        let columns: Vec<String> = seen.filled.iter().map(|(c, n)| format!("{c} {}", share(*n))).collect();
        println!(
            "  {:22} {name:3} {status:3} {created:3} {:5}; {}",
            kind.name,
            seen.stale,
            columns.join(", ")
        );
        empty.extend(seen.filled.iter().filter(|(_, n)| **n == 0).map(|(c, _)| format!("{}.{c}", kind.name)));
        for (what, declared, n) in [
            ("name", !kind.name_at.is_empty(), seen.named),
            ("status", kind.status_at.is_some(), seen.with_status),
            ("created", kind.created_at.is_some(), seen.with_created),
        ] {
            if declared && n < seen.all() {
                lacking.insert((kind.name, what, seen.all() - n));
            }
        }
    }
    let excused: BTreeSet<_> =
        reviewed::LACKING.iter().map(|(kind, what, n, _)| (*kind, *what, *n)).collect();
    assert_eq!(lacking, excused, "objects without what their kind declares");
    let reviewed: BTreeSet<String> =
        reviewed::COLUMNS_NOT_RECORDED.iter().map(|(c, _)| (*c).to_string()).collect();
    assert_eq!(empty, reviewed, "columns that no recorded document fills");
}

async fn edges_are_as_stated(ingest: &Ingest) {
    let mut counts: BTreeMap<&str, (usize, Option<Edge>)> = BTreeMap::new();
    for org in ingest.orgs.values() {
        let query = format!(
            "SELECT e.rel, s.okta_id, p.okta_id, d.okta_id, e.attr FROM edge e \
             JOIN entity s ON s.org = e.org AND s.id = e.src LEFT JOIN entity p ON p.org = e.org AND p.id = s.parent \
             JOIN entity d ON d.org = e.org AND d.id = e.dst WHERE e.org = {}",
            org.id.0
        );
        let found = ingest.store.sql(&query, 1_000_000).await.expect("a result");
        let read = |row: &Vec<Value>| -> Edge {
            let text = |n: usize| row[n].as_str().expect("text").to_string();
            let code = row[0].as_i64().and_then(|c| i16::try_from(c).ok()).expect("a code");
            let src = row[2].as_str().map_or(text(1), |parent| format!("{parent}/{}", text(1)));
            (relation_of(RelCode(code)), src, text(3), row[4].as_i64().expect("a number"))
        };
        let stored: BTreeSet<Edge> = found.rows.iter().map(read).collect();
        let (missing, more): (Vec<_>, Vec<_>) =
            (org.edges.difference(&stored).collect(), stored.difference(&org.edges).collect());
        assert!(
            missing.is_empty() && more.is_empty(),
            "stated and not stored {missing:?}, stored and not stated {more:?}"
        );
        for edge in stored {
            let count = counts.entry(edge.0).or_default();
            count.0 += 1;
            count.1.get_or_insert(edge);
        }
        let quarantined = ingest.store.counts(org.id).await.expect("counts").quarantined;
        assert_eq!(quarantined, 0);
    }
    println!("\nEdges held at the end (relation, edges, one of them):");
    for relation in &catalogue().relations {
        let (n, one) = counts.get(relation.name).cloned().unwrap_or_default();
        let one = one.map_or(String::new(), |(_, src, dst, attr)| format!("{src} -> {dst} ({attr})"));
        println!("  {:24} {n:5} {one}", relation.name);
        let excused = reviewed::RELATIONS_NOT_RECORDED.iter().find(|(name, _)| *name == relation.name);
        assert_eq!(n == 0, excused.is_some(), "{} has {n} edges; excused: {excused:?}", relation.name);
    }
}

/// The SQL views read every document: none of their columns stumbles over what Okta really writes.
async fn views_show_all(ingest: &Ingest) {
    let mut held: BTreeMap<KindCode, u64> = BTreeMap::new();
    for org in ingest.orgs.values() {
        for (kind, n) in ingest.store.counts(org.id).await.expect("counts").entities {
            *held.entry(kind).or_default() += n;
        }
    }
    for kind in &catalogue().kinds {
        let shown =
            ingest.store.sql(&format!("SELECT * FROM {}", kind.view()), 1_000_000).await.expect("a result");
        assert_eq!(shown.rows.len() as u64, held.get(&kind.code).copied().unwrap_or(0), "{}", kind.view());
    }
}
