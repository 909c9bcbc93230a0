//! From an HTTP request to an answer: concurrency, route, credential, rate limit, permission, the route's function.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};

use crate::auth::{self, Caller};
use crate::console;
use crate::error::Refusal;
use crate::faults::{RequestInfo, Verdict};
use crate::generate::ids::{hex, opaque};
use crate::limits::{self, Standing};
use crate::oauth::Shown;
use crate::org::Org;
use crate::page::Query;
use crate::permissions::Access;
use crate::reply::Reply;
use crate::routes::{Call, Match};
use crate::scopes;
use crate::sim::{Connection, Hooks};

/// The largest body the org reads.
const LARGEST_BODY: usize = 1 << 20;

#[derive(Debug)]
struct Server {
    org: Arc<Org>,
    origin: String,
    hooks: Hooks,
    number: AtomicU64,
}

/// The org as an axum app; `local` says that only this machine reaches it.
pub(crate) fn app(org: Arc<Org>, origin: String, hooks: Hooks, local: bool) -> Router {
    let console = if local { console::router(org.clone()) } else { Router::new() };
    let server = Server { org, origin, hooks, number: AtomicU64::new(0) };
    Router::new().fallback(handle).with_state(Arc::new(server)).merge(console)
}

/// Leaves the limiter's count of calls in flight however the call ends.
struct InFlight(Arc<Server>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.org.limiter.leave();
    }
}

async fn handle(
    State(server): State<Arc<Server>>,
    ConnectInfo(Connection(connection)): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let in_flight = server.org.limiter.enter();
    let _leaves = InFlight(server.clone());
    let (parts, body) = request.into_parts();
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let found = server.org.router.find(parts.method.as_str(), path);
    let route = if let Match::Found(route, _) = &found { route.name } else { "unknown" };
    let bucket = limits::bucket(parts.method.as_str(), path);
    let number = server.number.fetch_add(1, Ordering::Relaxed) + 1;
    let (Ok(count) | Err(count)) = in_flight;
    server.org.counters.call(route, bucket, count);
    let info = RequestInfo {
        method: parts.method.to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        route,
        number,
    };
    let request_id = hex(server.org.config().seed, number, 32);

    let fault = server.hooks.fault.as_ref();
    let instead = match fault.map_or(Verdict::Pass, |f| f.before(&info)) {
        Verdict::Pass => None,
        Verdict::Delay(wait) => {
            tokio::time::sleep(wait).await;
            None
        }
        Verdict::Answer(reply) => Some(reply),
        // Breaking off before the first byte of the body closes the connection.
        Verdict::Disconnect => Some(Reply { cut_after: Some(0), ..Reply::json(b"{}".to_vec()) }),
    };
    let latency = server.org.config().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let body = to_bytes(body, LARGEST_BODY).await;
    let (mut reply, standing) = match (instead, body) {
        (Some(reply), _) => (reply, None),
        (None, Err(_)) => (refuse(&Refusal::not_well_formed(), &server, number), None),
        (None, Ok(body)) => {
            let origin = own_origin(&server, &parts.headers);
            let ask = Ask {
                server: &server,
                found,
                method: &parts.method,
                headers: &parts.headers,
                path,
                body: &body,
            };
            let (answer, standing) =
                ask.answer(&origin, &Query::parse(query), bucket, in_flight, &request_id);
            (answer.unwrap_or_else(|refusal| refuse(&refusal, &server, number)), Some(standing))
        }
    };
    if let Some(fault) = fault {
        fault.after(&info, &mut reply);
    }
    if let Some(log) = &server.hooks.access_log {
        let target = parts.uri.path_and_query().map_or(path, |target| target.as_str());
        let line = serde_json::json!({
            "method": parts.method.as_str(), "target": target, "status": reply.status,
            "bytes": reply.body.len(), "in_flight": count, "connection": connection,
        });
        let line = format!("{line}\n");
        let mut log = log.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A log that can't be written must not change what the org answers.
        let _ = log.write_all(line.as_bytes());
    }
    respond(reply, standing, &request_id, server.org.now())
}

fn refuse(refusal: &Refusal, server: &Server, number: u64) -> Reply {
    let error_id = format!("oae{}", opaque(server.org.config().seed, number, 22));
    let reply = Reply::json(refusal.body(&error_id)).with_status(refusal.status);
    match &refusal.challenge {
        None => reply,
        Some(challenge) => reply.with_header("www-authenticate", challenge.clone()),
    }
}

/// Links begin with the host the caller used, as Okta's do for a custom domain; an odd Host gets the bound address.
fn own_origin(server: &Server, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let sane = |host: &&str| {
        host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b)) && host.len() < 256
    };
    host.filter(sane).map_or_else(|| server.origin.clone(), |host| format!("http://{host}"))
}

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

struct Ask<'a> {
    server: &'a Server,
    found: Match,
    method: &'a Method,
    headers: &'a HeaderMap,
    path: &'a str,
    body: &'a [u8],
}

impl Ask<'_> {
    fn answer(
        self,
        origin: &str,
        query: &Query,
        bucket: limits::Bucket,
        in_flight: Result<u64, u64>,
        request_id: &str,
    ) -> (Result<Reply, Refusal>, Standing) {
        let org = &self.server.org;
        org.settle();
        let now = org.now();
        if in_flight.is_err() {
            org.counters.too_many_in_flight();
            // [docs rl2-concurrency] limit and remaining are 0, the reset is only an estimate.
            let reset = now / 1000 + 1;
            let standing = Standing { limit: 0, remaining: 0, reset, refused: true, own: 0, others: 0 };
            return (Err(Refusal::too_many()), standing);
        }
        let open = matches!(&self.found, Match::Found(route, _) if route.data.is_none());
        let url = format!("{origin}{}", self.path);
        let shown =
            Shown { method: self.method.as_str(), url: &url, proof: text_of(self.headers, "dpop"), now };
        let header = text_of(self.headers, header::AUTHORIZATION.as_str());
        let caller = if open {
            None
        } else {
            Some(org.read(|view| auth::caller(view, &org.oauth, header, origin, shown)))
        };
        let caller = match caller.transpose() {
            Ok(caller) => caller,
            // Nobody's calls have no share of anything.
            Err(refusal) => return (Err(refusal), org.limiter.spend(u64::MAX, limits::Bucket::Public, now)),
        };
        let standing = org.limiter.spend(caller.as_ref().map_or(u64::MAX, Caller::key), bucket, now);
        org.counters.spent(bucket, &standing);
        if standing.refused {
            return (Err(Refusal::too_many()), standing);
        }
        (self.run(caller.as_ref(), origin, query, now, request_id), standing)
    }

    fn run(
        self,
        caller: Option<&Caller>,
        origin: &str,
        query: &Query,
        now: i64,
        request_id: &str,
    ) -> Result<Reply, Refusal> {
        let org = &self.server.org;
        let (route, args) = match self.found {
            Match::Found(route, args) => (route, args),
            Match::WrongMethod => return Err(Refusal::wrong_method()),
            Match::Nothing => return Err(Refusal::no_such_path()),
        };
        let sized = self.headers.contains_key(header::CONTENT_LENGTH)
            || self.headers.contains_key(header::TRANSFER_ENCODING);
        if matches!(*self.method, Method::POST | Method::PUT) && self.body.is_empty() && !sized {
            return Err(Refusal::length_required());
        }
        let access = match (route.data, caller) {
            (Some(data), Some(caller)) => {
                if let Caller::Client { scopes: held, .. } = caller
                    && let Some(missing) = scopes::missing(route, data, held)
                {
                    return Err(auth::insufficient(origin, self.path, &missing));
                }
                org.read(|view| auth::rights(view, caller.holder(), data))
            }
            _ => Access::All,
        };
        match access {
            Access::Unlicensed => return Err(Refusal::unlicensed()),
            Access::Denied if !route.lenient => return Err(Refusal::no_permission()),
            _ => {}
        }
        let content_type = text_of(self.headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
        (route.run)(&Call {
            org,
            caller,
            path: self.path,
            args,
            query,
            proof: text_of(self.headers, "dpop"),
            content_type,
            body: self.body,
            origin,
            access,
            request_id,
            now,
        })
    }
}

fn respond(reply: Reply, standing: Option<Standing>, request_id: &str, now: i64) -> Response {
    let length = reply.body.len();
    let body = match reply.cut_after {
        None => Body::from(reply.body),
        Some(cut) => {
            let kept = Bytes::from(reply.body).slice(..cut.min(length));
            let nothing = kept.is_empty();
            let broken = async move {
                if !nothing {
                    // Time for what was kept to leave, or it would be dropped with the connection.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut off"))
            };
            let kept = stream::iter((!nothing).then_some(Ok(kept)));
            Body::from_stream(kept.chain(stream::once(broken)))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.append(name, value);
        }
    };
    if length > 0 {
        put(header::CONTENT_TYPE, "application/json");
    }
    if reply.cut_after.is_some() {
        // What was promised is longer than what will come.
        put(header::CONTENT_LENGTH, &length.to_string());
    }
    put(header::CACHE_CONTROL, "no-cache, no-store");
    // Okta's clock and ours are one: clients compute the wait from this.
    let date = std::time::UNIX_EPOCH + Duration::from_millis(now.max(0) as u64);
    if !reply.headers.iter().any(|(name, _)| *name == "date") {
        put(header::DATE, &httpdate::fmt_http_date(date));
    }
    put(HeaderName::from_static("x-okta-request-id"), request_id);
    if let Some(standing) = standing {
        put(HeaderName::from_static("x-rate-limit-limit"), &standing.limit.to_string());
        put(HeaderName::from_static("x-rate-limit-remaining"), &standing.remaining.to_string());
        put(HeaderName::from_static("x-rate-limit-reset"), &standing.reset.to_string());
    }
    for (name, value) in &reply.headers {
        put(HeaderName::from_static(name), value);
    }
    response
}
