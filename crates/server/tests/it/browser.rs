//! A browser without script: cookies, forms, redirects that are not followed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::Value;
use tower::ServiceExt;
use transom_core::{Clock, ManualClock, Reach, Role};
use transom_engine::{Engine, HttpOptions, entity};
use transom_server::{Admitted, App, Site, router};
use transom_store::{Account, DatabaseUrl, MasterKeySource, NewAccount, NewApiToken, NewOrg, Store};

pub const START: i64 = 1_800_000_000_000;
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// An installation in a folder that goes away with it.
pub struct House {
    pub store: Store,
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub router: Router,
    folder: tempfile::TempDir,
}

impl House {
    /// One that nobody owns.
    pub async fn empty() -> Self {
        Self::at(Site::local(([127, 0, 0, 1], 8080).into())).await
    }

    pub async fn at(mut site: Site) -> Self {
        site.demo = true;
        let folder = tempfile::tempdir().expect("folder");
        let clock = Arc::new(ManualClock::new(START));
        let url = DatabaseUrl::Sqlite(folder.path().join("transom.db"));
        let mut store = Store::open(&url, entity::catalogue(), clock.clone()).await.expect("opens");
        store.unlock(MasterKeySource::Given(KEY.into())).await.expect("unlocks");
        let engine = Engine {
            store: store.clone(),
            http: HttpOptions::default(),
            allow_loopback: true,
            actor: "test".into(),
        };
        let app = App::new(engine, site, Some(crate::setup::worker(folder.path())));
        Self { store, router: router(app.clone()), app, clock, folder }
    }

    /// One with an owner.
    pub async fn owned() -> Self {
        let house = Self::empty().await;
        house.account("owner@acme.example", Role::Owner, Reach::All).await;
        house
    }

    pub async fn account(&self, login: &str, role: Role, reach: Reach) -> Account {
        let new = NewAccount { login: login.into(), name: login.into(), password: None, role, reach };
        self.store.create_account(new, "test").await.expect("creates")
    }

    pub async fn org(&self, label: &str) -> transom_core::OrgId {
        let new = NewOrg {
            label: label.into(),
            origin: "https://acme.okta.com".into(),
            okta_id: Some("00o1".into()),
            simulator: false,
            settings: serde_json::json!({}),
        };
        self.store.create_org(new).await.expect("creates").id
    }

    /// Whether any file of it holds these bytes.
    pub fn files_hold(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        files
            .map(|f| std::fs::read(f.expect("a file").path()).expect("reads"))
            .any(|held| held.windows(bytes.len()).any(|w| w == bytes))
    }

    /// Where its database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn browser(&self) -> Browser {
        Browser {
            host: "127.0.0.1:8080".to_string(),
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            token: None,
        }
    }

    /// A program with a token of this account, which may what the account may.
    pub async fn program(&self, account: &Account) -> Browser {
        let (name, role, reach) = ("program".to_string(), account.role, account.reach.clone());
        let new = NewApiToken { name, role, reach, expires: self.clock.now() + 86_400_000 };
        let made = self.store.create_api_token(new, account.id, "test").await.expect("makes");
        Browser { token: Some(made.1.expose_secret().to_string()), ..self.browser() }
    }

    /// A browser in which this account is signed in, with a form's mark at hand.
    pub async fn signed_in(&self, account: &Account) -> Browser {
        let token = self.store.begin_session(account, "test").await.expect("begins");
        let mut browser = self.browser();
        browser.cookies.insert("transom".into(), token.expose_secret().into());
        browser.get("/settings/integrations").await;
        browser
    }
}

#[derive(Clone)]
pub struct Browser {
    /// What it calls the server.
    pub host: String,
    router: Router,
    pub cookies: BTreeMap<String, String>,
    /// The mark of the forms of the last page.
    pub csrf: String,
    /// The API token of a program.
    pub token: Option<String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub admitted: bool,
}

impl Answer {
    pub fn leads_to(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn says(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends a form with the mark of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let fields: Vec<(&str, &str)> =
            [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.post_bare(path, &fields).await
    }

    /// Sends exactly these fields.
    pub async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "application/x-www-form-urlencoded";
        self.send(Request::post(path).header(header::CONTENT_TYPE, kind), Body::from(form)).await
    }

    /// Sends JSON, or nothing.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        match body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.send(request, Body::from(body.to_string())).await
            }
            None => self.send(request, Body::empty()).await,
        }
    }

    pub async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let mut request = request;
        if request.headers_ref().is_some_and(|h| !h.contains_key(header::HOST)) {
            request = request.header(header::HOST, &self.host);
        }
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, all.join("; "));
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("text");
            let (name, value) = set.split(';').next().and_then(|p| p.split_once('=')).expect("a cookie");
            match set.contains("Max-Age=0") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.into(), value.into())),
            }
        }
        let bytes = to_bytes(body, 4 << 20).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((_, rest)) = text.split_once("name=\"csrf\" value=\"") {
            self.csrf = rest.split('"').next().unwrap_or_default().to_string();
        }
        let admitted = parts.extensions.get::<Admitted>().is_some();
        Answer { status: parts.status, headers: parts.headers, text, admitted }
    }
}
