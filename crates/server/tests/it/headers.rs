//! What every answer says to browsers and caches, and which requests are not for us.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use transom_server::Site;
use url::Url;

use crate::browser::House;

fn public() -> Site {
    Site::public(&Url::parse("https://transom.example.com").expect("an address"), Vec::new()).expect("a site")
}

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let house = House::owned().await;
    let mut browser = house.browser();
    let assets = browser.get("/sign-in").await;
    let style =
        assets.text.split("href=\"").find_map(|p| p.starts_with("/assets/app").then(|| p.split('"').next()));
    let style = style.flatten().expect("a style sheet").to_string();
    for (path, cache) in [
        ("/sign-in", "no-store"),
        ("/nowhere", "no-store"),
        ("/orgs/1", "no-store"),
        (style.as_str(), "public, max-age=31536000, immutable"),
    ] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        assert_eq!(header("cache-control"), cache, "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert!(!header("x-request-id").is_empty());
        assert_eq!(header("strict-transport-security"), "", "not without TLS");
        assert_eq!(header("server-timing"), "", "how long it took is not for strangers");
    }
    assert_eq!(browser.get("/assets/app.0000000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_hold_no_script_and_no_style_of_their_own() {
    let house = House::owned().await;
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    house.org("Long <b>name</b> \"'&").await;
    let mut browser = house.signed_in(&owner).await;
    let timed = browser.get("/orgs/1").await.headers;
    let took = timed.get("server-timing").and_then(|v| v.to_str().ok()).unwrap_or_default();
    assert!(took.strip_prefix("app;dur=").is_some_and(|ms| ms.parse::<f64>().is_ok()), "{took}");
    for path in [
        "/design",
        "/orgs/1",
        "/orgs/1/connection",
        "/orgs/1/inventory",
        "/settings/integrations",
        "/help",
        "/help/reference-kinds",
        "/nowhere",
    ] {
        let text = browser.get(path).await.text;
        assert!(
            !text.contains("style=\"") && !text.contains("<style") && !text.contains(" onclick"),
            "{path}"
        );
        assert!(text.matches("<script").count() <= 1 && !text.contains("<b>name"), "{path}");
        assert!(!text.contains("//") || !text.contains("src=\"http"), "{path}");
    }
}

#[tokio::test]
async fn other_names_are_refused_and_tls_is_remembered() {
    let house = House::at(public()).await;
    let mut browser = house.browser();
    for (host, status) in [
        ("transom.example.com", StatusCode::NOT_FOUND),
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1:8080", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let answer = browser.send(Request::get("/").header(header::HOST, host), Body::empty()).await;
        assert_eq!(answer.status, status, "{host}");
        assert!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!answer.says("owner-link"), "strangers are told nothing");
    }
    let cookie = browser.cookies.keys().next().expect("a visit");
    assert!(cookie.starts_with("__Host-"), "{cookie}");
}

#[tokio::test]
async fn the_theme_is_kept_without_script() {
    let house = House::owned().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let answer = browser.post("/theme", &[("theme", "dark"), ("next", "https://evil.example")]).await;
    assert_eq!(answer.leads_to(), "/");
    assert!(browser.get("/sign-in").await.says("<html lang=\"en\" data-theme=\"dark\">"));
    browser.post("/theme", &[("theme", "\"><script>"), ("next", "/sign-in")]).await;
    assert!(browser.get("/sign-in").await.says("<html lang=\"en\">"));
}
