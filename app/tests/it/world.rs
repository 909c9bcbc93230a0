//! A small world per test: a simulated org, a proxy with a private CA in front of it, a data directory.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use okta_client::{Client, Method, Origin};
use okta_sim::faults::{Fault, Faults, RequestInfo, Verdict};
use okta_sim::{Config, Hooks, Org, Reply, Running, Shape, Sim, Spread};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::server::{Host, Proxy, small_pages};
use crate::transom::Transom;

/// The name under which the simulated org is reached through the proxy.
pub const NAME: &str = "acme.okta.com";

pub struct World {
    pub sim: Running,
    /// Where the org is connected.
    pub origin: String,
    pub proxy: Proxy,
    pub asked: Asked,
    /// What spoils the org's answers, once it is restarted.
    pub faults: Option<Arc<Faults>>,
    dir: TempDir,
    // Last: the others end in it.
    runtime: Runtime,
}

/// Everything that was asked of the org, in order.
#[derive(Debug, Clone, Default)]
pub struct Asked(Arc<Mutex<Vec<RequestInfo>>>);

/// Takes note of a call before anything else happens to it.
#[derive(Debug)]
struct Noted(Asked, Option<Arc<Faults>>);

impl Fault for Noted {
    fn configure(&self, config: &mut Config) {
        self.1.iter().for_each(|faults| faults.configure(config));
    }

    fn attach(&self, org: &Arc<Org>) {
        self.1.iter().for_each(|faults| faults.attach(org));
    }

    fn before(&self, request: &RequestInfo) -> Verdict {
        self.0.0.lock().expect("log").push(request.clone());
        self.1.as_ref().map_or(Verdict::Pass, |faults| faults.before(request))
    }

    fn after(&self, request: &RequestInfo, reply: &mut Reply) {
        self.1.iter().for_each(|faults| faults.after(request, reply));
    }
}

impl Asked {
    /// What was asked since the last call.
    pub fn take(&self) -> Vec<RequestInfo> {
        std::mem::take(&mut *self.0.lock().expect("log"))
    }

    /// The same when nothing more comes: what a killed process sent may still be on its way.
    pub fn settled(&self) -> Vec<RequestInfo> {
        let length = || self.0.lock().expect("log").len();
        loop {
            let before = length();
            std::thread::sleep(Duration::from_millis(50));
            if length() == before {
                return self.take();
            }
        }
    }

    /// Waits until the org was asked `count` things.
    #[track_caller]
    pub fn wait_for(&self, count: usize) {
        for _ in 0..6_000 {
            if self.0.lock().expect("log").len() >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the org was not asked {count} things in a minute");
    }
}

/// The smallest org that still has every kind and every status.
pub fn small() -> Config {
    let shape = Shape {
        members_per_group: 6,
        users_per_app: 8,
        factors_per_user: 1,
        admins: 9,
        admin_groups: 1,
        spread: Spread::Natural,
    };
    // A day of its own, so that every day gives the same org.
    Config { users: 40, groups: 12, apps: 8, shape, as_of: Some(1_767_225_600_000), ..Config::default() }
}

impl World {
    /// A small org that answers at once.
    pub fn new() -> Self {
        Self::of(small())
    }

    /// A small org that takes so long for each answer.
    pub fn slow(latency: Duration) -> Self {
        Self::of(Config { latency, ..small() })
    }

    pub fn of(config: Config) -> Self {
        Self::with(config, None)
    }

    /// An org whose answers these faults spoil, named as for `transom sim --faults`, from their first restart on.
    pub fn spoiled(config: Config, faults: &str) -> Self {
        let faults = Faults::named(faults, 0).expect("faults");
        faults.stop();
        Self::with(config, Some(Arc::new(faults)))
    }

    fn with(config: Config, faults: Option<Arc<Faults>>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let asked = Asked::default();
        let noted = Noted(asked.clone(), faults.clone());
        let hooks = Hooks { fault: Some(Arc::new(noted)), ..Hooks::default() };
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let sim = runtime.block_on(Sim::start_with(config, anywhere, hooks)).expect("a simulator");
        let proxy = runtime.block_on(Proxy::start());
        proxy.serve(NAME, Host::Tunnel(sim.addr));
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("ca.pem"), &proxy.ca_pem).expect("a file");
        Self { origin: sim.origin.clone(), sim, proxy, asked, faults, dir, runtime }
    }

    /// The same org, in pages of at most so many items.
    pub fn in_pages_of(mut self, most: u32) -> Self {
        self.origin = format!("http://{}", self.runtime.block_on(small_pages(self.sim.addr, most)));
        self
    }

    /// The data directory that commands use unless told otherwise.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A place for this test's own files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Okta's id of the org.
    pub fn org_id(&self) -> String {
        self.sim.org.base().org_id.clone()
    }

    /// A command that may talk to the simulator directly.
    pub fn transom<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Transom {
        self.transom_in(&self.data(), args)
    }

    /// The same on another data directory.
    pub fn transom_in<S: AsRef<OsStr>>(&self, data: &Path, args: impl IntoIterator<Item = S>) -> Transom {
        self.named(Transom::new(data, args)).env("TRANSOM_ALLOW_LOOPBACK", "1")
    }

    /// Adds what this world calls things.
    pub fn named(&self, transom: Transom) -> Transom {
        transom.known(self.dir.path().display().to_string(), "DIR").known(self.org_id(), "ORG")
    }

    /// A command that reaches Okta through the proxy and trusts its CA, and may not talk to simulators.
    pub fn through_proxy<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Transom {
        let transom = self.named(Transom::new(&self.data(), args));
        transom.env("HTTPS_PROXY", self.proxy.url()).known(self.ca_file().display().to_string(), "CA")
    }

    /// `org connect` to the simulator directly, with the token on standard input.
    pub fn connect(&self, token: &str) -> Transom {
        self.transom(["org", "connect", "--domain", &self.origin, "--label", "Acme", "--token-stdin"])
            .input(token)
    }

    /// The same by a service app and the file with its key.
    pub fn connect_app(&self, id: &str, key: &str) -> Transom {
        let app = ["--client-id", id, "--key-file", key];
        self.transom([&["org", "connect", "--domain", &self.origin, "--label", "Acme"][..], &app].concat())
    }

    /// `org connect` to a domain through the proxy.
    pub fn connect_to(&self, domain: &str) -> Transom {
        let ca = self.ca_file().display().to_string();
        let args =
            ["org", "connect", "--domain", domain, "--label", "Acme", "--ca-file", &ca, "--token-stdin"];
        self.through_proxy(args).input(&self.sim.tokens.read_only_custom)
    }

    /// Connects with the least-privilege token.
    pub fn connected(self) -> Self {
        self.connect(&self.sim.tokens.read_only_custom).run().exits(0);
        self
    }

    /// Calls the org as its super admin.
    pub fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let origin = Origin::simulator(self.sim.addr).expect("loopback");
        let client = Client::builder(origin).token(self.sim.tokens.super_admin.clone().into()).build();
        let client = client.expect("a client");
        let answer = self.runtime.block_on(client.request(method, path, &[], body));
        answer.unwrap_or_else(|e| panic!("{path}: {e}")).body
    }

    /// Revokes the tokens of a name, as an administrator does in the console.
    pub fn revoke(&self, name: &str) {
        let tokens = self.admin(Method::GET, "/api/v1/api-tokens", None);
        let id =
            tokens.as_array().and_then(|all| all.iter().find(|t| t["name"] == name)).expect("such a token");
        let path = format!("/api/v1/api-tokens/{}", id["id"].as_str().expect("an id"));
        self.admin(Method::DELETE, &path, None);
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The metadata that the org shows, with other links.
    pub fn metadata(&self, organization: Option<&str>) -> String {
        let mut metadata = json!({ "id": self.org_id(), "pipeline": "idx", "_links": {} });
        if let Some(href) = organization {
            metadata["_links"]["organization"] = json!({ "href": href });
        }
        metadata.to_string()
    }
}
