//! `transom org connect --client-id ID --key-file F`, as a person has it from the Admin Console.

use std::path::PathBuf;

use okta_client::PrivateKey;
use secrecy::ExposeSecret;
use serde_json::json;
use transom_engine::connection::read_scopes;

use crate::world::World;

/// A service app with the rights to read, and its private key in a file.
pub fn app(world: &World) -> (String, PathBuf) {
    let key = PrivateKey::generate().expect("a key");
    let org = &world.sim.org;
    org.set_client_privileges(false).expect("set");
    let id =
        org.create_service_app("Connected App", &key.public_jwk().expect("a JWK"), true).expect("an app");
    read_scopes().iter().for_each(|scope| org.grant_scope(&id, scope).expect("granted"));
    org.give_app_role(&id, "READ_ONLY_ADMIN").expect("given");
    org.bind_app(&id, "Transom Read", "Transom Resources").expect("given");
    let file = world.dir().join("key.pem");
    std::fs::write(&file, key.to_pem().expect("PEM").expose_secret()).expect("a file");
    (id, file)
}

#[test]
fn a_service_app_connects_syncs_and_gives_way_to_a_token() {
    let world = World::new();
    let (id, file) = app(&world);
    let key = file.display().to_string();
    let line = std::fs::read_to_string(&file).expect("a key").lines().nth(2).expect("a line").to_owned();
    let run = |args: &[&str]| world.transom(args).run();
    let connected = world.connect_app(&id, &key).run().exits(0);
    assert!(connected.out.contains(&format!("Service app    Connected App · {id}")), "{}", connected.out);
    assert!(connected.out.contains("bound tokens (DPoP)") && !connected.told().contains(&line));
    let synced = run(&["sync", "--json"]).exits(0).json();
    assert_eq!(synced["summary"]["state"], "connected");
    let shown = run(&["org", "show", "Acme", "--json"]).exits(0).json();
    assert_eq!(shown["verification"]["app"]["client_id"], json!(id));
    assert_eq!(shown["verification"]["app"]["missing"], json!([]));
    let paused = run(&["org", "pause", "Acme", "--json"]).exits(0).json();
    assert_eq!(paused["state_reason"], "Paused by a person.");
    run(&["org", "resume", "Acme"]).exits(0);

    // Another credential takes its place, and it takes the place of another.
    let token = world.sim.tokens.read_only_custom.clone();
    let by_token = world
        .transom(["org", "rotate", "Acme", "--token-stdin", "--revoke-old"])
        .input(&token)
        .run()
        .exits(0);
    assert!(by_token.out.contains("The old key still works"), "{}", by_token.out);
    assert!(by_token.out.contains("Connected App → svc-transom@acme.example"), "{}", by_token.out);
    run(&["org", "rotate", "Acme", "--client-id", &id, "--key-file", &key]).exits(0);
    let gone = run(&["org", "disconnect", "Acme", "--delete-data", "--yes"]).exits(0);
    assert!(gone.out.contains("The service app's key still works in Okta"), "{}", gone.out);
}

#[test]
fn half_a_service_app_is_none() {
    let world = World::new();
    let (id, file) = app(&world);
    let key = file.display().to_string();
    let domain = ["org", "connect", "--domain", &world.origin];
    let calls = world.sim.org.counts().calls;
    for (more, words) in [
        (vec!["--client-id", &id], "--key-file"),
        (vec!["--key-file", &key], "--client-id"),
        (vec!["--client-id", &id, "--key-file", &key, "--token-stdin"], "cannot be used with"),
        (vec!["--client-id", &id, "--key-file", "/nowhere"], "could not be read from /nowhere"),
        (vec!["--client-id", "0oa 1", "--key-file", &key], "client id"),
        (
            vec!["--client-id", &id, "--key-file", file.with_file_name("ca.pem").to_str().expect("a path")],
            "public key",
        ),
    ] {
        let ran = world.transom(domain.iter().copied().chain(more.iter().copied())).run().exits(2);
        assert!(ran.told().contains(words), "{more:?}: {}", ran.told());
    }
    // The client id is looked at after the host has shown what it is; nothing is asked with it.
    assert!(world.sim.org.counts().calls <= calls + 1);
    assert_eq!(world.sim.org.counts().by_route.get("POST /oauth2/v1/token"), None);
}

#[test]
fn a_credential_that_reads_less_is_taken_only_where_that_is_said() {
    let world = World::new().connected();
    let token = world.sim.tokens.read_only.clone();
    let rotate = ["org", "rotate", "Acme", "--token-stdin"];
    let refused = world.transom(rotate).input(&token).run().exits(3);
    insta::assert_snapshot!("reads_less", refused.told());
    let json = world.transom(rotate.iter().copied().chain(["--json"])).input(&token).run().exits(3).json();
    let losses = json["error"]["losses"].as_array().expect("losses").clone();
    assert_eq!(json["error"]["class"], "reads_less");
    assert!(losses.iter().any(|l| l["dataset"] == "role" && l["becomes"] == "not_permitted"), "{losses:?}");
    let owner = || {
        world.transom(["org", "show", "Acme", "--json"]).run().json()["verification"]["owner"]["login"]
            .clone()
    };
    assert_eq!(owner(), "svc-transom@acme.example", "nothing was changed");
    let taken = world.transom(rotate.iter().copied().chain(["--accept-less"])).input(&token).run().exits(1);
    assert!(taken.out.contains("Connected, limited"), "{}", taken.out);
    assert_ne!(owner(), "svc-transom@acme.example");
    // What reads more than that takes its place without a word.
    world.transom(rotate).input(&world.sim.tokens.read_only_custom).run().exits(0);
}
