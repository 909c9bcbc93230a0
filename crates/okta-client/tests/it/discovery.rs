//! Is it an Okta org? Over TLS with a private authority, through a proxy that leads every name to a local server, so
//! that names, certificates and tunnels are all real.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use okta_client::api::user;
use okta_client::{
    Client, Discovered, Error, HttpOptions, OrgDomain, Origin, Pipeline, ProxyEnvironment, Resolver,
    RetrySettings, TransportKind, discover, discover_at,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::server::{Asked, Handler, Reply, Server, read_head, serve};

const TOKEN: &str = "00abcdefghijklmnopqrstuvwxyz0123456789_-AB";

type Log<T> = Arc<Mutex<Vec<T>>>;

/// A small internet behind a proxy: every host in `hosts` answers with its handler and a certificate of its own name.
struct Internet {
    proxy: url::Url,
    folder: tempfile::TempDir,
    /// Host and request, in order.
    asked: Log<(String, Asked)>,
    connects: Log<String>,
}

impl Internet {
    async fn of(hosts: Vec<(&'static str, Handler)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = format!("http://{}", listener.local_addr().expect("an address")).parse().expect("a URL");
        let authority = Authority::new("Corporate authority");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), &authority.pem).expect("a file");
        std::fs::write(folder.path().join("other.pem"), &Authority::new("Other authority").pem)
            .expect("a file");
        let (asked, connects): (Log<(String, Asked)>, Log<String>) = Default::default();
        let hosts: HashMap<String, (Handler, TlsAcceptor)> = hosts
            .into_iter()
            .map(|(host, handler)| (host.to_owned(), (handler, authority.acceptor(host))))
            .collect();
        let (log, tunnels) = (asked.clone(), connects.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, hosts.clone(), log.clone(), tunnels.clone()));
            }
        });
        Self { proxy, folder, asked, connects }
    }

    fn http(&self, ca: &str) -> HttpOptions {
        HttpOptions {
            proxy: Some(self.proxy.clone()),
            environment: ProxyEnvironment::default(),
            ca_file: Some(self.folder.path().join(ca)),
            ..HttpOptions::default()
        }
    }

    async fn discover(&self, domain: &str, okta_host: Option<&str>) -> Result<Discovered, Error> {
        let okta_host = okta_host.map(|host| OrgDomain::parse(host).expect("a domain"));
        let domain = OrgDomain::parse(domain).expect("a domain");
        discover(&domain, &self.http("ca.pem"), okta_host.as_ref()).await
    }

    fn without_port(&self, error: &Error) -> String {
        error.to_string().replace(&self.proxy.port().expect("a port").to_string(), "PORT")
    }

    fn hosts_asked(&self) -> Vec<String> {
        self.asked.lock().expect("log").iter().map(|(host, _)| host.clone()).collect()
    }
}

async fn tunnel(
    mut stream: TcpStream,
    hosts: HashMap<String, (Handler, TlsAcceptor)>,
    asked: Log<(String, Asked)>,
    connects: Log<String>,
) {
    let Some(head) = read_head(&mut stream).await else { return };
    connects.lock().expect("log").push(head.lines().next().unwrap_or_default().to_owned());
    let target = head.split(' ').nth(1).unwrap_or_default();
    let host = target.split(':').next().unwrap_or_default().to_owned();
    let Some((handler, acceptor)) = hosts.get(&host).cloned() else {
        let _ = stream.write_all(b"HTTP/1.1 502 no such host\r\ncontent-length: 0\r\n\r\n").await;
        return;
    };
    if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_err() {
        return;
    }
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let remember: Handler = Arc::new(move |request: &Asked| {
        asked.lock().expect("log").push((host.clone(), request.clone()));
        handler(request)
    });
    serve(stream, remember, Arc::default()).await;
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn acceptor(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocols")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a key for the certificate");
        TlsAcceptor::from(Arc::new(config))
    }
}

fn answers(status: u16, body: Value) -> Handler {
    Arc::new(move |_| Reply::json(status, &body))
}

fn metadata(id: &str, links: Value) -> Value {
    json!({"id": id, "cell": "op3", "pipeline": "idx", "settings": {}, "_links": links})
}

fn organization(host: &str) -> Value {
    json!({"organization": {"href": format!("https://{host}")}})
}

#[tokio::test]
async fn an_okta_name_is_called_as_it_is_and_gets_the_token_only_after_it_proved_itself() {
    let handler: Handler = Arc::new(|asked: &Asked| match asked.target.as_str() {
        "/.well-known/okta-organization" => {
            Reply::json(200, &metadata("00oA", json!({"alternate": {"href": "https://login.acme.example"}})))
        }
        _ => Reply::json(200, &json!({"id": "00u1"})),
    });
    let internet = Internet::of(vec![("acme.okta.com", handler)]).await;
    let org = internet.discover("https://acme-admin.okta.com/admin", None).await.expect("an org");
    assert_eq!((org.org_id.as_str(), &org.pipeline), ("00oA", &Pipeline::IdentityEngine));
    assert_eq!(org.custom_domain.as_deref(), Some("login.acme.example"));
    assert_eq!(org.cell.as_deref(), Some("op3"));
    assert_eq!(org.origin.to_string(), "https://acme.okta.com");
    let client = Client::builder(org.origin)
        .http(internet.http("ca.pem"))
        .token(TOKEN.into())
        .build()
        .expect("client");
    assert_eq!(client.proxy().expect("a proxy").address, internet.proxy.as_str().trim_end_matches('/'));
    assert_eq!(client.get_one(user::me()).await.expect("me").id(), "00u1");
    let asked = internet.asked.lock().expect("log");
    assert_eq!(asked[0].1.header("authorization"), None);
    assert_eq!(asked[1].1.header("authorization"), Some(format!("SSWS {TOKEN}").as_str()));
    let connects = internet.connects.lock().expect("log");
    assert!(connects.iter().all(|c| c == "CONNECT acme.okta.com:443 HTTP/1.1"), "{connects:?}");
}

#[tokio::test]
async fn a_custom_domain_leads_to_its_okta_host_and_is_never_called_again() {
    let internet = Internet::of(vec![
        ("login.acme.example", answers(200, metadata("00oA", organization("acme.okta.com")))),
        ("acme.okta.com", answers(200, metadata("00oA", organization("acme.okta.com")))),
    ])
    .await;
    let org = internet.discover("login.acme.example", None).await.expect("an org");
    assert_eq!(org.origin.to_string(), "https://acme.okta.com");
    assert_eq!(org.custom_domain.as_deref(), Some("login.acme.example"));
    assert_eq!(internet.hosts_asked(), ["login.acme.example", "acme.okta.com"]);
}

#[tokio::test]
async fn a_mirror_of_a_real_org_gets_no_secret() {
    // It serves a true copy of the real org's metadata, answers every other call as Okta would, and notes all it hears.
    let mirror: Handler = Arc::new(|asked: &Asked| match asked.target.as_str() {
        "/.well-known/okta-organization" => {
            Reply::json(200, &metadata("00oA", organization("acme.okta.com")))
        }
        _ => Reply::json(200, &json!({"id": "00u1"})),
    });
    let real: Handler = Arc::new(|asked: &Asked| match asked.target.as_str() {
        "/.well-known/okta-organization" => {
            Reply::json(200, &metadata("00oA", organization("acme.okta.com")))
        }
        _ => Reply::json(200, &json!({"id": "00u1"})),
    });
    let internet = Internet::of(vec![("acme.evil.example", mirror), ("acme.okta.com", real)]).await;
    for okta_host in [None, Some("acme.okta.com")] {
        let org = internet.discover("acme.evil.example", okta_host).await.expect("an org");
        let client = Client::builder(org.origin).http(internet.http("ca.pem")).token(TOKEN.into()).build();
        client.expect("client").get_one(user::me()).await.expect("me");
    }
    let straight = Origin::of(&OrgDomain::parse("acme.evil.example").expect("a domain"));
    assert!(Client::builder(straight).token(TOKEN.into()).build().is_err(), "nor on purpose");
    let asked = internet.asked.lock().expect("log");
    let with_token =
        |host: &str| asked.iter().filter(|(h, a)| h == host && format!("{a:?}").contains(TOKEN)).count();
    assert_eq!(with_token("acme.evil.example"), 0);
    assert_eq!(with_token("acme.okta.com"), 2, "and this would have seen it");
}

#[tokio::test]
async fn a_custom_domain_whose_okta_host_is_not_known_or_not_its_own() {
    let internet = Internet::of(vec![
        ("mute.example", answers(200, metadata("00oA", json!({})))),
        ("sly.example", answers(200, metadata("00oA", organization("acme.okta.com.evil.example")))),
        ("mixed.example", answers(200, metadata("00oA", organization("other.okta.com")))),
        ("acme.okta.com", answers(200, metadata("00oA", json!({})))),
        ("other.okta.com", answers(200, metadata("00oB", json!({})))),
    ])
    .await;
    let mut messages = Vec::new();
    for domain in ["mute.example", "sly.example", "mixed.example"] {
        messages.push(internet.discover(domain, None).await.expect_err("unknown").to_string());
    }
    messages.push(
        internet.discover("mute.example", Some("other.okta.com")).await.expect_err("other").to_string(),
    );
    messages
        .push(internet.discover("mute.example", Some("sly.example")).await.expect_err("custom").to_string());
    insta::assert_snapshot!("custom_domains_refused", messages.join("\n"));
    assert!(internet.discover("mute.example", Some("acme.okta.com")).await.is_ok());
}

#[tokio::test]
async fn what_is_not_okta_is_said_to_be_so() {
    let html: fn(u16) -> Handler =
        |status| Arc::new(move |_| Reply::text(status, "text/html", "<html>Nope</html>"));
    let redirect: Handler = Arc::new(|_| {
        Reply::text(302, "text/html", "").header("location", "https://portal.corp.example/login?token=x")
    });
    let internet = Internet::of(vec![
        ("missing.okta.com", html(404)),
        ("page.okta.com", html(200)),
        ("portal.okta.com", redirect),
        ("other.okta.com", answers(200, json!({"hello": "world"}))),
        ("list.okta.com", answers(200, json!([]))),
        ("gone.okta.com", answers(404, json!({"errorCode": "E0000007", "errorSummary": "Not found"}))),
    ])
    .await;
    let mut messages = Vec::new();
    for host in ["missing", "page", "portal", "other", "list", "gone"] {
        let error = internet.discover(host, None).await.expect_err(host);
        assert!(matches!(error, Error::NotOkta { .. }), "{host}: {error}");
        messages.push(error.to_string());
    }
    insta::assert_snapshot!("not_okta", messages.join("\n"));
}

#[tokio::test]
async fn certificates_are_checked() {
    let internet = Internet::of(vec![("acme.okta.com", answers(200, metadata("00oA", json!({}))))]).await;
    let origin = Origin::of(&OrgDomain::parse("acme").expect("a domain"));
    let wrong_authority =
        discover_at(origin.clone(), &internet.http("other.pem")).await.expect_err("untrusted");
    assert!(
        matches!(wrong_authority, Error::Transport { kind: TransportKind::Tls, .. }),
        "{wrong_authority}"
    );
    let no_authority = HttpOptions { ca_file: None, ..internet.http("ca.pem") };
    let untrusted = discover_at(origin, &no_authority).await.expect_err("untrusted");
    assert!(matches!(untrusted, Error::Transport { kind: TransportKind::Tls, .. }), "{untrusted}");
    assert_eq!(internet.hosts_asked().len(), 0);
    assert_eq!(internet.connects.lock().expect("log").len(), 2, "and not tried again");
    insta::assert_snapshot!("untrusted", internet.without_port(&wrong_authority));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    // The proxy leads evil.okta.com to a server that holds acme.okta.com's certificate.
    let authority = Authority::new("Corporate authority");
    let internet = Internet::of(vec![]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("an address")).parse().expect("a URL");
    let (handler, acceptor) =
        (answers(200, metadata("00oA", json!({}))), authority.acceptor("acme.okta.com"));
    let hosts = HashMap::from([("evil.okta.com".to_owned(), (handler, acceptor))]);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, hosts.clone(), Arc::default(), Arc::default()));
        }
    });
    std::fs::write(internet.folder.path().join("own.pem"), &authority.pem).expect("a file");
    let http = HttpOptions { proxy: Some(proxy), ..internet.http("own.pem") };
    let origin = Origin::of(&OrgDomain::parse("evil").expect("a domain"));
    let error = discover_at(origin, &http).await.expect_err("another name");
    assert!(matches!(error, Error::Transport { kind: TransportKind::Tls, .. }), "{error}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_as_the_culprit() {
    let internet = Internet::of(vec![]).await;
    let error = internet.discover("acme", None).await.expect_err("no such host");
    assert!(matches!(error, Error::Transport { kind: TransportKind::Proxy, .. }), "{error}");
    insta::assert_snapshot!("proxy_refuses", internet.without_port(&error));
}

#[tokio::test]
async fn a_proxys_password_goes_to_the_proxy_and_nowhere_else() {
    let internet = Internet::of(vec![("acme.okta.com", answers(200, metadata("00oA", json!({}))))]).await;
    let mut http = internet.http("ca.pem");
    let proxy = http.proxy.as_mut().expect("a proxy");
    proxy.set_username("me").expect("a name");
    proxy.set_password(Some("hunter2")).expect("a password");
    let origin = Origin::of(&OrgDomain::parse("acme").expect("a domain"));
    let client = Client::builder(origin).http(http.clone()).token(TOKEN.into()).build().expect("client");
    client.get_one(okta_client::api::org::metadata()).await.expect("metadata");
    let shown = format!("{client:?} {http:?} {:?}", client.proxy());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!format!("{:?}", internet.asked.lock().expect("log")).contains("proxy-authorization"));
}

/// A resolver with one answer.
struct Fixed(Vec<IpAddr>);

impl Resolver for Fixed {
    fn resolve(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let found = self.0.clone();
        Box::pin(async move { Ok(found) })
    }
}

fn directly(addresses: &[&str]) -> HttpOptions {
    let addresses = addresses.iter().map(|a| a.parse().expect("an address")).collect();
    HttpOptions {
        environment: ProxyEnvironment::default(),
        resolver: Arc::new(Fixed(addresses)),
        connect_timeout: Duration::from_millis(200),
        ..HttpOptions::default()
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_before_a_connection() {
    let inside = Server::start(|_| Reply::json(200, &json!({}))).await;
    let origin = Origin::of(&OrgDomain::parse("acme").expect("a domain"));
    for addresses in
        [&["127.0.0.1"][..], &["10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"], &["169.254.169.254"]]
    {
        let client = Client::builder(origin.clone()).http(directly(addresses)).token(TOKEN.into()).build();
        let error = client.expect("client").get_one(user::me()).await.expect_err("refused");
        let Error::AddressRefused { host, addresses: found } = &error else { panic!("{error:?}") };
        assert_eq!((host.as_str(), found.len()), ("acme.okta.com", addresses.len()));
        assert!(!error.to_string().contains(TOKEN));
    }
    assert_eq!(inside.targets().len(), 0);
    let error = discover_at(origin, &directly(&["192.168.1.1"])).await.expect_err("refused");
    insta::assert_snapshot!("address_refused", error.to_string());
}

#[tokio::test]
async fn a_proxy_may_be_inside() {
    let internet = Internet::of(vec![("acme.okta.com", answers(200, metadata("00oA", json!({}))))]).await;
    let port = internet.proxy.port().expect("a port");
    let http = HttpOptions {
        proxy: format!("http://proxy.corp.example:{port}").parse().ok(),
        resolver: Arc::new(Fixed(vec!["127.0.0.1".parse().expect("an address")])),
        ..internet.http("ca.pem")
    };
    let origin = Origin::of(&OrgDomain::parse("acme").expect("a domain"));
    assert!(discover_at(origin, &http).await.is_ok());
}

#[tokio::test]
async fn a_simulator_is_discovered_over_plain_http_without_the_proxy() {
    let simulator = Server::start(|_| Reply::json(200, &metadata("00oS", json!({})))).await;
    let nowhere = HttpOptions { proxy: "http://127.0.0.1:1".parse().ok(), ..HttpOptions::default() };
    let org = discover_at(simulator.origin(), &nowhere).await.expect("an org");
    assert!(org.origin.is_simulator());
    let retry = RetrySettings { max_attempts: 1, ..RetrySettings::default() };
    let client =
        Client::builder(org.origin).http(nowhere).retry(retry).token(TOKEN.into()).build().expect("client");
    assert!(client.proxy().is_none());
    assert!(client.get_one(okta_client::api::org::metadata()).await.is_ok());
}
