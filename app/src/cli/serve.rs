//! `transom serve`: the web app.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use transom_engine::Engine;
use transom_engine::setup::Program;
use transom_server::{App, Listen, Network, Site, Tls, router};

use super::sim::stopped;
use crate::config::Global;
use crate::out::{DONE, Failure, Out};

/// Where the installation keeps the address that people reach it at, for `transom owner-link`.
const ORIGIN: &str = "site.origin";

/// How long requests that are being answered are waited for at the end.
const LAST: std::time::Duration = std::time::Duration::from_secs(10);

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen. Beyond this machine only with --public-url.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS", env = "TRANSOM_LISTEN")]
    listen: SocketAddr,
    /// The address at which people reach it, by TLS: https://transom.example.com. It takes --tls-cert and --tls-key, or
    /// --trusted-proxy.
    #[arg(long, value_name = "URL", env = "TRANSOM_PUBLIC_URL")]
    public_url: Option<url::Url>,
    /// The certificate, in PEM, with those that vouch for it.
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "public_url"], env = "TRANSOM_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "TRANSOM_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// The proxy before it, which speaks TLS with people and says in X-Forwarded-For who they are: an address or a range,
    /// 10.0.0.0/8; may be given several times. Nobody else is answered.
    #[arg(
        long,
        value_name = "CIDR",
        requires = "public_url",
        conflicts_with = "tls_cert",
        value_delimiter = ',',
        env = "TRANSOM_TRUSTED_PROXY"
    )]
    trusted_proxy: Vec<Network>,
}

impl Serve {
    pub async fn run(self, engine: &Engine, global: &Global, out: Out) -> Result<u8, Failure> {
        let (site, tls) = self.site()?;
        let socket = TcpListener::bind(self.listen).await.map_err(|e| {
            Failure::Usage(format!("{} can't be listened on: {e}. Choose another --listen.", self.listen))
        })?;
        // Port 0: the system has chosen one.
        let site = match self.public_url {
            None => Site::local(socket.local_addr()?),
            Some(_) => site,
        };
        // Simulators are of this machine; a server that others reach does not call them.
        let engine = Engine { allow_loopback: engine.allow_loopback && !site.secure, ..engine.clone() };
        let running = start(engine, site, Listen { socket, tls }, &global.log).await?;
        told(out, &running);
        if !out.is_json() {
            out.note("\nCtrl-C ends it.");
        }
        stopped().await?;
        running.end().await?;
        Ok(DONE)
    }

    fn site(&self) -> Result<(Site, Option<Tls>), Failure> {
        let Some(url) = &self.public_url else {
            if !self.listen.ip().is_loopback() {
                return Err(Failure::Usage(format!(
                    "{} is reached from beyond this machine. Say at which address, by TLS: --public-url \
                     https://transom.example.com with --tls-cert and --tls-key, or behind a proxy with --trusted-proxy.",
                    self.listen
                )));
            }
            return Ok((Site::local(self.listen), None));
        };
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some(Tls::read(cert, key).map_err(Failure::Usage)?),
            _ if self.trusted_proxy.is_empty() => {
                return Err(Failure::Usage(
                    "Who speaks TLS for --public-url? Give --tls-cert and --tls-key, or say which proxy does: \
                     --trusted-proxy 10.0.0.5"
                        .to_string(),
                ));
            }
            _ => None,
        };
        let site = Site::public(url, self.trusted_proxy.clone());
        let site = site.map_err(|why| Failure::Usage(format!("--public-url: {why}.")))?;
        Ok((site, tls))
    }
}

/// A server that answers.
pub struct Running {
    /// Where people reach it.
    pub origin: String,
    /// The link that makes its owner, while nobody is.
    pub owner_link: Option<String>,
    app: App,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Starts the web app of `engine` at `site`; the workers that it starts log as `log` says.
pub async fn start(engine: Engine, site: Site, listen: Listen, log: &str) -> Result<Running, Failure> {
    // A one-time token for a set-up passes through this process.
    super::setup::no_core()?;
    let origin = site.origin.clone();
    let store = engine.store.clone();
    if store.setting::<Option<String>>(ORIGIN).await?.as_ref() != Some(&origin) {
        store.set_setting(ORIGIN, &Some(&origin), &engine.actor).await?;
    }
    let owner_link = match store.has_owner().await? {
        true => None,
        false => Some(link(&engine, &origin).await?),
    };
    let app = App::new(engine, site, Program::itself(log).ok());
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(app.clone());
    let task = tokio::spawn(transom_server::serve(listen, router, async move { drop(stopped.await) }));
    Ok(Running { origin, owner_link, app, stop, task })
}

impl Running {
    /// Ends it: what is being answered is answered, what goes on in the background stops and can be gone on with.
    pub async fn end(self) -> Result<(), Failure> {
        drop(self.stop);
        self.app.stop().await;
        match tokio::time::timeout(LAST, self.task).await {
            Ok(ended) => Ok(ended.map_err(anyhow::Error::from)??),
            Err(_) => Ok(()),
        }
    }
}

/// Says where the server is, and how its owner comes in.
pub fn told(out: Out, running: &Running) {
    if out.is_json() {
        // One line: programs that start a server read it.
        out.document(json!({ "origin": running.origin, "owner_link": running.owner_link }).to_string());
        return;
    }
    out.line(format!("Transom runs at {}", running.origin));
    if let Some(link) = &running.owner_link {
        out.line(format!("\nNobody owns it yet. Create the owner account, within 15 minutes:\n  {link}"));
    }
}

async fn link(engine: &Engine, origin: &str) -> Result<String, Failure> {
    let token = engine.store.create_owner_link(&engine.actor).await?;
    Ok(format!("{origin}/owner/{}", token.expose_secret()))
}

/// `transom owner-link`: a link that makes an owner.
#[derive(Debug, Args)]
pub struct OwnerLink {}

impl OwnerLink {
    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let Some(origin) = engine.store.setting::<Option<String>>(ORIGIN).await? else {
            return Err(Failure::Usage(
                "No server has run on this database yet, so there is no address for a link. Start it: transom serve"
                    .to_string(),
            ));
        };
        let link = link(engine, &origin).await?;
        if out.is_json() {
            out.json(&json!({ "owner_link": link }));
            return Ok(DONE);
        }
        out.line(&link);
        out.note(
            "\nWhoever opens it becomes an owner. It works once, for 15 minutes; earlier links no longer do.",
        );
        Ok(DONE)
    }
}
