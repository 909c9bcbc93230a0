//! What answers, or doesn't, where Okta should: strangers, proxies, certificates, addresses.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use okta_client::{HttpOptions, Resolver};
use transom_core::SystemClock;
use transom_engine::connection::Connect;
use transom_engine::{Class, Engine, entity};
use transom_store::{DatabaseUrl, MasterKeySource, Store};

use crate::server::Host;
use crate::world::World;

#[test]
fn hosts_that_are_not_okta() {
    let world = World::new();
    let page = || "<html><body>404</body></html>".to_owned();
    for (name, host) in [
        ("acmee.okta.com", Host::Answer("404 Not Found", "text/html", page())),
        ("www.acme.example", Host::Answer("200 OK", "text/html", page())),
        ("api.acme.example", Host::Answer("200 OK", "application/json", r#"{"status": "up"}"#.to_owned())),
        (
            "old.okta.com",
            Host::Answer("302 Found\r\nlocation: https://sso.acme.example/", "text/html", page()),
        ),
    ] {
        world.proxy.serve(name, host);
    }
    let mut told = String::new();
    for domain in ["acmee.okta.com", "www.acme.example", "api.acme.example", "old.okta.com"] {
        let ran = world.connect_to(domain).run().exits(3);
        told.push_str(&format!("$ transom org connect --domain {domain}\n{}\n", ran.told()));
        for head in world.proxy.heads_at(domain) {
            assert!(!head.contains(&world.sim.tokens.read_only_custom), "{head}");
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_connect_proxy_works_and_is_shown() {
    let world = World::new();
    let url = format!("http://maya:hunter2@{}", world.proxy.address);
    let ca = world.ca_file().display().to_string();
    let with = |args: &[&str]| {
        let args = args.iter().copied().chain(["--proxy", &url, "--ca-file", &ca]);
        let ran =
            world.through_proxy(args).env("HTTPS_PROXY", "").input(&world.sim.tokens.read_only_custom).run();
        assert!(!ran.holds("hunter2"));
        ran
    };
    with(&["org", "connect", "--domain", "acme.okta.com", "--label", "Acme", "--token-stdin"]).exits(0);
    assert_eq!(world.proxy.asked(), ["acme.okta.com:443"]);
    let shown = with(&["org", "show", "Acme"]).exits(0);
    let line = shown.out.lines().find(|l| l.contains("Proxy")).expect("a line about the proxy");
    insta::assert_snapshot!(shown.readable(line), @"  Proxy          http://127.0.0.1:PORT (from setting)");
    let doctor = with(&["doctor"]).exits(0);
    let line =
        doctor.out.lines().find(|l| l.contains("Connection Acme")).expect("a line about the connection");
    assert!(line.contains(&format!("through the proxy http://{}", world.proxy.address)), "{line}");
    with(&["sync"]).exits(0);
}

#[test]
fn proxies_that_do_not_work() {
    let world = World::new();
    let ca = world.ca_file().display().to_string();
    let through = |proxy: &str, domain: &str| {
        let args =
            ["org", "connect", "--domain", domain, "--proxy", proxy, "--ca-file", &ca, "--token-stdin"];
        world.through_proxy(args).input(&world.sim.tokens.read_only_custom).run()
    };
    // The proxy can't find the name: a typing error, seen from behind a proxy.
    insta::assert_snapshot!(
        "proxy_cannot_find",
        through(&world.proxy.url(), "acmee.okta.com").exits(3).told()
    );
    // Nobody listens: port 1 of this machine.
    insta::assert_snapshot!("no_proxy_there", through("http://127.0.0.1:1", "acme.okta.com").exits(3).told());
    insta::assert_snapshot!(
        "socks_proxy",
        through("socks5://127.0.0.1:1080", "acme.okta.com").exits(2).told()
    );
    insta::assert_snapshot!("proxy_is_no_url", through("proxy", "acme.okta.com").exits(2).told());
}

#[test]
fn a_private_ca_takes_its_ca_file() {
    let world = World::new();
    let with = |ca: Option<&str>| {
        let args = ["org", "connect", "--domain", "acme.okta.com", "--label", "Acme", "--token-stdin"];
        let ca = ca.iter().flat_map(|file| ["--ca-file", file]);
        world.through_proxy(args.into_iter().chain(ca)).input(&world.sim.tokens.read_only_custom).run()
    };
    insta::assert_snapshot!("unknown_authority", with(None).exits(3).told());
    let missing = world.dir().join("nowhere.pem");
    insta::assert_snapshot!("no_such_ca_file", with(missing.to_str()).exits(2).told());
    let empty = world.dir().join("empty.pem");
    std::fs::write(&empty, "this is no certificate\n").expect("a file");
    insta::assert_snapshot!("ca_file_without_certificate", with(empty.to_str()).exits(2).told());
    assert!(world.asked.take().is_empty(), "nothing reached the org");
    with(world.ca_file().to_str()).exits(0);
}

/// DNS that somebody else controls.
struct Lying(Vec<IpAddr>, Arc<Mutex<Vec<String>>>);

impl Resolver for Lying {
    fn resolve(&self, host: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        self.1.lock().expect("log").push(host.to_owned());
        let found = self.0.clone();
        Box::pin(async move { Ok(found) })
    }
}

/// DNS can't be faked for a process, so this one goes to the engine with a resolver of its own.
#[test]
fn a_name_that_leads_to_a_private_address() {
    let world = World::new();
    let mut told = String::new();
    for address in ["10.1.2.3", "127.0.0.1", "169.254.169.254", "100.64.0.1", "fd00::1", "::ffff:10.1.2.3"] {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let resolver = Lying(vec![address.parse().expect("an address")], asked.clone());
        let problem = world.runtime().block_on(async {
            let url = DatabaseUrl::Sqlite(world.dir().join("private.db"));
            let mut store =
                Store::open(&url, entity::catalogue(), Arc::new(SystemClock)).await.expect("a store");
            let path = world.dir().join("private.key");
            store.unlock(MasterKeySource::File { path, create_if_new: true }).await.expect("a key");
            let http = HttpOptions {
                environment: okta_client::ProxyEnvironment::default(),
                resolver: Arc::new(resolver),
                ..HttpOptions::default()
            };
            let engine = Engine { store, http, allow_loopback: false, actor: "test".to_owned() };
            let given = Connect {
                domain: "acme.okta.com".to_owned(),
                okta_host: None,
                label: None,
                credential: secrecy::SecretString::from(world.sim.tokens.read_only_custom.clone()).into(),
            };
            let problem = engine.connect(given, &|_| {}).await.expect_err("refused");
            assert!(engine.store.orgs().await.expect("orgs").is_empty());
            problem
        });
        assert_eq!(problem.class, Class::AddressRefused, "{problem:?}");
        assert_eq!(problem.class.exit_code(), 3);
        assert_eq!(*asked.lock().expect("log"), ["acme.okta.com"]);
        told.push_str(&format!("{address}\n{}\n  {}\n  {}\n\n", problem.what, problem.why, problem.todo));
    }
    insta::assert_snapshot!(told);
}
