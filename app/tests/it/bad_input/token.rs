//! Tokens: wrong in form, dead, without rights, with the wrong rights, with too many.

use std::time::Duration;

use crate::copy::Place;
use crate::world::World;

/// Caught before anything is sent.
#[test]
fn texts_that_are_no_token() {
    let world = World::new();
    let mut told = String::new();
    for token in [
        "",
        "\n",
        "SSWS 00abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
        "00abc def",
        "00abc\u{e9}",
        "\"00abc\"",
        " '00abc'\n",
        "\u{201c}00abc\u{201d}",
        "`00abc`",
    ] {
        let ran = world.connect(token).run().exits(2);
        assert!(!ran.holds("00abc"), "a token is never repeated");
        told.push_str(&format!("{token:?}\n{}\n", ran.told()));
    }
    insta::assert_snapshot!(told);
    assert!(world.asked.take().is_empty());
}

#[test]
fn a_token_is_never_an_argument() {
    let world = World::new();
    let origin = world.sim.origin.clone();
    let connect = ["org", "connect", "--domain", origin.as_str()];
    let argument = world.transom(connect.into_iter().chain(["--token", "00abc"])).run().exits(2);
    insta::assert_snapshot!("token_as_argument", argument.told());
    assert!(!argument.holds("00abc"), "{}", argument.err);
    insta::assert_snapshot!("no_token_given", world.transom(connect).run().exits(2).told());
    let missing = world.dir().join("nowhere").display().to_string();
    let file = world.transom(connect.into_iter().chain(["--token-file", &missing])).run().exits(2);
    insta::assert_snapshot!("no_such_token_file", file.told());
    // The two other ways work.
    let path = world.dir().join("token");
    std::fs::write(&path, format!("{}\n", world.sim.tokens.read_only_custom)).expect("a file");
    let path = path.display().to_string();
    world.transom(connect.into_iter().chain(["--token-file", &path, "--label", "File"])).run().exits(0);
    let label = connect.into_iter().chain(["--label", "Environment"]);
    world.transom(label).env("TRANSOM_TOKEN", &world.sim.tokens.read_only_custom).run().exits(0);
    // White space comes along with what is copied.
    let label = |name: &'static str| connect.into_iter().chain(["--label", name]);
    let token = format!(" \t{} \r\n", world.sim.tokens.read_only_custom);
    world.transom(label("Padded")).env("TRANSOM_TOKEN", &token).run().exits(0);
    std::fs::write(&path, format!("\n{token}\n")).expect("a file");
    world.transom(label("File 2").chain(["--token-file", &path])).run().exits(0);
    world.transom(label("Input").chain(["--token-stdin"])).input(&token).run().exits(0);
    // Quotes are seen wherever it comes from, and nothing is sent.
    world.asked.take();
    let quoted = format!("\"{}\"", world.sim.tokens.read_only_custom);
    let ran = world.transom(label("Quoted")).env("TRANSOM_TOKEN", &quoted).run().exits(2);
    assert!(ran.err.contains("The API token stands in quotes."), "{}", ran.err);
    std::fs::write(&path, &quoted).expect("a file");
    let ran = world.transom(label("Quoted").chain(["--token-file", &path])).run().exits(2);
    assert!(ran.err.contains("The API token stands in quotes."), "{}", ran.err);
    assert!(world.asked.take().is_empty());
}

#[test]
fn dead_tokens() {
    let world = World::new();
    let tokens = &world.sim.tokens;
    insta::assert_snapshot!("expired_token", world.connect(&tokens.expired).run().exits(3).told());
    insta::assert_snapshot!("revoked_token", world.connect(&tokens.revoked).run().exits(3).told());
    insta::assert_snapshot!(
        "unknown_token",
        world.connect(&format!("00{}", "x".repeat(40))).run().exits(3).told()
    );
    assert_eq!(world.transom(["org", "list", "--json"]).run().exits(0).json(), serde_json::json!([]));
}

/// Okta answers 200 with empty lists: nothing is an error, and nothing is true.
#[test]
fn a_token_without_roles() {
    let world = World::new();
    insta::assert_snapshot!(world.connect(&world.sim.tokens.no_role).run().exits(3).told());
    assert_eq!(world.transom(["org", "list", "--json"]).run().exits(0).json(), serde_json::json!([]));
}

/// It works, and says that it is far too much.
#[test]
fn a_token_of_a_super_admin() {
    let world = World::new();
    insta::assert_snapshot!(world.connect(&world.sim.tokens.super_admin).run().exits(0).told());
}

/// What can be read is told by area; every data set has its row when asked for, and always for programs.
#[test]
fn what_is_alike_is_one_row() {
    let world = World::new().connected();
    let told = |args: &[&str]| world.transom(args).run().exits(0);
    let folded = told(&["org", "verify", "Acme"]).out;
    let whole = told(&["org", "verify", "Acme", "--all"]).out;
    let rows = |text: &str, what: &str| text.lines().filter(|l| l.contains(what)).count();
    let document = told(&["org", "verify", "Acme", "--json"]).json();
    let probes = document["verification"]["probes"].as_array().expect("probes").clone();
    let (fine, other): (Vec<_>, Vec<_>) = probes.iter().partition(|p| p["state"] == "complete");
    assert!(fine.len() > 60 && !other.is_empty(), "{} fine, {} not", fine.len(), other.len());
    assert_eq!(rows(&whole, "✓ Readable"), fine.len());
    assert!((5..=20).contains(&rows(&folded, " readable")), "{folded}");
    assert_eq!(rows(&folded, "✓ Readable"), 0, "{folded}");
    for probe in &probes {
        let title = probe["title"].as_str().expect("a title");
        assert!(folded.contains(title) && whole.contains(title), "{title} is nowhere");
    }
    for probe in other {
        let row = format!(" {} ", probe["title"].as_str().expect("a title"));
        assert!(folded.lines().any(|l| l.starts_with(&row) && l.contains('▨')), "{row}: {folded}");
    }
    let rows = |text: &str| -> Vec<String> {
        text.lines().filter(|l| l.contains('✓') || l.contains('▨')).map(str::to_owned).collect()
    };
    assert_eq!(rows(&told(&["org", "show", "Acme", "--all"]).out), rows(&whole), "as it was verified");
}

/// Read Only Administrator without the article's custom role: who administers the org stays unknown, and the table
/// says which permission would show it.
#[test]
fn a_read_only_token_without_the_custom_role() {
    let world = World::new();
    insta::assert_snapshot!(world.connect(&world.sim.tokens.read_only).run().exits(1).told());
    let synced = world.transom(["sync", "--json"]).run().exits(1).json();
    assert_eq!(synced["summary"]["state"], "connected_limited");
    let of = |name: &str| {
        let rows = synced["summary"]["datasets"].as_array().expect("data sets");
        rows.iter().find(|d| d["dataset"] == name).expect("the data set").clone()
    };
    assert_eq!(of("user")["state"], "complete");
    assert_eq!(of("user_role")["state"], "not_permitted");
    assert!(
        of("user_role")["reason"].as_str().expect("text").contains("okta.iam.read"),
        "{}",
        of("user_role")
    );
}

/// A group administrator's lists are short, without a word from Okta. The roles tell, not the row counts.
#[test]
fn a_token_of_a_group_administrator() {
    let world = World::new();
    insta::assert_snapshot!(world.connect(&world.sim.tokens.group_admin).run().exits(1).told());
}

/// Which call was the first to be refused is chance.
fn any_route(text: &str) -> String {
    let (before, rest) = text.split_once("GET /").expect("a call");
    let (_, after) = rest.split_once(" answered").expect("its answer");
    format!("{before}GET … answered{after}")
}

/// The token dies while pages are being read: the connection fails and says so, nothing read is lost, and with a
/// new token the same run goes on to the same end.
#[test]
fn a_token_revoked_in_mid_sync() {
    let world = World::slow(Duration::from_millis(20)).connected();
    let reference = Place::sqlite(&world.dir().join("reference"));
    reference.connect(&world, &world.sim.tokens.read_only_custom);
    world.asked.take();
    let started = world.transom(["sync"]).start();
    world.asked.wait_for(60);
    world.revoke("Transom");
    let ran = started.wait().exits(3);
    let failure = ran.err.split("\n\n").last().expect("a failure").to_owned();
    insta::assert_snapshot!("revoked_in_mid_sync", any_route(&ran.readable(&failure)));
    insta::assert_snapshot!("org_list_after_it", world.transom(["org", "list"]).run().exits(0).told());
    insta::assert_snapshot!("sync_after_it", world.transom(["sync"]).run().exits(3).told());
    let status = world.transom(["status", "--json"]).run().exits(1).json();
    assert_eq!(status[0]["runs"][0]["finished"], serde_json::Value::Null, "the run can be resumed");

    // A run goes on only for the same owner: another one sees other things.
    let owner = world.sim.org.owner_of(&world.sim.tokens.read_only_custom).expect("an owner");
    let token = &world.sim.org.create_token(&owner, "Transom 2").expect("a token");
    let rotate = ["org", "rotate", "Acme", "--token-stdin"];
    world.transom(rotate).input(token).run().exits(0);
    world.asked.take();
    let ran = world.transom(["sync"]).run().exits(0);
    assert!(ran.err.contains("Going on with the sync that did not finish."), "{}", ran.err);
    let asked = world.asked.take().len();
    // An uninterrupted sync of the same org.
    reference.transom(&world, rotate).input(token).run().exits(0);
    world.asked.take();
    reference.transom(&world, ["sync"]).run().exits(0);
    assert!(asked < world.asked.take().len(), "what was read before the end was not asked for again");
    // The old token saw only itself among the tokens, and may have been asked for them; everything else is the same.
    let objects = |place: &Place| -> Vec<String> {
        place.objects(&world).into_iter().filter(|line| !line.contains(r#""kind":"api_token""#)).collect()
    };
    assert_eq!(objects(&Place::sqlite(&world.data())), objects(&reference));
}
