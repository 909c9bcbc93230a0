//! The simulator as a server: start, serve, stop.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::error::Error;
use crate::faults::Fault;
use crate::generate::tokens::Tokens;
use crate::org::Org;
use crate::serve;

/// Where the access log goes: a JSON object a line and call with `method`, `target` (path and query as asked),
/// `status`, `bytes` (of the body), `in_flight` (this call included) and `connection`. Never a credential.
pub type AccessLog = Arc<Mutex<dyn io::Write + Send>>;

/// What a simulator may be given besides its config.
#[derive(Clone)]
pub struct Hooks {
    /// The time; the machine's clock unless given.
    pub clock: Arc<dyn Clock>,
    /// Spoils answers; none unless given.
    pub fault: Option<Arc<dyn Fault>>,
    /// The access log; none unless given.
    pub access_log: Option<AccessLog>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), fault: None, access_log: None }
    }
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let log = self.access_log.is_some();
        f.debug_struct("Hooks")
            .field("clock", &self.clock)
            .field("fault", &self.fault)
            .field("access_log", &log)
            .finish()
    }
}

/// The simulator.
#[derive(Debug, Clone, Copy)]
pub struct Sim;

impl Sim {
    /// Starts an org that answers on `listen` (port 0: any free port) until the returned handle is dropped.
    pub async fn start(config: Config, listen: SocketAddr) -> Result<Running, Error> {
        Self::start_with(config, listen, Hooks::default()).await
    }

    /// The same with a clock, faults or an access log.
    pub async fn start_with(mut config: Config, listen: SocketAddr, hooks: Hooks) -> Result<Running, Error> {
        if let Some(fault) = &hooks.fault {
            fault.configure(&mut config);
        }
        let org = Arc::new(Org::new(config, hooks.clock.clone()).map_err(Error::Config)?);
        if let Some(fault) = &hooks.fault {
            fault.attach(&org);
        }
        let failed = |source| Error::Listen { addr: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let origin = format!("http://{addr}");
        let app = serve::app(org.clone(), origin.clone(), hooks, addr.ip().is_loopback());
        let (stop, stopped) = oneshot::channel::<()>();
        let counted = Counted { listener, org: org.clone() };
        let app = app.into_make_service_with_connect_info::<Connection>();
        let server = axum::serve(counted, app).with_graceful_shutdown(async move {
            // Sent or dropped: either way it is over.
            let _ = stopped.await;
        });
        let task = tokio::spawn(server.into_future());
        let tokens = org.tokens().clone();
        Ok(Running { addr, origin, tokens, org, stop: Some(stop), task })
    }
}

/// A running simulator; stops when dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// `http://127.0.0.1:…`: the org's URL.
    pub origin: String,
    /// Credentials.
    pub tokens: Tokens,
    /// The org.
    pub org: Arc<Org>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Stops accepting, lets calls in flight end, and returns when all is over.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        // An idle keep-alive connection ends at once; one that is being answered ends with its answer.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection's number: the port of its other end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection(pub u16);

impl Connected<IncomingStream<'_, Counted>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Counted>) -> Self {
        Self(stream.remote_addr().port())
    }
}

/// Counts connections.
#[derive(Debug)]
struct Counted {
    listener: TcpListener,
    org: Arc<Org>,
}

impl Listener for Counted {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, addr) = Listener::accept(&mut self.listener).await;
        self.org.counters.connection();
        // Answers are small and single: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        (stream, addr)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
