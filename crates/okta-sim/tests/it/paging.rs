//! Every list shows every object exactly once, at any page size, and agrees with the truth.

use std::collections::BTreeSet;

use okta_sim::{Config, Kind, Relation};

use crate::client::{Http, start, text};

#[tokio::test]
async fn every_list_shows_each_object_once() {
    let sim = start(Config::default()).await;
    let truth = sim.org.truth(&sim.origin);
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    for (path, kind, size) in [
        ("/api/v1/users?search=id+pr", Kind::User, 7),
        ("/api/v1/users?search=id+pr", Kind::User, 200),
        ("/api/v1/groups?limit=", Kind::Group, 3),
        ("/api/v1/groups/rules?limit=", Kind::GroupRule, 4),
        ("/api/v1/apps?limit=", Kind::App, 7),
        ("/api/v1/zones?limit=", Kind::Zone, 2),
        ("/api/v1/authorizationServers?limit=", Kind::AuthServer, 1),
        ("/api/v1/iam/roles?limit=", Kind::CustomRole, 3),
        ("/api/v1/iam/resource-sets?limit=", Kind::ResourceSet, 1),
        ("/api/v1/api-tokens?limit=", Kind::ApiToken, 3),
    ] {
        let path = if path.ends_with('=') { format!("{path}{size}") } else { format!("{path}&limit={size}") };
        let mut shown = http.all(&path).await;
        let mut expected: Vec<_> = truth.list(kind).into_iter().map(|r| r.doc).collect();
        // The call itself moves its own token's dates.
        if kind == Kind::ApiToken {
            for token in shown.iter_mut().chain(&mut expected) {
                token["lastUpdated"] = "".into();
                token["expiresAt"] = "".into();
            }
        }
        assert!(!expected.is_empty());
        assert_eq!(shown, expected, "{path}");
    }
    let ids: BTreeSet<String> =
        http.all("/api/v1/users").await.iter().map(|u| text(u, "id").to_owned()).collect();
    let gone: BTreeSet<String> = http
        .all("/api/v1/users?filter=status+eq+%22DEPROVISIONED%22&limit=9")
        .await
        .iter()
        .map(|u| text(u, "id").to_owned())
        .collect();
    let all: BTreeSet<String> = truth.list(Kind::User).into_iter().map(|r| r.id).collect();
    assert_eq!(all.len(), 500);
    assert!(ids.is_disjoint(&gone) && !gone.is_empty());
    assert_eq!(all, ids.union(&gone).cloned().collect());
}

#[tokio::test]
async fn both_sides_of_every_relation_agree() {
    let sim = start(Config { users: 120, groups: 30, apps: 25, ..Config::default() }).await;
    let truth = sim.org.truth(&sim.origin);
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let (mut members, mut app_users, mut app_groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let pair = |a: &str, b: &serde_json::Value| (a.to_owned(), text(b, "id").to_owned());
    for group in http.all("/api/v1/groups?expand=stats").await {
        let id = text(&group, "id");
        let users = http.all(&format!("/api/v1/groups/{id}/users?limit=13")).await;
        assert_eq!(group["_embedded"]["stats"]["usersCount"], users.len(), "{group}");
        members.extend(users.iter().map(|u| pair(id, u)));
        let apps = http.all(&format!("/api/v1/groups/{id}/apps?limit=3")).await;
        assert_eq!(group["_embedded"]["stats"]["appsCount"], apps.len());
        app_groups.extend(apps.iter().map(|a| (text(a, "id").to_owned(), id.to_owned())));
    }
    for app in http.all("/api/v1/apps").await {
        let id = text(&app, "id");
        let users = http.all(&format!("/api/v1/apps/{id}/users?limit=11")).await;
        for user in &users {
            assert!(app_users.insert(pair(id, user)), "twice");
            let through = user["scope"] == "GROUP";
            assert_eq!(through, user["_links"]["group"].is_object());
        }
        let groups = http.all(&format!("/api/v1/apps/{id}/groups?limit=2")).await;
        for group in groups {
            assert!(app_groups.contains(&pair(id, &group)));
        }
    }
    let edges = |relation| truth.edges(relation).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(members, edges(Relation::Member));
    assert_eq!(app_users, edges(Relation::AppUser));
    assert_eq!(app_groups, edges(Relation::AppGroup));
    let (mut by_user, mut apps_by_user) = (BTreeSet::new(), BTreeSet::new());
    for user in http.all("/api/v1/users?search=id+pr").await {
        let id = text(&user, "id");
        by_user.extend(
            http.all(&format!("/api/v1/users/{id}/groups?limit=4"))
                .await
                .iter()
                .map(|g| (text(g, "id").to_owned(), id.to_owned())),
        );
        let filter = format!("/api/v1/apps?filter=user.id+eq+%22{id}%22&expand=user/{id}&limit=200");
        for app in http.all(&filter).await {
            assert_eq!(app["_embedded"]["user"]["id"], id);
            apps_by_user.insert((text(&app, "id").to_owned(), id.to_owned()));
        }
    }
    assert_eq!(members, by_user);
    assert_eq!(app_users, apps_by_user);
}

#[tokio::test]
async fn cursors_and_links_are_okta_s() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let page = http.get("/api/v1/users?search=id+pr&limit=2").await;
    let last = text(&page.body[1], "id");
    assert_eq!(page.link("next").expect("next"), format!("/api/v1/users?after={last}&limit=2&search=id+pr"));
    assert_eq!(page.link("self").expect("self"), "/api/v1/users?limit=2&search=id+pr");
    assert_eq!(page.headers.iter().filter(|(n, _)| n == "link").count(), 2, "one line per relation");
    assert!(page.headers.iter().any(|(n, v)| n == "link" && v.starts_with(&format!("<{}/", sim.origin))));
    for (path, status, code) in [
        ("/api/v1/apps?after=00u1testcursorvalue", 400, "E0000029"),
        ("/api/v1/users?after=nonsense", 400, "E0000029"),
        ("/api/v1/users?search=id+pr&filter=status+eq+%22ACTIVE%22", 400, "E0000033"),
        ("/api/v1/users?filter=profile.city+eq+%22Berlin%22", 400, "E0000031"),
        ("/api/v1/users?search=nonsense", 400, "E0000031"),
        ("/api/v1/policies", 400, "E0000028"),
        ("/api/v1/policies?type=NONSENSE", 400, "E0000001"),
        ("/api/v1/policies?type=CLIENT_UPDATE", 400, "E0000001"),
        ("/api/v1/users/00u00000000000000000", 404, "E0000007"),
        ("/api/v1/nothing", 404, "E0000022"),
    ] {
        let answer = http.get(path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}: {}", answer.text);
    }
    let found = http.get("/api/v1/users?q=maya").await;
    assert!(found.link("next").is_none() && found.body.as_array().expect("list").len() <= 10);
    let me = http.get("/api/v1/users/me").await;
    let by_login = http.get("/api/v1/users/maya.whitfield%40acme.example").await;
    assert_eq!(me.body, by_login.body);
    assert!(me.body["_links"]["suspend"].is_object());
    let in_list = http.get("/api/v1/users?search=profile.login+eq+%22maya.whitfield@acme.example%22").await;
    assert_eq!(in_list.body[0]["profile"], me.body["profile"]);
    assert_eq!(in_list.body[0]["_links"].as_object().expect("links").len(), 1, "only itself in lists");
}

#[tokio::test]
async fn searches_filters_and_shapes() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let all = http.all("/api/v1/users?search=id+pr").await;
    let mut dates: Vec<&str> = all.iter().map(|u| text(u, "lastUpdated")).collect();
    dates.sort_unstable();
    let middle = dates[dates.len() / 2].to_owned();
    for (op, count) in [
        ("gt", dates.iter().filter(|d| **d > middle.as_str()).count()),
        ("le", dates.iter().filter(|d| **d <= middle.as_str()).count()),
    ] {
        for parameter in ["filter", "search"] {
            let path = format!("/api/v1/users?{parameter}=lastUpdated+{op}+%22{middle}%22&limit=50");
            assert_eq!(http.all(&path).await.len(), count, "{path}");
        }
    }
    let engineers = http.all("/api/v1/users?search=profile.department+eq+%22Engineering%22").await;
    let group = http.get("/api/v1/groups?q=Engineering").await;
    assert!(group.link("self").is_none(), "answers to q have no links");
    let members = http.all(&format!("/api/v1/groups/{}/users", text(&group.body[0], "id"))).await;
    assert_eq!(engineers.len(), members.len(), "the department's group holds the department");
    let statuses: BTreeSet<&str> = all.iter().map(|u| text(u, "status")).collect();
    assert_eq!(statuses.len(), 8);
    let apps = http.all("/api/v1/apps?limit=200").await;
    assert!(
        apps.iter().any(|a| a["credentials"]["oauthClient"]["client_secret"].is_string()),
        "a secret to scrub"
    );
    assert!(apps.iter().any(|a| a["settings"]["app"]["passwordField"] == "pass"));
    let inactive = http.all("/api/v1/apps?filter=status+eq+%22INACTIVE%22").await;
    assert_eq!(inactive.len(), apps.iter().filter(|a| a["status"] == "INACTIVE").count());
    let directory = http.all("/api/v1/groups?filter=type+eq+%22APP_GROUP%22&expand=app").await;
    assert!(
        !directory.is_empty() && directory.iter().all(|g| g["_embedded"]["app"]["id"] == g["source"]["id"])
    );
}
