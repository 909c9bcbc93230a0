//! What stands around all routes: an id for each request, the Host check, headers, and the dress of errors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use crate::app::App;
use crate::auth::{Admitted, Peer, Visit};
use crate::error::Told;
use crate::{Error, ui};

/// What the log calls a request; answers carry it as `x-request-id`.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub Arc<str>);

static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// Nothing but our own style, script and pictures; nobody may frame a page or take its forms elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

static HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Stands around every request.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
    let id: Arc<str> = format!("{:x}-{number:x}", app.now()).into();
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let peer = request.extensions().get::<Peer>().copied().unwrap_or_default().0;
    let is_ours = app.site.answers(peer) && host(&request).is_some_and(|h| app.site.is_for_us(h));
    let mut response = match is_ours || path == ui::health::PATH {
        false => refused(),
        // Nothing here has such a character in its name, and PostgreSQL's texts can't hold it.
        true if request.uri().path_and_query().is_some_and(|p| p.as_str().contains("%00")) => {
            Error::Asked("The address holds a NUL character (%00). Leave it out.".to_string()).into_response()
        }
        // Before the guard, which reads whose session it is and begins a visit: who only asks whether we are there needs
        // neither, and is answered though the database is not.
        true if path == ui::health::PATH && matches!(method, Method::GET | Method::HEAD) => {
            let mut up = ui::health::show().await.into_response();
            up.extensions_mut().insert(Admitted);
            up
        }
        true => next.run(request).await,
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.extensions_mut().insert(Error::Method.told());
    }
    if response.extensions().get::<Told>().is_some() {
        response = dressed(&app, &path, &id, response);
    }
    tracing::info!(%method, path = ui::without_secrets(&path), status = response.status().as_u16(), request = %id, "answered");
    close(&app, &id, response.headers_mut());
    // How long an answer took tells a stranger about passwords and accounts: only who is signed in is told.
    if response.extensions().get::<Visit>().is_some_and(|visit| visit.who.is_some()) {
        let took = format!("app;dur={:.1}", begun.elapsed().as_secs_f64() * 1000.0);
        if let Ok(took) = HeaderValue::from_str(&took) {
            response.headers_mut().insert(HeaderName::from_static("server-timing"), took);
        }
    }
    response
}

fn host(request: &Request) -> Option<&str> {
    // HTTP/2 has it in the address.
    let authority = request.uri().authority().map(|a| a.as_str());
    authority.or_else(|| request.headers().get(header::HOST)?.to_str().ok())
}

fn refused() -> Response {
    let text =
        "This server is not reached by this name. Its address is the one that `transom serve` prints.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

/// An error as whoever asked reads it: a document under `/api`, a page elsewhere.
fn dressed(app: &App, path: &str, id: &str, mut bare: Response) -> Response {
    let Some(told) = bare.extensions_mut().remove::<Told>() else { return bare };
    let visit = bare.extensions_mut().remove::<Visit>();
    let mut response = if path.starts_with("/api/") {
        let told = Told { request_id: Some(id.to_string()), ..told.for_programs() };
        let mut response = Json(told).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    } else {
        ui::error::page(app, visit.as_ref(), &told, id)
    };
    *response.status_mut() = bare.status();
    if let Some(admitted) = bare.extensions().get::<Admitted>().copied() {
        response.extensions_mut().insert(admitted);
    }
    for (name, value) in bare.headers() {
        if *name != header::CONTENT_LENGTH && *name != header::CONTENT_TYPE {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

fn close(app: &App, id: &str, headers: &mut HeaderMap) {
    for (name, value) in &HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.site.secure {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    }
    // Pages hold identity data: no cache keeps them. Assets have said otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}
