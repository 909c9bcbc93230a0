//! The page that stands for the Admin Console's: who comes in makes a token there, and nobody else.

use serde_json::json;

use crate::client::{Http, Response, start, text};

const PAGE: &str = okta_sim::console::PATH;

async fn typed(http: &mut Http, login: &str, password: &str, name: &str) -> Response {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("login", login), ("password", password), ("name", name)])
        .finish();
    http.call("POST", PAGE, &form).await
}

#[tokio::test]
async fn an_administrator_makes_a_token_by_hand() {
    let sim = start(okta_sim::Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let shown = http.get(PAGE).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(shown.text.contains("the simulator's page, not Okta's"), "{}", shown.text);

    let user = |login: &str| json!({"firstName": "Tess", "lastName": "Oken", "login": login, "email": login});
    let given =
        json!({"profile": user("tess@acme.example"), "credentials": {"password": {"value": "seven herons"}}});
    let id = text(&http.post("/api/v1/users?activate=true", given).await.body, "id").to_owned();
    let came = typed(&mut http, "tess@acme.example", "seven herons", "Transom").await;
    assert_eq!(came.status, 403, "nobody's administrator: {}", came.text);
    http.post(&format!("/api/v1/users/{id}/roles"), json!({"type": "READ_ONLY_ADMIN"})).await;
    for (login, password, name, status) in [
        ("tess@acme.example", "seven", "Transom", 401),
        ("tess@acme.example", "", "Transom", 401),
        ("nobody@acme.example", "seven herons", "Transom", 401),
        ("<b>", "seven herons", "Transom", 401),
        ("tess@acme.example", "seven herons", " ", 400),
    ] {
        let refused = typed(&mut http, login, password, name).await;
        assert_eq!(refused.status, status, "{login} {password} {name}");
        assert!(!refused.text.contains("id=\"token\"") && !refused.text.contains("<b>"), "{}", refused.text);
    }
    let made = typed(&mut http, "tess@acme.example", "seven herons", "<Transom>").await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert!(made.text.contains("&lt;Transom&gt;"), "{}", made.text);
    let token = made.text.split("<code id=\"token\">").nth(1).and_then(|t| t.split('<').next());
    let token = token.expect("a token").to_owned();
    let me = Http::new(&sim, &token).await.get("/api/v1/users/me").await;
    assert_eq!(text(&me.body, "id"), id, "it is the user's own");

    // Who was activated by e-mail chooses a password; from then on it has to be that.
    let mailed = json!({"profile": user("tom@acme.example")});
    let id = text(&http.post("/api/v1/users?activate=true", mailed).await.body, "id").to_owned();
    http.post(&format!("/api/v1/users/{id}/roles"), json!({"type": "READ_ONLY_ADMIN"})).await;
    assert_eq!(typed(&mut http, "tom@acme.example", "nine storks", "Transom").await.status, 200);
    let status = http.get(&format!("/api/v1/users/{id}")).await;
    assert_eq!(text(&status.body, "status"), "ACTIVE");
    assert_eq!(typed(&mut http, "tom@acme.example", "ten storks", "Transom").await.status, 401);
    assert_eq!(typed(&mut http, "tom@acme.example", "nine storks", "Second").await.status, 200);
    http.post(&format!("/api/v1/users/{id}/lifecycle/suspend"), json!({})).await;
    assert_eq!(typed(&mut http, "tom@acme.example", "nine storks", "Third").await.status, 401);
}
