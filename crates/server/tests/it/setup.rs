//! Set-up from the web guide in a browser without script: plan, apply, connect, verify, take down. The one-time token is on
//! no page and in no file.

use std::collections::BTreeMap;
use std::io::{BufReader, stdin};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use okta_sim::{Kind, Running};
use serde_json::Value;
use transom_core::{OrgId, Reach, Role};
use transom_engine::connection::{Rotation, find};
use transom_engine::setup::Program;
use transom_store::RequestState;

use crate::browser::{Answer, Browser, House};
use crate::connecting::{a_quarter_of_an_hour, owner, settled, simulator};

const SETUP: &str = "/settings/integrations/okta/setup";
const LOGIN: &str = "svc-connected@acme.example";

/// What a set-up starts: this very test program, as [`the_worker`]. What the test harness says is kept from the pipe, and
/// what the process logs is in the installation's folder.
pub fn worker(folder: &Path) -> Program {
    let this = std::env::current_exe().expect("a program");
    let path = folder.join("worker.sh");
    let text = format!(
        "#!/bin/sh\nexec '{}' --exact setup::the_worker --ignored --nocapture 3>&1 >/dev/null 2>>'{}'\n",
        this.display(),
        folder.join("worker.log").display()
    );
    std::fs::write(&path, text).expect("writes");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("sets");
    Program { path, log: "trace".to_string() }
}

#[tokio::test]
#[ignore = "it is the process that a set-up starts"]
async fn the_worker() {
    let mut out = std::fs::File::options().write(true).open("/proc/self/fd/3").expect("a pipe");
    transom_engine::setup::work(&mut BufReader::new(stdin()), &mut out).await;
}

/// A token that a super admin makes for this alone.
fn one_time(sim: &Running) -> String {
    let owner = sim.org.owner_of(&sim.tokens.super_admin).expect("an owner");
    sim.org.create_token(&owner, "Set-up").expect("a token")
}

/// What a set-up could touch.
fn state(sim: &Running) -> BTreeMap<String, Value> {
    let (truth, mut state) = (sim.org.truth(&sim.origin), BTreeMap::new());
    for kind in [
        Kind::User,
        Kind::App,
        Kind::AppGrant,
        Kind::RoleAssignment,
        Kind::CustomRole,
        Kind::ResourceSet,
        Kind::Resource,
    ] {
        truth.each(kind, |r| drop(state.insert(format!("{kind:?} {} {}", r.parent, r.id), r.doc)));
    }
    state
}

/// A browser that looks for the token on whatever comes.
struct Wary {
    browser: Browser,
    secrets: Vec<String>,
}

impl Wary {
    fn clean(&self, answer: Answer) -> Answer {
        for secret in &self.secrets {
            assert!(!answer.says(secret) && !format!("{:?}", answer.headers).contains(secret.as_str()));
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        let answer = self.browser.get(path).await;
        self.clean(answer)
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.browser.post(path, fields).await;
        self.clean(answer)
    }

    /// Posts, follows, and waits for what comes of it.
    async fn does(&mut self, path: &str, fields: &[(&str, &str)]) -> (String, Answer) {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let path = answer.leads_to().to_string();
        let answer = settled(&mut self.browser, &path).await;
        (path, self.clean(answer))
    }

    /// Connects an org by a token, and waits for its first sync.
    async fn connects(&mut self, domain: &str, key: &str, label: &str) {
        let connect = "/settings/integrations/okta/connect";
        self.get(connect).await;
        let fields = [("domain", domain), ("key", key), ("label", label)];
        let (path, _) = self.does(connect, &fields).await;
        let job = path.split("job=").nth(1).and_then(|j| j.split('#').next()).expect("a job").to_string();
        let saved = self.post(&format!("{connect}/{job}"), &[]).await;
        let path = saved.leads_to().to_string();
        settled(&mut self.browser, &path).await;
    }

    async fn plans(&mut self, domain: &str, token: &str, more: &[(&str, &str)]) -> (String, Answer) {
        self.secrets.push(token.to_string());
        self.get(SETUP).await;
        let fields = [("domain", domain), ("first", "password"), ("token", token)];
        self.does(SETUP, &[fields.as_slice(), more].concat()).await
    }
}

const NAMES: [(&str, &str); 3] =
    [("role", "Connected app: read"), ("set", "Connected app: resources"), ("login", LOGIN)];

#[tokio::test]
async fn an_org_is_set_up_connected_and_left_as_it_was() {
    let (house, sim) = (House::owned().await, simulator().await);
    let before = state(&sim);
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: Vec::new() };
    assert!(wary.get("/settings/integrations/okta/connect").await.says("let Transom set it up"));

    // What reads may plan, and what is left may not be carried out.
    let reader = sim.tokens.read_only_custom.clone();
    let (path, page) = wary.plans(&sim.origin, &reader, &NAMES).await;
    assert!(page.says("takes a token of a Super Administrator") && !page.says(">Apply<"), "{}", page.text);
    wary.post(&format!("{path}/apply"), &[]).await;
    assert!(wary.get(&path).await.says("Not with this token"));
    // A user that is there already is used only where that is said.
    let (_, page) = wary
        .plans(&sim.origin, &sim.tokens.super_admin.clone(), &[("login", "svc-transom@acme.example")])
        .await;
    assert!(
        page.says("In the way") && page.says("was not revoked") && !page.says(">Apply<"),
        "{}",
        page.text
    );

    // A plan that is left.
    let token = one_time(&sim);
    let (path, page) = wary.plans(&sim.origin, &token, &NAMES).await;
    assert!(page.says("5 of 5 to make or change") && page.says("POST /api/v1/iam/roles"), "{}", page.text);
    assert!(page.says("okta.iam.read") && page.says(LOGIN), "each request is shown whole");
    wary.post(&format!("{path}/leave"), &[]).await;
    let mut page = wary.get(&path).await;
    for _ in 0..100 {
        if page.says("Nothing was changed.") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        page = wary.get(&path).await;
    }
    assert!(page.says("Nothing was changed.") && page.says("was not revoked"), "{}", page.text);
    assert_eq!(state(&sim), before);
    // Nobody else sees it.
    let admin = house.account("a@acme.example", Role::Admin, Reach::All).await;
    let mut other = house.signed_in(&admin).await;
    assert_eq!(other.get(&path).await.leads_to(), SETUP);
    assert_eq!(other.post(&format!("{path}/apply"), &[]).await.status, StatusCode::NOT_FOUND);

    // One that is carried out.
    let (path, _) = wary.plans(&sim.origin, &token, &NAMES).await;
    let (path, page) = wary.does(&format!("{path}/apply"), &[]).await;
    for says in
        ["The org is set up.", "The one-time token is revoked.", "Step 4 stays with you", "Verify Connection"]
    {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    let shown = wary.post(&format!("{path}/password"), &[]).await;
    let password = shown.text.split("<span class=\"copy\"><code>").nth(1).and_then(|t| t.split('<').next());
    let password = password.expect("a password").to_string();
    assert!(password.ends_with("-aZ9"), "{}", shown.text);
    wary.secrets.push(password);
    let again = wary.post(&format!("{path}/password"), &[]).await;
    assert_eq!(again.leads_to(), path, "it is shown once");
    assert!(!wary.get(&path).await.says("Show the password"));
    assert_ne!(state(&sim), before);
    // And in time all of it is forgotten.
    a_quarter_of_an_hour().await;
    assert_eq!(wary.get(&path).await.leads_to(), SETUP);

    // What was revoked is of no use, and a new one finds nothing to do.
    let (_, page) = wary.plans(&sim.origin, &token, &[]).await;
    assert!(page.says("Token rejected.") && page.says("as a Super Administrator"), "{}", page.text);
    let second = one_time(&sim);
    let (_, page) = wary.plans(&sim.origin, &second, &[("keep", "1")]).await;
    assert!(page.says("No difference") && !page.says(">Apply<"), "names are remembered: {}", page.text);
    assert!(page.says("was kept, as you asked"), "{}", page.text);

    // Connected with what the user makes, it is verified.
    let key = sim.org.create_token(LOGIN, "Transom").expect("the user makes it");
    let connect = "/settings/integrations/okta/connect";
    wary.secrets.push(key.clone());
    let domain = sim.origin.clone();
    let fields = [("domain", domain.as_str()), ("key", key.as_str()), ("label", "Production")];
    let (path, page) = wary.does(connect, &fields).await;
    assert!(page.says("Everything that the set-up is for can be read."), "{}", page.text);
    let job = path.split("job=").nth(1).and_then(|j| j.split('#').next()).expect("a job").to_string();
    wary.post(&format!("{connect}/{job}"), &[]).await;
    settled(&mut wary.browser, "/orgs/1/connection").await;
    let made = format!("{SETUP}/made");
    let page = wary.get(&format!("{made}?domain={domain}")).await;
    assert!(page.says("Custom role given") && page.says("stops working with it"), "{}", page.text);
    let (_, page) = wary.does(&format!("{made}/verify"), &[("domain", &domain)]).await;
    assert!(page.says(&format!("The credential of Production is that of {LOGIN}.")), "{}", page.text);
    assert!(page.says("As set up"), "{}", page.text);

    // And left as it was.
    wary.get(&format!("{made}?domain={domain}")).await;
    let wrong = [("domain", domain.as_str()), ("confirm", "acme"), ("token", second.as_str())];
    let refused = wary.post(&format!("{made}/teardown"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let host = domain.trim_start_matches("http://").to_string();
    let right = [("domain", domain.as_str()), ("confirm", host.as_str()), ("token", second.as_str())];
    let (_, page) = wary.does(&format!("{made}/teardown"), &right).await;
    assert!(
        page.says("All of it is removed.") && page.says("The one-time token is revoked."),
        "{}",
        page.text
    );
    assert_eq!(state(&sim), before);
    assert!(wary.get(&format!("{made}?domain={domain}")).await.says("Nothing is recorded"));

    // Where it happened it is told, by whom, and without a secret.
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    let ours: Vec<_> = audit.iter().rev().filter(|r| r.action.starts_with("setup.")).collect();
    let did: Vec<&str> = ours.iter().map(|r| r.action.as_str()).collect();
    let (made, removed) = (["setup.made"; 5], ["setup.removed"; 5]);
    let whole = [
        &["setup.apply"][..],
        &made,
        &["setup.token_revoked", "setup.applied", "setup.teardown"],
        &removed,
        &["setup.token_revoked", "setup.torn_down"],
    ];
    assert_eq!(did, whole.concat());
    assert!(ours.iter().all(|r| r.actor.contains("owner@acme.example")), "{ours:?}");
    for secret in &wary.secrets {
        assert!(!house.files_hold(secret.as_bytes()), "the database or the worker's log holds a secret");
    }
    house.app.stop().await;
}

const APP: [(&str, &str); 5] = [
    ("by", "app"),
    ("app", "Connected app"),
    ("label", "Production"),
    ("role", "Connected app: read"),
    ("set", "Connected app: resources"),
];

/// The first lines of a private key as PEM has them: RSA of 2,048 bits, PKCS#8.
const PEM: &str = "PRIVATE KEY-----";

#[tokio::test]
async fn a_service_app_is_made_and_connected_by_itself() {
    let (house, sim) = (House::owned().await, simulator().await);
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec![PEM.to_string()] };
    let domain = sim.origin.clone();
    let (_, page) = wary.plans(&domain, &one_time(&sim), &APP).await;
    assert!(page.says("In the way") && page.says("Public client app admins"), "{}", page.text);
    sim.org.set_client_privileges(false).expect("set");
    let before = state(&sim);

    let token = one_time(&sim);
    let (path, page) = wary.plans(&domain, &token, &APP).await;
    for says in ["6 of 6 to make or change", "private_key_jwt", "Transom connects by the service app"] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert_eq!(state(&sim), before);
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    for says in [
        "The org is set up, and Production reads by its service app.",
        "The one-time token is revoked.",
        "/orgs/1/connection",
    ] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert!(!page.says("Step 4 stays with you") && !page.says("Show the password"), "{}", page.text);
    let page = settled(&mut wary.browser, "/orgs/1/connection").await;
    assert!(page.says("Connected") && page.says("Connected app"), "{}", page.text);

    // It is what was set up, without excess; and nothing is left to do.
    let made = format!("{SETUP}/made");
    let page = wary.get(&format!("{made}?domain={domain}")).await;
    assert!(page.says("Scopes") && page.says("stops working with it"), "{}", page.text);
    assert!(!page.says("is sealed here"), "the connection has the key: {}", page.text);
    let (_, page) = wary.does(&format!("{made}/verify"), &[("domain", &domain)]).await;
    assert!(page.says("The credential of Production is that of Connected app."), "{}", page.text);
    assert!(page.says("As set up"), "{}", page.text);
    let second = one_time(&sim);
    let (_, page) = wary.plans(&domain, &second, &[("by", "app"), ("keep", "1")]).await;
    assert!(page.says("No difference") && !page.says(">Apply<"), "{}", page.text);
    // A user does not take its place by the way.
    let (_, page) = wary.plans(&domain, &second, &[("by", "token"), ("keep", "1")]).await;
    assert!(page.says("This org was set up with a service app."), "{}", page.text);

    wary.get(&format!("{made}?domain={domain}")).await;
    let host = domain.trim_start_matches("http://").to_string();
    let right = [("domain", domain.as_str()), ("confirm", host.as_str()), ("token", second.as_str())];
    let (_, page) = wary.does(&format!("{made}/teardown"), &right).await;
    assert!(page.says("All of it is removed."), "{}", page.text);
    assert_eq!(state(&sim), before);
    for secret in &wary.secrets {
        assert!(!house.files_hold(secret.as_bytes()), "the database or the worker's log holds a secret");
    }
    house.app.stop().await;
}

/// Where the org is connected already, the app takes the place of that connection's credential, and the plan says so.
#[tokio::test]
async fn a_connection_is_rotated_to_the_service_app() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec![PEM.to_string()] };
    let domain = sim.origin.clone();
    wary.connects(&domain, &sim.tokens.read_only_custom, "Acme").await;

    // Whoever may connect orgs, but is no administrator of this one, does not get at its credential by that.
    let other = house.account("c@acme.example", Role::Admin, Reach::Orgs([OrgId(99)].into())).await;
    let asked = house.store.request_access("okta", other.id, "", "test").await.expect("asks");
    house.store.decide_access(asked.id, RequestState::Granted, 1, "test").await.expect("grants");
    let mut connector = Wary { browser: house.signed_in(&other).await, secrets: Vec::new() };
    let token = one_time(&sim);
    let (path, page) = connector.plans(&domain, &token, &APP).await;
    assert!(page.says("This org is connected already.") && !page.says("Acme"), "{}", page.text);
    connector.post(&format!("{path}/apply"), &[]).await;
    assert!(connector.get(&path).await.says("Nothing was changed."));
    // Nor who was one when it was planned, and is none when leave is given.
    let both = Reach::Orgs([OrgId(1), OrgId(99)].into());
    house.store.set_role(other.id, Role::Admin, &both, "test").await.expect("sets");
    let before = state(&sim);
    let (path, page) = connector.plans(&domain, &token, &APP).await;
    assert!(page.says("<strong>Acme</strong> reads by the service app"), "{}", page.text);
    house.store.set_role(other.id, Role::Viewer, &both, "test").await.expect("sets");
    let (_, page) = connector.does(&format!("{path}/apply"), &[]).await;
    assert!(
        page.says("This org is connected already.") && page.says("Nothing was changed."),
        "{}",
        page.text
    );
    assert_eq!(state(&sim), before);
    let (path, page) = wary.plans(&domain, &token, &APP).await;
    assert!(page.says("<strong>Acme</strong> reads by the service app, in place of"), "{}", page.text);
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    assert!(page.says("The org is set up, and Acme reads by its service app."), "{}", page.text);
    let made = format!("{SETUP}/made");
    let (_, page) = wary.does(&format!("{made}/verify"), &[("domain", &domain)]).await;
    assert!(page.says("The credential of Acme is that of Connected app."), "{}", page.text);
    house.app.stop().await;
}

/// Leave is given for what was shown, with what its giver may do by then: neither an old role nor an old reach comes back.
#[tokio::test]
async fn leave_is_given_with_the_rights_of_its_time() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let other = house.account("c@acme.example", Role::Admin, Reach::Orgs([OrgId(99)].into())).await;
    let asked = house.store.request_access("okta", other.id, "", "test").await.expect("asks");
    house.store.decide_access(asked.id, RequestState::Granted, 1, "test").await.expect("grants");
    let mut connector = Wary { browser: house.signed_in(&other).await, secrets: Vec::new() };
    let (path, _) = connector.plans(&sim.origin, &one_time(&sim), &APP).await;
    let less = Reach::Orgs([OrgId(98)].into());
    house.store.set_role(other.id, Role::Viewer, &less, "test").await.expect("sets");
    let (_, page) = connector.does(&format!("{path}/apply"), &[]).await;
    assert!(page.says("Production reads by its service app."), "{}", page.text);
    let other = house.store.account(other.id).await.expect("reads");
    assert_eq!((other.role, other.reach), (Role::Viewer, Reach::Orgs([OrgId(1), OrgId(98)].into())));
    house.app.stop().await;
}

/// Where the org was connected since the plan, that connection is not changed by it: the plan did not show it.
#[tokio::test]
async fn a_connection_that_was_not_shown_is_left_as_it_is() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec![PEM.to_string()] };
    let (domain, before) = (sim.origin.clone(), state(&sim));
    let token = one_time(&sim);
    let (path, page) = wary.plans(&domain, &token, &APP).await;
    assert!(page.says("Transom connects by the service app"), "{}", page.text);
    wary.connects(&domain, &sim.tokens.read_only_custom, "Acme").await;
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    for says in ["is not the one that was shown.", "Nothing was changed.", "Begin again"] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert_eq!(state(&sim), before);

    // A new plan shows it.
    let (path, page) = wary.plans(&domain, &token, &APP).await;
    assert!(page.says("<strong>Acme</strong> reads by the service app"), "{}", page.text);
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    assert!(page.says("Acme reads by its service app."), "{}", page.text);
    house.app.stop().await;
}

/// A connection that reads more than the service app is changed only where somebody agrees, who has seen what is lost.
#[tokio::test]
async fn a_connection_that_reads_more_takes_consent() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec![PEM.to_string()] };
    let domain = sim.origin.clone();
    wary.connects(&domain, &sim.tokens.super_admin, "Acme").await;
    let (path, page) = wary.plans(&domain, &one_time(&sim), &APP).await;
    let old = "The old token works until it is revoked";
    assert!(page.says("that is shown first") && page.says(old), "{}", page.text);
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    for says in [
        "The org is set up. Acme goes on reading by what it has.",
        "less than the old one",
        "class=\"gaps\"",
        "name=\"accept\"",
        old,
    ] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    // The box has to be ticked, here as from what is recorded.
    let connect = format!("{SETUP}/made/connect");
    let fields = [("domain", domain.as_str()), ("over", "1")];
    let shown = |path: &str| path.rsplit('/').next().expect("a job").to_string();
    for nothing in [None, Some("1")] {
        let ticked = nothing.map(|job| ("accept", job));
        let (_, page) = wary.does(&connect, &[&fields[..], ticked.as_slice()].concat()).await;
        for says in [
            "Acme goes on reading by what it has.",
            "class=\"gaps\"",
            "name=\"accept\"",
            "name=\"over\" value=\"1\"",
        ] {
            assert!(page.says(says), "{says}: {}", page.text);
        }
    }
    // It is consent to what was shown: of what the app lacks since, nobody knew.
    let (path, page) = wary.does(&connect, &fields).await;
    assert!(!page.says("no scope okta.groups.read"), "{}", page.text);
    let truth = sim.org.truth(&sim.origin).list(Kind::App);
    let app = truth.iter().find(|app| app.doc["label"] == "Connected app").expect("made").id.clone();
    sim.org.take_scopes(&app).expect("taken");
    for scope in transom_engine::connection::read_scopes().iter().filter(|s| *s != "okta.groups.read") {
        sim.org.grant_scope(&app, scope).expect("granted");
    }
    let job = shown(&path);
    let (path, page) = wary.does(&connect, &[&fields[..], &[("accept", &job)]].concat()).await;
    for says in ["That is not what was agreed to.", "no scope okta.groups.read", "Acme goes on reading"] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    // What comes between does not cost what was shown.
    let lease =
        house.store.acquire_lease(OrgId(1), "elsewhere:1:1", Duration::from_secs(15)).await.expect("free");
    let job = shown(&path);
    let (path, page) = wary.does(&connect, &[&fields[..], &[("accept", &job)]].concat()).await;
    for says in ["Another process is working on this org.", "no scope okta.groups.read", "name=\"accept\""] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    house.store.release(lease).await.expect("given back");
    let job = shown(&path);
    let (_, page) = wary.does(&connect, &[&fields[..], &[("accept", &job)]].concat()).await;
    assert!(page.says("Acme reads by its service app.") && page.says(old), "{}", page.text);
    let audit = house.store.audit_rows(Some(OrgId(1)), 99).await.expect("reads");
    let rotated = audit.iter().find(|row| row.action == "org.rotate").expect("told");
    assert!(rotated.detail["accepted_less"].as_array().is_some_and(|less| !less.is_empty()), "{rotated:?}");
    house.app.stop().await;
}

/// However the app of a set-up comes to be what a connection reads by, its key is not sealed twice.
#[tokio::test]
async fn a_key_is_forgotten_where_its_app_is_connected_otherwise() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec![PEM.to_string()] };
    let (domain, other) = (sim.origin.clone(), simulator().await);
    wary.connects(&other.origin, &other.tokens.read_only_custom, "Production").await;
    let (path, _) = wary.plans(&domain, &one_time(&sim), &APP).await;
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    assert!(page.says("The label Production is taken."), "{}", page.text);

    let engine = &house.app.engine;
    let found = find(&domain, None, &engine.http, true, &|_| ()).await.expect("there");
    let record = engine.setup_record(&found.org_id).await.expect("kept");
    let has_key = async || engine.has_setup_key(&found.org_id, &record).await.expect("reads");
    let key = engine.setup_credential(&found).await.expect("sealed");
    // A token of somebody else costs nothing; the app itself is what the key was for.
    wary.connects(&domain, &sim.tokens.read_only_custom, "Acme").await;
    assert!(has_key().await);
    let org = house.store.org_named("Acme").await.expect("connected");
    engine.rotate(&org, key, Rotation::default()).await.expect("it reads as much");
    assert!(!has_key().await);
    engine.verify(&org).await.expect("by the one that the connection has");
    house.app.stop().await;
}

/// Two plans for one org wait at once, each with a key of its own: the second does not cost the first its key.
#[tokio::test]
async fn of_two_plans_at_once_one_is_carried_out() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let mut browsers = Vec::new();
    for _ in 0..2 {
        let browser = house.signed_in(&owner(&house).await).await;
        browsers.push(Wary { browser, secrets: vec![PEM.to_string()] });
    }
    let [one, two] = browsers.as_mut_slice() else { unreachable!("two") };
    let domain = sim.origin.clone();
    let (first, _) = one.plans(&domain, &one_time(&sim), &APP).await;
    let (second, page) = two.plans(&domain, &one_time(&sim), &APP).await;
    assert!(page.says("6 of 6 to make or change"), "{}", page.text);
    // The label is taken meanwhile, so that the key is still needed when the second comes.
    let other = simulator().await;
    one.connects(&other.origin, &other.tokens.read_only_custom, "Production").await;
    let (_, page) = one.does(&format!("{first}/apply"), &[]).await;
    assert!(page.says("The label Production is taken."), "{}", page.text);
    let (_, page) = two.does(&format!("{second}/apply"), &[]).await;
    assert!(page.says("has gone on elsewhere.") && page.says("Nothing was changed."), "{}", page.text);
    let made = format!("{SETUP}/made/connect");
    let (_, page) = one.does(&made, &[("domain", &domain), ("label", "Second")]).await;
    assert!(page.says("Second reads by its service app."), "{}", page.text);
    house.app.stop().await;
}

/// The server goes away between making the app and connecting by it: the key is not lost with it.
#[tokio::test]
async fn the_key_of_a_service_app_outlives_what_made_it() {
    let (house, sim) = (House::owned().await, simulator().await);
    sim.org.set_client_privileges(false).expect("set");
    let before = state(&sim);
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec![PEM.to_string()] };
    let domain = sim.origin.clone();
    // The org of that label is another's, so that connecting fails when all else is done.
    let other = simulator().await;
    let key = other.tokens.read_only_custom.clone();
    wary.connects(&other.origin, &key, "Production").await;

    let token = one_time(&sim);
    let (path, _) = wary.plans(&domain, &token, &APP).await;
    let (_, page) = wary.does(&format!("{path}/apply"), &[]).await;
    assert!(page.says("The org is set up, and not connected yet."), "{}", page.text);
    assert!(page.says("The label Production is taken.") && page.says(">Connect<"), "{}", page.text);
    assert!(!house.files_hold(PEM.as_bytes()), "the key is sealed");

    // From what is recorded, with another label; of a connection that the page did not name it knows nothing.
    let made = format!("{SETUP}/made");
    let page = wary.get(&format!("{made}?domain={domain}")).await;
    assert!(page.says("is sealed here") && !page.says("name=\"over\""), "{}", page.text);
    let (_, page) = wary.does(&format!("{made}/connect"), &[("domain", &domain), ("over", "1")]).await;
    assert!(page.says("is not the one that was shown.") && page.says("not connected"), "{}", page.text);
    let (_, page) =
        wary.does(&format!("{made}/connect"), &[("domain", &domain), ("label", "production")]).await;
    assert!(page.says("The org is not connected.") && page.says(">Connect<"), "{}", page.text);
    let (_, page) = wary.does(&format!("{made}/connect"), &[("domain", &domain), ("label", "Second")]).await;
    assert!(page.says("Second reads by its service app."), "{}", page.text);
    settled(&mut wary.browser, "/orgs/2/connection").await;
    let (_, page) = wary.does(&format!("{made}/verify"), &[("domain", &domain)]).await;
    assert!(page.says("As set up"), "{}", page.text);
    let (_, page) = wary.does(&format!("{made}/connect"), &[("domain", &domain)]).await;
    assert!(page.says("There is no service app to connect by."), "{}", page.text);

    let second = one_time(&sim);
    let host = domain.trim_start_matches("http://").to_string();
    wary.secrets.push(second.clone());
    wary.get(&format!("{made}?domain={domain}")).await;
    let right = [("domain", domain.as_str()), ("confirm", host.as_str()), ("token", second.as_str())];
    let (_, page) = wary.does(&format!("{made}/teardown"), &right).await;
    assert!(page.says("All of it is removed."), "{}", page.text);
    assert_eq!(state(&sim), before);
    house.app.stop().await;
}

#[tokio::test]
async fn what_is_typed_wrong_is_told_and_nothing_begins() {
    let house = House::owned().await;
    let browser = house.signed_in(&owner(&house).await).await;
    let mut wary = Wary { browser, secrets: vec!["00one-time".to_string()] };
    for (fields, says) in [
        ([("first", "password"), ("email", ""), ("token", " ")], "Enter the one-time token."),
        ([("first", "password"), ("email", ""), ("token", "SSWS 00one-time")], "value alone"),
        ([("first", "password"), ("email", ""), ("token", "00one-time\nmore")], "value alone"),
        ([("first", "mail"), ("email", "nobody"), ("token", "00one-time")], "a mailbox that somebody reads."),
    ] {
        wary.get(SETUP).await;
        let answer = wary.post(SETUP, &[[("domain", "acme")].as_slice(), &fields].concat()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(answer.says(says) && answer.says("value=\"acme\""), "{says}: {}", answer.text);
    }
    wary.get(SETUP).await;
    let fields = [("domain", "not a domain"), ("first", "password"), ("token", "00one-time")];
    let (_, page) = wary.does(SETUP, &fields).await;
    assert!(page.says("This is not an Okta domain.") && page.says("Nothing was changed."), "{}", page.text);
}

#[tokio::test]
async fn guide_terraform_and_script_take_no_token() {
    let house = House::owned().await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    for (kind, name, says) in [
        ("guide", "okta-setup.md", "https://acme-admin.okta.com/admin/access/api/tokens"),
        ("terraform", "transom.tf", "email      = \"ops@acme.example\""),
        ("script", "okta-setup.sh", "origin='https://acme.okta.com'"),
    ] {
        let path = format!("{SETUP}/paper?domain=acme-admin.okta.com&email=ops%40acme.example&kind={kind}");
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.says(says), "{}", answer.text);
        assert!(format!("{:?}", answer.headers).contains(&format!("attachment; filename=\\\"{name}\\\"")));
    }
    for (kind, says) in [("guide", "service app"), ("terraform", "okta_app_oauth"), ("script", "app_label=")]
    {
        let path = format!("{SETUP}/paper?domain=acme.okta.com&app=1&kind={kind}");
        assert!(browser.get(&path).await.says(says), "{kind}");
    }
    assert_eq!(
        browser.get(&format!("{SETUP}/paper?domain=acme&kind=other")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(browser.get(&format!("{SETUP}/paper?domain=&kind=guide")).await.leads_to(), SETUP);
}
