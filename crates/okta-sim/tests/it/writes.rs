//! What can be done to the org, seen through its own API, and the System Log that tells of it.

use std::sync::Arc;
use std::time::Duration;

use okta_sim::clock::ManualClock;
use okta_sim::{Config, Hooks, Kind, Relation};
use serde_json::{Value, json};

use crate::client::{Http, Response, start, start_with, text};

fn events(answer: &Response) -> Vec<&str> {
    answer.body.as_array().expect("events").iter().map(|e| text(e, "eventType")).collect()
}

#[tokio::test]
async fn a_user_s_life() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let mut log = Http::new(&sim, &sim.tokens.read_only).await;
    // Begin to listen where the log is now.
    let mut next = path_of_next(&log.get("/api/v1/logs?since=2100-01-01T00:00:00Z").await);

    let profile = json!({"firstName": "Ada", "lastName": "Nguyen", "email": "ada.new@acme.example", "login": "ada.new@acme.example", "department": "Sales", "badgeNumber": 7});
    let made = http
        .post(
            "/api/v1/users?activate=true",
            json!({"profile": profile, "credentials": {"password": {"value": "correct horse"}}}),
        )
        .await;
    assert_eq!((made.status, text(&made.body, "status")), (200, "ACTIVE"));
    let id = text(&made.body, "id").to_owned();
    let again = http.post("/api/v1/users", json!({"profile": profile})).await;
    assert_eq!((again.status, again.code()), (400, "E0000001"));
    assert_eq!(
        again.body["errorCauses"][0]["errorSummary"],
        "login: An object with this field already exists in the current organization"
    );
    assert_eq!(made.body["profile"]["badgeNumber"], 7);

    let groups = http.all(&format!("/api/v1/users/{id}/groups")).await;
    let names: Vec<&str> = groups.iter().map(|g| text(&g["profile"], "name")).collect();
    assert_eq!(names, ["Everyone", "Sales"], "the rule put the new user into the department's group");
    http.post(&format!("/api/v1/users/{id}"), json!({"profile": {"department": "Finance"}})).await;
    let groups = http.all(&format!("/api/v1/users/{id}/groups")).await;
    assert_eq!(text(&groups[1]["profile"], "name"), "Finance");

    let act = |verb: &str| format!("/api/v1/users/{id}/lifecycle/{verb}");
    for (verb, status, code, then) in [
        ("unsuspend", 400, "E0000001", "ACTIVE"),
        ("suspend", 200, "", "SUSPENDED"),
        ("suspend", 400, "E0000001", "SUSPENDED"),
        ("unsuspend", 200, "", "ACTIVE"),
        ("unlock", 403, "E0000032", "ACTIVE"),
        ("activate", 403, "E0000016", "ACTIVE"),
        ("reset_factors", 200, "", "ACTIVE"),
        ("deactivate", 200, "", "DEPROVISIONED"),
        ("activate", 200, "", "PROVISIONED"),
    ] {
        let answer = http.call("POST", &act(verb), "").await;
        assert_eq!((answer.status, answer.code()), (status, code), "{verb}");
        let user = http.get(&format!("/api/v1/users/{id}")).await;
        assert_eq!(text(&user.body, "status"), then, "after {verb}");
    }
    assert_eq!(http.call("DELETE", &format!("/api/v1/users/{id}/sessions"), "").await.status, 204);
    assert_eq!(http.call("DELETE", &format!("/api/v1/users/{id}"), "").await.status, 204);
    assert_eq!(text(&http.get(&format!("/api/v1/users/{id}")).await.body, "status"), "DEPROVISIONED");
    assert_eq!(http.call("DELETE", &format!("/api/v1/users/{id}"), "").await.status, 204);
    let gone = http.get(&format!("/api/v1/users/{id}")).await;
    assert_eq!(
        (gone.status, text(&gone.body, "errorSummary")),
        (404, format!("Not found: Resource not found: {id} (User)").as_str())
    );

    let told = log.get(&next).await;
    assert_eq!(
        events(&told),
        [
            "user.lifecycle.create",
            "user.lifecycle.activate",
            // What rules do is told as what anybody does to members.
            "group.user_membership.add",
            "user.account.update_profile",
            "group.user_membership.remove",
            "group.user_membership.add",
            "user.lifecycle.suspend",
            "user.lifecycle.unsuspend",
            "user.mfa.factor.reset_all",
            "user.lifecycle.deactivate",
            "user.lifecycle.activate",
            "group.user_membership.add",
            "user.session.clear",
            "user.lifecycle.deactivate",
            "user.lifecycle.delete.initiated",
            "user.lifecycle.delete.completed",
        ]
    );
    let first = &told.body[0];
    assert_eq!(
        (text(&first["target"][0], "id"), text(&first["actor"], "alternateId")),
        (id.as_str(), "maya.whitfield@acme.example")
    );
    let own = http.get("/api/v1/api-tokens").await;
    let mine =
        own.body.as_array().expect("list").iter().find(|t| t["name"] == "Terraform").expect("mine").clone();
    assert_eq!(first["transaction"]["detail"]["requestApiTokenId"], mine["id"]);
    next = path_of_next(&told);
    let nothing = log.get(&next).await;
    assert_eq!(nothing.body, json!([]));
    assert!(nothing.link("next").is_some(), "polling always has a next");
}

fn path_of_next(answer: &Response) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.link("next").expect("next")
}

#[tokio::test]
async fn memberships_and_assignments_follow_each_other() {
    let sim = start(Config {
        users: 120,
        groups: 30,
        apps: 20,
        story: Some("dormant_accounts".into()),
        ..Config::default()
    })
    .await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let truth = sim.org.truth(&sim.origin);
    let apps = http.all("/api/v1/apps").await;
    let has = truth.edges(Relation::AppUser);
    let users_of = |app: &Value| has.iter().filter(|(a, _)| a == text(app, "id")).count();
    let fewest =
        apps.iter().filter(|a| a["status"] == "ACTIVE" && users_of(a) > 0).min_by_key(|a| users_of(a));
    let app = text(fewest.expect("an app"), "id").to_owned();
    let group = text(&http.post("/api/v1/groups", json!({"profile": {"name": "Auditors"}})).await.body, "id")
        .to_owned();
    let users = http.all("/api/v1/users").await;
    let outsiders: Vec<&str> = users
        .iter()
        .map(|u| text(u, "id"))
        .filter(|u| !has.contains(&(app.clone(), (*u).to_owned())))
        .take(3)
        .collect();
    for user in &outsiders {
        assert_eq!(http.call("PUT", &format!("/api/v1/groups/{group}/users/{user}"), "").await.status, 204);
        assert_eq!(http.get(&format!("/api/v1/apps/{app}/users/{user}")).await.code(), "E0000007");
    }
    let assigned = http.call("PUT", &format!("/api/v1/apps/{app}/groups/{group}"), "{}").await;
    assert_eq!((assigned.status, text(&assigned.body, "id")), (200, group.as_str()));
    let first = outsiders[0];
    let through = http.get(&format!("/api/v1/apps/{app}/users/{first}")).await;
    assert_eq!(text(&through.body, "scope"), "GROUP");
    assert_eq!(http.call("DELETE", &format!("/api/v1/apps/{app}/users/{first}"), "").await.status, 400);
    let direct = http.post(&format!("/api/v1/apps/{app}/users"), json!({"id": first})).await;
    assert_eq!((direct.status, text(&direct.body, "scope")), (200, "USER"));
    assert_eq!(http.call("DELETE", &format!("/api/v1/apps/{app}/users/{first}"), "").await.status, 204);
    let still = http.get(&format!("/api/v1/apps/{app}/users/{first}")).await;
    assert_eq!(
        text(&still.body, "scope"),
        "GROUP",
        "what was assigned in person goes, what comes through the group stays"
    );
    assert_eq!(http.call("DELETE", &format!("/api/v1/groups/{group}/users/{first}"), "").await.status, 204);
    assert_eq!(http.get(&format!("/api/v1/apps/{app}/users/{first}")).await.status, 404);

    let listed: Vec<String> = http
        .all(&format!("/api/v1/apps/{app}/users?limit=7"))
        .await
        .iter()
        .map(|u| text(u, "id").to_owned())
        .collect();
    let expected: Vec<String> =
        truth.edges(Relation::AppUser).into_iter().filter(|(a, _)| *a == app).map(|(_, u)| u).collect();
    assert_eq!(listed, expected);
    assert!(listed.contains(&outsiders[1].to_owned()) && !listed.contains(&first.to_owned()));

    assert_eq!(http.call("DELETE", &format!("/api/v1/groups/{group}"), "").await.status, 204);
    assert_eq!(http.get(&format!("/api/v1/apps/{app}/users/{}", outsiders[1])).await.status, 404);
    let everyone = http.get("/api/v1/groups?q=Everyone").await;
    let built_in =
        http.call("DELETE", &format!("/api/v1/groups/{}", text(&everyone.body[0], "id")), "").await;
    assert_eq!((built_in.status, built_in.code()), (501, "E0000060"));

    let refused = http.call("DELETE", &format!("/api/v1/apps/{app}"), "").await;
    assert_eq!((refused.status, refused.code()), (403, "E0000056"));
    assert_eq!(http.call("POST", &format!("/api/v1/apps/{app}/lifecycle/deactivate"), "").await.status, 200);
    assert_eq!(text(&http.get(&format!("/api/v1/apps/{app}")).await.body, "status"), "INACTIVE");
    assert_eq!(http.call("DELETE", &format!("/api/v1/apps/{app}"), "").await.status, 204);
    assert_eq!(http.all("/api/v1/apps").await.len(), 19);
}

#[tokio::test]
async fn roles_are_given_and_taken() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let id = sim.org.create_user("New", "Admin", "new.admin@acme.example").expect("created");
    let roles = format!("/api/v1/users/{id}/roles");
    let given = http.post(&roles, json!({"type": "SUPER_ADMIN"})).await;
    assert_eq!((given.status, &text(&given.body, "id")[..3]), (201, "ra1"));
    let twice = http.post(&roles, json!({"type": "SUPER_ADMIN"})).await;
    assert_eq!((twice.status, twice.code()), (409, "E0000090"));
    let custom = http
        .post(&roles, json!({"type": "CUSTOM", "role": "Transom Read", "resource-set": "Transom Resources"}))
        .await;
    assert_eq!((custom.status, text(&custom.body, "type")), (201, "CUSTOM"));
    for role in [&given, &custom] {
        assert_eq!(http.call("DELETE", &format!("{roles}/{}", text(&role.body, "id")), "").await.status, 204);
    }
    let again = http.call("DELETE", &format!("{roles}/{}", text(&given.body, "id")), "").await;
    assert_eq!(again.status, 404);
    assert!(text(&again.body, "errorSummary").ends_with("(RoleAssignment)"));
    assert_eq!(http.get(&roles).await.body, json!([]));
    let nothing = http.call("POST", &roles, "not json").await;
    assert_eq!((nothing.status, nothing.code()), (400, "E0000003"));
}

#[tokio::test]
async fn tokens_can_be_revoked_and_revoke_themselves() {
    let sim = start(Config::default()).await;
    let mut own = Http::new(&sim, &sim.tokens.read_only_custom).await;
    assert_eq!(own.call("DELETE", "/api/v1/api-tokens/current", "").await.status, 204);
    assert_eq!(own.get("/api/v1/users").await.code(), "E0000011");
    let mut admin = Http::new(&sim, &sim.tokens.super_admin).await;
    let tokens = admin.get("/api/v1/api-tokens").await;
    let other = tokens
        .body
        .as_array()
        .expect("list")
        .iter()
        .find(|t| t["name"] == "Reporting")
        .expect("listed")
        .clone();
    let path = format!("/api/v1/api-tokens/{}", text(&other, "id"));
    assert_eq!(admin.get(&path).await.status, 200);
    assert_eq!(admin.call("DELETE", &path, "").await.status, 204);
    assert!(text(&admin.get(&path).await.body, "errorSummary").ends_with("(Token)"));
    assert_eq!(Http::new(&sim, &sim.tokens.read_only).await.get("/api/v1/users/me").await.code(), "E0000011");
    let text = tokens.text;
    assert!(
        !text.contains(&sim.tokens.super_admin) && !text.contains(&sim.tokens.read_only),
        "never a value"
    );
}

#[tokio::test]
async fn search_lags_behind() {
    let clock = Arc::new(ManualClock::at(1_782_777_601_000));
    let config =
        Config { search_lag: Duration::from_secs(5), as_of: Some(1_782_777_600_000), ..Config::default() };
    let sim = start_with(config, Hooks { clock: clock.clone(), ..Hooks::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let id = sim.org.create_user("Late", "Comer", "late@acme.example").expect("created");
    let search = "/api/v1/users?search=profile.login+eq+%22late@acme.example%22";
    let count = |v: &Value| v.as_array().map_or(0, Vec::len);
    assert_eq!(count(&http.get(search).await.body), 0);
    assert_eq!(http.get(&format!("/api/v1/users/{id}")).await.status, 200, "reading by id does not lag");
    let filter = "/api/v1/users?filter=profile.login+eq+%22late@acme.example%22";
    assert_eq!(count(&http.get(filter).await.body), 1, "neither does filter");
    clock.advance(5_000);
    assert_eq!(count(&http.get(search).await.body), 1);
    sim.org.delete_user(&id).expect("deleted");
    assert_eq!(http.get(search).await.body[0]["status"], "ACTIVE", "still shown as it was");
    clock.advance(5_000);
    assert_eq!(count(&http.get(search).await.body), 0);
}

#[tokio::test]
async fn changes_show_in_the_truth() {
    let sim = start(Config::default()).await;
    let truth = sim.org.truth(&sim.origin);
    let (users, factors) = (truth.list(Kind::User).len(), truth.list(Kind::Factor).len());
    let somebody = truth.list(Kind::Factor)[0].parent.clone();
    let theirs = truth.list(Kind::Factor).iter().filter(|f| f.parent == somebody).count();
    sim.org.reset_factors(&somebody).expect("reset");
    assert_eq!(truth.list(Kind::Factor).len(), factors - theirs);
    sim.org.delete_user(&somebody).expect("deleted");
    assert_eq!(truth.list(Kind::User).len(), users - 1);
    for relation in [Relation::Member, Relation::AppUser] {
        assert!(!truth.edges(relation).iter().any(|(_, user)| *user == somebody));
    }
    for kind in Kind::ALL {
        let records = truth.list(*kind);
        assert!(!records.is_empty(), "{kind:?}");
        assert!(records.iter().all(|r| !r.id.is_empty()), "{kind:?}");
    }
}

#[tokio::test]
async fn the_log_can_be_asked_in_both_ways() {
    let clock = Arc::new(ManualClock::at(1_782_777_600_000));
    let config = Config { as_of: Some(1_782_777_600_000), ..Config::default() };
    let sim = start_with(config, Hooks { clock, ..Hooks::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.read_only).await;
    let range = "since=2026-06-10T00:00:00Z&until=2026-06-12T00:00:00Z";
    let mut uuids: Vec<String> = Vec::new();
    for order in ["ASCENDING", "DESCENDING"] {
        let found = http.all(&format!("/api/v1/logs?{range}&sortOrder={order}&limit=17")).await;
        let times: Vec<&str> = found.iter().map(|e| text(e, "published")).collect();
        assert!(times.iter().all(|t| t.starts_with("2026-06-10") || t.starts_with("2026-06-11")));
        assert!(if order == "ASCENDING" { times.is_sorted() } else { times.iter().rev().is_sorted() });
        let mut ids: Vec<String> = found.iter().map(|e| text(e, "uuid").to_owned()).collect();
        ids.sort_unstable();
        assert!(ids.len() > 100 && ids.windows(2).all(|w| w[0] != w[1]));
        assert!(uuids.is_empty() || uuids == ids);
        uuids = ids;
    }
    let sso =
        http.all(&format!("/api/v1/logs?{range}&filter=eventType+eq+%22user.authentication.sso%22")).await;
    assert!(
        !sso.is_empty()
            && sso
                .iter()
                .all(|e| e["eventType"] == "user.authentication.sso"
                    && e["target"][0]["type"] == "AppInstance")
    );
    for (query, status, code) in [
        ("limit=0", 200, ""),
        ("limit=1001", 400, "E0000053"),
        ("since=yesterday", 400, "E0000053"),
        ("since=2025-01-01T00:00:00Z", 400, "E0000053"),
        ("filter=nonsense", 400, "E0000053"),
        ("filter=published+gt+%222026-01-01T00:00:00Z%22", 400, "E0000031"),
        ("after=x", 400, "E0000029"),
    ] {
        let answer = http.get(&format!("/api/v1/logs?{query}")).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{query}");
    }
}
