//! A running server of Transom, by its API.

use std::time::Duration;

use reqwest::{Method, StatusCode, header, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use transom_engine::{Class, Problem};
use transom_server::api;
use transom_server::api::org::Org;
use url::form_urlencoded::Serializer;
use url::{Host, Url};

use crate::config::Global;
use crate::out::Failure;
use crate::secret;

/// How long a verification may take, and whatever else is answered when it is done.
const LONGEST: Duration = Duration::from_secs(300);
/// How often a request is made again that came too fast.
const PATIENCE: usize = 5;

/// The server that `--server` names.
pub struct Server {
    http: reqwest::Client,
    origin: Url,
    token: SecretString,
}

impl Server {
    /// The server of the command line; `key` is its API token where the environment held one.
    pub fn new(global: &Global, key: Option<SecretString>) -> Result<Self, Failure> {
        let origin = origin(global.server.as_deref().unwrap_or_default())?;
        let token = match (&global.api_token_file, key) {
            (Some(path), _) => secret::file(path, "API token of the server")?,
            (None, Some(key)) => key,
            (None, None) => {
                return Err(Failure::Usage(
                    "No API token of the server. Make one on its page Settings, API tokens, and give it by \
                     --api-token-file FILE or the variable TRANSOM_API_TOKEN."
                        .to_string(),
                ));
            }
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("transom/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(LONGEST);
        // What is on this machine needs none, and the token would reach it in clear.
        if origin.scheme() == "http" {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &global.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.clone()).map_err(anyhow::Error::from)?);
        }
        if let Some(path) = &global.ca_file {
            let pem = std::fs::read(path)
                .map_err(|e| Failure::Usage(format!("--ca-file: {} can't be read: {e}.", path.display())))?;
            let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| {
                Failure::Usage(format!("--ca-file: {} holds no certificates: {e}.", path.display()))
            })?;
            builder = builder.tls_certs_merge(found);
        }
        let http = builder.build().map_err(anyhow::Error::from)?;
        Ok(Self { http, origin, token })
    }

    /// Asks; the answer as it is.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.origin.as_str().trim_end_matches('/'));
        for again in 0.. {
            let mut request = self.http.request(method.clone(), &url).bearer_auth(self.token.expose_secret());
            if let Some(body) = body {
                request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
            }
            let answer = request.send().await.map_err(|e| self.unanswered(&e))?;
            let status = answer.status();
            if status == StatusCode::TOO_MANY_REQUESTS && again < PATIENCE {
                let wait =
                    answer.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
                tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1))).await;
                continue;
            }
            let bytes = answer.bytes().await.map_err(|e| self.unanswered(&e))?;
            if status == StatusCode::NO_CONTENT {
                return Ok(Value::Null);
            }
            let read = serde_json::from_slice(&bytes).map_err(|_| self.stranger(status))?;
            return if status.is_success() { Ok(read) } else { Err(refused(status, &read).into()) };
        }
        Ok(Value::Null)
    }

    /// Reads what a path says.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(Method::GET, path, None).await
    }

    /// An answer, read.
    pub fn read<T: DeserializeOwned>(&self, answer: &Value) -> Result<T, Failure> {
        let read = serde_path_to_error::deserialize(answer);
        read.map_err(|e| {
            let why = format!("{e}. This program is version {}.", env!("CARGO_PKG_VERSION"));
            let todo = "Use the version of the server, which its page About says.";
            Problem::new(Class::Unreadable, "The server's answer can't be read.", why, todo).into()
        })
    }

    /// The connections.
    pub async fn orgs(&self) -> Result<Vec<Org>, Failure> {
        let (mut orgs, mut next) = (Vec::new(), None::<String>);
        loop {
            let cursor = next.map(|c| format!("&cursor={}", segment(&c))).unwrap_or_default();
            let page: api::Items<Org> =
                self.read(&self.get(&format!("/api/v1/orgs?limit=200{cursor}")).await?)?;
            orgs.extend(page.items);
            next = page.next;
            if next.is_none() {
                return Ok(orgs);
            }
        }
    }

    /// The connection called `label`, or the only one.
    pub async fn org(&self, label: Option<&str>) -> Result<Org, Failure> {
        let orgs = self.orgs().await?;
        let have = orgs.iter().map(|o| o.label.clone()).collect::<Vec<_>>().join(", ");
        let all = orgs.len();
        let mut fit =
            orgs.into_iter().filter(|o| label.is_none_or(|l| o.label.to_lowercase() == l.to_lowercase()));
        match (fit.next(), label) {
            (Some(org), Some(_)) => Ok(org),
            (Some(org), None) if all == 1 => Ok(org),
            (Some(_), None) => Err(Failure::Usage(format!("Which connection? There are {have}."))),
            (None, _) => Err(Problem::new(
                Class::Name,
                label.map_or("No org is connected.".to_string(), |l| {
                    format!("There is no connection called {l}.")
                }),
                if have.is_empty() {
                    "The token may see none.".to_string()
                } else {
                    format!("There are {have}.")
                },
                "Name one of them, or connect one: transom org connect --domain acme.okta.com",
            )
            .into()),
        }
    }

    fn unanswered(&self, error: &reqwest::Error) -> Failure {
        let mut why = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            why = inner.to_string();
            source = inner.source();
        }
        let what = format!("{} can't be reached.", self.origin);
        let todo = "Check --server, that it runs, and that nothing stands between.";
        Problem::new(Class::Network, what, format!("{why}."), todo).into()
    }

    fn stranger(&self, status: StatusCode) -> Failure {
        let what = format!("{} is no Transom.", self.origin);
        let why = format!("It answered {} with something that is no JSON.", status.as_u16());
        Problem::new(Class::Network, what, why, "Check --server: the address that `transom serve` prints.")
            .into()
    }
}

/// The address of a server: TLS, unless it is this machine.
fn origin(text: &str) -> Result<Url, Failure> {
    let wrong =
        |why: &str| Failure::Usage(format!("--server: {text}: {why} Expected https://transom.example.com"));
    let url = Url::parse(text).map_err(|_| wrong("this is no address."))?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match url.scheme() {
        _ if url.path() != "/" || url.query().is_some() || !url.username().is_empty() => {
            Err(wrong("an address of a server ends after its name."))
        }
        "https" => Ok(url),
        "http" if local => Ok(url),
        "http" => Err(wrong("the token would travel in clear.")),
        _ => Err(wrong("this is no address of a server.")),
    }
}

/// A part of a path or of a query, whatever it holds.
pub fn segment(text: &str) -> String {
    Serializer::new(String::new()).append_key_only(text).finish().replace('+', "%20")
}

/// A problem that the server told.
fn refused(status: StatusCode, told: &Value) -> Problem {
    let named = serde_json::from_value(told["class"].clone()).ok();
    let class = named.unwrap_or(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Class::MissingPermission,
        StatusCode::NOT_FOUND => Class::Name,
        StatusCode::CONFLICT => Class::State,
        StatusCode::FAILED_DEPENDENCY => Class::Network,
        StatusCode::TOO_MANY_REQUESTS => Class::RateLimited,
        _ if status.is_client_error() => Class::Query,
        _ => Class::Internal,
    });
    let part = |name: &str| told[name].as_str().unwrap_or_default().to_string();
    let mut problem = Problem::new(class, part("title"), part("detail"), part("todo"));
    problem.request_id = told["okta_request_id"].as_str().map(str::to_string);
    problem.losses = serde_json::from_value(told["losses"].clone()).unwrap_or_default();
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_travels_in_clear() {
        for good in
            ["https://transom.example.com", "http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:1"]
        {
            assert!(origin(good).is_ok(), "{good}");
        }
        for bad in [
            "http://transom.example.com",
            "transom.example.com",
            "https://a@b.example",
            "https://a.example/x",
            "ftp://a",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
