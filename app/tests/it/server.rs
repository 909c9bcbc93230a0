//! A private CA, a CONNECT proxy that ends TLS for any host name, and what answers behind each name.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Names that the certificates of [`Proxy`] are for.
const NAMES: [&str; 4] = ["*.okta.com", "*.oktapreview.com", "*.acme.example", "*.evil.example"];

/// What answers at a host name.
#[derive(Clone)]
pub enum Host {
    /// A server on this machine: bytes go through.
    Tunnel(SocketAddr),
    /// The same answer to every request: status line and content type, body.
    Answer(&'static str, &'static str, String),
}

/// A proxy that speaks CONNECT, and ends TLS itself with a certificate of a CA of its own.
pub struct Proxy {
    pub address: SocketAddr,
    pub ca_pem: String,
    hosts: Arc<Mutex<HashMap<String, Host>>>,
    log: Log,
}

/// What was asked for, in order.
#[derive(Clone, Default)]
struct Log {
    /// `host:port` of each CONNECT.
    connects: Arc<Mutex<Vec<String>>>,
    /// Host and head of each request to a [`Host::Answer`].
    heads: Arc<Mutex<Vec<(String, String)>>>,
}

impl Proxy {
    pub async fn start() -> Self {
        let (ca_pem, config) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (hosts, log): (Arc<Mutex<HashMap<String, Host>>>, Log) = Default::default();
        let (acceptor, known, kept) = (TlsAcceptor::from(Arc::new(config)), hosts.clone(), log.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, acceptor.clone(), known.clone(), kept.clone()));
            }
        });
        Self { address, ca_pem, hosts, log }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets `host` answer behind `name`.
    pub fn serve(&self, name: &str, host: Host) {
        self.hosts.lock().expect("hosts").insert(name.to_owned(), host);
    }

    /// The hosts that were asked for, each once.
    pub fn asked(&self) -> Vec<String> {
        let mut asked = self.log.connects.lock().expect("log").clone();
        asked.sort();
        asked.dedup();
        asked
    }

    /// The heads of all requests that a [`Host::Answer`] got.
    pub fn heads_at(&self, name: &str) -> Vec<String> {
        let heads = self.log.heads.lock().expect("log");
        heads.iter().filter(|(host, _)| host == name).map(|(_, head)| head.clone()).collect()
    }
}

fn certificates() -> (String, ServerConfig) {
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name.push(DnType::CommonName, "A corporate proxy's authority");
    let ca_key = KeyPair::generate().expect("a key");
    let ca_pem = ca.self_signed(&ca_key).expect("a certificate").pem();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().expect("a key");
    let names: Vec<String> = NAMES.map(str::to_owned).into();
    let leaf = CertificateParams::new(names).and_then(|p| p.signed_by(&key, &issuer)).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_no_client_auth();
    (ca_pem, config.with_single_cert(vec![leaf.der().clone()], key).expect("a server"))
}

/// One client: CONNECT, TLS, then whatever answers at that name. Any end of it is the client's to notice.
async fn tunnel(
    mut client: TcpStream,
    acceptor: TlsAcceptor,
    hosts: Arc<Mutex<HashMap<String, Host>>>,
    log: Log,
) -> Option<()> {
    let head = head(&mut client).await?;
    let target = head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    log.connects.lock().ok()?.push(target.clone());
    let name = target.strip_suffix(":443").unwrap_or(&target).to_owned();
    let host = hosts.lock().ok()?.get(&name).cloned();
    let Some(host) = host else {
        // What a proxy says that can't find a name.
        client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await.ok()?;
        return None;
    };
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    let mut client = acceptor.accept(client).await.ok()?;
    match host {
        Host::Tunnel(address) => {
            let mut server = TcpStream::connect(address).await.ok()?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()?;
        }
        Host::Answer(status, kind, body) => answer(&mut client, &name, &log, status, kind, &body).await?,
    }
    None
}

async fn answer(
    client: &mut (impl AsyncRead + AsyncWrite + Unpin),
    name: &str,
    log: &Log,
    status: &str,
    kind: &str,
    body: &str,
) -> Option<()> {
    loop {
        let head = head(client).await?;
        log.heads.lock().ok()?.push((name.to_owned(), head));
        let length = body.len();
        let reply =
            format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}");
        client.write_all(reply.as_bytes()).await.ok()?;
        client.flush().await.ok()?;
    }
}

/// Stands in front of a simulator and asks it for pages of at most `most` items, so that listings of a small org have
/// several. Returns where it listens.
pub async fn small_pages(simulator: SocketAddr, most: u32) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, simulator, most));
        }
    });
    address
}

async fn forward(client: TcpStream, simulator: SocketAddr, most: u32) -> Option<()> {
    let server = TcpStream::connect(simulator).await.ok()?;
    client.set_nodelay(true).ok()?;
    server.set_nodelay(true).ok()?;
    let (mut requests, mut to_client) = client.into_split();
    let (mut answers, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut answers, &mut to_client).await });
    loop {
        // A sync asks without bodies: one head after the other.
        let head = head(&mut requests).await?;
        let (line, rest) = head.split_once("\r\n")?;
        let line: Vec<String> =
            line.split_inclusive(['?', '&', ' ']).map(|part| at_most(part, most)).collect();
        to_server.write_all(format!("{}\r\n{rest}", line.concat()).as_bytes()).await.ok()?;
    }
}

fn at_most(part: &str, most: u32) -> String {
    let digits = part.strip_prefix("limit=").map(|n| n.trim_end_matches(['&', ' ']));
    match digits.and_then(|n| n.parse::<u32>().ok()).filter(|n| *n > most) {
        Some(n) => part.replace(&n.to_string(), &most.to_string()),
        None => part.to_owned(),
    }
}

/// Everything up to the empty line. Requests with a body are not asked of these servers.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
