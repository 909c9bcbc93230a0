//! A recorded answer goes all the way: scrubbed as the client scrubs it, read as a sync reads it, stored in a real
//! database, read back and compared with what was recorded.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use okta_client::secrets;
use serde_json::{Value, json};
use transom_core::{
    Doc, EntityId, Key, Kind, KindCode, Link, ManualClock, Object, OrgId, PageRecord, RelCode,
};
use transom_engine::dataset::{Over, Scope};
use transom_engine::entity::catalogue;
use transom_engine::entity::group::GROUP_BELOW;
use transom_store::{DatabaseUrl, NewOrg, PageWrite, Recorder, Store};

use crate::expected::{self, Edge};
use crate::recorded::{Exchange, ORG_ID, Source};

/// A recorded host: an org of its own in the store.
pub struct Org {
    pub id: OrgId,
    recorder: Recorder,
    /// The edges that the documents state.
    pub edges: BTreeSet<Edge>,
}

/// What was seen of a kind.
#[derive(Default)]
pub struct Seen {
    /// Objects by data set.
    pub by: BTreeMap<&'static str, usize>,
    pub named: usize,
    pub with_status: usize,
    pub with_created: usize,
    /// Documents that fill a column.
    pub filled: BTreeMap<&'static str, usize>,
    /// Documents of which the store shows earlier volatile values.
    pub stale: usize,
}

impl Seen {
    /// How many objects, each recording counted.
    pub fn all(&self) -> usize {
        self.by.values().sum()
    }
}

/// A store, and what went into it.
pub struct Ingest {
    pub store: Store,
    /// By host.
    pub orgs: HashMap<String, Org>,
    /// By kind.
    pub seen: BTreeMap<&'static str, Seen>,
    /// Secrets: endpoint, place, rule.
    pub dropped: BTreeMap<(String, String, &'static str), usize>,
    /// Edges by relation, of the data sets that list edges.
    pub links: BTreeMap<&'static str, usize>,
    page: i32,
}

/// The kind stored under a code.
pub fn kind_of(code: KindCode) -> &'static Kind {
    catalogue().kind(code).expect("a kind of the catalogue")
}

/// The name of the relation stored under a code.
pub fn relation_of(code: RelCode) -> &'static str {
    catalogue().relation(code).expect("a relation of the catalogue").name
}

impl Ingest {
    pub async fn new(folder: &std::path::Path) -> Self {
        let url = DatabaseUrl::Sqlite(folder.join("recorded.db"));
        let clock = Arc::new(ManualClock::new(1_780_000_000_000));
        let store = Store::open(&url, catalogue(), clock).await.expect("a store");
        let (orgs, seen, links) = Default::default();
        Self { store, orgs, seen, dropped: BTreeMap::new(), links, page: 0 }
    }

    async fn org(&mut self, host: &str) -> &mut Org {
        if !self.orgs.contains_key(host) {
            let new = NewOrg {
                label: host.to_string(),
                origin: format!("https://{host}"),
                okta_id: Some(ORG_ID.to_string()),
                simulator: false,
                settings: Value::Null,
            };
            let id = self.store.create_org(new).await.expect("an org").id;
            let lease = self.store.acquire_lease(id, "test", Duration::from_secs(60)).await.expect("a lease");
            let run = self.store.start_run(&lease, "full", json!({})).await.expect("a run");
            let recorder = self.store.recorder(&lease, run.id);
            self.orgs.insert(host.to_string(), Org { id, recorder, edges: BTreeSet::new() });
        }
        self.orgs.get_mut(host).expect("made just now")
    }

    /// The entity with this id; where nothing of it was recorded yet, one is made up.
    async fn known(&mut self, host: &str, kind: &Kind, parent: EntityId, okta_id: &str) -> EntityId {
        let (store, org) = (self.store.clone(), self.org(host).await);
        for _ in 0..2 {
            if let Some(found) = store.entity(org.id, kind.code, parent, okta_id).await.expect("readable") {
                return found.row.id;
            }
            let made_up = Object::new(kind, parent, okta_id.to_string(), &json!({"id": okta_id}));
            let record = PageRecord { objects: vec![made_up], ..PageRecord::default() };
            org.recorder.record_alone(record).await.expect("stored");
        }
        panic!("{} {okta_id} was stored and is not there", kind.name)
    }

    /// Takes one recorded answer all the way and compares what is stored with what was recorded.
    pub async fn take(&mut self, source: &Source, recorded: &Exchange) {
        let (dataset, at) = (source.dataset, &recorded.at);
        let mut body = recorded.body.clone();
        let report = secrets::scrub(&source.route, &mut body);
        let (before, after) = (source.items_of(&recorded.body), source.items_of(&body));

        let per: Vec<&str> = match dataset.per {
            Some(_) => recorded.ids.last().map(String::as_str).into_iter().collect(),
            None => Vec::new(),
        };
        let mut scope = Scope { part: source.part, per: &per, ..Scope::of_org(ORG_ID) };
        if let Over::Each(selector) = dataset.over {
            let kind = kind_of(selector.kind());
            let mut ids = recorded.ids.iter();
            let mut next = || ids.next().expect("the parent stands in the path");
            // A parent that is itself below something comes after that in the path.
            let mut above = EntityId::ROOT;
            if let Some(of) = kind.parents.first() {
                let of = catalogue().kind_named(of).expect("declared");
                let id = next();
                (scope.above, above) =
                    (Some(id.as_str()), self.known(&recorded.host, of, EntityId::ROOT, id).await);
            }
            scope.okta_id = next();
            scope.id = self.known(&recorded.host, kind, above, scope.okta_id).await;
        }
        let mut record = PageRecord::default();
        for item in &after {
            (dataset.read)(item, &scope, &mut record);
        }
        assert!(record.odd.is_empty(), "{at}: set aside: {:?}", record.odd);
        // What a group's statistics say of it is noted beside the group.
        let (noted, links): (Vec<Link>, Vec<Link>) =
            record.links.iter().cloned().partition(|link| link.rel == GROUP_BELOW.code);
        assert_eq!(noted.len(), if dataset.name == "group" { before.len() } else { 0 }, "{at}");
        assert_eq!(record.objects.len() + links.len(), before.len(), "{at}: an item became nothing, or two");
        identities_differ(&record, at);

        let objects: Vec<Object> = record.objects.clone();
        self.page += 1;
        let write = PageWrite {
            dataset: dataset.name,
            target: dataset.target,
            parent: scope.id,
            part: source.part.max(0),
            page: self.page,
            next: None,
            record,
        };
        let org = self.org(&recorded.host).await;
        let org_id = org.id;
        org.recorder.commit(vec![write]).await.unwrap_or_else(|e| panic!("{at}: {e}"));

        let mut gone: Vec<String> = Vec::new();
        for (item, object) in before.iter().zip(&objects) {
            gone.extend(self.compare_object(source, recorded, org_id, &scope, item, object).await);
        }
        for (item, link) in before.iter().zip(&links) {
            let kinds = [link.src.kind, link.dst.kind].map(kind_of);
            let src = self.known(&recorded.host, kinds[0], link.src.parent, &link.src.okta_id).await;
            let dst = self.known(&recorded.host, kinds[1], link.dst.parent, &link.dst.okta_id).await;
            let relation = catalogue().relation(link.rel).expect("declared");
            let stored = self.store.edge_doc(org_id, link.rel, src, dst).await.expect("readable");
            match stored {
                Some(stored) if relation.has_doc => differences(item, &stored, &mut String::new(), &mut gone),
                None if !relation.has_doc => {}
                other => panic!("{at}: {} has the document {other:?}", relation.name),
            }
            *self.links.entry(relation.name).or_default() += 1;
            let edge = expected::of_item(dataset.name, scope.okta_id, item);
            let org = self.org(&recorded.host).await;
            org.edges.retain(|e| (e.0, &e.1, &e.2) != (edge.0, &edge.1, &edge.2));
            org.edges.insert(edge);
        }
        // What differs is what the scrubber reported. Where nothing is stored (an edge without a document) it does
        // not matter what was dropped.
        if !objects.is_empty() || links.iter().any(|l| l.doc.is_some()) {
            assert_eq!(gone.len(), report.len(), "{at}: dropped {report:?}, differs at {gone:?}");
            for (path, dropped) in gone.into_iter().zip(report) {
                assert!(dropped.path.ends_with(&path), "{at}: {} was dropped, {path} differs", dropped.path);
                *self.dropped.entry((source.endpoint.clone(), pattern(&path), dropped.rule)).or_default() +=
                    1;
            }
        }
    }

    /// Returns the paths at which the stored document differs from the recorded one.
    async fn compare_object(
        &mut self,
        source: &Source,
        recorded: &Exchange,
        org: OrgId,
        scope: &Scope<'_>,
        item: &Value,
        object: &Object,
    ) -> Vec<String> {
        let (at, kind, key) = (&recorded.at, kind_of(object.key.kind), &object.key);
        let stored = self.store.entity(org, key.kind, key.parent, &key.okta_id).await.expect("readable");
        let stored = stored.unwrap_or_else(|| panic!("{at}: {key:?} is not there"));
        // Settings have no id of their own: ours is looked at elsewhere.
        let settings = ["org_setting", "support_access", "org_contact", "rate_limit_setting"];
        // A schema's id is a URL, which its link says better.
        let link = item.pointer("/_links/self/href").and_then(Value::as_str);
        let own = match kind.name {
            name if settings.contains(&name) => Some(key.okta_id.as_str()),
            "linked_user" => recorded.ids.last().map(String::as_str),
            "user_schema" | "group_schema" => link.and_then(|h| h.rsplit('/').next()),
            _ => item.pointer(kind.id).and_then(Value::as_str).or(expected::only(kind.name)),
        };
        assert_eq!(own, Some(stored.row.okta_id.as_str()), "{at}: the id of a {}", kind.name);
        let seen = self.seen.entry(kind.name).or_default();
        *seen.by.entry(source.dataset.name).or_default() += 1;
        seen.named += usize::from(stored.row.name.is_some());
        seen.with_status += usize::from(stored.row.status.is_some());
        seen.with_created += usize::from(stored.row.created.is_some());
        for column in kind.columns {
            let filled = item.pointer(column.path).is_some_and(|v| !v.is_null());
            *seen.filled.entry(column.name).or_default() += usize::from(filled);
        }
        // A document that differs in its volatile places only is not written again: those show an earlier reading.
        let (mut item, mut stored_doc) = (item.clone(), stored.doc);
        let stale = |path: &&&str| item.pointer(path) != stored_doc.pointer(path);
        let stale: Vec<&str> = kind.volatile.iter().filter(stale).copied().collect();
        seen.stale += usize::from(!stale.is_empty());
        for path in stale {
            for doc in [&mut item, &mut stored_doc] {
                if let Some(value) = doc.pointer_mut(path) {
                    *value = Value::Null;
                }
            }
        }
        let mut gone = Vec::new();
        differences(&item, &stored_doc, &mut String::new(), &mut gone);
        assert_eq!(
            stored.row.parent_okta_id.as_deref().and_then(|address| address.rsplit('/').next()),
            Some(scope.okta_id).filter(|_| !kind.parents.is_empty())
        );

        let address = match kind.parents {
            [] => key.okta_id.clone(),
            _ => format!("{}/{}", scope.okta_id, key.okta_id),
        };
        let stated = expected::of_object(source.dataset.name, kind.name, &address, scope.okta_id, &item);
        let org = self.org(&recorded.host).await;
        org.edges.retain(|e| e.1 != address || !expected::owned(kind.name).contains(&e.0));
        org.edges.extend(stated);
        gone
    }
}

/// Within one answer nothing has the identity of something else.
fn identities_differ(record: &PageRecord, at: &str) {
    let mut seen: HashMap<&Key, &Doc> = HashMap::new();
    for object in &record.objects {
        if let Some(other) = seen.insert(&object.key, &object.doc) {
            assert_eq!(*other, object.doc, "{at}: two documents are {:?}", object.key);
        }
    }
    let mut seen = BTreeSet::new();
    for link in &record.links {
        assert!(seen.insert((link.rel, &link.src, &link.dst)), "{at}: {link:?} is there twice");
    }
}

/// Finds where a document differs; panics where it differs by anything but a dropped secret.
fn differences(before: &Value, after: &Value, path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    match (before, after) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                path.push('.');
                path.push_str(key);
                differences(value, &b[key], path, found);
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                path.push_str(&format!("[{n}]"));
                differences(a, b, path, found);
                path.truncate(length);
            }
        }
        (a, b) if a == b => {}
        (Value::String(_), b) if *b == secrets::marker() => found.push(path.clone()),
        (a, b) => panic!("{path}: recorded {a}, stored {b}"),
    }
}

/// A path without the numbers of list items.
fn pattern(path: &str) -> String {
    let mut pieces = path.split('[');
    let mut plain = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        plain.push_str("[]");
        plain.push_str(piece.split_once(']').map_or(piece, |(_, rest)| rest));
    }
    plain
}
