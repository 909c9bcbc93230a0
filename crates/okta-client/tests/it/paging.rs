//! Calls and pages over a real socket.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use okta_client::api::{api_token, log_event, role, user};
use okta_client::{
    Client, Clock, Cursor, Error, GovernorSettings, HttpOptions, Items, List, Listing, Method, Origin,
    PageSize, RetrySettings, SystemClock, TransportKind, View,
};
use serde_json::{Value, json};

use crate::server::{Asked, Reply, Server};

const TOKEN: &str = "00abcdefghijklmnopqrstuvwxyz0123456789_-AB";

fn quick() -> RetrySettings {
    RetrySettings { max_attempts: 4, base: Duration::from_millis(1), cap: Duration::from_millis(5) }
}

fn client(server: &Server) -> Client {
    let governor = GovernorSettings { seed: Some(1), ..GovernorSettings::default() };
    let builder = Client::builder(server.origin()).token(TOKEN.into()).governor(governor);
    builder.retry(quick()).build().expect("client")
}

fn parameter(asked: &Asked, name: &str) -> Option<String> {
    let (_, query) = asked.target.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

/// Answers `n` times with what it is given, and then with the last.
fn in_turn(replies: Vec<Reply>) -> impl Fn(&Asked) -> Reply + Send + Sync {
    let next = AtomicU32::new(0);
    move |_| {
        let at = next.fetch_add(1, Ordering::Relaxed) as usize;
        replies[at.min(replies.len() - 1)].clone()
    }
}

fn okta_error(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({"errorCode": code, "errorSummary": "…", "errorCauses": []}))
}

#[tokio::test]
async fn pages_follow_next_on_the_configured_origin() {
    // Pages 1 and 2 name another host, in several headers and in one.
    let server = Server::start(|asked| match parameter(asked, "after").as_deref() {
        None => Reply::json(200, &json!([{"id": "1"}, {"id": "2"}]))
            .header("Link", r#"<https://acme-admin.okta.com/api/v1/users?limit=200>; rel="self""#)
            .header("Link", r#"<https://acme-admin.okta.com/api/v1/users?after=a%2Bb&limit=200>; rel="next""#),
        Some("a+b") => Reply::json(200, &json!([{"id": "3"}])).header(
            "Link",
            r#"<https://x/api/v1/users?after=a%2Bb>; rel="self", <https://x/api/v1/users?after=c>; rel="next""#,
        ),
        Some(_) => Reply::json(200, &json!([])),
    })
    .await;
    let client = client(&server);
    let users: Vec<user::User> = client.stream(user::list()).try_collect().await.expect("users");
    assert_eq!(users.iter().map(user::User::id).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(
        server.targets(),
        ["/api/v1/users?limit=200", "/api/v1/users?after=a%2Bb&limit=200", "/api/v1/users?after=c"]
    );
    let asked = server.asked.lock().expect("log")[0].clone();
    assert_eq!(asked.header("authorization"), Some(format!("SSWS {TOKEN}").as_str()));
    assert_eq!(asked.header("accept"), Some("application/json"));
    assert!(asked.header("user-agent").is_some_and(|ua| ua.starts_with("okta-client/")));
    assert!(asked.header("accept-encoding").is_some_and(|e| e.contains("gzip")));
    assert!(!format!("{client:?}").contains(&TOKEN[..8]));
}

#[tokio::test]
async fn iam_lists_are_in_a_field_and_their_next_is_in_the_body() {
    let server = Server::start(|asked| match parameter(asked, "after") {
        None => Reply::json(
            200,
            &json!({
                "roles": [{"id": "cr0a"}],
                "_links": {"next": {"href": "https://acme-admin.okta.com/api/v1/iam/roles?after=cr0a"}},
            }),
        ),
        Some(_) => Reply::json(200, &json!({"roles": [{"id": "cr0b"}], "_links": {}})),
    })
    .await;
    let roles: Vec<role::Role> = client(&server).stream(role::list()).try_collect().await.expect("roles");
    assert_eq!(roles.iter().map(role::Role::id).collect::<Vec<_>>(), ["cr0a", "cr0b"]);
}

#[tokio::test]
async fn a_smaller_page_is_asked_for_and_kept() {
    // Anything above 50 is too slow; `next` echoes the size it likes.
    let server = Server::start(|asked| {
        let limit: u32 = parameter(asked, "limit").and_then(|l| l.parse().ok()).expect("a limit");
        match parameter(asked, "after") {
            _ if limit > 50 => okta_error(500, "E0000009"),
            None => Reply::json(200, &json!([{"id": "1"}]))
                .header("link", r#"<https://x/api/v1/users?after=1&limit=200>; rel="next""#),
            Some(_) => Reply::json(200, &json!([{"id": "2"}])),
        }
    })
    .await;
    let pages: Vec<_> =
        client(&server).pages(user::list().into_listing()).try_collect().await.expect("pages");
    assert_eq!(pages.len(), 2);
    assert_eq!((pages[0].call.attempts, pages[1].call.attempts), (3, 1));
    let limits: Vec<_> =
        server.targets().iter().map(|t| t.rsplit_once("limit=").map(|(_, l)| l.to_owned())).collect();
    assert_eq!(limits.iter().flatten().collect::<Vec<_>>(), ["200", "100", "50", "50"]);
}

#[tokio::test]
async fn a_timeout_makes_the_page_smaller_down_to_its_floor() {
    let server = Server::start(|asked| {
        let mut reply = Reply::json(200, &json!([]));
        if parameter(asked, "limit").as_deref() != Some("40") {
            reply.delay = Duration::from_secs(5);
        }
        reply
    })
    .await;
    let http = HttpOptions { read_timeout: Duration::from_millis(100), ..HttpOptions::default() };
    let client = Client::builder(server.origin()).http(http).retry(quick()).build().expect("client");
    let page_size = Some(PageSize { param: "limit", ask: 100, floor: 40 });
    let listing = Listing { page_size, ..user::list().into_listing() };
    let page = client.page(&listing, None).await.expect("a page");
    assert_eq!(page.call.attempts, 3, "100, 50, 40");
}

#[tokio::test]
async fn what_may_be_missing_beside_is_left_out_where_even_the_smallest_page_takes_too_long() {
    let server = Server::start(|asked| match parameter(asked, "expand") {
        Some(_) => okta_error(500, "E0000009"),
        None => Reply::json(200, &json!([{"id": "00g1"}])),
    })
    .await;
    let page_size = Some(PageSize { param: "limit", ask: 100, floor: 50 });
    let listing = Listing { page_size, ..okta_client::api::group::list().into_listing() };
    let page = client(&server).page(&listing, None).await.expect("a page");
    let targets = server.targets();
    let asked: Vec<&str> = targets.iter().filter_map(|t| t.split_once('?')).map(|(_, query)| query).collect();
    assert_eq!(
        asked,
        ["expand=stats&limit=100", "expand=stats&limit=50", "expand=stats&limit=50", "limit=50"]
    );
    assert_eq!((page.items.len(), page.call.attempts), (1, 4));
}

#[tokio::test]
async fn what_a_listing_is_for_is_never_left_out() {
    let server = Server::start(|asked| match parameter(asked, "expand") {
        Some(_) => okta_error(500, "E0000009"),
        None => Reply::json(200, &json!([{"id": "guo1"}])),
    })
    .await;
    for listing in [
        okta_client::api::device::list().into_listing(),
        okta_client::api::app::of_user("00u1").into_listing(),
        okta_client::api::role_assignment::of_user("00u1").into_listing(),
    ] {
        let error = client(&server).page(&listing, None).await.expect_err("no page without it");
        assert!(error.to_string().contains("500"), "{error}");
    }
    assert!(server.targets().iter().all(|target| target.contains("expand=")));
}

#[tokio::test]
async fn an_answer_that_something_in_between_gave_is_asked_for_again() {
    let html = || Reply::text(200, "text/html", "<html>Please sign in</html>");
    let server = Server::start(in_turn(vec![html(), Reply::json(200, &json!([]))])).await;
    let page = client(&server).page(user::list().listing(), None).await.expect("a page");
    assert_eq!(page.call.attempts, 2);
    let server = Server::start(move |_| html()).await;
    client(&server).page(user::list().listing(), None).await.expect_err("no JSON");
    assert_eq!(server.targets().len(), 3, "a page that stays is not asked for again and again");
    client(&server).request(Method::POST, "/x", &[], None).await.expect_err("no JSON");
    assert_eq!(server.targets().len(), 4, "and what was written is not written twice");
}

#[tokio::test]
async fn a_spent_window_is_waited_for_and_writes_are_repeated_too() {
    let now = 1_767_225_600;
    let date = "Thu, 01 Jan 2026 00:00:00 GMT";
    let refused = okta_error(429, "E0000047").rate(50, 0, now + 1).header("date", date);
    let server =
        Server::start(in_turn(vec![refused, Reply::json(200, &json!({})).rate(50, 49, now + 61)])).await;
    let client = client(&server);
    let answer =
        client.request(Method::POST, "/api/v1/users/00u1/lifecycle/suspend", &[], None).await.expect("done");
    assert_eq!(answer.call.attempts, 2);
    assert!(answer.call.waited >= Duration::from_secs(1), "{:?}", answer.call.waited);
    let bucket = &client.governor().snapshot()[0];
    assert_eq!((bucket.bucket, bucket.calls, bucket.r429), ("users/{id} write", 2, 1));
    assert_eq!(
        server.asked.lock().expect("log")[0].header("content-length"),
        Some("0"),
        "else Okta answers 411"
    );
}

#[tokio::test]
async fn a_concurrency_refusal_is_retried_soon_and_lowers_the_cap() {
    let refused = okta_error(429, "E0000047").rate(0, 0, 4_000_000_000);
    let server = Server::start(in_turn(vec![refused, Reply::json(200, &json!([]))])).await;
    let retry = RetrySettings { base: Duration::from_millis(100), ..quick() };
    let client = Client::builder(server.origin()).token(TOKEN.into()).retry(retry).build().expect("client");
    let page = client.page(user::list().listing(), None).await.expect("a page");
    assert_eq!(page.call.attempts, 2);
    let waited = page.call.waited;
    assert!(waited >= Duration::from_millis(100) && waited < Duration::from_secs(1), "{waited:?}");
    let org = client.governor().org();
    assert_eq!((org.cap, org.concurrency_429, org.in_flight), (16, 1, 0));
}

#[tokio::test]
async fn a_429_of_something_in_between_is_retried_with_a_pause() {
    let bare = Reply::text(429, "text/html", "<h1>Slow down</h1>");
    let server = Server::start(in_turn(vec![bare.clone(), bare, Reply::json(200, &json!([]))])).await;
    let page = client(&server).page(user::list().listing(), None).await.expect("a page");
    assert_eq!(page.call.attempts, 3);
    assert!(page.call.waited >= Duration::from_millis(1), "{:?}", page.call.waited);
}

#[tokio::test]
async fn limits_that_stay_are_reported_as_what_they_are() {
    let server = Server::start(|asked| {
        let limit = if asked.target.contains("apps") { 10 } else { 0 };
        okta_error(429, "E0000047").rate(limit, 0, 0).header("date", "Thu, 01 Jan 1970 00:00:00 GMT")
    })
    .await;
    let retry = RetrySettings { max_attempts: 2, ..quick() };
    let client = Client::builder(server.origin()).retry(retry).build().expect("client");
    let error = client.request(Method::GET, "/api/v1/apps", &[], None).await.expect_err("refused");
    assert!(matches!(error, Error::RateLimited(_)), "{error}");
    let error = client.request(Method::GET, "/api/v1/users", &[], None).await.expect_err("refused");
    assert!(matches!(error, Error::ConcurrencyLimited(_)), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn reads_are_repeated_after_failures_and_writes_are_not() {
    let mut cut = Reply::json(200, &json!([{"id": "00u1"}]));
    cut.cut_at = Some(5);
    let good = Reply::json(200, &json!([{"id": "00u1"}]));
    for bad in [cut, okta_error(503, "E0000010"), Reply::text(502, "text/html", "<h1>Bad gateway</h1>")] {
        let server = Server::start(in_turn(vec![bad.clone(), good.clone()])).await;
        let page = client(&server).page(user::list().listing(), None).await.expect("a page");
        assert_eq!(page.call.attempts, 2);

        let server = Server::start(in_turn(vec![bad, good.clone()])).await;
        let write = client(&server).request(Method::POST, "/api/v1/groups", &[], Some(json!({"a": 1}))).await;
        assert!(write.is_err());
        assert_eq!(server.targets().len(), 1, "Okta may have done it already");
        assert_eq!(server.asked.lock().expect("log")[0].body, r#"{"a":1}"#);
    }
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    let server = Server::start(|_| okta_error(403, "E0000006")).await;
    let error = client(&server).page(user::list().listing(), None).await.expect_err("refused");
    assert!(matches!(error, Error::MissingPermission(_)), "{error}");
    assert_eq!(server.targets().len(), 1);
}

#[tokio::test]
async fn a_connection_that_never_came_about_is_tried_again_even_for_a_write() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let origin = Origin::simulator(address).expect("loopback");
    let client = Client::builder(origin).retry(quick()).build().expect("client");
    let write = client.request(Method::POST, "/api/v1/groups", &[], Some(json!({})));
    let error = write.await.expect_err("nobody there");
    assert!(matches!(error, Error::Transport { kind: TransportKind::Connect, .. }), "{error}");
    let bucket = &client.governor().snapshot()[0];
    assert_eq!((bucket.calls, bucket.in_flight), (0, 0), "Okta saw none of them");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::start(|_| Reply::json(200, &json!([]))).await;
    let to = format!("http://{}/api/v1/users", elsewhere.address);
    let server =
        Server::start(move |_| Reply::text(302, "text/html", "").header("location", to.clone())).await;
    let error = client(&server).page(user::list().listing(), None).await.expect_err("refused");
    assert!(matches!(error, Error::Redirected { status: 302, .. }), "{error}");
    assert_eq!(elsewhere.targets().len(), 0);
}

#[tokio::test]
async fn what_is_not_json_names_the_place() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/html" => Reply::text(200, "text/html", "<html>"),
        "/broken" => Reply::text(200, "application/json", r#"{"a": [1, {"b": tru}]}"#),
        _ => Reply::json(200, &json!({"errorCode": "E0000000"})),
    })
    .await;
    let client = client(&server);
    let mut messages = Vec::new();
    for path in ["/html", "/broken"] {
        messages.push(client.request(Method::GET, path, &[], None).await.expect_err("no JSON").to_string());
    }
    messages.push(client.page(user::list().listing(), None).await.expect_err("no array").to_string());
    insta::assert_snapshot!(messages.join("\n"));
}

#[tokio::test]
async fn a_page_of_something_in_between_opens_no_bucket() {
    let counted = AtomicU32::new(0);
    let server = Server::start(move |asked| {
        if asked.target.contains("sign-in") {
            return Reply::text(200, "text/html", "<html>");
        }
        let used = counted.fetch_add(1, Ordering::Relaxed) + 1;
        let reset = SystemClock::default().now().as_second() + 60;
        Reply::json(200, &json!([])).rate(10, 10_u32.saturating_sub(used), reset)
    })
    .await;
    let client = client(&server);
    client.request(Method::GET, "/api/v1/apps", &[("q", "sign-in")], None).await.expect_err("no JSON");
    let before = server.targets().len();
    let calls = (0..20).map(|_| client.request(Method::GET, "/api/v1/apps", &[], None));
    let all = futures_util::future::join_all(calls);
    let patience = tokio::time::timeout(Duration::from_millis(500), all).await;
    assert!(patience.is_err(), "the others wait for the next window");
    let sent = server.targets().len() - before;
    assert!((1..=8).contains(&sent), "{sent} calls, of 10 that Okta allows and 2 that are kept back");
}

#[tokio::test]
async fn cursors_stay_with_their_listing_and_never_go_round() {
    let server = Server::start(|asked| {
        let same = format!("<https://x{}>; rel=\"next\"", asked.target);
        Reply::json(200, &json!([{"id": "1"}])).header("link", same)
    })
    .await;
    let client = client(&server);
    let foreign = Cursor::parse("/api/v1/groups?after=1").expect("a cursor");
    let error = client.page(user::list().listing(), Some(&foreign)).await.expect_err("foreign");
    assert!(matches!(error, Error::Cursor(_)), "{error}");
    assert_eq!(server.targets().len(), 0);
    let error = client.page(user::list().listing(), None).await.expect_err("a loop");
    assert!(matches!(error, Error::BadNext { .. }), "{error}");
}

#[tokio::test]
async fn a_feed_ends_when_it_has_caught_up_and_keeps_its_cursor() {
    let server = Server::start(|asked| match parameter(asked, "after").as_deref() {
        None => Reply::json(200, &json!([{"uuid": "1"}]))
            .header("link", r#"<https://x/api/v1/logs?after=1&limit=1000&sortOrder=ASCENDING>; rel="next""#),
        Some(after) => {
            let same =
                format!("<https://x/api/v1/logs?after={after}&limit=1000&sortOrder=ASCENDING>; rel=\"next\"");
            Reply::json(200, &json!([])).header("link", same)
        }
    })
    .await;
    let client = client(&server);
    let since = "2026-01-01T00:00:00Z".parse().expect("a time");
    let feed = log_event::feed(since).into_listing();
    let pages: Vec<_> = client.pages(feed.clone()).try_collect().await.expect("pages");
    assert_eq!(pages.len(), 2);
    let kept = pages[1].next.clone().expect("a cursor");
    let again = client.page(&feed, Some(&kept)).await.expect("a page");
    assert_eq!(again.next, Some(kept));
    assert_eq!(
        server.targets()[0],
        "/api/v1/logs?sortOrder=ASCENDING&since=2026-01-01T00%3A00%3A00.000Z&limit=1000"
    );
}

#[tokio::test]
async fn a_stream_ends_after_an_error() {
    let server = Server::start(|_| okta_error(401, "E0000011")).await;
    let mut users = pin!(client(&server).stream(user::list()));
    assert!(matches!(users.next().await, Some(Err(Error::TokenRejected(_)))));
    assert!(users.next().await.is_none());
}

#[tokio::test]
async fn secrets_do_not_reach_the_caller() {
    let app = json!([{"id": "0oa1", "credentials": {"oauthClient": {"client_secret": "hunter2", "client_id": "0oa1"}}}]);
    let server = Server::start(move |_| Reply::json(200, &app)).await;
    let page = client(&server).page(okta_client::api::app::list().listing(), None).await.expect("a page");
    assert_eq!(page.dropped[0].path, "$[0].credentials.oauthClient.client_secret");
    assert!(!format!("{page:?}").contains("hunter2"));
    assert_eq!(page.items[0]["credentials"]["oauthClient"]["client_secret"], json!({"$dropped": "secret"}));
}

#[tokio::test]
async fn disconnecting_revokes_the_token_in_use() {
    let server = Server::start(|_| {
        let mut reply = Reply::text(204, "application/json", "");
        reply.headers.clear();
        reply
    })
    .await;
    let call = api_token::revoke_current(&client(&server)).await.expect("revoked");
    assert_eq!(call.status, 204);
    api_token::revoke(&client(&server), "00T/../x").await.expect("revoked");
    assert_eq!(server.targets(), ["/api/v1/api-tokens/current", "/api/v1/api-tokens/00T%2F..%2Fx"]);
    assert_eq!(server.asked.lock().expect("log")[0].method, "DELETE");
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let plain = br#"{"id":"00o1"}"#;
    // A gzip member with one stored block.
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    let length = u16::try_from(plain.len()).expect("short");
    gzip.extend_from_slice(&length.to_le_bytes());
    gzip.extend_from_slice(&(!length).to_le_bytes());
    gzip.extend_from_slice(plain);
    gzip.extend_from_slice(&crc32(plain).to_le_bytes());
    gzip.extend_from_slice(&u32::from(length).to_le_bytes());
    let server = Server::start(move |_| {
        Reply::text(200, "application/json", gzip.clone()).header("content-encoding", "gzip")
    })
    .await;
    let org = client(&server).get_one(okta_client::api::org::get()).await.expect("an org");
    assert_eq!(org.id(), "00o1");
    assert_eq!(org.into_raw(), json!({"id": "00o1"}));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[tokio::test]
async fn an_empty_list_is_not_an_object() {
    let server = Server::start(|_| Reply::json(200, &json!([]))).await;
    let listing = Listing { items: Items::Array, ..user::get("x").into_listing() };
    let error = client(&server).get_one(List::<user::User>::from_listing(listing)).await.expect_err("none");
    assert!(matches!(error, Error::Decode { .. }), "{error}");
}

#[tokio::test]
async fn request_takes_a_path_and_encodes_the_query() {
    let server = Server::start(|_| Reply::json(200, &json!(null))).await;
    let client = client(&server);
    for bad in ["api/v1/users", "https://x/api", "//x/api", "/api?x=1", "/api/../x"] {
        assert!(client.request(Method::GET, bad, &[], None).await.is_err(), "{bad}");
    }
    let answer = client.request(Method::GET, "/api/v1/users", &[("q", "a b&c")], None).await.expect("answer");
    assert_eq!(answer.body, Value::Null);
    assert_eq!(server.targets(), ["/api/v1/users?q=a+b%26c"]);
}

#[tokio::test]
async fn many_callers_share_one_client() {
    let server = Server::start(|_| Reply::json(200, &json!([])).rate(10_000, 9_000, 4_000_000_000)).await;
    let client = Arc::new(client(&server));
    let calls = (0..200).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.page(user::list().listing(), None).await.map(|_| ()) })
    });
    for call in futures_util::future::join_all(calls).await {
        call.expect("no panic").expect("a page");
    }
    let org = client.governor().org();
    assert_eq!(org.in_flight, 0);
    assert!(org.peak_in_flight > 3 && org.peak_in_flight <= 32, "{org:?}");
}
