//! A client of a few lines over a bare socket: it sees every header line, and sends what no real client would.

use std::net::SocketAddr;

use okta_sim::{Config, Hooks, Running, Sim};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub text: String,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Path and query of a `Link`.
    pub fn link(&self, rel: &str) -> Option<String> {
        let wanted = format!("rel=\"{rel}\"");
        let links = self.headers.iter().filter(|(n, v)| n == "link" && v.ends_with(&wanted));
        let url = links.map(|(_, v)| v.split(['<', '>']).nth(1).expect("<url>").to_owned()).next()?;
        Some(path_of(&url))
    }

    pub fn code(&self) -> &str {
        self.body["errorCode"].as_str().unwrap_or_default()
    }
}

/// What follows the origin.
pub fn path_of(url: &str) -> String {
    let after = url.splitn(4, '/').nth(3).expect("an absolute URL");
    format!("/{after}")
}

/// A connection that is kept.
pub struct Http {
    addr: SocketAddr,
    stream: TcpStream,
    pub token: String,
}

impl Http {
    pub async fn new(sim: &Running, token: &str) -> Self {
        let stream = TcpStream::connect(sim.addr).await.expect("connects");
        Self { addr: sim.addr, stream, token: token.to_owned() }
    }

    pub async fn get(&mut self, path: &str) -> Response {
        self.call("GET", path, "").await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Response {
        self.call("POST", path, &body.to_string()).await
    }

    pub async fn call(&mut self, method: &str, path: &str, body: &str) -> Response {
        let length = format!("content-length: {}\r\n", body.len());
        let length = if method == "GET" { "" } else { &length };
        let authorization = match self.token.as_str() {
            "" => String::new(),
            token => format!("authorization: SSWS {token}\r\n"),
        };
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{authorization}{length}\r\n{body}", self.addr);
        self.raw(&head).await
    }

    /// With headers of the test's own (`name: value\r\n` each) in place of the token's.
    pub async fn with(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Response {
        let (addr, length) = (self.addr, body.len());
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nhost: {addr}\r\n{headers}content-length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    pub async fn raw(&mut self, request: &str) -> Response {
        self.stream.write_all(request.as_bytes()).await.expect("writes");
        let (mut received, mut block) = (Vec::new(), vec![0u8; 65_536]);
        let (head_end, length) = loop {
            let n = self.stream.read(&mut block).await.expect("reads");
            assert!(n > 0, "closed after {:?}", String::from_utf8_lossy(&received));
            received.extend_from_slice(&block[..n]);
            if let Some(end) = received.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
                let length = head
                    .lines()
                    .find_map(|l| l.strip_prefix("content-length: "))
                    .map_or(0, |l| l.parse().expect("number"));
                break (end + 4, length);
            }
        };
        while received.len() < head_end + length {
            let n = self.stream.read(&mut block).await.expect("reads");
            assert!(n > 0, "cut off");
            received.extend_from_slice(&block[..n]);
        }
        let head = String::from_utf8_lossy(&received[..head_end]).into_owned();
        let text = String::from_utf8(received[head_end..].to_vec()).expect("UTF-8");
        let mut lines = head.lines();
        let status =
            lines.next().and_then(|l| l.split(' ').nth(1)).expect("status line").parse().expect("number");
        let headers: Vec<(String, String)> =
            lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
        // Only the console's page is HTML; what else is no JSON is a fault.
        let page = headers.iter().any(|(n, v)| n == "content-type" && v.starts_with("text/html"));
        let body = match text.as_str() {
            "" => Value::Null,
            _ if page => Value::Null,
            json => serde_json::from_str(json).expect("JSON"),
        };
        Response { status, headers, body, text }
    }

    /// All objects of a list, following `next` in the header, or in the body for IAM lists.
    pub async fn all(&mut self, path: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next {
            let page = self.get(&path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            next = page.link("next").or_else(|| page.body["_links"]["next"]["href"].as_str().map(path_of));
            let list = match page.body {
                Value::Array(list) => list,
                Value::Object(fields) => {
                    fields.into_iter().find_map(|(_, v)| v.as_array().cloned()).expect("a list")
                }
                other => panic!("{path}: {other}"),
            };
            assert!(!list.is_empty() || items.is_empty(), "{path}: an empty page after others");
            items.extend(list);
        }
        items
    }
}

pub async fn start(config: Config) -> Running {
    Sim::start(config, ([127, 0, 0, 1], 0).into()).await.expect("starts")
}

pub async fn start_with(config: Config, hooks: Hooks) -> Running {
    Sim::start_with(config, ([127, 0, 0, 1], 0).into(), hooks).await.expect("starts")
}

pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} of {value}"))
}
