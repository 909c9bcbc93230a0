//! A page that stands for the one page of the Admin Console that no API has: Security › API › Tokens › Create token. It is the
//! simulator's own, beside the org's API: it looks like nothing of Okta's, is counted nowhere, and is there only where the
//! simulator listens on this machine.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::error::Refusal;
use crate::generate::people::Status;
use crate::org::Org;
use crate::org::change::By;
use crate::org::view::View;

/// Where it is.
pub const PATH: &str = "/simulator/tokens";

/// The page's routes.
pub(crate) fn router(org: Arc<Org>) -> Router {
    Router::new().route(PATH, get(show).post(create)).with_state(org)
}

/// What becomes of what was typed.
enum Said {
    Nothing,
    Wrong(StatusCode, &'static str),
    Made { name: String, token: String },
}

async fn show() -> Response {
    page(&Said::Nothing, "")
}

async fn create(State(org): State<Arc<Org>>, body: Bytes) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let typed = |name: &str| form.get(name).map_or("", |text| text.trim());
    let (login, name) = (typed("login"), typed("name"));
    let password = form.get("password").map_or("", String::as_str);
    let said = match made(&org, login, password, name) {
        Ok(token) => Said::Made { name: name.to_owned(), token },
        Err((status, why)) => Said::Wrong(status, why),
    };
    page(&said, login)
}

/// Signs in and makes the token; the value, or why not.
fn made(org: &Org, login: &str, password: &str, name: &str) -> Result<String, (StatusCode, &'static str)> {
    if name.is_empty() {
        return Err((StatusCode::BAD_REQUEST, "Enter a name for the token."));
    }
    // Which of the two is wrong is not said, as nowhere.
    let wrong = (StatusCode::UNAUTHORIZED, "Unable to sign in: no such user, or another password.");
    let user = org.read(|view| comes_in(view, login, password)).ok_or(wrong)?;
    if !org.read(|view| administers(view, user)) {
        return Err((StatusCode::FORBIDDEN, "Only administrators come into the Admin Console."));
    }
    let act = |change: &mut crate::org::change::Change<'_>| {
        change.first_password(user, password)?;
        change.sign_in(user)?;
        change.create_token(user, name)
    };
    org.write(By::user(user), act).map_err(|_: Refusal| wrong)
}

/// The user who signs in by this password, or comes by the activation for the first time and chooses it.
fn comes_in(view: View<'_>, login: &str, password: &str) -> Option<u32> {
    let user = view.find_user(login).filter(|_| !password.is_empty())?;
    let may = match view.head(user)?.status {
        Status::Provisioned => true,
        Status::Active => view.state.passwords.get(&user).is_some_and(|known| known == password),
        _ => false,
    };
    may.then_some(user)
}

fn administers(view: View<'_>, user: u32) -> bool {
    view.state.iam.assignments.iter().any(|a| view.reaches(a.holder, user))
}

/// A text in HTML.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => write!(f, "{c}"),
        })
    }
}

fn page(said: &Said, login: &str) -> Response {
    let (status, says) = match said {
        Said::Nothing => (StatusCode::OK, String::new()),
        Said::Wrong(status, why) => {
            (*status, format!("<p role=\"alert\"><strong>{}</strong></p>", Text(why)))
        }
        Said::Made { name, token } => (
            StatusCode::OK,
            format!(
                "<p role=\"status\">The token <strong>{}</strong>, shown this once: <code id=\"token\">{}</code></p>",
                Text(name),
                Text(token)
            ),
        ),
    };
    let html = format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Create token · simulated Admin Console</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }}
label {{ display: block; margin-top: 1rem; }}
input, button {{ font: inherit; box-sizing: border-box; padding: .4rem .6rem; }}
input {{ width: 100%; }}
button {{ margin-top: 1rem; }}
code {{ overflow-wrap: anywhere; }}
</style></head>
<body><main>
<h1>Create token</h1>
<p>This is the simulator's page, not Okta's. It stands for <strong>Security › API › Tokens</strong> in the Admin Console, which no
API can take the place of. No second factor is asked for.</p>
{says}
<form method="post" action="{PATH}">
<label for="login">Username</label><input id="login" name="login" value="{login}" required autocomplete="off" autocapitalize="none" spellcheck="false">
<label for="password">Password</label><input id="password" name="password" type="password" required autocomplete="off" aria-describedby="password-says">
<small id="password-says">Of a user who was activated by e-mail and never came: the password that they choose.</small>
<label for="name">Name of the token</label><input id="name" name="name" value="Transom" maxlength="100" required autocomplete="off">
<button>Create token</button>
</form>
</main></body></html>
"#,
        login = Text(login),
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ];
    (status, headers, Html(html)).into_response()
}
