//! `--server`: the command line, done by a running server. Everything secret that passed through is looked for afterwards
//! wherever it might have been left.

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use transom_core::{Reach, Role, SystemClock};
use transom_engine::entity;
use transom_store::{DatabaseUrl, MasterKeySource, NewAccount, NewApiToken, Store};

use crate::transom::{Ran, Started, Transom};
use crate::world::World;

const NEVER: i64 = 4_000_000_000_000;

/// A server on the data directory of `world`.
struct House<'w> {
    world: &'w World,
    origin: String,
    token: String,
    server: Option<Started>,
}

impl<'w> House<'w> {
    fn of(world: &'w World, role: Role) -> Self {
        // The first start makes database and key.
        world.transom(["owner-link"]).run();
        world.connect(&world.sim.tokens.super_admin).run().exits(0);
        world.transom(["org", "disconnect", "Acme", "--delete-data", "--yes"]).run().exits(0);
        let token = token(&world.data(), role);
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("one").port();
        let origin = format!("http://127.0.0.1:{port}");
        let listen = format!("127.0.0.1:{port}");
        let server = world.transom(["serve", "--listen", &listen, "--log", "trace"]).start();
        for _ in 0..600 {
            if TcpStream::connect(&listen).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { world, origin, token, server: Some(server) }
    }

    fn transom(&self, args: &[&str]) -> Transom {
        let elsewhere = self.world.dir().join("elsewhere");
        let args = args.iter().copied().chain(["--server", &self.origin]);
        self.world.transom_in(&elsewhere, args).env("TRANSOM_API_TOKEN", &self.token)
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.transom(args).run()
    }
}

/// No server outlives its test.
impl Drop for House<'_> {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill_after(Duration::ZERO);
        }
    }
}

/// An account with this role, and a token of it.
fn token(data: &Path, role: Role) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let url = DatabaseUrl::Sqlite(data.join("transom.db"));
        let mut store = Store::open(&url, entity::catalogue(), Arc::new(SystemClock)).await.expect("opens");
        let key = MasterKeySource::File { path: data.join("master.key"), create_if_new: false };
        store.unlock(key).await.expect("unlocks");
        let name = "Ada".to_string();
        let new = NewAccount {
            login: "ada@acme.example".into(),
            name,
            password: None,
            role: Role::Owner,
            reach: Reach::All,
        };
        let account = store.create_account(new, "test").await.expect("creates");
        let new = NewApiToken { name: "laptop".into(), role, reach: Reach::All, expires: NEVER };
        let (_, secret) = store.create_api_token(new, account.id, "test").await.expect("makes");
        store.close().await;
        secret.expose_secret().to_string()
    })
}

#[test]
fn a_server_does_what_its_owner_s_command_line_says() {
    let world = World::new();
    let mut house = House::of(&world, Role::Owner);
    let tokens = &world.sim.tokens;

    assert!(house.run(&["org", "list"]).exits(0).out.contains("No org is connected."));
    let connect = ["org", "connect", "--domain", &world.origin, "--label", "Acme", "--token-stdin"];
    let rejected = house.transom(&connect).input(&tokens.expired).run().exits(3);
    assert!(rejected.err.contains("Token rejected."), "{}", rejected.err);
    let connected = house.transom(&connect).input(&tokens.read_only_custom).run().exits(0);
    assert!(
        connected.out.contains("Acme") && connected.out.contains("svc-transom@acme.example"),
        "{}",
        connected.out
    );
    let synced = house.run(&["sync"]).exits(0);
    assert!(synced.out.contains("Acme  Connected."), "{}", synced.out);

    let listed = house.run(&["list", "user", "--limit", "100", "--json"]).json();
    let here = world.transom(["list", "user", "--limit", "100", "--json"]).run().json();
    let ids = |items: &serde_json::Value| -> Vec<String> {
        items
            .as_array()
            .expect("items")
            .iter()
            .map(|i| i["id"].as_str().expect("an id").to_string())
            .collect()
    };
    assert_eq!(ids(&listed["items"]), ids(&here["rows"]), "the same from the server and from its database");
    let active = house.run(&["list", "user", "--status", "ACTIVE", "--limit", "3"]);
    assert!(active.out.contains("There are more: --after "), "{}", active.out);
    let login = listed["items"][0]["login"].as_str().expect("a login").to_string();
    let id = listed["items"][0]["id"].as_str().expect("an id");
    let shown = house.run(&["show", "user", id]).exits(0);
    assert!(shown.out.contains(&login) && shown.out.contains("\"profile\""), "{}", shown.out);
    assert_eq!(house.run(&["show", "user", &login]).exits(0).out, shown.out, "by login, too");
    assert!(shown.out.contains("Not read of this user yet."), "{}", shown.out);
    let read = house.run(&["sync", "--of", &login, "--with", "user_grant"]).exits(0);
    assert!(read.out.contains(&login) && read.out.contains("Grants of users: "), "{}", read.out);
    assert!(!read.out.contains("Linked users"), "not asked for: {}", read.out);
    assert!(house.run(&["list"]).out.contains("group_rule"));
    assert!(house.run(&["status"]).out.contains("Admin roles"));
    assert_eq!(house.run(&["org", "show", "Acme", "--json"]).exits(0).json()["org"]["label"], "Acme");
    house.run(&["org", "verify", "acme"]).exits(0);

    let limited = house.run(&["org", "limit", "Acme", "--share", "50%"]).exits(0);
    assert!(limited.out.contains("at most 50 %"), "{}", limited.out);
    assert!(house.run(&["org", "pause", "Acme"]).exits(0).out.contains("Paused"));
    house.run(&["sync"]).exits(2);
    assert!(house.run(&["org", "resume", "Acme"]).exits(0).out.contains("Connected"));
    let rotate = ["org", "rotate", "Acme", "--token-stdin", "--revoke-old"];
    house.transom(&rotate).input(&tokens.super_admin).run();
    let again = house.transom(&rotate).input(&tokens.super_admin).run().exits(1);
    assert!(again.out.contains("Nothing was revoked: the new credential is"), "{}", again.out);
    let gone = house.run(&["org", "disconnect", "Acme", "--delete-data", "--revoke", "--yes"]).exits(0);
    assert!(gone.out.contains("Okta revoked the token."), "{}", gone.out);

    // What it can't do it says.
    assert!(house.run(&["export", "jsonl"]).exits(2).err.contains("With --server go: org, sync,"));
    assert!(house.run(&["org", "show", "Beta"]).exits(2).err.contains("There is no connection called Beta."));
    let stranger = world.transom_in(&world.data(), ["org", "list", "--server", &house.origin]);
    assert!(stranger.run().exits(2).err.contains("No API token of the server."));
    let wrong = house.transom(&["org", "list"]).env("TRANSOM_API_TOKEN", "transom_wrong").run().exits(3);
    assert!(wrong.err.contains("No API token that works."), "{}", wrong.err);
    let nowhere =
        world.transom(["org", "list", "--server", "http://127.0.0.1:9"]).env("TRANSOM_API_TOKEN", "x");
    assert!(nowhere.run().exits(3).err.contains("can't be reached"));
    assert!(!world.dir().join("elsewhere").join("transom.db").exists(), "nothing was made here");

    // No secret is left anywhere: not in the log, however much is logged, nor in the database with what it deleted.
    let server = house.server.take().expect("it runs");
    server.interrupt();
    let ended = server.wait().exits(0);
    assert!(ended.err.lines().count() > 50, "it logged");
    let secrets = [&tokens.read_only_custom, &tokens.super_admin, &tokens.expired, &house.token];
    for file in std::fs::read_dir(world.data()).expect("a folder") {
        let file = file.expect("a file").path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        for secret in secrets {
            assert!(!holds(&bytes, secret), "{} holds a secret", file.display());
        }
    }
    for secret in secrets {
        assert!(
            !ended.err.contains(secret.as_str()) && !ended.out.contains(secret.as_str()),
            "the log holds a secret"
        );
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The key is read here and sent as the token is; a credential that reads less is refused there and told here.
#[test]
fn a_service_app_goes_by_a_server_too() {
    let world = World::new();
    let mut house = House::of(&world, Role::Owner);
    let (id, file) = crate::service_app::app(&world);
    let key = file.display().to_string();
    let line = std::fs::read_to_string(&file).expect("a key").lines().nth(2).expect("a line").to_owned();
    let app = ["--client-id", &id, "--key-file", &key];
    let connect = ["org", "connect", "--domain", &world.origin, "--label", "Acme"];
    let connected = house.run(&[&connect[..], &app].concat()).exits(0);
    assert!(connected.out.contains(&format!("App    Connected App · {id}")), "{}", connected.out);
    let less = world.sim.tokens.read_only.clone();
    let rotate = ["org", "rotate", "Acme", "--token-stdin"];
    let refused = house.transom(&rotate).input(&less).run().exits(3);
    assert!(refused.err.contains("The new credential reads less than the old one."), "{}", refused.err);
    assert!(refused.err.contains("Admin roles: complete → not permitted"), "{}", refused.err);
    assert!(refused.err.contains("--accept-less") && !refused.err.contains("accept_less"), "{}", refused.err);
    house.transom(&[&rotate[..], &["--accept-less"]].concat()).input(&less).run().exits(1);
    let back = house.run(&[&["org", "rotate", "Acme"][..], &app].concat()).exits(0);
    assert!(back.out.contains(&format!("App    Connected App · {id}")), "{}", back.out);
    let gone = house.run(&["org", "disconnect", "Acme", "--keep-data", "--yes"]).exits(0);
    assert!(gone.out.contains("The service app's key still works in Okta"), "{}", gone.out);

    let server = house.server.take().expect("it runs");
    server.interrupt();
    let ended = server.wait().exits(0);
    assert!(ended.err.lines().count() > 50 && !ended.holds(&line), "the log holds the key");
    for file in std::fs::read_dir(world.data()).expect("a folder") {
        let file = file.expect("a file").path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(!holds(&bytes, &line), "{} holds the key", file.display());
    }
}

#[test]
fn a_token_may_no_more_than_its_role() {
    let world = World::new();
    let house = House::of(&world, Role::Viewer);
    assert_eq!(house.run(&["org", "list", "--json"]).exits(0).json(), json!([]));
    let connect = ["org", "connect", "--domain", &world.origin, "--label", "Acme", "--token-stdin"];
    let refused = house.transom(&connect).input(&world.sim.tokens.read_only_custom).run().exits(3);
    assert!(refused.err.contains("Your role does not allow this."), "{}", refused.err);
}
