//! `transom setup`: what it prints, what it does to an org and undoes again, and where the one-time token is not.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use okta_client::Method;
use okta_sim::{Config, Kind};
use serde_json::{Value, json};

use crate::transom::Transom;
use crate::world::{World, small};

/// Names that the simulated org does not have yet.
const NAMES: [&str; 6] = [
    "--role",
    "Connected app: read",
    "--resource-set",
    "Connected app: resources",
    "--login",
    "svc-connected@acme.example",
];

fn setup(world: &World, verb: &str, more: &[&str], token: &str) -> Transom {
    let args = ["setup", verb, "--domain", &world.origin, "--token-stdin"];
    world.transom(args.iter().chain(more)).input(&format!("{token}\n")).known(world.origin.clone(), "ORIGIN")
}

/// A token that a super admin makes for this alone.
fn one_time(world: &World) -> String {
    let owner = world.sim.org.owner_of(&world.sim.tokens.super_admin).expect("an owner");
    world.sim.org.create_token(&owner, "Set-up").expect("a token")
}

/// What a set-up could touch.
fn state(world: &World) -> BTreeMap<String, Value> {
    let truth = world.sim.org.truth(&world.sim.origin);
    let mut state = BTreeMap::new();
    for kind in
        [Kind::User, Kind::RoleAssignment, Kind::CustomRole, Kind::ResourceSet, Kind::Resource, Kind::App]
    {
        truth.each(kind, |r| {
            state.insert(format!("{kind:?} {} {}", r.parent, r.id), r.doc);
        });
    }
    truth.each(Kind::ApiToken, |r| {
        state.insert(format!("token {} {}", r.doc["name"], r.doc["userId"]), Value::Null);
    });
    state
}

#[test]
fn an_org_is_set_up_connected_and_left_as_it_was() {
    let world = World::new();
    let before = state(&world);
    let token = one_time(&world);
    let planned = setup(&world, "plan", &NAMES, &token).run().exits(1);
    assert!(
        planned.out.contains("5 of 5 to make or change.") && planned.out.contains("POST /api/v1/iam/roles")
    );
    assert!(!world.data().exists(), "a plan leaves no database");

    let unasked = setup(&world, "apply", &NAMES, &token).run().exits(2);
    assert!(unasked.err.contains("--yes"), "{}", unasked.err);
    let with_token = state(&world);
    let yes: Vec<&str> = NAMES.iter().copied().chain(["--yes"]).collect();
    let applied = setup(&world, "apply", &yes, &token).run().exits(0);
    assert!(
        applied.out.contains("shown this once: ") && applied.out.contains("The one-time token is revoked.")
    );
    assert_ne!(state(&world), with_token);
    setup(&world, "plan", &NAMES, &token).run().exits(3);
    let second = one_time(&world);
    // Names are remembered.
    let none = setup(&world, "plan", &["--json"], &second).run().exits(0).json();
    assert!(none["items"].as_array().expect("items").iter().all(|i| i["verdict"] == "leave"), "{none}");

    let made =
        world.sim.org.create_token("svc-connected@acme.example", "Transom").expect("the user makes it");
    world.connect(&made).run().exits(0);
    let verified = setup(&world, "verify", &[], "").run().exits(0);
    assert!(
        verified.out.contains("The credential of Acme is that of svc-connected@acme.example."),
        "{}",
        verified.out
    );
    let json = setup(&world, "verify", &["--json"], "").run().exits(0).json();
    assert_eq!(
        (&json["owner_is_the_user"], &json["verification"]["state"]),
        (&Value::Bool(true), &"connected".into())
    );

    // With another's token it is not what was set up.
    world
        .transom(["org", "rotate", "Acme", "--token-stdin"])
        .input(&world.sim.tokens.read_only_custom)
        .run()
        .exits(0);
    let other = setup(&world, "verify", &[], "").run().exits(1);
    assert!(other.out.contains("is not that of"), "{}", other.out);

    let torn = setup(&world, "teardown", &["--yes", "--json"], &second).run().exits(0).json();
    assert_eq!((&torn["left"], &torn["token_revoked"]), (&Value::Array(Vec::new()), &Value::Bool(true)));
    assert_eq!(state(&world), before);
    let nothing = setup(&world, "teardown", &["--yes"], "").run().exits(0);
    assert!(nothing.out.contains("Nothing is recorded"), "{}", nothing.out);

    let rows = world.transom(["doctor", "--json"]).run();
    assert!(rows.out.contains("\"audit\"") || rows.code == 0, "{}", rows.out);
    let audit = audit(&world.data());
    for action in [
        "setup.apply",
        "setup.made",
        "setup.applied",
        "setup.token_revoked",
        "setup.teardown",
        "setup.removed",
        "setup.torn_down",
    ] {
        assert!(audit.contains(action), "{action} is in the audit log: {audit}");
    }
}

/// The database's bytes as text.
fn audit(data: &Path) -> String {
    bytes(data).iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { ' ' }).collect()
}

/// Every byte of every file in the data directory: database, WAL and what else there is.
fn bytes(data: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(data).expect("a folder");
    files.flat_map(|file| std::fs::read(file.expect("a file").path()).unwrap_or_default()).collect()
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Command line, environment and limits of a process and of those that it started, as the system shows them.
fn shown(pid: u32) -> Vec<(u32, Vec<u8>, String)> {
    let read = |pid: u32, what: &str| std::fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
    let children = |pid: u32| {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        tasks
            .flat_map(|task| {
                std::fs::read_to_string(task.path().join("children"))
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .filter_map(|pid| pid.parse().ok())
            .collect::<Vec<u32>>()
    };
    let mut pids = vec![pid];
    pids.extend(children(pid));
    let of = |pid| {
        let words = [read(pid, "cmdline"), read(pid, "environ")].concat();
        (pid, words, String::from_utf8_lossy(&read(pid, "limits")).into_owned())
    };
    pids.into_iter().map(of).collect()
}

#[test]
fn the_one_time_token_is_nowhere() {
    let world = World::of(Config { latency: Duration::from_millis(60), ..small() });
    let token = one_time(&world);
    let mut args = NAMES.to_vec();
    args.extend(["--yes", "--json", "--log", "trace"]);
    let running = setup(&world, "apply", &args, &token).start();
    let mut workers = 0;
    for _ in 0..60 {
        for (n, (pid, words, limits)) in shown(running.id()).into_iter().enumerate() {
            assert!(!holds(&words, &token), "process {pid} shows the token");
            if n > 0 && holds(&words, "setup-worker") {
                workers += 1;
                let core = limits
                    .lines()
                    .find(|l| l.starts_with("Max core file size"))
                    .unwrap_or_default()
                    .to_owned();
                // Until it has begun, its limits are its parent's, which are the same.
                assert!(core.split_whitespace().nth(4) == Some("0"), "{core}");
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(workers > 5, "the worker was seen {workers} times");
    let ran = running.wait().exits(0);
    for (where_, text) in
        [("output", ran.out.as_bytes()), ("log", ran.err.as_bytes()), ("data", &bytes(&world.data()))]
    {
        assert!(!holds(text, &token), "the token is in the {where_}");
    }
    assert!(ran.err.contains("\"level\""), "the log was on");
    let answer: Value = serde_json::from_str(&ran.out).expect("JSON");
    let password = answer["password"].as_str().expect("a password, shown once");
    assert!(!holds(&bytes(&world.data()), password) && !holds(ran.err.as_bytes(), password));
    assert_eq!(answer["token_revoked"], true);
}

#[test]
fn killed_anywhere_it_goes_on() {
    let world = World::of(Config { latency: Duration::from_millis(20), ..small() });
    let before = state(&world);
    let mut args = NAMES.to_vec();
    args.extend(["--yes", "--keep-token"]);
    let token = one_time(&world);
    let mut killed = 0;
    for wait in [150, 250, 350, 450, 550, 650] {
        let (was_running, _) =
            setup(&world, "apply", &args, &token).start().kill_after(Duration::from_millis(wait));
        killed += usize::from(was_running);
    }
    assert!(killed >= 3, "{killed}");
    setup(&world, "apply", &args, &token).run().exits(0);
    let new: Vec<String> = state(&world).into_keys().filter(|key| !before.contains_key(key)).collect();
    let count = |kind: &str| new.iter().filter(|key| key.starts_with(kind)).count();
    assert_eq!(["CustomRole", "ResourceSet", "User", "RoleAssignment"].map(count), [1, 1, 1, 2], "{new:?}");
    setup(&world, "teardown", &["--yes"], &token).run().exits(0);
    assert_eq!(state(&world), before);
}

#[test]
fn papers_need_no_org_and_no_database() {
    let world = World::new();
    let run = |args: &[&str]| world.transom(args).run();
    let guide = run(&["setup", "guide", "--domain", "acme"]).exits(0);
    assert!(
        guide.out.starts_with("# Set up Okta for Transom")
            && guide.out.contains("https://acme-admin.okta.com/")
    );
    let json = run(&["setup", "guide", "--json"]).exits(0).json();
    assert_eq!(json["model"]["permissions"][1]["name"], "okta.iam.read");
    assert!(
        run(&["setup", "terraform", "--domain", "acme.oktapreview.com"])
            .exits(0)
            .out
            .contains("base_url = \"oktapreview.com\"")
    );
    assert!(
        run(&["setup", "curl", "--domain", "https://acme-admin.okta.com/admin"])
            .exits(0)
            .out
            .starts_with("#!/bin/sh")
    );
    let custom = run(&["setup", "curl", "--domain", "id.acme.com"]).exits(3);
    assert!(custom.err.contains("--okta-host"), "{}", custom.err);
    run(&["setup", "curl", "--domain", "id.acme.com", "--okta-host", "acme.okta.com"]).exits(0);
    let unknown = run(&["setup", "terraform", "--domain", "acme", "--with", "support_access"]).exits(2);
    assert!(unknown.err.contains("Super Administrator"), "{}", unknown.err);
    for (verb, says) in
        [("guide", "service app"), ("terraform", "okta_app_oauth"), ("curl", "app_label='Ours'")]
    {
        let args = ["setup", verb, "--domain", "acme", "--service-app", "--app", "Ours"];
        let paper = run(&args).exits(0);
        assert!(paper.out.contains(says) && paper.out.contains("Ours"), "{}", paper.out);
    }
    assert!(!world.data().exists());
    let no_token = run(&["setup", "plan", "--domain", &world.origin]).exits(2);
    assert!(no_token.err.contains("--token-stdin"), "{}", no_token.err);
    let wrong = setup(&world, "plan", &[], "00wrong").run().exits(3);
    assert!(wrong.err.contains("Token rejected"), "{}", wrong.err);
    let small = setup(&world, "apply", &["--yes"], &world.sim.tokens.read_only_custom).run().exits(3);
    assert!(small.err.contains("not a Super Administrator"), "{}", small.err);
}

/// The key pair is made here, once; what is printed is its public half.
#[test]
fn a_key_pair_is_made_once_and_shown_by_half() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let file = world.dir().join("transom.pem");
    let key = || world.transom(["setup", "key", "--key-file", &file.display().to_string()]).run();
    let made = key().exits(0).json();
    assert_eq!(std::fs::metadata(&file).expect("a key").permissions().mode() & 0o777, 0o600);
    let names: Vec<&String> = made.as_object().expect("a JWK").keys().collect();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(key().exits(0).json(), made, "the same again");
    assert!(!world.data().exists());
    std::fs::write(&file, "nothing").expect("written");
    let refused = key().exits(2);
    assert!(refused.err.contains("transom.pem"), "{}", refused.err);
}

#[test]
fn a_service_app_is_set_up_connected_and_taken_down() {
    let world = World::new();
    let setting = "/api/v1/org/settings/clientPrivilegesSetting";
    let key = world.dir().join("key.pem").display().to_string();
    let mut args: Vec<&str> = NAMES[..4].to_vec();
    args.extend(["--service-app", "--key-file", &key, "--app", "Connected app"]);
    let yes: Vec<&str> = args.iter().copied().chain(["--yes"]).collect();
    let refused = setup(&world, "apply", &yes, &one_time(&world)).run().exits(2);
    assert!(refused.err.contains("Public client app admins"), "{}", refused.err);
    assert!(
        refused.err.contains("Nothing was changed, and the one-time token was not revoked"),
        "{}",
        refused.err
    );
    world.admin(Method::PUT, setting, Some(json!({"clientPrivilegesSetting": false})));
    let token = one_time(&world);
    let before = state(&world);
    let applied = setup(&world, "apply", &yes, &token).run().exits(0);
    let said = applied.out.lines().find(|l| l.contains("--client-id")).expect("how to connect").to_owned();
    let client_id = said.split(' ').skip_while(|w| *w != "--client-id").nth(1).expect("an id").to_owned();
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
    let pem = std::fs::read_to_string(&key).expect("PEM");
    let body: String = pem.lines().filter(|l| !l.starts_with('-')).take(2).collect();
    assert!(!holds(&bytes(&world.data()), &body[..40]), "the private key is in no file of ours");
    // What nothing was seen to read is not right yet.
    let unread = setup(&world, "verify", &[], &world.sim.tokens.super_admin).run().exits(1);
    assert!(unread.out.contains("The org is not connected"), "{}", unread.out);
    world.connect_app(&client_id, &key).run().exits(0);
    let verified = setup(&world, "verify", &[], "").run().exits(0);
    assert!(verified.out.contains("The credential of Acme is that of Connected app."), "{}", verified.out);
    let torn = setup(&world, "teardown", &["--yes"], &one_time(&world)).run().exits(0);
    assert!(torn.err.contains("Service app: Connected app  0oa"), "{}", torn.err);
    // The connection's own credential is dead: a one-time token is not asked for, and no remedy here.
    let dead = setup(&world, "verify", &[], "").run().exits(3);
    assert!(dead.err.contains("org rotate") && !dead.err.contains("Super Administrator"), "{}", dead.err);
    let listed = world.transom(["org", "list"]).run().exits(0);
    assert!(listed.out.contains("Failed"), "{}", listed.out);
    let mut after = state(&world);
    after.extend(
        before.iter().filter(|(key, _)| key.starts_with("token")).map(|(k, v)| (k.clone(), v.clone())),
    );
    assert_eq!(after, before);
}
