//! A small org to set up, whose calls can be spoiled one by one.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use okta_client::{Client, Method, Origin, PrivateKey, RetrySettings, discover_at};
use okta_sim::faults::{Fault, RequestInfo, Verdict};
use okta_sim::{Config, Hooks, Kind, Reply, Running, Sim};
use secrecy::SecretString;
use serde_json::Value;
use tempfile::TempDir;
use transom_core::{ConnectionState, SystemClock};
use transom_engine::connection::{AppKey, Connect, Connected, Credential};
use transom_engine::entity::catalogue;
use transom_engine::setup::{Event, Model, Names, Plan, Record, Session, Verdict as Planned, Wanted};
use transom_engine::{Engine, HttpOptions, Problem};
use transom_store::{DatabaseUrl, MasterKeySource, Org, Store};

use crate::sync::world::small;

/// What is done to the call of a number, counted from the last [`World::spoil`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// The connection closes before the org sees the call.
    Lost,
    /// The org does what it is asked, and the answer is lost on the way.
    AnswerLost,
    /// 500, and the org does nothing.
    Refused,
}

#[derive(Debug, Default)]
pub struct Spoiler {
    calls: Mutex<Vec<String>>,
    /// From this call on, every one of these is spoiled, reads and all: a network that went away stays away.
    at: Mutex<Option<(usize, Spoil)>>,
}

impl Spoiler {
    fn now(&self) -> Option<Spoil> {
        let count = self.calls.lock().expect("calls").len();
        self.at.lock().expect("plan").filter(|(at, _)| count >= *at).map(|(_, spoil)| spoil)
    }
}

impl Fault for Spoiler {
    fn before(&self, request: &RequestInfo) -> Verdict {
        self.calls.lock().expect("calls").push(request.route.to_owned());
        match self.now() {
            Some(Spoil::Lost) => Verdict::Disconnect,
            Some(Spoil::Refused) => Verdict::Answer(Reply::nothing().with_status(500)),
            Some(Spoil::AnswerLost) | None => Verdict::Pass,
        }
    }

    fn after(&self, _: &RequestInfo, reply: &mut Reply) {
        if self.now() == Some(Spoil::AnswerLost) {
            *reply = Reply::nothing().with_status(502);
        }
    }
}

pub struct World {
    pub sim: Running,
    pub spoiler: Arc<Spoiler>,
}

/// The state of an org: every object of every kind that a set-up could touch, by kind and id.
pub type State = BTreeMap<String, Value>;

pub fn wanted(quiet: bool) -> Wanted {
    Wanted { model: Model::read(), names: names(), adopt_user: false, quiet, password: true, app_key: None }
}

/// The same with a service app of this key in place of the user.
pub fn wanted_by_app(key: &PrivateKey) -> Wanted {
    Wanted { app_key: Some(key.public_jwk().expect("its public half")), password: false, ..wanted(false) }
}

/// Names that the simulated org does not have yet.
pub fn names() -> Names {
    Names {
        role: "Connected app: read".to_owned(),
        set: "Connected app: resources".to_owned(),
        login: "svc-connected@acme.example".to_owned(),
        email: "ops@acme.example".to_owned(),
        app: "Connected app".to_owned(),
    }
}

impl World {
    pub async fn new() -> Self {
        Self::of(Config { lifecycle_lag: Duration::ZERO, ..small() }).await
    }

    pub async fn of(config: Config) -> Self {
        let spoiler = Arc::new(Spoiler::default());
        let hooks = Hooks { fault: Some(spoiler.clone()), ..Hooks::default() };
        let sim = Sim::start_with(config, SocketAddr::from(([127, 0, 0, 1], 0)), hooks).await;
        Self { sim: sim.expect("a simulator"), spoiler }
    }

    /// A session by a token, which does not wait long before it tries again.
    pub async fn session(&self, token: &str) -> Session {
        let origin = Origin::simulator(self.sim.addr).expect("loopback");
        let found = discover_at(origin.clone(), &HttpOptions::default()).await.expect("an org");
        let retry =
            RetrySettings { max_attempts: 2, base: Duration::from_millis(1), ..RetrySettings::default() };
        let client = Client::builder(origin).token(token.into()).retry(retry).build().expect("a client");
        Session::with(client, found)
    }

    /// A one-time token of the org's super admin.
    pub fn one_time(&self) -> String {
        self.sim.org.create_token(&self.owner(), "Set-up").expect("a token")
    }

    /// The id of the org's super admin.
    pub fn owner(&self) -> String {
        self.sim.org.owner_of(&self.sim.tokens.super_admin).expect("an owner")
    }

    /// Connects by a service app, which has nothing in excess and lacks nothing.
    pub async fn connects(&self, engine: &Engine, client_id: String, key: &PrivateKey) -> Org {
        let app = AppKey { client_id, key: key.to_pem().expect("PEM"), kid: None };
        let given = Connect {
            domain: self.sim.origin.clone(),
            okta_host: None,
            label: Some("Acme".to_owned()),
            credential: Credential::ServiceApp(app),
        };
        let Connected { org, verification } = engine.connect(given, &|_| ()).await.expect("connected");
        assert_eq!(verification.state, ConnectionState::Connected, "{:?}", verification.probes);
        let warned: Vec<&str> = verification.findings.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(warned, [""; 0], "no excess, and nothing lacking");
        org
    }

    pub fn spoil(&self, at: Option<(usize, Spoil)>) {
        self.spoiler.calls.lock().expect("calls").clear();
        *self.spoiler.at.lock().expect("plan") = at;
    }

    /// The routes asked since the last [`World::spoil`].
    pub fn calls(&self) -> Vec<String> {
        self.spoiler.calls.lock().expect("calls").clone()
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let origin = Origin::simulator(self.sim.addr).expect("loopback");
        let client = Client::builder(origin).token(self.sim.tokens.super_admin.clone().into()).build();
        let answer = client.expect("a client").request(method, path, &[], body).await;
        answer.unwrap_or_else(|e| panic!("{path}: {e}")).body
    }

    /// The org's state, less what moves by itself.
    pub fn state(&self) -> State {
        let truth = self.sim.org.truth(&self.sim.origin);
        let kinds = [
            Kind::User,
            Kind::Group,
            Kind::App,
            Kind::RoleAssignment,
            Kind::CustomRole,
            Kind::ResourceSet,
            Kind::Resource,
            Kind::BindingMember,
            Kind::AppGrant,
            Kind::Factor,
        ];
        let mut state = State::new();
        for kind in kinds {
            truth.each(kind, |r| {
                state.insert(format!("{kind:?} {} {}", r.parent, r.id), r.doc);
            });
        }
        // Tokens by name: when they were used moves.
        truth.each(Kind::ApiToken, |r| {
            state.insert(format!("token {} {}", r.doc["name"], r.doc["userId"]), Value::Null);
        });
        state
    }
}

/// An engine with a database of its own, in the folder beside it.
pub async fn engine() -> (Engine, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("transom.db"));
    let mut store = Store::open(&url, catalogue(), Arc::new(SystemClock)).await.expect("a store");
    let key = MasterKeySource::File { path: folder.path().join("key"), create_if_new: true };
    store.unlock(key).await.expect("a key");
    let http = HttpOptions::default();
    (Engine { store, http, allow_loopback: true, actor: "test".to_owned() }, folder)
}

/// Plans, and carries the plan out; what is told is noted in `kept`, as a process that listens would note it. `forgets`
/// says that the listener is gone before the last thing it is told.
pub async fn apply(
    session: &Session,
    wanted: &Wanted,
    kept: &mut Record,
    forgets: bool,
) -> Result<Plan, Problem> {
    let plan = session.plan(wanted, kept).await?;
    if plan.in_the_way().next().is_none() {
        kept.begin("a1b2c3".to_owned(), wanted, &plan);
    }
    let (mut record, mut events) = (kept.clone(), Vec::new());
    let password = SecretString::from("correct horse battery staple");
    let mut on = |event: Event| events.push(event);
    let done = session.apply(wanted, &plan, Some(&password), &mut record, &mut on).await;
    if forgets && done.is_err() {
        let last = events.iter().rposition(|e| matches!(e, Event::Made { .. }));
        last.map(|at| events.remove(at));
    }
    events.iter().for_each(|event| kept.note(event));
    done
}

/// The verdicts of a plan, in order.
pub fn verdicts(plan: &Plan) -> Vec<Planned> {
    plan.items.iter().map(|i| i.verdict).collect()
}
