//! Lists of people and of what is theirs, a page at a time: the same on both databases.

use std::collections::BTreeSet;

use transom_core::{OrgId, Reach, Role};
use transom_store::{Account, Error, NewAccount, NewApiToken, NewView, Page, RequestState, Result, Store};

use crate::stage::{Place, new_org};

const ORG: OrgId = OrgId(1);

async fn account(store: &Store, login: &str) -> Account {
    let (login, name) = (login.to_string(), "Ada".to_string());
    let new = NewAccount { login, name, password: None, role: Role::Viewer, reach: Reach::All };
    store.create_account(new, "test").await.expect("creates")
}

/// The rows of all pages of `limit`, each of which is full but for the last.
async fn turned<T>(limit: u32, page: impl AsyncFn(Option<&str>, u32) -> Result<Page<T>>) -> Vec<T> {
    let (mut rows, mut next) = (Vec::new(), None::<String>);
    loop {
        let found = page(next.as_deref(), limit).await.expect("a page");
        let full = found.rows.len() == limit as usize;
        rows.extend(found.rows);
        next = found.next;
        match next {
            Some(_) => assert!(full),
            None => return rows,
        }
    }
}

#[tokio::test]
async fn pages_hold_every_row_once_in_the_order_of_the_list() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let mut logins = Vec::new();
        for login in ["zoe@x", "Ada@x", "bob@x", "ada@x.example", "Eve@x", "émile@x", "a_b@x", "a-b@x"] {
            let who = account(&store, login).await;
            logins.push(who.login.clone());
            store.invite(&format!("new-{login}"), Role::Viewer, &Reach::All, "test").await.expect("invites");
            store.request_access("okta", who.id, "", "test").await.expect("asks");
            for role in [Role::Viewer, Role::Admin] {
                let new = NewApiToken {
                    name: login.into(),
                    role,
                    reach: Reach::All,
                    expires: place.clock_now() + 1_000,
                };
                store.create_api_token(new, who.id, "test").await.expect("makes");
            }
            for name in ["One", "one", "Ünique"] {
                let query = "sort=login";
                let view = NewView { account: who.id, org: ORG, kind: "user", name, query, shared: true };
                let saved = store.save_view(view, "test").await.expect("saves").expect("there is room");
                assert!(saved.own && saved.name == name && saved.query == query);
            }
        }
        let decided = RequestState::Declined;
        store.decide_access(1, decided, 1, "test").await.expect("declines");
        for limit in [1, 3, 8, 9, 200] {
            let accounts = turned(limit, async |after, n| store.accounts_page(after, n).await).await;
            let whole = store.accounts().await.expect("reads");
            let of = |all: &[Account]| all.iter().map(|a| a.login.clone()).collect::<Vec<_>>();
            logins.sort_by_key(|login| login.to_lowercase());
            assert_eq!(of(&accounts), of(&whole));
            assert_eq!(of(&accounts), logins, "by bytes");

            let invited = turned(limit, async |after, n| store.invitations_page(after, n).await).await;
            assert_eq!(invited, store.invitations().await.expect("reads"));

            let asked = async |of, state| {
                turned(limit, async |after, n| store.access_requests_page(of, state, after, n).await).await
            };
            let all = store.access_requests().await.expect("reads");
            assert_eq!((asked(None, None).await, all.len()), (all.clone(), 8));
            assert_eq!(asked(Some(3), None).await.iter().map(|r| r.account).collect::<Vec<_>>(), [3]);
            assert_eq!(asked(None, Some(decided)).await.iter().map(|r| r.id).collect::<Vec<_>>(), [1]);
            assert!(asked(Some(3), Some(decided)).await.is_empty());

            let tokens = async |of, least| {
                let shown = |t: &transom_store::ApiToken| t.role >= least;
                turned(limit, async |after, n| store.api_tokens_page(of, shown, after, n).await).await
            };
            let all = store.api_tokens().await.expect("reads");
            assert_eq!((tokens(None, Role::Viewer).await, all.len()), (all.clone(), 16));
            let admins = tokens(None, Role::Admin).await;
            assert!(admins.len() == 8 && admins.is_sorted_by(|a, b| a.id > b.id));
            assert_eq!(tokens(Some(2), Role::Admin).await.len(), 1);

            let views =
                turned(limit, async |after, n| store.saved_views_page(2, ORG, "user", after, n).await).await;
            assert_eq!(views, store.saved_views(2, ORG, "user").await.expect("reads"));
            let ids: BTreeSet<i64> = views.iter().map(|v| v.id).collect();
            assert_eq!((views.len(), ids.len()), (24, 24));
            assert_eq!(views.iter().filter(|v| v.own).count(), 3);
        }
        let mut labels = ["zoe", "Ada", "émile", "a_b", "a-b", "B", "bob", "ÅSE", "eve"];
        for label in labels {
            store.create_org(new_org(label)).await.expect("creates");
        }
        labels.sort_by_key(|label| label.to_lowercase());
        let some = Reach::Orgs(BTreeSet::from([OrgId(2), OrgId(9), OrgId(99)]));
        for limit in [1, 3, 9, 200] {
            let orgs = async |reach: &Reach| {
                let all = turned(limit, async |after, n| store.orgs_page(reach, after, n).await).await;
                all.into_iter().map(|org| org.label).collect::<Vec<_>>()
            };
            assert_eq!(orgs(&Reach::All).await, labels, "by bytes");
            assert_eq!(orgs(&some).await, ["Ada", "eve"]);
            assert!(orgs(&Reach::Orgs(BTreeSet::new())).await.is_empty());
        }
        // An invitation that has lapsed is on no page.
        place.clock.advance(24 * 60 * 60_000);
        assert_eq!(store.invitations_page(None, 9).await.expect("reads"), Page { rows: vec![], next: None });
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn a_mark_of_another_list_is_refused() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        for login in ["a@x", "b@x"] {
            let who = account(&store, login).await;
            store.request_access("okta", who.id, "", "test").await.expect("asks");
        }
        let accounts = store.accounts_page(None, 1).await.expect("reads").next.expect("there is more");
        let requests = store.access_requests_page(None, None, None, 1).await.expect("reads").next;
        let requests = requests.expect("there is more");
        for mark in [requests.as_str(), "x", "", "2"] {
            assert!(matches!(store.accounts_page(Some(mark), 1).await, Err(Error::Mark(_))), "{mark}");
        }
        for mark in [accounts.as_str(), "x"] {
            let all = |_: &transom_store::ApiToken| true;
            assert!(matches!(store.invitations_page(Some(mark), 1).await, Err(Error::Mark(_))));
            assert!(matches!(store.api_tokens_page(None, all, Some(mark), 1).await, Err(Error::Mark(_))));
            let refused = store.access_requests_page(None, None, Some(mark), 1).await;
            assert!(matches!(refused, Err(Error::Mark(_))));
            assert!(matches!(store.orgs_page(&Reach::All, Some(mark), 1).await, Err(Error::Mark(_))));
            let refused = store.saved_views_page(1, ORG, "user", Some(mark), 1).await;
            assert!(matches!(refused, Err(Error::Mark(_))));
        }
        place.drop(&store).await;
    }
}
