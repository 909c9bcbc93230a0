//! Lists of `/api/v1` come a page at a time, and their pages together are the list: nothing twice, nothing left out.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use transom_core::{Reach, Role};
use transom_store::{NewApiToken, NewView};

use crate::api::{all, ask, get, owners};
use crate::browser::House;

/// Every list with as many items as there are of each in [`filled`].
const LISTS: [(&str, usize); 5] = [
    ("/api/v1/members", 8),
    ("/api/v1/invitations", 7),
    ("/api/v1/tokens", 8),
    ("/api/v1/access-requests", 7),
    ("/api/v1/orgs/1/views/user", 7),
];

/// A house with an owner, and seven of everything besides.
async fn filled() -> House {
    let house = House::owned().await;
    let org = house.org("One").await;
    for n in 0..7 {
        let who = house.account(&format!("m{n}@acme.example"), Role::Viewer, Reach::All).await;
        let invited = format!("i{n}@acme.example");
        house.store.invite(&invited, Role::Viewer, &Reach::All, "test").await.expect("invites");
        house.store.request_access("okta", who.id, "", "test").await.expect("asks");
        house.program(&who).await;
        // Shared ones of others may have one name.
        let view = NewView { account: who.id, org, kind: "user", name: "One", query: "", shared: true };
        house.store.save_view(view, "test").await.expect("saves").expect("there is room");
    }
    house
}

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().expect("a number")).collect()
}

#[tokio::test]
async fn the_pages_of_a_list_are_the_list() {
    let house = filled().await;
    let mut program = owners(&house).await;
    for (path, many) in LISTS {
        let whole = get(&mut program, path).await;
        let expected = ids(whole["items"].as_array().expect("items"));
        assert_eq!((expected.len(), &whole["next"]), (many, &Value::Null), "{path}");
        assert_eq!(expected.iter().collect::<BTreeSet<_>>().len(), many, "{path}: each once");
        for limit in [1, 3, many - 1, many, 200] {
            let paged = all(&mut program, &format!("{path}?limit={limit}")).await;
            assert_eq!(ids(&paged), expected, "{path} by {limit}");
        }
        house.clock.advance(10_000);
    }
    let logins: Vec<Value> = all(&mut program, "/api/v1/members?limit=3").await;
    let logins: Vec<&str> = logins.iter().filter_map(|m| m["login"].as_str()).collect();
    assert!(logins.is_sorted() && logins.len() == 8, "{logins:?}");
    let none = get(&mut program, "/api/v1/access-requests?state=granted&limit=1").await;
    assert_eq!((none["items"].as_array().map(Vec::len), &none["next"]), (Some(0), &Value::Null));
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_shifts_nothing() {
    let house = filled().await;
    let mut program = owners(&house).await;
    for (path, name) in [("/api/v1/members", "members"), ("/api/v1/access-requests", "access-requests")] {
        let before = ids(&all(&mut program, &format!("{path}?")).await);
        let first = get(&mut program, &format!("{path}?limit=3")).await;
        // The last one shown goes, and another comes that stands before all of them.
        let gone = first["items"][2]["id"].as_i64().expect("a number");
        let member =
            if name == "members" { gone } else { first["items"][2]["member"].as_i64().expect("one") };
        let remove = format!("/api/v1/members/{member}");
        ask(&mut program, Method::DELETE, &remove, None, StatusCode::NO_CONTENT).await;
        let new = house.account(&format!("a-{name}@acme.example"), Role::Viewer, Reach::All).await;
        house.store.request_access("okta", new.id, "", "test").await.expect("asks");
        let cursor = first["next"].as_str().expect("there are more");
        let rest = get(&mut program, &format!("{path}?cursor={cursor}")).await;
        let rest = ids(rest["items"].as_array().expect("items"));
        assert_eq!(rest, before[3..], "{path}");
    }
}

/// Whether the rows of a list are told apart by their number alone, as those of the other lists in this test are.
fn of_numbers(path: &str) -> bool {
    !["/members", "/views/user"].iter().any(|end| path.ends_with(end))
}

#[tokio::test]
async fn a_cursor_or_a_limit_that_is_none_is_told() {
    let house = filled().await;
    let mut program = owners(&house).await;
    let next = async |path: &str| {
        let page = get(&mut owners(&house).await, &format!("{path}?limit=1")).await;
        page["next"].as_str().expect("there are more").to_string()
    };
    let (requests, tokens) = (next("/api/v1/access-requests").await, next("/api/v1/tokens").await);
    for (path, _) in LISTS {
        let other = if path == "/api/v1/access-requests" { &tokens } else { &requests };
        for (query, says) in [
            ("limit=0", "limit: 0 is none that a page can have. Expected 1 to 200."),
            ("limit=201", "limit: 201 is none"),
            ("limit=-1", "limit: invalid digit"),
            ("limit=", "limit: "),
            ("cursor=x", "no mark of a page"),
            ("cursor=1", "no mark of a page"),
            (
                &format!("cursor={other}"),
                if of_numbers(path) { "of another list" } else { "no mark of a page" },
            ),
            ("page=2", "unknown field `page`"),
        ] {
            let answer = program.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}?{query}: {}", answer.text);
            assert!(answer.says(says), "{path}?{query}: {}", answer.text);
        }
    }
    let answer = program.get("/api/v1/access-requests?state=lost").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.says("state: unknown variant"), "{}", answer.text);
}

#[tokio::test]
async fn tokens_that_are_not_to_be_seen_leave_no_gap() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Admin, Reach::All).await;
    let token = |role| NewApiToken {
        name: "t".into(),
        role,
        reach: Reach::All,
        expires: crate::browser::START + 86_400_000,
    };
    let make = async |role| house.store.create_api_token(token(role), bob.id, "test").await.expect("makes");
    let (mut seen, mut nightly) = (Vec::new(), house.browser());
    for n in 0..205 {
        let sees = [0, 1, 203].contains(&n);
        let (made, secret) = make(if sees { Role::Viewer } else { Role::Admin }).await;
        if sees {
            seen.insert(0, made.id);
            nightly.token = Some(secrecy::ExposeSecret::expose_secret(&secret).to_string());
        }
    }
    owners(&house).await;
    for limit in [1, 2, 3, 50] {
        let mut path = format!("/api/v1/tokens?limit={limit}");
        let mut found = Vec::new();
        loop {
            let page = get(&mut nightly, &path).await;
            let items = ids(page["items"].as_array().expect("items"));
            assert!(!items.is_empty(), "a page for nothing");
            found.extend(items);
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/tokens?limit={limit}&cursor={next}");
        }
        assert_eq!(found, seen, "by {limit}");
    }
    // A program with the role of its account sees all of them, and an owner's those of everybody.
    let mut bobs = house.program(&bob).await;
    assert_eq!(all(&mut bobs, "/api/v1/tokens?limit=100").await.len(), 206);
    assert_eq!(all(&mut owners(&house).await, "/api/v1/tokens?limit=100").await.len(), 208);
}
