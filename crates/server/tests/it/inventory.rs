//! What was read is found again: lists, objects, search and the overview, held against the simulated org.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::{StatusCode, header};
use okta_sim::{Config, Limits, Record, Running, Sim};
use serde_json::{Value, json};
use transom_core::{EntityId, Object, PageRecord};
use transom_engine::connection::Connect;
use transom_engine::entity::user::USER;
use transom_store::{PageWrite, Target};

use crate::browser::{Browser, House};

const USERS: &str = "/orgs/1/inventory/user";

/// A house with a synced org, and who looks around in it.
pub async fn synced(token: fn(&okta_sim::Tokens) -> &String) -> (House, Running, Browser) {
    let config = Config { users: 120, limits: Limits::Off, ..Config::default() };
    let sim = Sim::start(config, ([127, 0, 0, 1], 0).into()).await.expect("starts");
    let house = House::owned().await;
    let engine = &house.app.engine;
    let given = Connect {
        domain: sim.origin.clone(),
        okta_host: None,
        label: Some("Acme".to_string()),
        credential: secrecy::SecretString::from(token(&sim.tokens).clone()).into(),
    };
    let org = engine.connect(given, &|_| ()).await.expect("connects").org;
    engine.sync(&org, std::sync::Arc::new(|_| ())).await.expect("syncs");
    let viewer = house.account("v@acme.example", transom_core::Role::Viewer, transom_core::Reach::All).await;
    let browser = house.signed_in(&viewer).await;
    (house, sim, browser)
}

fn records(sim: &Running, kind: okta_sim::Kind) -> Vec<Record> {
    sim.org.truth(&sim.origin).list(kind)
}

fn login(user: &Record) -> &str {
    user.doc.pointer("/profile/login").and_then(Value::as_str).expect("a login")
}

/// What the link says that is the next (or `prev`) of a page.
fn turn(text: &str, rel: &str) -> Option<String> {
    let (before, _) = text.split_once(&format!("\" rel=\"{rel}\""))?;
    Some(before.rsplit("href=\"").next()?.replace("&#38;", "&"))
}

/// The addresses of the objects in a page's tables.
fn objects(text: &str) -> Vec<String> {
    let rows = text.split("<th scope=\"row\"><a href=\"").skip(1);
    rows.filter_map(|row| row.split('"').next()).map(str::to_string).collect()
}

#[tokio::test]
async fn lists_hold_everybody_once_and_say_how_many() {
    let (_house, sim, mut browser) = synced(|t| &t.super_admin).await;
    let users = records(&sim, okta_sim::Kind::User);
    for sort in ["name", "-name", "login", "status", "-created", "updated"] {
        let (mut seen, mut pages, mut at) = (BTreeSet::new(), 0, format!("{USERS}?sort={sort}&col=login"));
        loop {
            let page = browser.get(&at).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text);
            assert!(page.says(&format!("{} held.", users.len())));
            let new = objects(&page.text);
            assert!(new.iter().all(|o| seen.insert(o.clone())), "{sort}: nobody twice");
            pages += 1;
            match turn(&page.text, "next") {
                Some(next) => at = next,
                None => {
                    let back = browser.get(&turn(&page.text, "prev").expect("a way back")).await;
                    assert_eq!(objects(&back.text).len(), 50);
                    break;
                }
            }
        }
        assert_eq!((seen.len(), pages), (users.len(), 3), "{sort}");
    }
    let page = browser.get(&format!("{USERS}?sort=-name")).await;
    assert!(page.says("aria-sort=\"descending\"") && page.says("name=\"is.status\" value=\"ACTIVE\""));

    // Narrowed by facet and text, told, and taken away again.
    let staged = users.iter().filter(|u| u.doc["status"] == "DEPROVISIONED").count();
    let page = browser.get(&format!("{USERS}?is.status=DEPROVISIONED&sort=login")).await;
    assert!(page.says(&format!("{staged} of {} fit.", users.len())), "{}", page.text);
    assert!(page.says("Status: DEPROVISIONED") && page.says(&format!("href=\"{USERS}?sort=login\"")));
    let one = login(&users[7]);
    let page = browser.get(&format!("{USERS}?q={}&col=login", one.replace('+', "%2B"))).await;
    assert!(page.says("1 of ") && page.says(one), "{}", page.text);
    let page = browser.get(&format!("{USERS}?q=nobodyatall")).await;
    assert!(page.says("None of the users fits.") && page.says("Take a condition away."), "{}", page.text);

    // The same as a file.
    let csv = browser.get("/orgs/1/csv/user?sort=login&col=login&col=status").await;
    assert_eq!(csv.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"user.csv\"");
    let mut lines = csv.text.lines();
    assert_eq!(lines.next(), Some("okta_id,name,login,status"));
    let in_file: BTreeSet<&str> = lines.filter_map(|line| line.split(',').next()).collect();
    assert_eq!(in_file, users.iter().map(|u| u.id.as_str()).collect());

    // What can't be had is said by name.
    for (query, status, says) in [
        ("user?after=aGVsbG8", 400, "cursor, or after in the web app: This is no mark of a page."),
        ("user?sort=age", 400, "sort: there is no age here. Expected one of name,"),
        ("factor?sort=created", 400, "sort: factor can&#39;t be sorted by created"),
        ("user?is.colour=red", 400, "is: there is no colour here."),
        ("user?col=secret", 400, "col: there is no secret here."),
        ("nothing", 404, "There is nothing here."),
        ("user/999999", 404, "There is nothing here."),
        ("user/00unobody", 404, "There is nothing here."),
    ] {
        let page = browser.get(&format!("/orgs/1/inventory/{query}")).await;
        assert_eq!(page.status.as_u16(), status, "{query}");
        assert!(page.says(says), "{query}: {}", page.text);
    }
    assert_eq!(browser.get("/orgs/1/csv/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_object_leads_to_all_that_is_related() {
    let (_house, sim, mut browser) = synced(|t| &t.super_admin).await;
    let truth = sim.org.truth(&sim.origin);
    for user in records(&sim, okta_sim::Kind::User).iter().take(12) {
        // Okta's id leads to the page, from the address and from the search.
        let there = browser.get(&format!("{USERS}/{}", user.id)).await.leads_to().to_string();
        assert!(there.starts_with(USERS), "{there}");
        assert_eq!(browser.get(&format!("/orgs/1/search?q={}", user.id)).await.leads_to(), there);
        let page = browser.get(&there).await;
        assert!(page.says(login(user)) && page.says(&user.id) && page.says("Overview"), "{}", page.text);
        let groups = truth.edges(okta_sim::Relation::Member).into_iter().filter(|(_, u)| *u == user.id);
        let groups: Vec<String> = groups.map(|(group, _)| group).collect();
        let page = browser.get(&format!("{there}?tab=out.group_member")).await;
        assert_eq!(objects(&page.text).len(), groups.len());
        for group in &groups {
            assert!(page.says(&format!("<code>{group}</code>")), "{group}: {}", page.text);
        }
        assert!(page.says("<th scope=\"col\">Why</th>") && page.says("Okta itself decides"), "Everyone");
        let raw = browser.get(&format!("{there}?tab=raw")).await;
        assert!(raw.says("&#34;profile&#34;") && raw.says(login(user)));
    }
    // Through what somebody has an app stands beside it, and the link to the group.
    let users = records(&sim, okta_sim::Kind::AppUser);
    let through = users.iter().find(|u| u.doc["scope"] == "GROUP").expect("one");
    let there = browser.get(&format!("{USERS}/{}", through.id)).await.leads_to().to_string();
    let page = browser.get(&format!("{there}?tab=out.app_user")).await;
    assert!(page.says("Through <a href=\"/orgs/1/inventory/group/"), "{}", page.text);
    assert!(page.says(&format!("<code>{}</code>", through.parent)));
    let page = browser.get(&format!("{USERS}?sort=login")).await;
    let first = objects(&page.text).remove(0);
    let bad = browser.get(&format!("{first}?tab=nothing")).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert!(bad.says("tab: there is no nothing here. Expected one of raw,"), "{}", bad.text);
    let bad = browser.get(&format!("{first}?tab=out.group_member&after=x")).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert!(bad.says("cursor, or after in the web app: "), "{}", bad.text);
    let other = browser.get(&first.replace("/user/", "/group/")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "a user is no group");
    // Everyone has everybody, a page at a time.
    let everyone = records(&sim, okta_sim::Kind::Group).into_iter().find(|g| g.doc["type"] == "BUILT_IN");
    let path = format!("/orgs/1/inventory/group/{}", everyone.expect("there").id);
    let there = browser.get(&path).await.leads_to().to_string();
    let (mut seen, mut at) = (BTreeSet::new(), format!("{there}?tab=in.group_member"));
    loop {
        let page = browser.get(&at).await;
        seen.extend(objects(&page.text));
        let Some(next) = turn(&page.text, "next") else { break };
        at = next;
    }
    let members = truth.edges(okta_sim::Relation::Member);
    let members = members.iter().filter(|(group, _)| path.ends_with(group.as_str())).count();
    assert_eq!(seen.len(), members);
    // Admins say how far they reach.
    let admins = browser.get("/orgs/1/inventory/role_assignment").await;
    assert!(admins.says("<th scope=\"col\">Of</th>"));
    let who = admins.text.split("<td><a href=\"").nth(1).and_then(|a| a.split('"').next()).expect("a holder");
    let page = browser.get(&format!("{who}?tab=child.role_assignment")).await;
    assert!(page.says("Role and reach") && page.says("/inventory/role/"), "{}", page.text);
}

#[tokio::test]
async fn a_view_is_saved_shown_shared_and_deleted() {
    let (house, _sim, mut viewer) = synced(|t| &t.super_admin).await;
    let admin = house.account("a@acme.example", transom_core::Role::Admin, transom_core::Reach::All).await;
    let mut admin = house.signed_in(&admin).await;
    let (query, path) = ("is.status=ACTIVE&sort=-created", "/orgs/1/views/user");
    let list = viewer.get(&format!("{USERS}?{query}")).await;
    assert!(list.says("action=\"/orgs/1/views/user\"") && !list.says("name=\"shared\""), "{}", list.text);
    assert!(!viewer.get(USERS).await.says("Save view"), "the whole list is there already");

    // A viewer keeps it; the address is the view, without the page of it that was looked at.
    let there =
        viewer.post(path, &[("name", " Newest <b>"), ("query", &format!("{query}&after=x&utm=1"))]).await;
    let shown = "?is.status=ACTIVE&sort=-created";
    assert_eq!(there.leads_to(), format!("{USERS}{shown}"));
    let link = format!(
        "href=\"{USERS}?is.status=ACTIVE&#38;sort=-created\" aria-current=\"page\"><bdi>Newest &#60;b&#62;"
    );
    let page = viewer.get(&format!("{USERS}{shown}")).await;
    assert!(page.says(&link) && page.says("Delete view") && !page.says("Save view"), "{}", page.text);
    assert!(viewer.get(USERS).await.says("aria-current=\"page\">All</a>"));
    assert!(!admin.get(USERS).await.says("Newest"), "nobody else's business");

    // Shared by who may, for everybody.
    let shared = [("name", "By login"), ("query", "sort=login"), ("shared", "on")];
    let refused = viewer.post(path, &shared).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(admin.get(&format!("{USERS}?sort=login")).await.says("name=\"shared\""));
    assert_eq!(admin.post(path, &shared).await.leads_to(), format!("{USERS}?sort=login"));
    let page = viewer.get(&format!("{USERS}?sort=login")).await;
    assert!(page.says("<bdi>By login</bdi> <span class=\"quiet\">shared</span>"), "{}", page.text);
    assert!(!page.says("Delete view"), "another's");

    for (name, query, status, says) in [
        ("", "sort=login", 422, "expected 1 to 60 characters"),
        (&"x".repeat(61), "sort=login", 422, "expected 1 to 60 characters"),
        ("Bad", "sort=age", 400, "sort: there is no age here."),
        ("Long", &format!("q={}", "x".repeat(5_000)), 422, "can’t hold so many conditions"),
    ] {
        let page = viewer.post(path, &[("name", name), ("query", query)]).await;
        assert_eq!(page.status.as_u16(), status, "{name}");
        assert!(page.says(says), "{}", page.text);
    }
    assert_eq!(viewer.post("/orgs/1/views/nothing", &shared[..2]).await.status, StatusCode::NOT_FOUND);

    let page = admin.get(&format!("{USERS}?sort=login")).await;
    // Another admin may take away what is there for everybody.
    let other = house.account("o@acme.example", transom_core::Role::Admin, transom_core::Reach::All).await;
    let mut other = house.signed_in(&other).await;
    let shown = other.get(&format!("{USERS}?sort=login")).await;
    assert!(shown.says("Delete shared view") && page.says("Delete view"), "{}", shown.text);
    let delete = page.text.split("action=\"/orgs/1/views/user/").nth(1).and_then(|a| a.split('"').next());
    let delete = format!("{path}/{}", delete.expect("a form"));
    assert_eq!(viewer.post(&delete, &[]).await.status, StatusCode::NOT_FOUND, "another's");
    assert_eq!(other.post(&delete, &[]).await.leads_to(), USERS);
    assert!(!viewer.get(USERS).await.says("By login"));
    let audit = house.store.audit_rows(None, 50).await.expect("reads");
    let told: Vec<&str> =
        audit.iter().map(|row| row.action.as_str()).filter(|a| a.starts_with("view.")).collect();
    assert_eq!(told.len(), 3, "{told:?}");
}

#[tokio::test]
async fn the_overview_and_the_inventory_say_what_is_and_what_is_not_known() {
    let (_house, sim, mut browser) = synced(|t| &t.read_only).await;
    let users = records(&sim, okta_sim::Kind::User);
    let active = users.iter().filter(|u| u.doc["status"] == "ACTIVE").count();
    let page = browser.get("/orgs/1").await;
    assert!(page.says(&format!("{} users, read ", users.len())), "{}", page.text);
    assert!(page.says(&format!("{active} of {}", users.len())), "{}", page.text);
    let apps = records(&sim, okta_sim::Kind::App);
    let active: Vec<&Value> = apps.iter().map(|a| &a.doc).filter(|a| a["status"] == "ACTIVE").collect();
    let service =
        |app: &Value| app.pointer("/settings/oauthClient/application_type") == Some(&json!("service"));
    let people = active.iter().filter(|a| !service(a)).count();
    let sso = ["SAML_2_0", "SAML_1_1", "OPENID_CONNECT", "WS_FEDERATION"];
    let covered = active.iter().filter(|a| !service(a) && sso.iter().any(|m| a["signOnMode"] == *m)).count();
    assert!(page.says(&format!("{covered} of the {people} that people sign in to.")), "{}", page.text);
    assert!(page.says("<dd><span class=\"quiet\">not known</span></dd>"), "role assignments can't be read");
    let page = browser.get("/orgs/1/inventory").await;
    assert!(page.says(">Role assignments</a></th><td role=\"cell\" data-label=\"Objects\" class=\"num\"><span class=\"quiet\">not known</span>"));
    assert!(page.says("Not permitted") && page.says(&format!(" class=\"num\">{}</td>", users.len())));
    let page = browser.get("/orgs/1/inventory/role_assignment").await;
    assert!(page.says("How many there are is not known.") && page.says("empty unknown"), "{}", page.text);
    assert!(page.says("banner unknown") && page.says("View roles, resources, and admin assignments"));
    // Every kind has its list.
    for kind in &transom_engine::entity::catalogue().kinds {
        let page = browser.get(&format!("/orgs/1/inventory/{}", kind.name)).await;
        assert_eq!(page.status, StatusCode::OK, "{}: {}", kind.name, page.text);
    }
}

#[tokio::test]
async fn names_are_text_wherever_they_stand() {
    let house = House::owned().await;
    let org = house.org("Acme").await;
    let store = &house.store;
    let lease = store.acquire_lease(org, "test", Duration::from_secs(60)).await.expect("leases");
    let run = store.start_run(&lease, "full", json!({})).await.expect("starts").id;
    let bad = "=1+1<script>alert(1)</script>\" onload='x";
    let doc = json!({"id": "00u1", "status": bad, "profile": {"displayName": bad, "login": bad, "department": bad}});
    let objects = vec![Object::new(&USER, EntityId::ROOT, "00u1".to_string(), &doc)];
    let record = PageRecord { objects, ..PageRecord::default() };
    let target = Target::Children(USER.code);
    let page =
        PageWrite { dataset: "user", target, parent: EntityId::ROOT, part: 0, page: 0, next: None, record };
    store.recorder(&lease, run).commit(vec![page]).await.expect("commits");
    let owner = store.account_named("owner@acme.example").await.expect("reads").expect("there");
    let mut browser = house.signed_in(&owner).await;
    let there = browser.get(&format!("{USERS}/00u1")).await.leads_to().to_string();
    let query: String = url::form_urlencoded::byte_serialize(bad.as_bytes()).collect();
    for path in [
        USERS.to_string(),
        format!("{USERS}?q={query}&is.department={query}"),
        format!("{USERS}?is.department={query}x&sort=-name"),
        there.clone(),
        format!("{there}?tab=raw"),
        format!("/orgs/1/search?q={query}"),
        format!("{USERS}?sort={query}"),
        format!("{USERS}?after={query}"),
        format!("{there}?tab={query}"),
        "/orgs/1".to_string(),
    ] {
        let page = browser.get(&path).await;
        assert!(!page.status.is_server_error(), "{path}");
        assert!(!page.says("<script>alert") && !page.says("\" onload"), "{path}: {}", page.text);
    }
    assert!(browser.get(&there).await.says("&#60;script&#62;alert(1)"));
    let csv = browser.get("/orgs/1/csv/user?col=login").await.text;
    assert!(csv.contains("00u1,\"'=1+1<script>alert(1)</script>\"\" onload='x\""), "{csv}");
}
