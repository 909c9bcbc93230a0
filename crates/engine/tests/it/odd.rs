//! Odd records: whatever stands in a page, every item becomes an object, an edge, or a record set aside with a reason;
//! nothing panics, nothing is lost, and no page fails because of one item.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use transom_core::{Doc, EntityId, LinkDoc, ManualClock, PageRecord, RelCode, replace_nul};
use transom_engine::dataset::{Dataset, Scope};
use transom_engine::entity::group::GROUP_BELOW;
use transom_engine::entity::{catalogue, datasets};
use transom_store::{DatabaseUrl, NewOrg, PageWrite, Store};

/// Words that mean something where the engine looks for them, and words that don't.
const WORDS: &[&str] = &[
    "",
    "x",
    "00u1",
    "ACTIVE",
    "USER",
    "GROUP",
    "CUSTOM",
    "SUPER_ADMIN",
    "EVERYONE",
    "ALL_ZONES",
    "/",
    "?",
    "://",
    "2026-01-01T00:00:00.000Z",
    "9999-99-99T00:00:00Z",
    "orn:okta:idp:o:apps:t:0oa1",
    "orn:okta:directory:o:groups:",
    "orn::directory::groups:g:contained_resources",
    "https://h/api/v1/policies/",
    "https://h/api/v1/policies/r?x#y",
    "\u{0}",
    "\u{202e}ß İ\u{300}",
];

/// Keys that the engine looks for.
const KEYS: &[&str] = &[
    "id",
    "label",
    "name",
    "type",
    "status",
    "scope",
    "priority",
    "created",
    "lastUpdated",
    "profile",
    "login",
    "displayName",
    "role",
    "resource-set",
    "userId",
    "orn",
    "source",
    "_embedded",
    "stats",
    "hasAdminPrivilege",
    "usersCount",
    "_links",
    "accessPolicy",
    "self",
    "href",
    "conditions",
    "people",
    "groups",
    "users",
    "network",
    "include",
    "exclude",
    "actions",
    "assignUserToGroups",
    "groupIds",
    "expression",
    "value",
    "credentials",
    "factorType",
    "companyName",
    "other/~",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
    ]
}

/// Any JSON, of keys that are looked for.
fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(6, 64, 8, |inner| {
        let object = prop::collection::btree_map(prop::sample::select(KEYS), inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::from),
            object.prop_map(|o| Value::Object(
                o.into_iter().map(|(k, v)| (k.to_string(), v)).collect::<Map<_, _>>()
            )),
        ]
    })
}

/// A document with everything that some declaration reads.
fn whole() -> Value {
    let mut doc = json!({
        "id": "00x1", "label": "l", "name": "n", "type": "CUSTOM", "status": "ACTIVE", "scope": "USER", "priority": 1,
        "created": "2026-01-01T00:00:00.000Z", "lastUpdated": "2026-01-01T00:00:00.000Z",
        "orn": "orn:okta:directory:00o1:groups:00g1",
        "profile": {"login": "a@b.c", "name": "n"}, "source": {"id": "0oa1", "type": "appuser", "name": "n"},
        "target": {"id": "0oa5", "type": "appuser", "name": "n"},
        "defaultApp": {"appInstanceId": "0oa9"},
        "signOnMode": "OPENID_CONNECT", "features": ["GROUP_PUSH"],
        "credentials": {
            "signing": {"kid": "k0"},
            "oauthClient": {"client_id": "0oa2", "token_endpoint_auth_method": "private_key_jwt"},
        },
        "actions": {"assignUserToGroups": {"groupIds": ["00g3"]}, "assignUserToRealm": {"realmId": "guo2"}},
        "primary": {"name": "manager"}, "kid": "k1", "client_id": "0oa2", "excludeZones": ["nzo2"], "scopes": [{"type": "CORS"}],
        "settings": {"appInstanceId": "0oa3", "oauthClient": {"application_type": "service"}}, "provider": {"configuration": {"instanceId": "0oa4"}},
        "protocol": {"credentials": {"trust": {"kid": "k2", "additionalKids": ["k3"]}}},
        "policy": {
            "provisioning": {"groups": {"assignments": ["00g4"], "filter": ["00g5"]}},
            "accountLink": {"filter": {"groups": {"include": ["00g6"]}, "users": {"exclude": ["00u3"]}}},
        },
    });
    let texts = [
        ("createdBy", "00u4"),
        ("clientId", "0oa6"),
        ("principalType", "OAUTH_CLIENT"),
        ("principalId", "0oa7"),
        ("poolId", "0oa8"),
        ("brandId", "bnd1"),
        ("emailDomainId", "OeD1"),
        ("sourceGroupId", "00g7"),
        ("targetGroupId", "00g8"),
        ("realmId", "guo1"),
        ("userId", "00u1"),
        ("resource-set", "iam1"),
        ("role", "cr01"),
    ];
    texts.iter().for_each(|(name, text)| doc[*name] = json!(text));
    doc["_embedded"] = json!({
        "stats": {"hasAdminPrivilege": false, "usersCount": 1},
        "users": [{"managementStatus": "MANAGED", "user": {"id": "00u5"}}],
        "targets": {"groups": [{"id": "00g9"}], "catalog": {"apps": [{"name": "slack"}, {"id": "0oaa"}]}},
    });
    doc["_links"] = json!({
        "self": {"href": "https://acme.okta.com/api/v1/users/00u6"},
        "application": {"href": "https://acme.okta.com/api/v1/apps/0oab"},
        "authorizationServer": {"href": "https://acme.okta.com/api/v1/authorizationServers/aus1"},
        "accessPolicy": {"href": "https://acme.okta.com/api/v1/policies/rst1"},
        "mappings": {"hints": {"allow": ["GET", "POST"]}},
    });
    doc["conditions"] = json!({
        "people": {"groups": {"include": ["00g1"], "exclude": ["00g2"]}, "users": {"exclude": ["00u2"]}},
        "network": {"connection": "ZONE", "include": ["nzo1"]}, "device": {"assurance": {"include": ["dae1"]}},
        "app": {"include": [{"type": "APP", "id": "0oac"}]}, "clients": {"include": ["0oad"]},
        "profileSourceId": "0oae",
    });
    doc
}

/// The whole document, a part of it replaced by any JSON.
fn damaged() -> impl Strategy<Value = Value> {
    let mut paths = Vec::new();
    every_path(&whole(), String::new(), &mut paths);
    (prop::sample::select(paths), any_json()).prop_map(move |(path, value)| {
        let mut doc = whole();
        *doc.pointer_mut(&path).expect("one of its paths") = value;
        doc
    })
}

fn every_path(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(o) => o.iter().for_each(|(k, v)| every_path(v, format!("{path}/{k}"), found)),
        Value::Array(a) => {
            a.iter().enumerate().for_each(|(n, v)| every_path(v, format!("{path}/{n}"), found))
        }
        _ => {}
    }
    found.push(path);
}

/// Data sets whose documents carry no id and go by a name of ours.
const NAMED_BY_US: &[&str] = &["org_setting", "support_access", "org_contact", "rate_limit_setting"];

fn read(dataset: &Dataset, item: &Value) -> PageRecord {
    let scope = Scope { id: EntityId(7), okta_id: "00parent", ..Scope::any() };
    let mut record = PageRecord::default();
    (dataset.read)(item, &scope, &mut record);
    record
}

fn no_item_is_lost(item: &Value) -> Result<(), TestCaseError> {
    let mut kept = item.clone();
    replace_nul(&mut kept);
    let kept = kept.to_string();
    for dataset in datasets() {
        let record = read(dataset, item);
        // What a group's statistics say of it is noted beside the group.
        let links = record.links.iter().filter(|link| link.rel != GROUP_BELOW.code).count();
        let became = record.objects.len() + links + record.odd.len();
        prop_assert_eq!(became, 1, "{} made {:?} of {}", dataset.name, record, item);
        for object in &record.objects {
            prop_assert_eq!(object.doc.text(), kept.as_str());
            prop_assert!(!object.key.okta_id.is_empty(), "{}: an object without id", dataset.name);
            for out in &object.out {
                prop_assert!(
                    object.owns.contains(&out.rel),
                    "{}: an edge that is never removed",
                    dataset.name
                );
                prop_assert!(
                    !out.dst.okta_id.is_empty(),
                    "{}: an edge to nothing from {}",
                    dataset.name,
                    item
                );
            }
        }
        let listed = |rel| catalogue().relation(rel).is_some_and(|relation| relation.listed);
        let outs = record.objects.iter().flat_map(|object| &object.out);
        prop_assert!(outs.clone().all(|out| !listed(out.rel)), "{}: stated, yet listed", dataset.name);
        for link in &record.links {
            prop_assert!(listed(link.rel), "{}: listed, yet stated by documents", dataset.name);
            prop_assert!(!link.src.okta_id.is_empty() && !link.dst.okta_id.is_empty());
            prop_assert!(
                link.doc.as_ref().is_none_or(|doc| matches!(doc, LinkDoc::Plain(doc) if doc.text() == kept))
            );
        }
        for odd in &record.odd {
            prop_assert_eq!(&odd.doc, item);
            prop_assert!(!odd.why.is_empty());
        }
    }
    Ok(())
}

fn projection_is_tolerant(item: &Value) -> Result<(), TestCaseError> {
    for kind in &catalogue().kinds {
        let projected = kind.project(item);
        for text in [&projected.name, &projected.login, &projected.status].into_iter().flatten() {
            prop_assert!(!text.is_empty(), "{}: an empty text for {}", kind.name, item);
        }
        prop_assert_eq!(Doc::of(kind, item), Doc::of(kind, item));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_item_is_read_or_set_aside(item in any_json()) {
        no_item_is_lost(&item)?;
        projection_is_tolerant(&item)?;
    }

    #[test]
    fn a_damaged_document_is_read_or_set_aside(item in damaged()) {
        no_item_is_lost(&item)?;
        projection_is_tolerant(&item)?;
    }
}

#[test]
fn every_place_may_hold_the_wrong_thing() {
    let mut paths = Vec::new();
    every_path(&whole(), String::new(), &mut paths);
    let wrong =
        [json!(null), json!(""), json!("x"), json!(0), json!(-1.5), json!(true), json!([]), json!({})];
    let nested =
        [json!([""]), json!([null]), json!([[]]), json!({"": ""}), json!("orn:okta:directory:o:groups:")];
    let links =
        [json!("https://acme.okta.com/api/v1/policies/"), json!("/?#"), json!("orn:okta:idp:o:apps::")];
    for path in &paths {
        for value in wrong.iter().chain(&nested).chain(&links) {
            let mut doc = whole();
            *doc.pointer_mut(path).expect("one of its paths") = value.clone();
            no_item_is_lost(&doc).unwrap_or_else(|e| panic!("{path} = {value}: {e}"));
            projection_is_tolerant(&doc).unwrap_or_else(|e| panic!("{path} = {value}: {e}"));
        }
    }
}

#[test]
fn a_record_without_a_usable_id_is_set_aside_with_the_place_where_it_was_looked_for() {
    for dataset in datasets() {
        for item in [
            json!(null),
            json!([]),
            json!("00u1"),
            json!({}),
            json!({"id": null, "label": null}),
            json!({"id": "", "label": ""}),
            json!({"id": {}, "label": []}),
        ] {
            let record = read(dataset, &item);
            // Settings carry no id: any document that says something is one.
            let named_by_us =
                NAMED_BY_US.contains(&dataset.name) || crate::expected::only(dataset.name).is_some();
            if named_by_us && item.as_object().is_some_and(|doc| !doc.is_empty()) {
                assert_eq!(record.objects.len(), 1, "{}: {item} became {record:?}", dataset.name);
                continue;
            }
            assert_eq!(record.odd.len(), 1, "{}: {item} became {record:?}", dataset.name);
            let why = &record.odd[0].why;
            assert!(why.contains("no id at /"), "{}: {why}", dataset.name);
        }
    }
}

/// What a document leads to: the relation and its ends. Nothing where it is set aside.
fn edges(dataset: &Dataset, item: &Value) -> Option<BTreeSet<(RelCode, String)>> {
    let record = read(dataset, item);
    let outs = record.objects.iter().flat_map(|object| &object.out);
    let outs = outs.map(|out| (out.rel, format!("to {:?}", out.dst)));
    let links = record.links.iter().map(|link| (link.rel, format!("{:?} to {:?}", link.src, link.dst)));
    record.odd.is_empty().then(|| outs.chain(links).collect())
}

/// A document that loses an edge because something on the way to it is of another type would pass for one that states
/// none: it is to be set aside.
#[test]
fn no_edge_is_lost_to_a_wrong_type() {
    let mut typed = whole();
    typed["type"] = json!({"id": "oty1"});
    typed["_embedded"]["stats"]["hasAdminPrivilege"] = json!(true);
    let mut owner = whole();
    owner["type"] = json!("USER");
    let mut stated: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    for doc in [whole(), typed, owner] {
        let mut paths = Vec::new();
        every_path(&doc, String::new(), &mut paths);
        for dataset in datasets() {
            let Some(sound) = edges(dataset, &doc) else { continue };
            let before = stated.entry(dataset.name).or_default();
            if sound.is_subset(before) {
                continue;
            }
            before.extend(sound.iter().cloned());
            // Its own id may be a number.
            for path in paths.iter().filter(|path| *path != "/id") {
                let was = doc.pointer(path).expect("one of its paths");
                for wrong in [json!(7), json!("a text"), json!([7]), json!({"some": "thing"})] {
                    let same = std::mem::discriminant(was) == std::mem::discriminant(&wrong);
                    if same && !wrong.is_array() {
                        continue;
                    }
                    let mut odd = doc.clone();
                    *odd.pointer_mut(path).expect("one of its paths") = wrong.clone();
                    let lost =
                        edges(dataset, &odd).map(|left| sound.difference(&left).cloned().collect::<Vec<_>>());
                    assert!(
                        lost.as_ref().is_none_or(Vec::is_empty),
                        "{}: {path} = {wrong} loses {lost:?}",
                        dataset.name
                    );
                }
            }
        }
    }
    let aside: Vec<&str> = datasets().map(|d| d.name).filter(|name| !stated.contains_key(name)).collect();
    assert!(aside.is_empty(), "the whole document is set aside by {aside:?}");
    let stated: BTreeSet<RelCode> = stated.into_values().flatten().map(|(relation, _)| relation).collect();
    let missing: Vec<&str> = catalogue()
        .relations
        .iter()
        .filter(|relation| !stated.contains(&relation.code))
        .map(|relation| relation.name)
        .collect();
    assert!(missing.is_empty(), "the whole document does not state {missing:?}");
}

#[test]
fn words_in_conditions_are_not_taken_for_ids() {
    let doc = json!({"id": "00p1", "conditions": {
        "people": {"groups": {"include": ["EVERYONE", "00g1abcdefghijklmno5d7"]}},
        "network": {"connection": "ZONE", "include": ["ALL_ZONES", "ALL_IP_ZONES"], "exclude": ["nzo1"]},
    }});
    for name in ["policy", "policy_rule"] {
        let record = read(transom_engine::entity::dataset(name).expect("declared"), &doc);
        let ends: Vec<&str> = record.objects[0].out.iter().map(|o| o.dst.okta_id.as_str()).collect();
        assert_eq!(ends, ["00g1abcdefghijklmno5d7", "nzo1"], "{name}");
    }
}

/// Odd and sound records on one page: the page is stored, the sound ones are objects, the odd ones are kept aside.
#[test]
fn a_page_with_odd_records_is_stored() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("odd.db"));
    let (store, org, mut recorder) = runtime.block_on(async {
        let clock = Arc::new(ManualClock::new(1_780_000_000_000));
        let store = Store::open(&url, catalogue(), clock).await.expect("a store");
        let (label, origin) = ("odd".to_string(), "https://odd.okta.com".to_string());
        let new = NewOrg { label, origin, okta_id: None, simulator: false, settings: Value::Null };
        let org = store.create_org(new).await.expect("an org").id;
        let lease = store.acquire_lease(org, "test", Duration::from_secs(60)).await.expect("a lease");
        let run = store.start_run(&lease, "full", json!({})).await.expect("a run");
        (store.clone(), org, store.recorder(&lease, run.id))
    });
    let mut page = 0;
    let mut odd = 0;
    let items = prop::collection::vec(prop_oneof![any_json(), damaged()], 1..6);
    let mut runner = TestRunner::deterministic();
    for _ in 0..48 {
        let items = items.new_tree(&mut runner).expect("items").current();
        for dataset in datasets() {
            page += 1;
            let mut record = PageRecord::default();
            for item in &items {
                let one = read(dataset, item);
                record.objects.extend(one.objects);
                record.links.extend(one.links);
                record.odd.extend(one.odd);
            }
            odd += record.odd.len() as u64;
            let (name, target) = (dataset.name, dataset.target);
            let parent = EntityId::ROOT;
            let write = PageWrite { dataset: name, target, parent, part: 0, page, next: None, record };
            let committed = runtime.block_on(recorder.commit(vec![write]));
            committed.unwrap_or_else(|e| panic!("{name}: {e} with {items:?}"));
        }
    }
    let counts = runtime.block_on(store.counts(org)).expect("counts");
    assert_eq!(counts.quarantined, odd);
    assert!(odd > 0 && !counts.entities.is_empty(), "{odd} odd, {:?}", counts.entities);
}
