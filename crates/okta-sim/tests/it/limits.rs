//! Too many calls, too many at once, no length, wrong method, and faults on purpose.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use okta_sim::clock::ManualClock;
use okta_sim::faults::{Fault, RequestInfo, Verdict};
use okta_sim::{Config, Hooks, Limits, Reply};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{Http, start, start_with};

#[tokio::test]
async fn a_bucket_is_spent_exactly() {
    let clock = Arc::new(ManualClock::at(1_782_777_600_000));
    let config = Config { limits: Limits::Real, time_scale: 60.0, ..Config::default() };
    let sim = start_with(config, Hooks { clock: clock.clone(), ..Hooks::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.read_only).await;
    for n in 1..=50 {
        let answer = http.get("/api/v1/apps?limit=1").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-rate-limit-limit"), Some("50"));
        assert_eq!(answer.header("x-rate-limit-remaining"), Some((50 - n).to_string().as_str()));
        assert_eq!(answer.header("x-okta-request-id").map(str::len), Some(32));
        assert!(answer.header("date").is_some_and(|d| d.ends_with("GMT")));
    }
    for _ in 0..3 {
        let refused = http.get("/api/v1/apps/0oa/users").await;
        assert_eq!((refused.status, refused.code()), (429, "E0000047"), "the same bucket");
        assert_eq!(refused.header("x-rate-limit-remaining"), Some("0"));
        assert_eq!(refused.header("x-rate-limit-reset"), Some("1782777601"), "a minute lasts a second here");
    }
    assert_eq!(http.get("/api/v1/groups?limit=1").await.status, 200, "another bucket");
    assert_eq!(
        Http::new(&sim, &sim.tokens.super_admin).await.get("/api/v1/apps?limit=1").await.status,
        200,
        "another token"
    );
    clock.advance(1_000);
    assert_eq!(http.get("/api/v1/apps?limit=1").await.status, 200);
    let counts = sim.org.counts();
    assert_eq!(counts.overspent.into_iter().collect::<Vec<_>>(), [("/api/v1/apps*", 3)]);
    assert_eq!(counts.by_bucket["/api/v1/apps*"], 55);
    assert_eq!(counts.by_route["GET /api/v1/apps"], 52);
    assert_eq!(counts.connections, 2);
}

#[tokio::test]
async fn no_more_than_75_at_once() {
    let config = Config { limits: Limits::Real, latency: Duration::from_millis(400), ..Config::default() };
    let sim = start(config).await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..80 {
        let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
        calls.spawn(async move { http.get("/api/v1/users/me").await });
    }
    let answers = calls.join_all().await;
    let refused: Vec<_> = answers.iter().filter(|a| a.status == 429).collect();
    assert_eq!(refused.len(), 5);
    assert!(refused.iter().all(|a| a.header("x-rate-limit-limit") == Some("0") && a.code() == "E0000047"));
    let counts = sim.org.counts();
    assert_eq!((counts.too_many_in_flight, counts.peak_in_flight, counts.connections), (5, 80, 80));
}

#[tokio::test]
async fn methods_and_lengths() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let wrong = http.call("PATCH", "/api/v1/users", "{}").await;
    assert_eq!((wrong.status, wrong.code()), (405, "E0000022"));
    let (addr, token) = (sim.addr, &sim.tokens.super_admin);
    let bare = format!(
        "POST /api/v1/users/me/lifecycle/suspend HTTP/1.1\r\nhost: {addr}\r\nauthorization: SSWS {token}\r\n\r\n"
    );
    assert_eq!(http.raw(&bare).await.status, 411);
    let odd = format!(
        "GET /api/v1/groups?limit=1 HTTP/1.1\r\nhost: acme.okta.example\r\nauthorization: SSWS {token}\r\n\r\n"
    );
    let answer = http.raw(&odd).await;
    assert!(
        answer.text.contains("http://acme.okta.example/api/v1/groups/"),
        "links follow the caller's host"
    );
}

#[derive(Debug)]
struct Spoil;

impl Fault for Spoil {
    fn before(&self, request: &RequestInfo) -> Verdict {
        match request.path.as_str() {
            "/api/v1/zones" => Verdict::Answer(Reply::json(b"<html>".to_vec()).with_status(502)),
            "/api/v1/org" => Verdict::Disconnect,
            _ => Verdict::Pass,
        }
    }

    fn after(&self, request: &RequestInfo, reply: &mut Reply) {
        if request.route == "GET /api/v1/groups" {
            reply.cut_after = Some(100);
        }
    }
}

#[tokio::test]
async fn faults_spoil_answers_and_the_log_has_no_token() {
    let log: Arc<Mutex<Vec<u8>>> = Arc::default();
    let hooks = Hooks { fault: Some(Arc::new(Spoil)), access_log: Some(log.clone()), ..Hooks::default() };
    let sim = start_with(Config::default(), hooks).await;
    let token = &sim.tokens.super_admin;
    let ask = |path: &'static str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: SSWS {token}\r\n\r\n", sim.addr);
        let addr = sim.addr;
        async move {
            let mut stream = tokio::net::TcpStream::connect(addr).await.expect("connects");
            stream.write_all(request.as_bytes()).await.expect("writes");
            let mut received = Vec::new();
            // What matters is what came before the end, however it ended.
            let _ = tokio::time::timeout(Duration::from_millis(500), stream.read_to_end(&mut received)).await;
            String::from_utf8_lossy(&received).into_owned()
        }
    };
    assert!(ask("/api/v1/zones").await.starts_with("HTTP/1.1 502"));
    let cut = ask("/api/v1/groups?limit=5").await;
    let (head, body) = cut.split_once("\r\n\r\n").expect("a head");
    assert!(body.len() <= 100 && head.contains("content-length"), "{cut}");
    assert!(ask("/api/v1/org").await.split_once("\r\n\r\n").is_none_or(|(_, body)| body.is_empty()));
    let mut http = Http::new(&sim, token).await;
    assert_eq!(http.get("/api/v1/users/me").await.status, 200, "and the rest is well");
    let log = String::from_utf8(log.lock().expect("log").clone()).expect("UTF-8");
    let lines: Vec<serde_json::Value> = log.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let logged =
        |target: &str, status: u64| lines.iter().any(|l| l["target"] == target && l["status"] == status);
    assert!(logged("/api/v1/zones", 502) && logged("/api/v1/groups?limit=5", 200), "{log}");
    assert!(lines.iter().all(|l| l["in_flight"].as_u64() >= Some(1) && l["connection"].is_u64()), "{log}");
    assert!(!log.contains(token.as_str()));
}

#[tokio::test]
async fn it_stops_when_told_and_when_dropped() {
    let sim = start(Config::default()).await;
    let addr = sim.addr;
    let mut idle = Http::new(&sim, &sim.tokens.super_admin).await;
    assert_eq!(idle.get("/api/v1/users/me").await.status, 200);
    tokio::time::timeout(Duration::from_secs(5), sim.shutdown())
        .await
        .expect("an idle connection does not hold it");
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
    let dropped = start(Config::default()).await.addr;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(tokio::net::TcpStream::connect(dropped).await.is_err());
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let error =
        okta_sim::Sim::start(Config::default(), taken.local_addr().expect("addr")).await.expect_err("taken");
    assert!(error.to_string().contains("can't listen on 127.0.0.1"), "{error}");
    let error =
        okta_sim::Sim::start(Config { users: 1, ..Config::default() }, addr).await.expect_err("too small");
    assert_eq!(error.to_string(), "bad simulator config: users: 1 given, expected 40 to 1073741823");
}
