//! Recorded refusals of the calls the engine makes, over a socket: what the client calls them, and what the engine
//! makes of them. (That every recorded refusal, of any call, gets its variant is okta-client's own test,
//! `every_refusal_is_classified`.)

use std::collections::{BTreeMap, BTreeSet};

use okta_client::{Client, Error, Listing, Origin, RetrySettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use transom_engine::dataset::Scope;
use transom_engine::{Class, from_okta};

use crate::recorded::{Exchange, ORG_ID, Way, exchanges, sources};

/// Answers one request with a recorded answer.
async fn answer(listener: &TcpListener, recorded: &Exchange) {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    let body = recorded.body.to_string();
    let mut reply =
        format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n", recorded.status, body.len());
    for (name, value) in recorded.headers.iter().filter(|(n, _)| n.starts_with("x-") || n == "content-type") {
        reply.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{reply}\r\n{body}").as_bytes()).await.expect("sent");
}

fn variant(error: &Error) -> String {
    let text = format!("{error:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_string()
}

#[tokio::test]
async fn every_recorded_refusal_of_a_call_means_something() {
    let all = exchanges();
    let mut table: BTreeMap<(String, String), (usize, BTreeSet<&str>)> = BTreeMap::new();
    for source in sources().iter().filter(|s| s.way != Way::Elsewhere) {
        let scope = Scope { org: ORG_ID, ..Scope::any() };
        let calls =
            (source.dataset.parts)(&scope).into_iter().chain(source.dataset.again.map(|again| again("x")));
        let call: Listing =
            calls.into_iter().find(|l| l.route == source.route).expect("the source is one of them");
        // Those who asked for shares of the limits without a filter, which we send, were refused for that.
        let ours = |e: &&Exchange| !e.body["errorSummary"].to_string().contains("principalRateLimitMediated");
        let refused = all.iter().filter(|e| e.endpoint == source.endpoint && e.status >= 400);
        for recorded in refused.filter(ours) {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let origin = Origin::simulator(listener.local_addr().expect("an address")).expect("loopback");
            let retry = RetrySettings { max_attempts: 1, ..RetrySettings::default() };
            let client = Client::builder(origin).retry(retry).build().expect("a client");
            let (page, ()) = tokio::join!(client.page(&call, None), answer(&listener, recorded));
            let error = page.expect_err("a refusal");
            let api = error.api().unwrap_or_else(|| panic!("{}: {error}", recorded.at));
            assert_eq!(api.code.as_deref(), recorded.body["errorCode"].as_str(), "{}", recorded.at);
            let problem = from_okta(&error);
            assert!(!problem.what.is_empty() && !problem.todo.is_empty(), "{}: {problem:?}", recorded.at);
            assert_ne!(problem.class, Class::Internal, "{}", recorded.at);
            let none = (source.dataset.none)(&error);
            let known = none || !matches!(error, Error::Api(_));
            assert!(known, "{}: nothing more is known than {error}", recorded.at);
            let row = (format!("{} {}", api.status, api.code.as_deref().unwrap_or("-")), variant(&error));
            let row = table.entry(row).or_default();
            row.0 += 1;
            if none {
                row.1.insert(source.dataset.name);
            }
        }
    }
    println!(
        "\nRefusals of calls that the engine makes (status and code -> variant, times; `none here` for):"
    );
    for ((code, variant), (n, none)) in &table {
        println!("  {code:14} -> {variant:14} {n:3}  {none:?}");
    }
    let expected = [
        "400 E0000001 Api",
        "400 E0000029 InvalidCursor",
        "400 E0000031 InvalidCursor",
        "404 E0000007 NotFound",
        "429 E0000047 RateLimited",
    ];
    let found: Vec<String> = table.keys().map(|(code, variant)| format!("{code} {variant}")).collect();
    assert!(all.is_empty() || found == expected, "{found:?}");
}
