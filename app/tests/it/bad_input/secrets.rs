//! Secrets stay where they belong: not in any output, log or file, however much is logged.

use std::fs;
use std::path::Path;

use okta_sim::Kind;

use crate::transom::Ran;
use crate::world::World;

/// No output and no file of the data directory holds any of the secrets.
#[track_caller]
fn nowhere(ran: &[Ran], data: &Path, secrets: &[&str]) {
    for secret in secrets {
        assert!(secret.len() > 20, "a secret worth looking for");
        for ran in ran {
            assert!(!ran.holds(secret), "a secret in the output:\n{}{}", ran.out, ran.err);
        }
        for file in fs::read_dir(data).expect("the data directory") {
            let path = file.expect("a file").path();
            let found =
                fs::read(&path).expect("its bytes").windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    }
}

#[test]
fn a_life_logged_to_the_last_word() {
    let world = World::new();
    let (first, second) = (world.sim.tokens.super_admin.clone(), world.sim.tokens.read_only_custom.clone());
    let trace = |transom: crate::transom::Transom| transom.env("TRANSOM_LOG", "trace").run();
    let rotate = ["org", "rotate", "Acme", "--token-stdin", "--revoke-old", "--accept-less"];
    let ran = [
        trace(world.connect(&first)).exits(0),
        trace(world.transom(["org", "set", "Acme", "--client-secret-ages", "on"])).exits(0),
        trace(world.transom(["org", "verify", "Acme"])).exits(0),
        trace(world.transom(["sync"])).exits(0),
        trace(world.transom(["org", "rotate", "Acme", "--token-stdin"]).input(&second)).exits(3),
        trace(world.transom(rotate).input(&second)).exits(0),
        trace(world.connect(&world.sim.tokens.revoked)).exits(2),
        trace(world.transom(["org", "rotate", "Acme", "--token-stdin"]).input(&world.sim.tokens.expired))
            .exits(3),
        trace(world.transom(["org", "show", "Acme", "--json"])).exits(0),
        trace(world.transom(["export", "jsonl"])).exits(0),
        trace(world.transom(["doctor", "--audit"])).exits(0),
    ];
    assert!(ran.iter().any(|r| r.err.lines().count() > 300), "the log was really on");
    let key = fs::read_to_string(world.data().join("master.key")).expect("a key");
    let mut secrets = vec![first.as_str(), &second, &world.sim.tokens.revoked, &world.sim.tokens.expired];
    // Okta's answers about the ages of client secrets hold them.
    let held = world.sim.org.truth(&world.sim.origin).list(Kind::AppSecret);
    let clear = held.iter().flat_map(|s| [&s.doc["client_secret"], &s.doc["secret_hash"]]);
    secrets.extend(clear.filter_map(|secret| secret.as_str()));
    assert!(secrets.len() > 6, "secrets to look for");
    assert!(ran[3].err.contains("/credentials/secrets"), "they were asked for");
    nowhere(&ran, &world.data(), &secrets);
    for ran in &ran {
        assert!(!ran.holds(key.trim()), "the master key in the output");
    }
}

#[test]
fn through_a_proxy_with_a_password() {
    let world = World::new();
    let password = "correct-horse-battery-staple";
    let proxy = format!("http://maya:{password}@{}", world.proxy.address);
    let token = world.sim.tokens.read_only_custom.clone();
    let trace = |transom: crate::transom::Transom| {
        transom.env("HTTPS_PROXY", &proxy).env("TRANSOM_LOG", "trace").run()
    };
    let ca = world.ca_file().display().to_string();
    let ran = [
        trace(world.connect_to("acme.okta.com")).exits(0),
        trace(world.through_proxy(["org", "verify", "Acme", "--ca-file", &ca])).exits(0),
        trace(world.through_proxy(["org", "verify", "Acme"])).exits(3),
        trace(world.through_proxy(["doctor"])),
    ];
    nowhere(&ran, &world.data(), &[&token, password]);
}
