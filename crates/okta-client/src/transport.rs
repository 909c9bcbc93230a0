//! One HTTP exchange: connection, TLS, proxy, limits on time and size. No retries, no Okta.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Method, Proxy, redirect};
use serde_json::Value;
use url::Url;

use crate::address::{AddressRefused, Filtered};
use crate::proxy::{self, ProxyInForce};
use crate::{Error, Origin, ProxyEnvironment, Resolver, SystemResolver, TransportKind};

/// How to reach Okta.
#[derive(Clone)]
pub struct HttpOptions {
    /// The proxy to use whatever the environment says. `http://` or `https://`, user name and password allowed.
    pub proxy: Option<Url>,
    /// The environment's proxies, used where `proxy` is `None`. Default: this process's.
    pub environment: ProxyEnvironment,
    /// PEM file of certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// For a connection, TLS included. Default 10 s.
    pub connect_timeout: Duration,
    /// For the first byte of an answer, and between its bytes. Default 60 s; Okta itself gives up a query after 30 s
    /// [docs].
    pub read_timeout: Duration,
    /// For a whole answer. Default 5 minutes.
    pub total_timeout: Duration,
    /// Looks names up. Default: the system. What it finds is filtered in any case.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            proxy: None,
            environment: ProxyEnvironment::of_process(),
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(300),
            resolver: Arc::new(SystemResolver),
        }
    }
}

// The proxy URL may hold a password.
impl std::fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpOptions")
            .field("proxy", &self.proxy.as_ref().and_then(Url::host_str))
            .field("environment", &self.environment)
            .field("ca_file", &self.ca_file)
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("total_timeout", &self.total_timeout)
            .finish_non_exhaustive()
    }
}

/// Bytes reserved for a body on the word of its header.
const MOST_RESERVED: usize = 4 << 20;
/// No answer of Okta comes near this; it bounds what a broken or hostile one can cost.
pub(crate) const MOST_BYTES: usize = 64 << 20;

pub(crate) struct Transport {
    http: reqwest::Client,
    origin: Origin,
    proxy: Option<ProxyInForce>,
}

impl Transport {
    pub fn new(origin: Origin, options: &HttpOptions, user_agent: &str) -> Result<Self, Error> {
        // One provider for the process; an application that installed its own keeps it.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _raced = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let chosen = proxy::choose(&origin, options.proxy.as_ref(), &options.environment)?;
        let exempt = chosen.as_ref().and_then(|c| c.url.host_str()).map(str::to_owned);
        let mut builder = reqwest::Client::builder()
            .user_agent(user_agent)
            // The system's proxies were read above; leaving them on would apply them to simulators too.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .https_only(!origin.is_simulator())
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.total_timeout)
            .dns_resolver(Filtered { inner: options.resolver.clone(), exempt });
        if let Some(chosen) = &chosen {
            let proxy = Proxy::all(chosen.url.clone()).map_err(|e| setting("proxy", &e))?;
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &options.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        } else if origin.is_simulator() && chosen.is_none() {
            // No TLS there: the system's authorities, some hundred files, need not be read.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let http = builder.build().map_err(|e| match &options.ca_file {
            Some(path) => ca_problem(path, &innermost(&e)),
            None => setting("TLS", &e),
        })?;
        Ok(Self { http, origin, proxy: chosen.map(|c| c.shown) })
    }

    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub fn proxy(&self) -> Option<&ProxyInForce> {
        self.proxy.as_ref()
    }

    /// Sends a request and waits for the head of its answer. `target` is path and query.
    pub async fn send(
        &self,
        method: &Method,
        target: &str,
        body: Option<&Value>,
        credential: Option<&HeaderMap>,
    ) -> Result<reqwest::Response, Unanswered> {
        let url = format!("{}{target}", self.origin);
        let mut request = self.http.request(method.clone(), url).header(ACCEPT, "application/json");
        if let Some(headers) = credential.filter(|_| self.origin.takes_credentials()) {
            request = request.headers(headers.clone());
        }
        request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            // Okta answers 411 to an empty POST or PUT without it [docs].
            None if *method == Method::POST || *method == Method::PUT => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        request.send().await.map_err(|e| self.unanswered(e))
    }

    /// Sends a form with a proof of possession: what asks for an access token. Both hold signatures, which go to Okta
    /// alone.
    pub async fn ask(
        &self,
        target: &str,
        form: &[(&str, &str)],
        proof: HeaderValue,
    ) -> Result<reqwest::Response, Unanswered> {
        if !self.origin.takes_credentials() {
            let problem = format!("{} is no Okta org's own host", self.origin.host());
            return Err(Unanswered {
                error: Error::Setting { setting: "origin", problem },
                before_sending: true,
            });
        }
        let request = self.http.post(format!("{}{target}", self.origin)).form(form);
        let request = request.header(ACCEPT, "application/json").header("dpop", proof);
        request.send().await.map_err(|e| self.unanswered(e))
    }

    /// Sends a form, or asks where there is none, with a credential of the caller's: for hosts that are no Okta org's.
    pub async fn send_form(
        &self,
        target: &str,
        form: Option<&[(&str, &str)]>,
        authorization: Option<HeaderValue>,
    ) -> Result<reqwest::Response, Error> {
        let url = format!("{}{target}", self.origin);
        let mut request = match form {
            Some(form) => self.http.post(url).form(form),
            None => self.http.get(url),
        };
        request = request.header(ACCEPT, "application/json");
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        request.send().await.map_err(|e| self.unanswered(e).error)
    }

    /// Reads the whole body, up to `most` bytes.
    pub async fn read(
        &self,
        mut answer: reqwest::Response,
        route: &str,
        most: usize,
    ) -> Result<Vec<u8>, Error> {
        // At its full size where that is known: a body that grows by doubling is held twice.
        let size = answer.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
        let mut body = Vec::with_capacity(size.min(MOST_RESERVED));
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.unanswered(e).error)? {
            if body.len() + chunk.len() > most {
                return Err(Error::Decode {
                    route: route.to_owned(),
                    path: "$".to_owned(),
                    detail: format!("the body is larger than {} MiB", most >> 20),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn unanswered(&self, e: reqwest::Error) -> Unanswered {
        let before_sending = e.is_connect();
        if let Some(refused) = cause::<AddressRefused>(&e) {
            let AddressRefused { host, addresses } = refused.clone();
            return Unanswered { before_sending, error: Error::AddressRefused { host, addresses } };
        }
        let kind = if cause::<rustls::Error>(&e).is_some() {
            TransportKind::Tls
        } else if before_sending && self.proxy.is_some() {
            TransportKind::Proxy
        } else if e.is_timeout() {
            TransportKind::Timeout
        } else if before_sending {
            TransportKind::Connect
        } else if e.is_body() || e.is_decode() {
            TransportKind::Body
        } else {
            TransportKind::Other
        };
        let mut detail = innermost(&e.without_url());
        if let Some(proxy) = &self.proxy {
            detail.push_str(&format!(", through {proxy}"));
        }
        Unanswered { before_sending, error: Error::Transport { kind, host: self.origin.host(), detail } }
    }
}

/// A request without an answer.
pub(crate) struct Unanswered {
    pub error: Error,
    /// No connection came about, so Okta cannot have seen it.
    pub before_sending: bool,
}

/// The first error of a type in a chain of causes. `io::Error` hides what it wraps from `source`, so it is opened.
fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref)
            && let Some(found) = cause::<T>(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let pem = std::fs::read(path).map_err(|e| ca_problem(path, &e.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|e| ca_problem(path, &innermost(&e)))?;
    if found.is_empty() {
        return Err(ca_problem(path, "it holds no certificate"));
    }
    Ok(found)
}

fn ca_problem(path: &Path, problem: &str) -> Error {
    Error::Setting {
        setting: "CA file",
        problem: format!(
            "cannot use {}: {problem}. Expected PEM with one or more “BEGIN CERTIFICATE” blocks; \
             export the authority's certificate in that form",
            path.display()
        ),
    }
}

fn setting(setting: &'static str, e: &reqwest::Error) -> Error {
    Error::Setting { setting, problem: innermost(e) }
}
