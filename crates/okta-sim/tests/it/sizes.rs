//! The large org costs nothing until it is looked at; the reference org has the stated sizes.

use std::time::Duration;

use okta_sim::{Config, Limits, Relation, story};

use crate::client::{Http, start, text};

#[tokio::test]
async fn a_million_users_start_at_once_and_page_deep() {
    // A debug build on a busy machine: generous, and still far below what building a million users would take.
    let work = async {
        let sim = start(Config::r1m()).await;
        let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
        let deep = sim.org.read(|view| view.user_id(view.at_place(900_000)));
        let mut next = format!("/api/v1/users?after={deep}&limit=200");
        for _ in 0..5 {
            let page = http.get(&next).await;
            assert_eq!(page.body.as_array().map(Vec::len), Some(200));
            next = page.link("next").expect("more");
        }
        let user = http.get("/api/v1/users?limit=1").await.body[0].clone();
        let groups = http.all(&format!("/api/v1/users/{}/groups", text(&user, "id"))).await;
        assert!((10..=20).contains(&groups.len()), "{}", groups.len());
        let apps = http.get("/api/v1/apps?limit=1").await.body[0].clone();
        let users = http.get(&format!("/api/v1/apps/{}/users?limit=500", text(&apps, "id"))).await;
        assert_eq!(users.body.as_array().map(Vec::len), Some(500));
    };
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("in time");
}

#[tokio::test]
async fn the_reference_org_has_the_stated_sizes() {
    let sim =
        start(Config { limits: Limits::Off, story: Some("dormant_accounts".into()), ..Config::r10k() }).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let count = |edges: Vec<(String, String)>, from: &str| edges.iter().filter(|(f, _)| f == from).count();
    let groups = http.all("/api/v1/groups?limit=200").await;
    let apps = http.all("/api/v1/apps?limit=200").await;
    assert_eq!((groups.len(), apps.len()), (500, 300));
    let truth = sim.org.truth(&sim.origin);
    assert_eq!(count(truth.edges(Relation::Member), text(&groups[400], "id")), 300);
    let app_users = truth.edges(Relation::AppUser);
    assert_eq!(app_users.len(), 300 * 667);
    assert_eq!(http.all("/api/v1/iam/assignees/users").await.len(), 20);
    let with_roles = groups.iter().filter(|g| text(&g["profile"], "name") == "IT Help Desk").count();
    assert_eq!(with_roles, 1);
    let active = http.get("/api/v1/users?filter=status+eq+%22ACTIVE%22&limit=3").await;
    for user in active.body.as_array().expect("list") {
        let factors = http.get(&format!("/api/v1/users/{}/factors", text(user, "id"))).await;
        assert_eq!(factors.body.as_array().map(Vec::len), Some(2), "{user}");
    }
}

#[tokio::test]
async fn the_same_seed_is_the_same_org() {
    let dump = async |config: Config| {
        let sim = start(Config { as_of: Some(1_782_777_600_000), ..config }).await;
        let truth = sim.org.truth("http://org");
        let mut all = String::new();
        for kind in okta_sim::Kind::ALL.iter().filter(|k| **k != okta_sim::Kind::ApiToken) {
            truth.each(*kind, |r| all.push_str(&format!("{} {} {}\n", r.parent, r.id, r.doc)));
        }
        (all, sim.tokens.super_admin.clone())
    };
    let first = dump(Config::default()).await;
    assert!(first == dump(Config::default()).await, "the same seed");
    assert!(first != dump(Config { seed: 2, ..Config::default() }).await, "another seed");
    assert_eq!((first.1.len(), &first.1[..2]), (42, "00"));
}

#[tokio::test]
async fn every_story_can_be_seen() {
    for told in story::STORIES {
        let with = start(Config { story: Some(told.name.into()), ..Config::default() }).await;
        let mut http = Http::new(&with, &with.tokens.super_admin).await;
        let seen = match told.name {
            "admin_sprawl" => {
                let mut supers = 0;
                for assignee in http.all("/api/v1/iam/assignees/users").await {
                    let roles = http.get(&format!("/api/v1/users/{}/roles", text(&assignee, "id"))).await;
                    supers += usize::from(roles.text.contains("SUPER_ADMIN"));
                }
                supers >= 8
            }
            "leaver_kept_access" => {
                let mut seen = false;
                for user in http.all("/api/v1/users?filter=status+eq+%22SUSPENDED%22").await {
                    let apps = http
                        .all(&format!(
                            "/api/v1/apps?filter=user.id+eq+%22{0}%22&expand=user/{0}",
                            text(&user, "id")
                        ))
                        .await;
                    seen |= apps.iter().filter(|a| a["_embedded"]["user"]["scope"] == "USER").count() >= 3;
                }
                seen
            }
            "shadow_admin_group" => {
                let group = http.get("/api/v1/groups?q=Summer+Party&expand=stats").await.body[0].clone();
                group["_embedded"]["stats"]["hasAdminPrivilege"] == true
                    && group["_embedded"]["stats"]["usersCount"] == 4
            }
            "stale_super_admin_token" => http.get("/api/v1/api-tokens").await.text.contains("do not delete"),
            "dormant_accounts" => {
                let users = http.all("/api/v1/users?filter=status+eq+%22ACTIVE%22").await;
                let now = with.org.now() - 379 * 86_400_000;
                let old = |u: &serde_json::Value| {
                    u["lastLogin"]
                        .as_str()
                        .is_some_and(|t| t.parse::<jiff::Timestamp>().expect("a time").as_millisecond() < now)
                };
                users.iter().filter(|u| old(u)).count() >= 5
            }
            other => panic!("no look at {other}"),
        };
        assert!(seen, "{}: {}", told.name, told.summary);
    }
}
