//! A small simulated org and an engine with a database of its own, connected to it.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use okta_client::{Client, Method, Origin, secrets};
use okta_sim::{Config, Hooks, Kind, Relation, Running, Shape, Sim, Spread, Tokens};
use serde_json::Value;
use tempfile::TempDir;
use transom_core::{Coverage, CoverageState, Doc, EntityId, SystemClock};
use transom_engine::connection::{Connect, Rotation, Verification};
use transom_engine::dataset::Tier;
use transom_engine::entity::{self, catalogue};
use transom_engine::sync::plan::Options;
use transom_engine::sync::{Event, Summary, Watch};
use transom_engine::{Engine, Problem};
use transom_store::{DatabaseUrl, Error, MasterKeySource, Org, Store};

use super::faults::Faults;

/// Objects by kind: their parent's id, which is empty for top-level ones, and their own.
pub type Ids = BTreeSet<(String, String)>;

/// Relations that are listed, with what the org calls them.
const RELATIONS: [(&str, Relation); 8] = [
    ("group_member", Relation::Member),
    ("app_user", Relation::AppUser),
    ("device_user", Relation::DeviceUser),
    ("app_group", Relation::AppGroup),
    ("group_owner", Relation::Owner),
    ("link_primary", Relation::Primary),
    ("auth_server_client", Relation::ServerClient),
    ("auth_server_trust", Relation::ServerTrust),
];
/// Their pairs that are held, in the org's order.
const RELATED: &str = "SELECT 'group_member', group_id, user_id FROM okta_group_member \
    UNION ALL SELECT 'app_user', app_id, user_id FROM okta_app_user \
    UNION ALL SELECT 'device_user', device_id, user_id FROM okta_device_user \
    UNION ALL SELECT 'app_group', app_id, group_id FROM okta_app_group \
    UNION ALL SELECT r.name, \
        CASE r.name WHEN 'group_owner' THEN d.okta_id WHEN 'link_primary' THEN p.okta_id ELSE s.okta_id END, \
        CASE r.name WHEN 'group_owner' THEN s.okta_id ELSE d.okta_id END \
    FROM edge e JOIN relation r ON r.code = e.rel \
    JOIN entity s ON s.org = e.org AND s.id = e.src JOIN entity d ON d.org = e.org AND d.id = e.dst \
    LEFT JOIN entity p ON p.org = e.org AND p.id = s.parent \
    WHERE r.name IN ('app_policy', 'group_owner', 'link_primary', 'auth_server_client', 'auth_server_trust')";

/// The kinds that are listed as they are, and what the simulator calls them.
const KINDS: [(&str, Kind); 59] = [
    ("user", Kind::User),
    ("group", Kind::Group),
    ("group_rule", Kind::GroupRule),
    ("app", Kind::App),
    ("factor", Kind::Factor),
    ("resource_set", Kind::ResourceSet),
    ("resource", Kind::Resource),
    ("policy", Kind::Policy),
    ("policy_rule", Kind::PolicyRule),
    ("authorization_server", Kind::AuthServer),
    ("network_zone", Kind::Zone),
    ("api_token", Kind::ApiToken),
    ("event_hook", Kind::EventHook),
    ("inline_hook", Kind::InlineHook),
    ("log_stream", Kind::LogStream),
    ("agent_pool", Kind::AgentPool),
    ("agent", Kind::Agent),
    ("brand", Kind::Brand),
    ("domain", Kind::Domain),
    ("domain_certificate", Kind::DomainCertificate),
    ("email_domain", Kind::EmailDomain),
    ("feature", Kind::Feature),
    ("app_feature", Kind::AppFeature),
    ("app_key", Kind::AppKey),
    ("app_jwk", Kind::AppJwk),
    ("app_grant", Kind::AppGrant),
    ("app_token", Kind::AppToken),
    ("group_push", Kind::GroupPush),
    ("profile_mapping", Kind::ProfileMapping),
    ("api_service", Kind::ApiService),
    ("principal_rate_limit", Kind::PrincipalRateLimit),
    ("auth_scope", Kind::AuthScope),
    ("auth_claim", Kind::AuthClaim),
    ("auth_policy", Kind::AuthPolicy),
    ("auth_policy_rule", Kind::AuthPolicyRule),
    ("auth_key", Kind::AuthKey),
    ("policy_mapping", Kind::PolicyMapping),
    ("authenticator", Kind::Authenticator),
    ("authenticator_method", Kind::AuthenticatorMethod),
    ("idp", Kind::IdentityProvider),
    ("idp_key", Kind::IdpKey),
    ("behavior", Kind::Behavior),
    ("trusted_origin", Kind::TrustedOrigin),
    ("security_events_provider", Kind::SecurityEventsProvider),
    ("captcha", Kind::Captcha),
    ("threat_insight", Kind::ThreatInsight),
    ("lockout_settings", Kind::LockoutSettings),
    ("authenticator_settings", Kind::AuthenticatorSettings),
    ("user_type", Kind::UserType),
    ("user_schema", Kind::UserSchema),
    ("group_schema", Kind::GroupSchema),
    ("linked_object", Kind::LinkedObject),
    ("realm", Kind::Realm),
    ("realm_assignment", Kind::RealmAssignment),
    ("device", Kind::Device),
    ("device_assurance", Kind::DeviceAssurance),
    ("binding_member", Kind::BindingMember),
    ("user_grant", Kind::UserGrant),
    ("linked_user", Kind::LinkedUser),
];

pub struct World {
    pub sim: Running,
    pub fault: Arc<Faults>,
    pub engine: Engine,
    pub org: Org,
    events: Arc<Mutex<Vec<Event>>>,
    folder: TempDir,
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
    Config { users: 44, groups: 12, apps: 14, shape, as_of: Some(1_767_225_600_000), ..Config::default() }
}

impl World {
    /// A small org, connected with the super admin's token, which sees all of it.
    pub async fn new() -> Self {
        Self::of(small(), |tokens| &tokens.super_admin).await
    }

    /// An org of this config, connected with one of its tokens.
    pub async fn of(config: Config, token: fn(&Tokens) -> &String) -> Self {
        Self::with(config, token, Faults::default()).await
    }

    /// The same with faults that may strike from the first call on.
    pub async fn with(config: Config, token: fn(&Tokens) -> &String, fault: Faults) -> Self {
        let fault = Arc::new(fault);
        let hooks = Hooks { fault: Some(fault.clone()), ..Hooks::default() };
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let sim = Sim::start_with(config, anywhere, hooks).await.expect("a simulator");
        let (engine, org, folder) = connected(&sim, token(&sim.tokens)).await;
        Self { sim, fault, engine, org, events: Arc::default(), folder }
    }

    /// Reads all of the org, every tier of it, whatever comes of it. Nothing is asked beforehand for the sake of the
    /// plan, so that the first call of each sort is one of the sync itself.
    pub async fn try_sync(&self) -> Result<Summary, Problem> {
        self.try_sync_with(&Options { tiers: Tier::ALL.to_vec(), ask: false, ..Options::default() }).await
    }

    /// Reads what `options` say, whatever comes of it.
    pub async fn try_sync_with(&self, options: &Options) -> Result<Summary, Problem> {
        let events = self.events.clone();
        let watch: Watch = Arc::new(move |event| events.lock().expect("events").push(event));
        self.engine.sync_with(&self.org, options, watch).await
    }

    /// Reads what `options` say, to the end.
    pub async fn sync_with(&self, options: &Options) -> Summary {
        self.try_sync_with(options).await.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Reads the org to the end.
    #[track_caller]
    pub fn sync(&self) -> impl Future<Output = Summary> {
        let at = std::panic::Location::caller();
        async move { self.try_sync().await.unwrap_or_else(|problem| panic!("{at}: {problem}")) }
    }

    /// Reads the org until `stop` ends, and is then gone like a process that was killed; `None`: it was. A sync that
    /// ends before gives its outcome.
    pub async fn sync_until(&self, stop: impl Future<Output = ()>) -> Option<Result<Summary, Problem>> {
        let outcome = tokio::select! {
            outcome = self.try_sync() => Some(outcome),
            () = stop => None,
        };
        if outcome.is_none() {
            // The dead are known by their process id, and this process lives.
            let store = &self.engine.store;
            if let Err(Error::LeaseHeld { holder, .. }) =
                store.acquire_lease(self.org.id, "test", Duration::ZERO).await
            {
                store.break_lease(self.org.id, &holder).await.expect("a lease");
            }
        }
        outcome
    }

    /// Every byte of the database's files.
    pub fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("its bytes")).collect()
    }

    /// What was told since the last call.
    pub fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().expect("events"))
    }

    /// Whether the last sync went on with an unfinished run.
    pub fn resumed(&self) -> bool {
        self.events().iter().rev().any(|event| matches!(event, Event::Started { resumed: true }))
    }

    /// Gives the connection another token of the org, which may read less.
    pub async fn rotate(&self, token: &str) {
        let less = Rotation { accept_less: true.into(), ..Rotation::default() };
        self.rotate_how(token, less).await.expect("a token that works");
    }

    /// The same in this way, whatever comes of it.
    pub async fn rotate_how(&self, token: &str, how: Rotation) -> Result<Verification, Problem> {
        let rotated = self.engine.rotate(&self.org, secrecy::SecretString::from(token).into(), how).await;
        rotated.map(|rotated| rotated.verification)
    }

    /// What is known of a data set.
    pub async fn coverage(&self, dataset: &str) -> Coverage {
        let all = self.engine.store.coverage(self.org.id).await.expect("readable");
        all.into_iter().find(|c| c.dataset == dataset).unwrap_or_else(|| panic!("no coverage of {dataset}"))
    }

    /// Data sets that are not in `state`, with their reasons.
    pub async fn not_in(&self, state: CoverageState) -> Vec<String> {
        let all = self.engine.store.coverage(self.org.id).await.expect("readable");
        // What wants an admin's word is not read without it.
        let unasked = |c: &Coverage| entity::dataset(&c.dataset).is_some_and(|d| d.opt_in.is_some());
        let others = all.into_iter().filter(|c| c.state != state && !unasked(c));
        others.map(|c| format!("{} {}: {}", c.dataset, c.state.as_str(), c.reason)).collect()
    }

    /// The rows of a query as texts.
    pub async fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let found = self.engine.store.sql(query, 1_000_000).await.expect(query);
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        found.rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
    }

    /// The one number that a query gives.
    pub async fn number(&self, query: &str) -> u64 {
        self.rows(query).await[0][0].parse().expect("a number")
    }

    async fn pairs(&self, query: &str) -> Ids {
        let pair = |row: Vec<String>| (row[0].clone(), row[1].clone());
        self.rows(query).await.into_iter().map(pair).collect()
    }

    /// The live objects of a kind.
    pub async fn held(&self, kind: &str) -> Ids {
        self.objects().await.remove(kind).unwrap_or_default()
    }

    /// The live objects of every kind.
    async fn objects(&self) -> HashMap<String, Ids> {
        let objects = "SELECT k.name, coalesce(p.okta_id, ''), e.okta_id FROM entity e JOIN kind k ON k.code = e.kind \
                       LEFT JOIN entity p ON p.org = e.org AND p.id = e.parent \
                       WHERE e.removed_at IS NULL AND e.doc_hash IS NOT NULL";
        self.by_name(objects).await
    }

    /// The pairs that a query gives, by the name before them.
    async fn by_name(&self, query: &str) -> HashMap<String, Ids> {
        let mut by_name: HashMap<String, Ids> = HashMap::new();
        for row in self.rows(query).await {
            let [name, from, to] = <[String; 3]>::try_from(row).expect("three columns");
            by_name.entry(name).or_default().insert((from, to));
        }
        by_name
    }

    /// The members of groups: group, user.
    pub async fn members(&self) -> Ids {
        self.pairs("SELECT group_id, user_id FROM okta_group_member").await
    }

    /// The users of apps: app, user.
    pub async fn app_users(&self) -> Ids {
        self.pairs("SELECT app_id, user_id FROM okta_app_user").await
    }

    /// Everything that is held, by kind and relation: to see that a sync took nothing away.
    pub async fn counts(&self) -> Vec<Vec<String>> {
        let objects = "SELECT k.name, count(*) FROM entity e JOIN kind k ON k.code = e.kind \
                       WHERE e.removed_at IS NULL AND e.doc_hash IS NOT NULL GROUP BY k.name ORDER BY k.name";
        let edges = "SELECT r.name, count(*) FROM edge e JOIN relation r ON r.code = e.rel GROUP BY r.name ORDER BY r.name";
        [self.rows(objects).await, self.rows(edges).await].concat()
    }

    /// What the org has of a kind.
    pub fn there(&self, kind: Kind) -> Ids {
        self.sim.org.truth(&self.sim.origin).list(kind).into_iter().map(|r| (r.parent, r.id)).collect()
    }

    /// Active users who own no token and hold no role: what happens to them ends no connection.
    pub fn ordinary(&self) -> Vec<String> {
        let truth = self.sim.org.truth(&self.sim.origin);
        let tokens = truth.list(Kind::ApiToken);
        let owners = tokens.iter().filter_map(|t| t.doc["userId"].as_str().map(str::to_owned));
        let holders = truth.list(Kind::RoleAssignment).into_iter().map(|a| a.parent);
        let others: BTreeSet<String> = owners.chain(holders).collect();
        let mut users = truth.list(Kind::User);
        users.retain(|u| u.doc["status"] == "ACTIVE" && !others.contains(&u.id));
        users.into_iter().map(|u| u.id).collect()
    }

    /// The pairs that the org has of a relation.
    pub fn related(&self, relation: Relation) -> Ids {
        self.sim.org.truth(&self.sim.origin).edges(relation).into_iter().collect()
    }

    /// What is held and what a super admin sees of the org, by data set.
    pub async fn compared(&self) -> Vec<(&'static str, Ids, Ids)> {
        // Each question opens the database anew, so that there are two for all of it.
        let (mut all, mut objects) = (Vec::new(), self.objects().await);
        let mut held = |name| objects.remove(name).unwrap_or_default();
        for (name, kind) in KINDS {
            all.push((name, held(name), self.there(kind)));
        }
        // Okta shows a user's roles through groups too, and the standard roles beside an org's own.
        for (name, kind) in [("role_assignment", Kind::RoleAssignment), ("role", Kind::CustomRole)] {
            let (held, there) = (held(name), self.there(kind));
            let both = held.intersection(&there).cloned().collect();
            all.push((name, both, there));
        }
        let mut held = self.by_name(RELATED).await;
        for (name, relation) in RELATIONS {
            all.push((name, held.remove(name).unwrap_or_default(), self.related(relation)));
        }
        all.push(("app_policy", held.remove("app_policy").unwrap_or_default(), self.guarded()));
        all
    }

    /// Apps and the policies that their documents lead to.
    fn guarded(&self) -> Ids {
        let apps = self.sim.org.truth(&self.sim.origin).list(Kind::App);
        let policy = |doc: &Value| {
            let href = doc.pointer("/_links/accessPolicy/href")?.as_str()?;
            href.rsplit('/').next().map(str::to_owned)
        };
        apps.into_iter().filter_map(|app| Some((app.id, policy(&app.doc)?))).collect()
    }

    /// What of the copy is not as a super admin sees the org; empty when all is. An org that has none of something
    /// compares nothing, which is a difference too.
    pub async fn differences(&self) -> Vec<String> {
        [self.lacking().await, self.differences_after_changes().await].concat()
    }

    /// What the org has none of, so that nothing is compared.
    pub async fn lacking(&self) -> Vec<String> {
        let mut all = self.compared().await;
        // Some hang on one app, which changes may take away; a test of their own sees that there are some at first.
        all.retain(|(name, _, there)| {
            there.is_empty() && !matches!(*name, "app_jwk" | "app_grant" | "app_token")
        });
        all.into_iter()
            .map(|(name, ..)| format!("{name}: the org has none, so nothing is compared"))
            .collect()
    }

    /// The same of an org that has changed since it was made: the last one of something may be gone.
    pub async fn differences_after_changes(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (name, held, there) in self.compared().await {
            differences(name, &held, &there, &mut all);
        }
        all.append(&mut self.other_documents().await);
        all
    }

    /// Objects of which another document is held than a super admin sees, but for what Okta recounts at every read.
    async fn other_documents(&self) -> Vec<String> {
        let hashes = "SELECT k.name, coalesce(p.okta_id, ''), e.okta_id, hex(substr(e.doc_hash, 1, 8)), e.id \
                      FROM entity e JOIN kind k ON k.code = e.kind \
                      LEFT JOIN entity p ON p.org = e.org AND p.id = e.parent \
                      WHERE e.removed_at IS NULL AND e.doc_hash IS NOT NULL";
        let rows = self.rows(hashes).await.into_iter();
        let held: HashMap<_, _> = rows.map(|row| (row[..3].to_vec(), row[3..].to_vec())).collect();
        let (truth, catalogue) = (self.sim.org.truth(&self.sim.origin), catalogue());
        let mut other = Vec::new();
        for (name, kind) in KINDS {
            let declared = catalogue.kind_named(name).expect(name);
            for mut object in truth.list(kind) {
                secrets::scrub("", &mut object.doc);
                let doc = Doc::of(declared, &object.doc);
                let hash: String = doc.hash()[..8].iter().map(|byte| format!("{byte:02X}")).collect();
                let at = vec![name.to_owned(), object.parent, object.id];
                let Some([_, id]) = held.get(&at).filter(|held| held[0] != hash).map(Vec::as_slice) else {
                    continue;
                };
                let id = EntityId(id.parse().expect("a number"));
                let held =
                    self.engine.store.entity_by_id(self.org.id, id).await.expect("readable").expect("held");
                // A hash may have been made void, so that the next reading writes the edges anew.
                if Doc::of(declared, &held.doc).hash()[..8] == doc.hash()[..8] {
                    continue;
                }
                other.push(format!("{}: {}", at.join(" "), first_difference(&held.doc, &object.doc)));
            }
        }
        other
    }

    /// The plan of the last run, as it is stored.
    pub async fn plan(&self) -> Value {
        let runs = self.engine.store.runs(self.org.id, 1).await.expect("runs");
        runs[0].plan["plan"].clone()
    }

    /// The route by which the last run read a data set.
    pub async fn route_of(&self, dataset: &str) -> String {
        let plan = self.plan().await;
        let step = plan["steps"].as_array().expect("steps").iter().find(|s| s["dataset"] == dataset);
        step.expect(dataset)["route"].as_str().expect("a route").to_owned()
    }

    /// The edges of a relation: the ids at their ends.
    pub async fn edges(&self, relation: &str) -> Ids {
        self.pairs(&format!(
            "SELECT s.okta_id, d.okta_id FROM edge e JOIN relation r ON r.code = e.rel \
             JOIN entity s ON s.org = e.org AND s.id = e.src JOIN entity d ON d.org = e.org AND d.id = e.dst \
             WHERE r.name = '{relation}'"
        ))
        .await
    }

    /// Checks that the copy is the org, that all of it counts as known, and that nothing of a run is left over.
    #[track_caller]
    pub fn equals_truth(&self) -> impl Future<Output = ()> {
        let at = std::panic::Location::caller();
        async move {
            assert_eq!(self.differences().await, [""; 0], "{at}");
            self.is_known_whole(at).await;
        }
    }

    /// The same of an org that has changed since it was made.
    #[track_caller]
    pub fn equals_truth_after_changes(&self) -> impl Future<Output = ()> {
        let at = std::panic::Location::caller();
        async move {
            assert_eq!(self.differences_after_changes().await, [""; 0], "{at}");
            self.is_known_whole(at).await;
        }
    }

    async fn is_known_whole(&self, at: &std::panic::Location<'_>) {
        assert_eq!(self.not_in(CoverageState::Complete).await, [""; 0], "{at}");
        for left in ["checkpoint", "seen"] {
            assert_eq!(self.number(&format!("SELECT count(*) FROM {left}")).await, 0, "{at}: {left}");
        }
    }

    /// Calls the org as its super admin.
    pub async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let origin = Origin::simulator(self.sim.addr).expect("loopback");
        let client = Client::builder(origin).token(self.sim.tokens.super_admin.clone().into()).build();
        let answer = client.expect("a client").request(method, path, &[], body).await;
        answer.unwrap_or_else(|e| panic!("{path}: {e}")).body
    }
}

/// An engine with a database of its own, connected to the simulated org.
pub async fn connected(sim: &Running, token: &str) -> (Engine, Org, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("transom.db"));
    let mut store = Store::open(&url, catalogue(), Arc::new(SystemClock)).await.expect("a store");
    let key = MasterKeySource::File { path: folder.path().join("key"), create_if_new: true };
    store.unlock(key).await.expect("a key");
    let http = transom_engine::HttpOptions::default();
    let engine = Engine { store, http, allow_loopback: true, actor: "test".to_owned() };
    let given = Connect {
        domain: sim.origin.clone(),
        okta_host: None,
        label: Some("Acme".to_owned()),
        credential: secrecy::SecretString::from(token).into(),
    };
    let org = engine.connect(given, &|_| ()).await.expect("a connection").org;
    (engine, org, folder)
}

/// The first path at which two documents differ, and how.
fn first_difference(held: &Value, there: &Value) -> String {
    let (Value::Object(a), Value::Object(b)) = (held, there) else {
        let short = |value: &Value| value.to_string().chars().take(200).collect::<String>();
        return format!(" is held as {}, and is {}", short(held), short(there));
    };
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let of =
        |object: &serde_json::Map<String, Value>, name: &str| object.get(name).cloned().unwrap_or_default();
    let other = names.into_iter().find(|name| of(a, name) != of(b, name));
    other.map_or_else(String::new, |name| format!("/{name}{}", first_difference(&of(a, name), &of(b, name))))
}

fn differences(name: &str, held: &Ids, there: &Ids, all: &mut Vec<String>) {
    for (parent, id) in there.difference(held) {
        all.push(format!("{name} {parent}/{id} is missing"));
    }
    for (parent, id) in held.difference(there) {
        all.push(format!("{name} {parent}/{id} is not there any more"));
    }
}
