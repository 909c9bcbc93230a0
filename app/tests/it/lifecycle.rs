//! A connection from its first day to its last, and a copy that follows its org.

use std::collections::BTreeSet;

use okta_client::Method;
use okta_sim::{Kind, Relation};
use serde_json::{Value, json};

use crate::copy::{Place, same};
use crate::world::{World, small};

#[test]
fn a_connection_s_life() {
    let world = World::new();
    let run = |args: &[&str]| world.transom(args).run();
    let tokens = world.sim.tokens.clone();

    world.connect(&tokens.super_admin).run().exits(0);
    let listed = run(&["org", "list", "--json"]).exits(0).json();
    assert_eq!((&listed[0]["label"], &listed[0]["state"]), (&json!("Acme"), &json!("connected")));
    assert_eq!(listed[0]["simulator"], true, "it is marked wherever it is shown");
    assert!(run(&["org", "list"]).exits(0).out.contains("Simulator"));
    let shown = run(&["org", "show", "Acme", "--json"]).exits(0).json();
    assert_eq!(shown["verification"]["owner"]["login"], "maya.whitfield@acme.example");
    run(&["org", "verify", "Acme"]).exits(0);
    assert!(run(&["status"]).exits(0).out.contains("Never synced. Read it: transom sync 'Acme'"));

    let synced = run(&["sync", "--json"]).exits(0).json();
    assert_eq!(synced["summary"]["state"], "connected");
    assert_eq!(synced["summary"]["quarantined"], 0);
    let held = |name: &str| {
        let rows = synced["summary"]["datasets"].as_array().expect("data sets");
        rows.iter().find(|d| d["dataset"] == name).expect("the data set")["objects"].clone()
    };
    let assigned = world.sim.org.truth(&world.sim.origin).list(Kind::RoleAssignment);
    let to_groups = assigned.iter().filter(|a| a.parent.starts_with("00g")).count();
    assert_eq!(held("group_role"), to_groups, "two data sets share a kind; each counts its own");
    let to_users = held("user_role").as_u64().expect("a number") as usize;
    assert!(to_users >= assigned.len() - to_groups, "Okta shows a user's roles through groups too");
    reads(&world);

    run(&["org", "pause", "Acme"]).exits(0);
    let calls = world.sim.org.counts().calls;
    insta::assert_snapshot!("sync_while_paused", run(&["sync"]).exits(2).told());
    assert_eq!(world.sim.org.counts().calls, calls, "a paused connection does not call Okta");
    run(&["org", "resume", "Acme"]).exits(0);
    assert_eq!(run(&["org", "list", "--json"]).exits(0).json()[0]["state"], "connected");

    // A token that does not work does not replace one that does.
    let rotate = ["org", "rotate", "Acme", "--token-stdin", "--revoke-old"];
    world.transom(rotate).input(&tokens.expired).run().exits(3);
    assert!(alive(&world, "Terraform"));
    run(&["sync"]).exits(0);
    // Nor does one that reads less, unless that is said: a Super Administrator's sees all API tokens.
    let refused = world.transom(rotate).input(&tokens.read_only_custom).run().exits(3);
    assert!(refused.err.contains("API tokens: complete → partial by right"), "{}", refused.err);
    assert!(alive(&world, "Terraform"));
    let rotate = rotate.iter().copied().chain(["--accept-less"]);
    let rotated = world.transom(rotate).input(&tokens.read_only_custom).run().exits(0).out;
    assert!(rotated.contains("maya.whitfield@acme.example → svc-transom@acme.example"), "{rotated}");
    assert!(rotated.contains("Okta revoked the old token."), "{rotated}");
    assert!(!alive(&world, "Terraform"), "the old token was revoked");
    // The one in force is not revoked as the old one.
    let again = ["org", "rotate", "Acme", "--token-stdin", "--revoke-old"];
    let again = world.transom(again).input(&tokens.read_only_custom).run().exits(1).out;
    assert!(again.contains("Nothing was revoked: the new credential is"), "{again}");
    run(&["sync"]).exits(0);

    // Another master key: nothing is entered again, and the audit holds across it.
    let key = std::fs::read(world.data().join("master.key")).expect("a key");
    let turned = run(&["key", "rotate", "--json"]).exits(0).json();
    assert_eq!(turned["secrets"], 1);
    let kept = world.data().join(format!("master.key.{}", turned["from"].as_str().expect("an id")));
    assert_eq!(std::fs::read(&kept).expect("the old key stays, for backups"), key);
    assert!(
        run(&["uninstall", "--dry-run"]).exits(0).holds(&kept.display().to_string()),
        "it is Transom's, too"
    );
    std::fs::remove_file(kept).expect("no backups");
    assert_ne!(std::fs::read(world.data().join("master.key")).expect("the new one"), key);
    run(&["sync"]).exits(0);
    assert!(run(&["doctor", "--audit"]).exits(0).out.contains(turned["to"].as_str().expect("an id")));

    let gone = run(&["org", "disconnect", "Acme", "--revoke", "--keep-data", "--yes"]).exits(0);
    insta::assert_snapshot!("disconnected", gone.told());
    let again = run(&["org", "disconnect", "Acme", "--revoke", "--keep-data", "--yes"]).exits(0);
    assert!(again.out.contains("Its credential was forgotten before."), "{}", again.out);
    assert!(!alive(&world, "Transom"));
    insta::assert_snapshot!("sync_after_disconnect", run(&["sync"]).exits(2).told());
    let users = run(&["list", "user", "--limit", "1000", "--json"]).exits(0).json();
    assert_eq!(
        users["rows"].as_array().map(Vec::len),
        Some(small().users as usize),
        "the data stays readable"
    );

    let plan = run(&["uninstall", "--dry-run"]).exits(0);
    insta::assert_snapshot!("uninstall_plan", plan.told());
    run(&["uninstall", "--keep-tokens", "--yes"]).exits(0);
    assert!(!world.data().exists(), "nothing of it is left");
    insta::assert_snapshot!("uninstalled_twice", run(&["uninstall", "--yes"]).exits(0).told());
}

/// Every way of reading gives what the org holds.
fn reads(world: &World) {
    let run = |args: &[&str]| world.transom(args).run().exits(0);
    let truth = world.sim.org.truth(&world.sim.origin);
    let kinds = run(&["list", "--json"]).json();
    let held = |kind: &str| {
        kinds.as_array().expect("kinds").iter().find(|k| k["kind"] == kind).expect("it")["held"].clone()
    };
    for (kind, of) in
        [("user", Kind::User), ("group", Kind::Group), ("app", Kind::App), ("factor", Kind::Factor)]
    {
        assert_eq!(held(kind), truth.list(of).len(), "{kind}");
    }
    let shown = run(&["show", "user", "maya.whitfield@acme.example", "--json"]).json();
    let maya = truth
        .list(Kind::User)
        .into_iter()
        .find(|u| u.doc["profile"]["login"] == "maya.whitfield@acme.example");
    assert_eq!(shown["doc"], maya.expect("she is there").doc);
    let sql = run(&["sql", "SELECT count(*) AS n FROM okta_group_member", "--json"]).json();
    assert_eq!(sql["rows"][0][0], truth.edges(Relation::Member).len());
    let exported = run(&["export", "jsonl", "--kind", "group"]).out;
    let exported: BTreeSet<String> =
        exported.lines().map(|l| id_of(&serde_json::from_str(l).expect("JSON"))).collect();
    assert_eq!(exported, truth.list(Kind::Group).into_iter().map(|g| g.id).collect());
    // For people, too.
    assert!(run(&["list"]).out.contains("Held"));
    assert!(run(&["show", "group", "Everyone"]).out.contains("Everyone"));
    assert!(run(&["list", "user", "--status", "DEPROVISIONED"]).out.contains("DEPROVISIONED"));
}

fn id_of(line: &Value) -> String {
    line["id"].as_str().unwrap_or_default().to_owned()
}

/// Whether Okta still takes the token of that name.
fn alive(world: &World, name: &str) -> bool {
    let tokens = world.sim.org.truth(&world.sim.origin).list(Kind::ApiToken);
    tokens.iter().any(|t| t.doc["name"] == name)
}

/// A second sync of an org in which nothing happened writes nothing.
#[test]
fn a_sync_without_changes_writes_nothing() {
    let world = World::new().connected();
    let place = Place::sqlite(&world.data());
    world.transom(["sync"]).run().exits(0);
    let before = place.contents(&world);
    let written = world.transom(["sync", "--json"]).run().exits(0).json()["summary"]["written"].clone();
    for nothing in ["new", "changed", "edges_new", "edges_changed"] {
        assert_eq!(written[nothing], 0, "{nothing}: {written}");
    }
    assert!(written["unchanged"].as_u64().is_some_and(|n| n > 100), "it was read all the same: {written}");
    same("the copy", &place.contents(&world), &before);
}

/// After changes of every sort the copy is the org again: what is gone is gone, what moved has moved.
#[test]
fn a_copy_follows_its_org() {
    let world = World::new().connected();
    let place = Place::sqlite(&world.data());
    world.transom(["sync"]).run().exits(0);
    equals_truth(&world, &place);
    let deleted = a_day_passes(&world);
    let synced = world.transom(["sync", "--full", "--json"]).run().exits(0).json();
    assert!(synced["summary"]["written"]["changed"].as_u64().is_some_and(|n| n > 0), "{synced}");
    equals_truth(&world, &place);
    let gone = world.transom(["show", "user", &deleted]).run().exits(2);
    insta::assert_snapshot!("a_deleted_user", gone.told());
    // A copy made today is the same but for its memory of yesterday.
    let fresh = Place::sqlite(&world.dir().join("fresh"));
    fresh.connect(&world, &world.sim.tokens.read_only_custom);
    fresh.transom(&world, ["sync"]).run().exits(0);
    assert_eq!(place.objects(&world), fresh.objects(&world));
}

/// What an org goes through in a day: people leave, are deleted, change; members, apps and factors go and come.
/// Returns the login of somebody who was deleted.
pub fn a_day_passes(world: &World) -> String {
    let truth = world.sim.org.truth(&world.sim.origin);
    let users = truth.list(Kind::User);
    let login = |n: usize| users[n].doc["profile"]["login"].as_str().unwrap_or_default().to_owned();
    // Ordinary people: the cast owns tokens and roles.
    let ordinary: Vec<usize> = (0..users.len())
        .filter(|n| users[*n].doc["status"] == "ACTIVE" && users[*n].doc["profile"]["managerId"].is_string())
        .filter(|n| {
            !["maya.", "svc-", "noah.", "ines.", "olumide.", "hana.", "pedro."]
                .iter()
                .any(|c| login(*n).starts_with(c))
        })
        .collect();
    let [leaver, deleted, renamed, moved, ..] = ordinary[..] else { panic!("too few people: {ordinary:?}") };
    let user = |n: usize, rest: &str| format!("/api/v1/users/{}{rest}", users[n].id);
    world.admin(Method::POST, &user(leaver, "/lifecycle/deactivate"), None);
    world.admin(Method::DELETE, &user(deleted, ""), None);
    world.admin(Method::DELETE, &user(deleted, ""), None);
    world.admin(Method::POST, &user(renamed, ""), Some(json!({ "profile": { "title": "Door keeper" } })));
    world.admin(Method::POST, &user(moved, "/lifecycle/suspend"), None);

    let groups: BTreeSet<String> =
        truth.list(Kind::Group).into_iter().filter(|g| g.doc["type"] == "OKTA_GROUP").map(|g| g.id).collect();
    let members = truth.edges(Relation::Member);
    let (group, member) = members.iter().find(|(g, _)| groups.contains(g)).expect("a member");
    world.admin(Method::DELETE, &format!("/api/v1/groups/{group}/users/{member}"), None);
    let outside = users
        .iter()
        .find(|u| u.doc["status"] == "ACTIVE" && !members.contains(&(group.clone(), u.id.clone())));
    let outside = &outside.expect("somebody outside").id;
    world.admin(Method::PUT, &format!("/api/v1/groups/{group}/users/{outside}"), None);

    let direct = truth
        .list(Kind::AppUser)
        .into_iter()
        .find(|a| a.doc["scope"] == "USER")
        .expect("a direct assignment");
    world.admin(Method::DELETE, &format!("/api/v1/apps/{}/users/{}", direct.parent, direct.id), None);
    login(deleted)
}

/// The copy holds what the org holds: objects, members, assignments.
#[track_caller]
fn equals_truth(world: &World, place: &Place) {
    let truth = world.sim.org.truth(&world.sim.origin);
    let lines: Vec<Value> =
        place.objects(world).iter().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    for (name, kind) in [
        ("user", Kind::User),
        ("group", Kind::Group),
        ("app", Kind::App),
        ("group_rule", Kind::GroupRule),
        ("factor", Kind::Factor),
        ("network_zone", Kind::Zone),
    ] {
        let held: BTreeSet<String> = lines
            .iter()
            .filter(|l| l["kind"] == name)
            .map(|l| {
                let mut doc = l["doc"].clone();
                if kind == Kind::Group {
                    // Asked for on top of the group: how many members and apps it has.
                    doc.as_object_mut().map(|doc| doc.remove("_embedded"));
                }
                format!("{} {doc}", id_of(l))
            })
            .collect();
        let there: BTreeSet<String> = truth
            .list(kind)
            .into_iter()
            .map(|mut r| {
                okta_client::secrets::scrub("/api/v1/apps", &mut r.doc);
                format!("{} {}", r.id, r.doc)
            })
            .collect();
        let first = held.symmetric_difference(&there).next();
        assert_eq!(first, None, "{name}: {} held, {} there", held.len(), there.len());
    }
    for (query, relation) in [
        ("SELECT group_id, user_id FROM okta_group_member", Relation::Member),
        ("SELECT app_id, user_id FROM okta_app_user", Relation::AppUser),
        ("SELECT app_id, group_id FROM okta_app_group", Relation::AppGroup),
    ] {
        let answer =
            place.transom(world, ["sql", query, "--limit", "1000000", "--json"]).run().exits(0).json();
        let text = |row: &Value, n: usize| row[n].as_str().unwrap_or_default().to_owned();
        let rows = answer["rows"].as_array().expect("rows");
        let held: BTreeSet<_> = rows.iter().map(|row| (text(row, 0), text(row, 1))).collect();
        let there: BTreeSet<_> = truth.edges(relation).into_iter().collect();
        assert!(!there.is_empty());
        assert_eq!(held.symmetric_difference(&there).next(), None, "{query}");
    }
}
