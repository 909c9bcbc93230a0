//! Connections: labels, doubles, and two processes at once.

use std::time::Duration;

use serde_json::json;

use crate::copy::{Place, same};
use crate::world::World;

#[test]
fn labels_and_doubles() {
    let world = World::new();
    insta::assert_snapshot!("no_database_yet", world.transom(["sync"]).run().exits(2).told());
    world.connect_to("acme.okta.com").run().exits(0);
    insta::assert_snapshot!("label_taken", world.connect_to("acme").run().exits(2).told());
    let ca = world.ca_file().display().to_string();
    let again = ["org", "connect", "--domain", "acme", "--label", "Other", "--ca-file", &ca, "--token-stdin"];
    let again = world.through_proxy(again).input(&world.sim.tokens.read_only_custom).run().exits(2);
    insta::assert_snapshot!("org_connected_already", again.told());
    let mut told = String::new();
    for command in
        [vec!["org", "show", "Acmee"], vec!["sync", "Acmee"], vec!["status", "Acmee"], vec!["list", "usr"]]
    {
        let ran = world.transom(&command).run().exits(2);
        told.push_str(&format!("$ transom {}\n{}\n", command.join(" "), ran.told()));
    }
    insta::assert_snapshot!("unknown_names", told);
}

#[test]
fn a_simulator_is_refused_unless_allowed() {
    let world = World::new();
    let refused = world.connect(&world.sim.tokens.read_only_custom).env("TRANSOM_ALLOW_LOOPBACK", "").run();
    insta::assert_snapshot!("loopback", refused.exits(2).told());
    assert!(world.asked.take().is_empty());
    let world = world.connected();
    let sync = world.transom(["sync"]).env("TRANSOM_ALLOW_LOOPBACK", "0").run();
    insta::assert_snapshot!("loopback_later", sync.exits(2).told());
}

#[test]
fn what_needs_a_decision_is_asked_for() {
    let world = World::new().connected();
    let told = |args: &[&str]| world.transom(args).run().exits(2).told();
    insta::assert_snapshot!("disconnect_data", told(&["org", "disconnect", "Acme"]));
    insta::assert_snapshot!("disconnect_unsaid", told(&["org", "disconnect", "Acme", "--delete-data"]));
    insta::assert_snapshot!("uninstall_unsaid", told(&["uninstall"]));
    insta::assert_snapshot!("uninstall_keep_unsaid", told(&["uninstall", "--keep-tokens"]));
    world.transom(["org", "show", "Acme"]).run().exits(0);
}

/// One works, the other waits and says for whom; both end well, and the copy is right.
#[test]
fn two_processes_sync_one_org() {
    let world = World::slow(Duration::from_millis(20)).connected();
    world.asked.take();
    let first = world.transom(["sync"]).start();
    world.asked.wait_for(40);
    let second = world.transom(["sync"]).start();
    std::thread::sleep(Duration::from_millis(300));
    // A short command doesn't wait; it says who is at work.
    let busy = world.transom(["org", "verify", "Acme"]).run();
    let (first, second) = (first.wait().exits(0), second.wait().exits(0));
    insta::assert_snapshot!("verify_while_busy", busy.exits(3).told());
    assert!(!first.err.contains("waiting"), "{}", first.err);
    let waiting = second.err.lines().next().expect("a line").to_owned();
    insta::assert_snapshot!("second_waits", second.readable(&waiting));
    assert!(second.out.contains("Written: 0 new, 0 changed"), "{}", second.out);
    let alone = Place::sqlite(&world.dir().join("alone"));
    alone.connect(&world, &world.sim.tokens.read_only_custom);
    alone.transom(&world, ["sync"]).run().exits(0);
    same("the copy", &Place::sqlite(&world.data()).contents(&world), &alone.contents(&world));
}

/// Ctrl-C ends a sync at once and loses nothing; a pause in mid-sync lasts.
#[test]
fn a_sync_that_is_stopped_or_paused() {
    let world = World::slow(Duration::from_millis(20)).connected();
    world.asked.take();
    let sync = world.transom(["sync"]).start();
    world.asked.wait_for(60);
    sync.interrupt();
    let ran = sync.wait().exits(1);
    let last = ran.err.split("\n\n").last().expect("a last word").to_owned();
    insta::assert_snapshot!("stopped", ran.readable(&last));
    world.asked.take();
    let sync = world.transom(["sync", "--json"]).start();
    world.asked.wait_for(20);
    sync.interrupt();
    let ran = sync.wait().exits(1);
    insta::assert_snapshot!("stopped_as_json", ran.readable(&ran.out));
    assert!(ran.json()["error"]["class"] == "stopped" && ran.err.is_empty(), "{}", ran.err);
    world.asked.take();
    let sync = world.transom(["sync"]).start();
    world.asked.wait_for(20);
    world.transom(["org", "pause", "Acme"]).run().exits(0);
    // It ends, or stops where it looks for a pause: what comes first hangs on the machine.
    let ran = sync.wait();
    assert!(ran.code == 0 || ran.code == 2 && ran.err.contains("Acme is paused."), "{}", ran.err);
    assert!(ran.err.contains("Going on with the sync that did not finish."), "{}", ran.err);
    assert_eq!(world.transom(["org", "list", "--json"]).run().exits(0).json()[0]["state"], "paused");
    world.transom(["sync"]).run().exits(2);
}

/// With `--json` a failure is one document on standard output, whatever failed.
#[test]
fn failures_as_json() {
    let world = World::new().connected();
    let mut told = String::new();
    let token = world.sim.tokens.revoked.clone();
    for (args, input, code) in [
        (vec!["org", "connect", "--domain", "10.0.0.1", "--token-stdin"], "00abc", 2),
        (vec!["org", "connect", "--domain", "acme", "--token-stdin"], "", 2),
        (vec!["org", "connect", "--domain", &world.sim.origin, "--label", "B", "--token-stdin"], &token, 3),
        (vec!["sync", "Acmee"], "", 2),
        (vec!["org", "disconnect", "Acme"], "", 2),
        (vec!["sql", "DELETE FROM entity"], "", 2),
        (vec!["list", "usr"], "", 2),
    ] {
        let ran = world.transom(args.iter().copied().chain(["--json"])).input(input).run().exits(code);
        assert!(ran.json()["error"]["what"].is_string(), "{}", ran.out);
        assert_eq!(ran.err, "", "{args:?}");
        let args = args.join(" ").replace(&world.sim.origin, "SIMULATOR");
        told.push_str(&format!("$ transom {args} --json\n{}\n", ran.told()));
    }
    insta::assert_snapshot!(told);
}

/// So is a command line that is none, and what follows is not taken for the flag.
#[test]
fn wrong_command_lines_as_json() {
    let world = World::new();
    let mut told = String::new();
    for args in [
        &["--json", "snyc"][..],
        &["sync", "--tier", "deepest", "--json"],
        &["org", "connect", "--json"],
        &["org", "connect", "--domain", "acme", "--token", "00abc", "--json"],
        &["org", "limit", "Acme", "--share", "0%", "--json"],
        &["--json", "org"],
        &["--json"],
    ] {
        let ran = world.transom(args.iter().copied()).run().exits(2);
        let error = &ran.json()["error"];
        assert_eq!(error["class"], "usage");
        let what = error["what"].as_str().expect("what is wrong");
        assert!(!what.is_empty() && !what.starts_with("error"), "{what}");
        assert!(ran.err.is_empty() && !ran.holds("00abc"), "{}", ran.err);
        told.push_str(&format!("$ transom {}\n{}\n", args.join(" "), ran.told()));
    }
    insta::assert_snapshot!(told);
    // For people as before; and help is no error.
    let people = world.transom(["sync", "--tier", "deepest"]).run().exits(2);
    assert!(people.out.is_empty() && people.err.starts_with("error: "), "{}", people.err);
    let after = world.transom(["snyc", "--", "--json"]).run().exits(2);
    assert!(after.out.is_empty() && after.err.starts_with("error: "), "{}", after.err);
    let help = world.transom(["sync", "--help", "--json"]).run().exits(0);
    assert!(help.out.contains("Usage: transom sync"), "{}", help.out);
}

/// What was never read is not zero, for people and for programs, in every command that reads.
#[test]
fn unknown_is_not_empty() {
    let world = World::new().connected();
    let told = |args: &[&str], code: i32| {
        let ran = world.transom(args).run().exits(code);
        format!("$ transom {}\n{}\n", args.join(" "), ran.told())
    };
    let mut all = told(&["list", "user"], 1);
    for (args, code) in [
        (vec!["list"], 1),
        (vec!["status"], 0),
        (vec!["export", "jsonl"], 1),
        (vec!["sql", "SELECT id FROM okta_user"], 0),
    ] {
        all.push_str(&told(&args, code));
    }
    insta::assert_snapshot!(all);
    let users = world.transom(["list", "user", "--json"]).run().exits(1).json();
    assert_eq!((&users["rows"], &users["coverage"][0]["state"]), (&json!([]), &json!("never_collected")));
    let kinds = world.transom(["list", "--json"]).run().exits(1).json();
    assert!(kinds.as_array().is_some_and(|all| all.iter().all(|k| k["held"].is_null())), "{kinds}");
}

/// A facet or a value that nothing has is wrong usage, not an empty list.
#[test]
fn facets_that_are_not_there() {
    let world = World::new().connected();
    world.transom(["sync"]).run().exits(0);
    let mut told = String::new();
    for args in [["--where", "departement=IT"], ["--where", "department=Itt"], ["--status", "active"]] {
        let ran = world.transom(["list", "user"].into_iter().chain(args)).run().exits(2);
        told.push_str(&format!("$ transom list user {}\n{}\n", args.join(" "), ran.told()));
    }
    insta::assert_snapshot!(told);
}

/// Reading makes nothing: a mistyped path must not leave a database and a key behind.
#[test]
fn reading_where_nothing_is() {
    let world = World::new();
    for args in [vec!["list"], vec!["status"], vec!["sql", "SELECT 1"], vec!["doctor"], vec!["org", "list"]] {
        let ran = world.transom(&args).run().exits(2);
        assert!(ran.err.contains("There is no Transom database at"), "{}", ran.err);
    }
    assert!(!world.data().exists());
    assert_eq!(world.transom(["uninstall", "--json"]).run().exits(0).json(), json!({ "removed": [] }));
}
