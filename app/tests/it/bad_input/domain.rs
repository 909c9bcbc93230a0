//! What is typed as a domain.

use crate::server::Host;
use crate::world::World;

/// Every form is refused before anybody is called.
#[test]
fn wrong_domains() {
    let world = World::new();
    let mut told = String::new();
    for domain in [
        "",
        "https://{yourOktaDomain}",
        "https://https://acme.okta.com",
        "ftp://acme.okta.com",
        "https://maya:hunter2@acme.okta.com",
        "acme.okta.com:8443",
        "okta.com",
        "https://-admin.okta.com",
        "acme.okta.com.com",
        "acme..okta.com",
        "acme_corp.okta.com",
        "\u{430}cme.okta.com",
        "localhost",
        "10.0.0.1",
        "https://192.168.1.1/login",
        "127.1",
        "[::1]",
        "http://127.0.0.1:4010",
    ] {
        let ran = world.connect_to(domain).run().exits(2);
        assert!(!ran.holds("hunter2"));
        told.push_str(&format!("$ transom org connect --domain '{domain}'\n{}\n", ran.told()));
    }
    insta::assert_snapshot!(told);
    assert_eq!(world.proxy.asked(), [""; 0]);
    assert!(world.asked.take().is_empty());
}

#[test]
fn an_admin_domain_works_and_says_how_it_was_read() {
    let world = World::new();
    let ran = world.connect_to("https://acme-admin.okta.com/admin/dashboard").run().exits(0);
    insta::assert_snapshot!(ran.told());
    assert_eq!(world.proxy.asked(), ["acme.okta.com:443"]);
}

#[test]
fn a_url_with_a_path_and_a_bare_name_work() {
    for (domain, how) in [
        ("https://acme.okta.com/app/UserHome?iss=1#top", ""),
        ("Acme.Okta.Com.", ""),
        ("http://acme.okta.com:443", "http was read as https"),
        ("acme", "read as acme.okta.com"),
    ] {
        let world = World::new();
        let ran = world.connect_to(domain).run().exits(0);
        assert!(ran.err.contains("Domain      https://acme.okta.com\n"), "{domain}: {}", ran.err);
        assert!(ran.err.contains(how), "{domain}: {}", ran.err);
        assert_eq!(world.proxy.asked(), ["acme.okta.com:443"], "{domain}");
    }
}

const JSON: &str = "application/json";

/// A custom domain is asked who it is, and nothing else: the token goes to the Okta host alone.
#[test]
fn a_custom_domain_that_tells_its_okta_host_works() {
    let world = World::new();
    let metadata = world.metadata(Some("https://acme.okta.com"));
    world.proxy.serve("login.acme.example", Host::Answer("200 OK", JSON, metadata));
    let ran = world.connect_to("login.acme.example").run().exits(0);
    let steps: String = ran.err.lines().map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(ran.readable(&steps));
    assert!(ran.out.contains("https://acme.okta.com"), "{}", ran.out);
    no_secret_reached(&world, "login.acme.example");
    // From then on only the Okta host is called.
    let before = world.proxy.heads_at("login.acme.example").len();
    let ca = world.ca_file().display().to_string();
    world.through_proxy(["sync", "--ca-file", &ca]).run().exits(0);
    assert_eq!(world.proxy.heads_at("login.acme.example").len(), before);
}

#[test]
fn a_custom_domain_without_its_okta_host() {
    let world = World::new();
    world.proxy.serve("login.acme.example", Host::Answer("200 OK", JSON, world.metadata(None)));
    let ran = world.connect_to("login.acme.example").run().exits(3);
    insta::assert_snapshot!("okta_host_not_known", ran.told());
    let with = |host: &'static str| {
        let ca = world.ca_file().display().to_string();
        let args = [
            "org",
            "connect",
            "--domain",
            "login.acme.example",
            "--okta-host",
            host,
            "--ca-file",
            &ca,
            "--token-stdin",
        ];
        world.through_proxy(args).input(&world.sim.tokens.read_only_custom).run()
    };
    let other = r#"{"id": "00oanotherorg0000001", "pipeline": "idx"}"#.to_owned();
    world.proxy.serve("other.okta.com", Host::Answer("200 OK", JSON, other));
    insta::assert_snapshot!("okta_host_of_another_org", with("other.okta.com").exits(3).told());
    insta::assert_snapshot!("okta_host_is_custom_too", with("sso.acme.example").exits(3).told());
    let ran = with("acme.okta.com").exits(0);
    assert!(ran.out.contains("https://acme.okta.com"), "{}", ran.out);
    no_secret_reached(&world, "login.acme.example");
    no_secret_reached(&world, "other.okta.com");
}

/// Anybody can serve a copy of an org's public metadata. Whatever it says, the copy never gets the token.
#[test]
fn a_mirror_of_an_org_gets_no_secret() {
    let mirror = "login.evil.example";
    // An exact copy: the real org is found through it, and only that one is spoken to.
    let world = World::new();
    let copy = world.metadata(Some("https://acme.okta.com"));
    world.proxy.serve(mirror, Host::Answer("200 OK", JSON, copy));
    world.connect_to(mirror).run().exits(0);
    no_secret_reached(&world, mirror);
    // A copy that names itself as the org.
    let world = World::new();
    let copy = world.metadata(Some("https://login.evil.example"));
    world.proxy.serve(mirror, Host::Answer("200 OK", JSON, copy));
    insta::assert_snapshot!("mirror_names_itself", world.connect_to(mirror).run().exits(3).told());
    no_secret_reached(&world, mirror);
    // A copy that names an org of the attacker's at Okta.
    let world = World::new();
    let copy = world.metadata(Some("https://evil.okta.com"));
    world.proxy.serve(mirror, Host::Answer("200 OK", JSON, copy));
    let evil = r#"{"id": "00oevilevilevil00001", "pipeline": "idx"}"#.to_owned();
    world.proxy.serve("evil.okta.com", Host::Answer("200 OK", JSON, evil));
    insta::assert_snapshot!("mirror_names_another_org", world.connect_to(mirror).run().exits(3).told());
    no_secret_reached(&world, mirror);
    no_secret_reached(&world, "evil.okta.com");
}

/// It was asked, and no head of it held the token or any credential.
#[track_caller]
fn no_secret_reached(world: &World, host: &str) {
    let heads = world.proxy.heads_at(host);
    assert!(!heads.is_empty(), "{host} was never asked, so this shows nothing");
    for head in heads {
        assert!(!head.to_ascii_lowercase().contains("authorization"), "{head}");
        assert!(!head.contains(&world.sim.tokens.read_only_custom), "{head}");
        assert!(head.starts_with("GET /.well-known/okta-organization "), "{head}");
    }
}
