//! Listening: plain on this machine or behind a proxy, or with TLS.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, connect_info::Connected};
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::auth::Peer;

/// How long the other end may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that wait to be served.
const WAITING: usize = 64;

/// A server's certificate and key.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(…)")
    }
}

impl Tls {
    /// Reads PEM files: the certificate with those that vouch for it, and its key.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|e| format!("{} holds no certificate that can be read: {e}.", certificate.display()))?;
        let secret = PrivateKeyDer::from_pem_file(key)
            .map_err(|e| format!("{} holds no private key that can be read: {e}.", key.display()))?;
        let mut config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(chain, secret).map_err(|e| {
                format!("{} and {} do not go together: {e}.", certificate.display(), key.display())
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Where to listen.
#[derive(Debug)]
pub struct Listen {
    /// A bound socket.
    pub socket: TcpListener,
    /// The certificate, where the server speaks TLS itself.
    pub tls: Option<Tls>,
}

/// Answers on `listen` until `stopped` is done; what is being answered then is answered to its end.
///
/// # Errors
/// When the socket can't be listened on.
pub async fn serve(
    listen: Listen,
    router: Router,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<Peer>();
    match listen.tls {
        None => axum::serve(listen.socket, service).with_graceful_shutdown(stopped).await,
        Some(tls) => {
            let listener = TlsListener::start(listen.socket, tls)?;
            axum::serve(listener, service).with_graceful_shutdown(stopped).await
        }
    }
}

/// Writes the other end's address where the guard looks for it.
pub(crate) async fn note_peer(mut request: Request) -> Result<Request, Infallible> {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<Peer>>().copied() {
        request.extensions_mut().insert(peer);
    }
    Ok(request)
}

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(stream.remote_addr().ip())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(stream.remote_addr().ip())
    }
}

/// Connections on which TLS has been agreed. Each agrees in a task of its own: a slow one keeps nobody else waiting.
struct TlsListener {
    agreed: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    fn start(socket: TcpListener, tls: Tls) -> io::Result<Self> {
        let address = socket.local_addr()?;
        let (sender, agreed) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut socket = socket;
            while !sender.is_closed() {
                let (stream, peer) = Listener::accept(&mut socket).await;
                let (tls, sender) = (tls.clone(), sender.clone());
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, tls.0.accept(stream)).await {
                        Ok(Ok(stream)) => drop(sender.send((stream, peer)).await),
                        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
                        Err(_) => tracing::debug!(%peer, "no TLS in time"),
                    }
                });
            }
        });
        Ok(Self { agreed, address })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.agreed.recv().await {
            Some(connection) => connection,
            // The socket's task has gone: nobody will come any more.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
