//! A service app in place of a token, by form and by API; and a credential that reads less than the one before it.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use okta_sim::Running;
use serde_json::{Value, json};
use transom_core::{OrgId, Role};

use crate::browser::{Answer, Browser, House};
use crate::connecting::{a_quarter_of_an_hour, owner, settled, simulator};

const CONNECT: &str = "/settings/integrations/okta/connect";
const ROTATE: &str = "/orgs/1/connection/rotate";

/// The halves of a key that was made for these tests.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\r\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghNkvwz8Tzwz0zaCS\r\n\
    +3Liw0lzP6M5IyMKli1ogGkU93qhRANCAAT8bOZTuggTW61L16Eh9EpeMsrszn9Y\r\n\
    DdxDjA+ssAn4S5ZjQmucLU+HUhZ5zW9ecqJTL88lmORy/uLf9I19verI\r\n\
    -----END PRIVATE KEY-----\r\n";
const PRIVATE: &str = "hNkvwz8Tzwz0zaCS-3Liw0lzP6M5IyMKli1ogGkU93o";
/// A line of it, as it would stand in a page.
const LINE: &str = "DdxDjA+ssAn4S5ZjQmucLU+HUhZ5zW9ecqJTL88lmORy";

fn public() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": "_GzmU7oIE1utS9ehIfRKXjLK7M5_WA3cQ4wPrLAJ-Es",
            "y": "lmNCa5wtT4dSFnnNb15yolMvzyWY5HL-4t_0jX296sg" })
}

fn jwk() -> String {
    let mut key = public();
    key["d"] = PRIVATE.into();
    key.to_string()
}

/// A service app with that key, and with all scopes but these, and both roles.
fn app(sim: &Running, without: &[&str]) -> String {
    sim.org.set_client_privileges(false).expect("set");
    let id = sim.org.create_service_app("Connected App", &public(), true).expect("an app");
    grant(sim, &id, without);
    sim.org.give_app_role(&id, "READ_ONLY_ADMIN").expect("given");
    sim.org.bind_app(&id, "Transom Read", "Transom Resources").expect("given");
    id
}

fn grant(sim: &Running, id: &str, without: &[&str]) {
    let scopes = transom_engine::connection::read_scopes();
    for scope in scopes.iter().filter(|scope| !without.contains(&scope.as_str())) {
        sim.org.grant_scope(id, scope).expect("granted");
    }
}

fn holds_no_key(answer: &Answer) {
    assert!(!answer.says(LINE) && !answer.says(PRIVATE), "the key is shown: {}", answer.text);
}

async fn sent(browser: &mut Browser, fields: &[(&str, &str)]) -> (String, Answer) {
    browser.get(CONNECT).await;
    let answer = browser.post(CONNECT, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let path = answer.leads_to().split('#').next().unwrap_or_default().to_string();
    let page = settled(browser, &path).await;
    holds_no_key(&page);
    (path, page)
}

#[tokio::test]
async fn a_service_app_connects_by_the_form() {
    let (house, sim) = (House::owned().await, simulator().await);
    let mut browser = house.signed_in(&owner(&house).await).await;
    let id = app(&sim, &[]);

    // Both ways stand in the page, with their clicks; what is chosen decides.
    let page = browser.get(CONNECT).await;
    for says in
        ["Create a service app with a key", "Create an API token", "okta.users.read", "Okta API Scopes"]
    {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    for (fields, fault) in [
        ([("client_id", " "), ("private_key", KEY)], "Enter the client ID"),
        ([("client_id", id.as_str()), ("private_key", " ")], "Enter the private key"),
    ] {
        let all = [&[("domain", "acme.okta.com"), ("label", "A"), ("by", "app")][..], &fields].concat();
        let answer = browser.post(CONNECT, &all).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says(fault) && answer.says("value=\"app\" checked"), "{fault}: {}", answer.text);
        holds_no_key(&answer);
    }
    // A draft keeps which app, and not its key.
    let draft = [
        ("domain", "acme.okta.com"),
        ("label", "A"),
        ("by", "app"),
        ("client_id", &id),
        ("private_key", KEY),
    ];
    browser.post(CONNECT, &[&draft[..], &[("draft", "1")]].concat()).await;
    let page = browser.get(&format!("{CONNECT}?draft=1")).await;
    assert!(page.says(&id) && page.says("value=\"app\" checked"), "{}", page.text);
    holds_no_key(&page);
    assert!(!format!("{:?}", house.store.drafts().await.expect("reads")).contains(LINE));

    // What fails is said of an app, and without commands.
    let at = |key| {
        [
            ("domain", sim.origin.as_str()),
            ("label", "Production"),
            ("by", "app"),
            ("client_id", id.as_str()),
            ("private_key", key),
        ]
    };
    let public = public().to_string();
    let (_, page) = sent(&mut browser, &at(&public)).await;
    assert!(page.says("The private key can&#39;t be used.") && page.says("public key"), "{}", page.text);
    let mut nobody = at(KEY);
    nobody[3].1 = "0oanobody";
    let (_, page) = sent(&mut browser, &nobody).await;
    assert!(page.says("Service app rejected.") && page.says("active public keys"), "{}", page.text);
    assert!(!page.says("create a new token") && !page.says("transom org"), "{}", page.text);

    // As PEM with the line ends of a form, or as a JWK.
    let jwk = jwk();
    sent(&mut browser, &at(&jwk)).await;
    let (path, page) = sent(&mut browser, &at(KEY)).await;
    for says in ["Service app accepted", "Connected App", &id, "tokens bound to this server", "Save and sync"]
    {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert!(!page.says("Token accepted"));
    assert_eq!(page.text.matches("Seen done").count(), 5, "each step ticks itself");
    // Another app has to be verified first; the same one is saved.
    let save = format!("{CONNECT}/{}", path.split("job=").nth(1).expect("a job"));
    let mut other = at("");
    other[3].1 = "0oanobody";
    assert_eq!(browser.post(&save, &other).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.get(&path).await;
    assert_eq!(browser.post(&save, &at("")).await.leads_to(), "/orgs/1/connection");
    let page = settled(&mut browser, "/orgs/1/connection").await;
    for says in ["<dt>Service app</dt>", "Rotate key", "Okta’s limits allow the app"] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert!(!house.files_hold(LINE.as_bytes()), "it is sealed");

    // The same app again, a token in its place, and what is said of the key at the end.
    let page = browser.get(ROTATE).await;
    assert!(page.says(&id) && page.says("Another key for the same app"), "{}", page.text);
    let again = browser.post(ROTATE, &[("by", "app"), ("client_id", &id), ("private_key", &jwk)]).await;
    let page = settled(&mut browser, again.leads_to()).await;
    assert!(page.says("The new credential is in force."), "{}", page.text);
    let page = browser.get("/orgs/1/connection/disconnect").await;
    assert!(page.says("key works on") && !page.says("Revoke the token"), "{}", page.text);
    let done =
        browser.post("/orgs/1/connection/disconnect", &[("data", "delete"), ("confirm", "Production")]).await;
    assert!(done.says("key still works in Okta") && !done.says("The token"), "{}", done.text);
    house.app.stop().await;
}

#[tokio::test]
async fn what_reads_less_is_taken_only_with_a_tick() {
    let (house, sim) = (House::owned().await, simulator().await);
    let mut browser = house.signed_in(&owner(&house).await).await;
    let (much, less) = (sim.tokens.read_only_custom.clone(), sim.tokens.read_only.clone());
    let (path, _) = sent(&mut browser, &[("domain", &sim.origin), ("key", &much), ("label", "Acme")]).await;
    browser.post(&format!("{CONNECT}/{}", path.split("job=").nth(1).expect("a job")), &[]).await;
    settled(&mut browser, "/orgs/1/connection").await;
    let other = house.org("Other").await;
    let kept =
        async || house.store.org(OrgId(1)).await.expect("there").settings["verification"]["owner"].clone();
    let before = kept().await;

    let refused = async |browser: &mut Browser, fields: &[(&str, &str)]| {
        browser.get(ROTATE).await;
        let to = browser.post(ROTATE, fields).await.leads_to().to_string();
        let page = settled(browser, &to).await;
        (to.split("job=").nth(1).expect("a job").to_string(), page)
    };
    let (job, page) = refused(&mut browser, &[("key", &less), ("revoke", "1")]).await;
    for says in [
        "The new credential reads less than the old one.",
        "Nothing was changed",
        "<strong>Admin roles</strong>",
        "It takes ",
        "name=\"accept\"",
        "Rotate to less",
    ] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert!(!page.says(&less) && !page.says("--accept-less") && !page.says("is in force"), "{}", page.text);
    assert_eq!(kept().await, before);

    // Not without the tick, not by somebody else, not for another org.
    let accept = format!("{ROTATE}/{job}");
    let unticked = browser.post(&accept, &[]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unticked.says("accept: "), "{}", unticked.text);
    let admin = house.account("a@acme.example", Role::Admin, transom_core::Reach::All).await;
    let mut stranger = house.signed_in(&admin).await;
    assert_eq!(stranger.post(&accept, &[("accept", "1")]).await.leads_to(), ROTATE);
    let elsewhere = format!("/orgs/{}/connection/rotate/{job}", other.0);
    browser.get("/orgs/1/connection").await;
    let answer = browser.post(&elsewhere, &[("accept", "1")]).await;
    assert_eq!(answer.leads_to(), format!("/orgs/{}/connection/rotate", other.0));
    assert_eq!(kept().await, before);
    // Where something comes between, it is held on, with what was shown.
    let lease =
        house.store.acquire_lease(OrgId(1), "elsewhere:1:1", Duration::from_secs(15)).await.expect("free");
    browser.get("/orgs/1/connection").await;
    let busy = browser.post(&accept, &[("accept", "1")]).await.leads_to().to_string();
    let page = settled(&mut browser, &busy).await;
    for says in ["Another process is working on this org.", "<strong>Admin roles</strong>", "Rotate to less"]
    {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    house.store.release(lease).await.expect("given back");
    assert_eq!(kept().await, before);
    assert_eq!(browser.post(&accept, &[("accept", "1")]).await.leads_to(), ROTATE, "by one page alone");
    // With it, once; and it is written down.
    browser.get("/orgs/1/connection").await;
    let accept = format!("{ROTATE}/{}", busy.split("job=").nth(1).expect("a job"));
    let taken = browser.post(&accept, &[("accept", "1")]).await;
    let page = settled(&mut browser, taken.leads_to()).await;
    assert!(page.says("The new credential is in force.") && page.says("Connected, limited"), "{}", page.text);
    assert_ne!(kept().await, before);
    assert_eq!(browser.post(&accept, &[("accept", "1")]).await.leads_to(), ROTATE);
    let audit = house.store.audit_rows(Some(OrgId(1)), 2).await.expect("reads");
    assert_eq!((audit[0].action.as_str(), &audit[0].detail["revoked"]), ("org.revoke_old", &json!(true)));
    assert_eq!((audit[1].action.as_str(), &audit[1].detail["revokes_old"]), ("org.rotate", &json!(true)));
    let accepted = audit[1].detail["accepted_less"].as_array().expect("what was lost");
    assert!(accepted.contains(&json!({ "dataset": "role", "was": "complete", "becomes": "not_permitted" })));

    // The same once more is not revoked as the old one, and the page says what is in force.
    browser.get(ROTATE).await;
    let again = browser.post(ROTATE, &[("key", &less), ("revoke", "1")]).await;
    let page = settled(&mut browser, again.leads_to()).await;
    for says in [
        "The new credential is in force.",
        "Nothing was revoked: the new credential is",
        "create another in Okta",
    ] {
        assert!(page.says(says), "{says}: {}", page.text);
    }

    // Between kinds as well: an app without a scope. What was agreed to is that, and nothing that it lacks by then.
    let id = app(&sim, &["okta.policies.read"]);
    let (job, page) = refused(&mut browser, &[("by", "app"), ("client_id", &id), ("private_key", KEY)]).await;
    assert!(page.says("no scope okta.policies.read"), "{}", page.text);
    assert!(!page.says("no scope okta.groups.read"), "{}", page.text);
    holds_no_key(&page);
    let before = kept().await;
    sim.org.take_scopes(&id).expect("taken");
    grant(&sim, &id, &["okta.policies.read", "okta.groups.read"]);
    let again = browser.post(&format!("{ROTATE}/{job}"), &[("accept", "1")]).await.leads_to().to_string();
    let page = settled(&mut browser, &again).await;
    for says in ["That is not what was agreed to.", "no scope okta.groups.read", "Rotate to less"] {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert_eq!(kept().await, before);
    // And after a quarter of an hour it is forgotten.
    let job = again.split("job=").nth(1).expect("a job");
    a_quarter_of_an_hour().await;
    browser.get("/orgs/1/connection").await;
    assert_eq!(browser.post(&format!("{ROTATE}/{job}"), &[("accept", "1")]).await.leads_to(), ROTATE);
    house.app.stop().await;
}

#[tokio::test]
async fn programs_connect_and_rotate_by_either() {
    let (house, sim) = (House::owned().await, simulator().await);
    let mut program = house.program(&owner(&house).await).await;
    let id = app(&sim, &[]);
    let (domain, token) = (&sim.origin, &sim.tokens.read_only_custom);
    let calls = sim.org.counts().calls;
    for (body, field) in [
        (json!({ "domain": domain }), "token:"),
        (json!({ "domain": domain, "token": token, "client_id": id, "private_key": KEY }), "client_id:"),
        (json!({ "domain": domain, "client_id": id }), "private_key:"),
        (json!({ "domain": domain, "private_key": KEY }), "client_id:"),
        (json!({ "domain": domain, "client_id": id, "private_key": 7 }), "private_key:"),
        (json!({ "domain": domain, "client_id": id, "private_key": public().to_string() }), "private key"),
    ] {
        let answer = program.call(Method::POST, "/api/v1/orgs", Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(answer.says(field) && !answer.says(token), "{field}: {}", answer.text);
        holds_no_key(&answer);
    }
    assert_eq!(sim.org.counts().calls, calls, "nobody was asked");

    let body = json!({ "domain": domain, "label": "Acme", "client_id": id, "private_key": jwk() });
    let made = program.call(Method::POST, "/api/v1/orgs", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    holds_no_key(&made);
    let made = made.json();
    assert_eq!(made["org"]["client_id"], json!(id));
    let verified = &made["verification"];
    assert_eq!((&verified["app"]["client_id"], &verified["app"]["missing"]), (&json!(id), &json!([])));
    assert_eq!((&verified["app"]["bound"], &verified["token"]), (&json!(true), &Value::Null));
    let kept = program.call(Method::GET, "/api/v1/orgs/1/verification", None).await;
    assert_eq!(kept.json()["app"], verified["app"]);

    // Another token reads less: refused, told, and taken where that is said.
    let rotate = async |program: &mut Browser, body: Value| {
        let answer = program.call(Method::PUT, "/api/v1/orgs/1/credential", Some(body)).await;
        holds_no_key(&answer);
        answer
    };
    let refused = rotate(&mut program, json!({ "token": sim.tokens.group_admin })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    let problem = refused.json();
    assert_eq!(problem["class"], "reads_less");
    let todo = problem["todo"].as_str().expect("what to do");
    assert!(todo.contains("accept_less") && !todo.contains("--"), "{todo}");
    let losses = problem["losses"].as_array().expect("the losses");
    let of = |name: &str| losses.iter().find(|l| l["dataset"] == name).expect("one of them");
    assert_eq!(
        (&of("user")["was"], &of("user")["becomes"]),
        (&json!("complete"), &json!("partial_by_right"))
    );
    let role = of("role")["reason"].as_str().expect("why");
    assert!(role.contains("It takes "), "{role}");
    let org = program.call(Method::GET, "/api/v1/orgs/1", None).await.json();
    assert_eq!((&org["client_id"], &org["state"]), (&json!(id), &json!("connected")));
    let taken = rotate(&mut program, json!({ "token": sim.tokens.group_admin, "accept_less": true })).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert_eq!(
        (
            taken.json()["app"].clone(),
            program.call(Method::GET, "/api/v1/orgs/1", None).await.json()["client_id"].clone()
        ),
        (Value::Null, Value::Null)
    );
    assert_eq!(
        (&taken.json()["revoked_old"], &taken.json()["revoke_problem"]),
        (&json!(false), &Value::Null)
    );
    let again = rotate(&mut program, json!({ "token": sim.tokens.group_admin, "revoke_old": true })).await;
    assert_eq!((again.status, &again.json()["revoked_old"]), (StatusCode::OK, &json!(false)));
    let problem = again.json()["revoke_problem"].as_str().expect("why").to_string();
    assert!(
        problem.contains("Nothing was revoked") && problem.contains("create another in Okta"),
        "{problem}"
    );
    let both = rotate(&mut program, json!({ "token": token, "client_id": id })).await;
    assert!(both.says("client_id: there is a token as well."), "{}", both.text);
    let back = rotate(&mut program, json!({ "client_id": id, "private_key": KEY, "key_id": null })).await;
    assert_eq!(back.status, StatusCode::OK, "more is no loss: {}", back.text);
    assert!(!house.files_hold(LINE.as_bytes()) && !house.files_hold(PRIVATE.as_bytes()));
}
