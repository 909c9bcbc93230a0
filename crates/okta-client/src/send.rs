//! One call: wait for leave, send, and again where that is safe.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LINK, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::body::{self, Sink};
use crate::error::Failed;
use crate::governor::{Answer, Governor, RateLimit, bucket};
use crate::listing::{Items, Listing, PageSize};
use crate::oauth::{self, Session};
use crate::page::{Call, items_of, next_link, parameter, with_parameter, without_parameter};
use crate::secrets::{DroppedSecret, scrub};
use crate::transport::{MOST_BYTES, Transport, Unanswered};
use crate::{Error, TransportKind};

/// How often and how fast to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// Requests for one call, the first included. Default 6.
    pub max_attempts: u32,
    /// The first pause after a failure; each further one is twice as long, with jitter. Default 0.5 s.
    pub base: Duration,
    /// The longest pause. Default 20 s.
    pub cap: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { max_attempts: 6, base: Duration::from_millis(500), cap: Duration::from_secs(20) }
    }
}

/// What it takes to call.
pub(crate) struct Line {
    pub transport: Transport,
    pub governor: Governor,
    pub retry: RetrySettings,
    pub credential: Option<Credential>,
}

/// By what a client is known to the org.
pub(crate) enum Credential {
    /// An API token's header.
    Token(HeaderMap),
    /// A service app.
    Service(Box<Session>),
}

/// What the token endpoint answered.
pub(crate) struct TokenAnswer {
    pub body: Result<Value, Error>,
    /// What the next proof must hold.
    pub nonce: Option<String>,
    pub date: Option<Timestamp>,
}

/// A call to be made.
pub(crate) struct Outgoing<'a> {
    pub method: Method,
    /// For messages: a template, or a path without query.
    pub route: &'a str,
    /// Path and query.
    pub target: String,
    pub body: Option<&'a Value>,
    pub page_size: Option<PageSize>,
    /// The parameter that may be left out; see [`Listing::spare`].
    pub spare: Option<&'static str>,
}

/// Where the items of a page go.
pub(crate) struct Target<'a> {
    pub listing: &'a Listing,
    pub sink: &'a mut dyn Sink,
}

/// A body that was read.
#[derive(Default)]
pub(crate) struct Body {
    /// `Null` when it is empty, and for a page: its items are in the sink.
    pub value: Value,
    /// The items of a page.
    pub items: usize,
    /// The link to the page after this one, as sent.
    pub next: Option<String>,
    pub dropped: Vec<DroppedSecret>,
}

/// A success.
pub(crate) struct Incoming {
    pub body: Body,
    pub call: Call,
    /// What was asked for in the end: the page may have been made smaller.
    pub target: String,
    /// The page size, where it was made smaller.
    pub shrunk: Option<u32>,
}

struct Failure {
    error: Error,
    /// Whether Okta cannot have seen the request.
    before_sending: bool,
    /// Whether the governor now knows when the window ends.
    window_known: bool,
    /// A success whose body is not JSON: somebody in between answered, or the end is missing.
    garbled: bool,
    /// The access token was refused and is forgotten: another one may do.
    renewable: bool,
    /// There is no access token, after every attempt.
    no_token: bool,
}

/// An answer with an access token is some kilobytes.
const MOST_TOKEN: usize = 1 << 20;

/// Requests for a call that something other than Okta answers: a page of a proxy goes as it came, or it stays.
const GARBLED: u32 = 3;

#[derive(Debug, PartialEq, Eq)]
enum Again {
    No,
    /// When the governor gives leave: it knows the window's end.
    WhenAllowed,
    /// After one to six times the first pause: the org was at its concurrency limit, which says nothing of a window.
    Shortly,
    /// At once, with a new access token.
    Renewed,
    /// After a growing pause.
    Later,
    /// At once, with a smaller page.
    Smaller(u32),
    /// At once, without what may be missing beside each item: the smallest page with it takes too long.
    Plain(String),
}

#[derive(Default)]
struct Tally {
    attempts: u32,
    waited: Duration,
    /// Whether the smallest page has failed already.
    floored: bool,
    /// Whether an access token was refused already.
    renewed: bool,
}

impl Line {
    pub async fn send(
        &self,
        mut out: Outgoing<'_>,
        into: &mut Option<Target<'_>>,
    ) -> Result<Incoming, Error> {
        let bucket = bucket::of(&out.method, &out.target);
        let mut tally = Tally::default();
        let mut shrunk = None;
        loop {
            let failure = match self.attempt(&out, into, bucket, &mut tally).await {
                Ok(mut incoming) => {
                    incoming.target = out.target;
                    incoming.shrunk = shrunk;
                    return Ok(incoming);
                }
                Err(failure) => failure,
            };
            let mut again = again(&out, &failure);
            if matches!(again, Again::Plain(_)) && !std::mem::replace(&mut tally.floored, true) {
                // Once may be chance.
                again = Again::Later;
            }
            tracing::debug!(
                method = %out.method, route = out.route, bucket, attempt = tally.attempts, ?again,
                error = %failure.error, "call failed"
            );
            if tally.attempts >= self.retry.max_attempts.max(1) {
                return Err(failure.error);
            }
            match again {
                Again::No => return Err(failure.error),
                Again::Later if failure.garbled && tally.attempts >= GARBLED => return Err(failure.error),
                Again::WhenAllowed => {}
                // That was no try of the call: Okta does not read one whose token it refuses.
                Again::Renewed => tally.attempts -= 1,
                Again::Shortly => {
                    let times = 1.0 + 5.0 * self.governor.random();
                    self.pause(self.retry.base.as_secs_f64() * times, &mut tally).await;
                }
                Again::Later => self.pause(self.growing_pause(tally.attempts), &mut tally).await,
                Again::Smaller(size) => {
                    if let Some(page_size) = out.page_size {
                        out.target = with_parameter(&out.target, page_size.param, size);
                        shrunk = Some(size);
                    }
                    self.pause(self.retry.base.as_secs_f64() * self.governor.random(), &mut tally).await;
                }
                Again::Plain(target) => {
                    out.target = target;
                    self.pause(self.retry.base.as_secs_f64() * self.governor.random(), &mut tally).await;
                }
            }
        }
    }

    async fn attempt(
        &self,
        out: &Outgoing<'_>,
        into: &mut Option<Target<'_>>,
        bucket: &'static str,
        tally: &mut Tally,
    ) -> Result<Incoming, Failure> {
        let pass = match &self.credential {
            Some(Credential::Service(session)) => {
                let pass = session.pass(self).await;
                Some((session, pass.map_err(|error| Failure { no_token: true, ..after(error) })?))
            }
            _ => None,
        };
        let mut permit = self.governor.acquire(bucket).await;
        tally.waited += permit.waited();
        tally.attempts += 1;
        // Now, not before the wait: a proof is good for a few minutes.
        let signed = match &pass {
            Some((session, pass)) => {
                Some(session.headers(self, pass, &out.method, &out.target).map_err(after)?)
            }
            None => None,
        };
        let headers = match (&signed, &self.credential) {
            (None, Some(Credential::Token(headers))) => Some(headers),
            (signed, _) => signed.as_ref(),
        };
        permit.sent();
        let sent = self.transport.send(&out.method, &out.target, out.body, headers).await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(Unanswered { error, before_sending }) => {
                if before_sending {
                    permit.not_sent();
                }
                return Err(Failure { before_sending, ..after(error) });
            }
        };
        let status = answer.status();
        let headers = answer.headers().clone();
        let rate = RateLimit::from_headers(&headers);
        let said = Answer { status: status.as_u16(), rate, date: date(&headers) };
        permit.answered(said);
        let read = self.transport.read(answer, out.route, MOST_BYTES).await;
        drop(permit);
        let bytes = read.map_err(after)?;
        let mut call = Call {
            bucket,
            status: status.as_u16(),
            request_id: text(&headers, "x-okta-request-id").map(str::to_owned),
            bytes: bytes.len() as u64,
            attempts: tally.attempts,
            waited: tally.waited,
            rate,
            date: said.date,
        };
        if !status.is_success() {
            let error = self.refusal(out, status, &headers, &bytes, &said);
            let mut failure = Failure { window_known: rate.is_some(), ..after(error) };
            if let Some((session, pass)) = &pass {
                failure.error = match failure.error {
                    // Nothing is wrong with an API token where there is none.
                    Error::TokenRejected(api) => {
                        session.refused(pass).await;
                        failure.renewable = !std::mem::replace(&mut tally.renewed, true);
                        Error::ClientRejected(api)
                    }
                    other => other,
                };
            }
            return Err(failure);
        }
        if bytes.is_empty() && out.method == Method::GET && status == StatusCode::OK {
            let (route, path) = (out.route.to_owned(), "$".to_owned());
            let error = Error::Decode { route, path, detail: "expected JSON, got nothing".to_owned() };
            return Err(garbled(error));
        }
        let links: Vec<String> =
            headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok()).map(str::to_owned).collect();
        let body = match into {
            Some(into) => page(into, &links, &headers, &bytes)?,
            None => whole(out.route, &headers, &bytes)?,
        };
        if rate.is_none() {
            self.governor.bare(bucket);
        }
        call.waited = tally.waited;
        tracing::debug!(
            method = %out.method, route = out.route, bucket, status = call.status, bytes = call.bytes,
            attempts = call.attempts, waited_ms = call.waited.as_millis(), request_id = call.request_id, "call"
        );
        Ok(Incoming { body, call, target: String::new(), shrunk: None })
    }

    fn refusal(
        &self,
        out: &Outgoing<'_>,
        status: StatusCode,
        headers: &HeaderMap,
        bytes: &[u8],
        said: &Answer,
    ) -> Error {
        if status.is_redirection() {
            let location = text(headers, LOCATION.as_str()).and_then(|l| url::Url::parse(l).ok());
            return Error::Redirected {
                host: self.transport.origin().host(),
                status: status.as_u16(),
                location: location.and_then(|l| l.host_str().map(str::to_owned)),
            };
        }
        let mut body: Option<Value> = serde_json::from_slice(bytes).ok();
        if let Some(body) = &mut body {
            // An error may repeat what was sent.
            scrub(out.route, body);
        }
        let content_type =
            text(headers, CONTENT_TYPE.as_str()).map(|t| t.split(';').next().unwrap_or(t).trim());
        let failed = Failed {
            method: out.method.as_str(),
            route: out.route,
            status: status.as_u16(),
            request_id: text(headers, "x-okta-request-id").map(str::to_owned),
            content_type: content_type.filter(|_| !bytes.is_empty()),
            concurrency: said.is_concurrency_refusal(),
            scope: text(headers, WWW_AUTHENTICATE.as_str()).and_then(missing_scope),
        };
        Error::from_answer(failed, body.as_ref())
    }

    /// Asks for an access token, once.
    pub async fn ask_token(&self, form: &[(&str, &str)], proof: HeaderValue) -> TokenAnswer {
        let mut permit = self.governor.acquire(bucket::of(&Method::POST, oauth::TOKEN)).await;
        permit.sent();
        let answer = match self.transport.ask(oauth::TOKEN, form, proof).await {
            Ok(answer) => answer,
            Err(Unanswered { error, before_sending }) => {
                if before_sending {
                    permit.not_sent();
                }
                return TokenAnswer { body: Err(error), nonce: None, date: None };
            }
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        let said =
            Answer { status: status.as_u16(), rate: RateLimit::from_headers(&headers), date: date(&headers) };
        permit.answered(said);
        let nonce = text(&headers, "dpop-nonce").map(str::to_owned);
        let body = match self.transport.read(answer, oauth::TOKEN, MOST_TOKEN).await {
            Err(error) => Err(error),
            Ok(bytes) if !status.is_success() => {
                let out = Outgoing {
                    method: Method::POST,
                    route: oauth::TOKEN,
                    target: oauth::TOKEN.to_owned(),
                    body: None,
                    page_size: None,
                    spare: None,
                };
                Err(self.refusal(&out, status, &headers, &bytes, &said))
            }
            // The words of a reader's error could hold a piece of the token.
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| Error::Decode {
                route: oauth::TOKEN.to_owned(),
                path: "$".to_owned(),
                detail: "expected JSON".to_owned(),
            }),
        };
        TokenAnswer { body, nonce, date: said.date }
    }

    /// Asks for a public document of the org's, once, without credential.
    pub async fn ask_public(&self, path: &str) -> Result<Value, Error> {
        let mut permit = self.governor.acquire(bucket::of(&Method::GET, path)).await;
        permit.sent();
        let answer = self.transport.send(&Method::GET, path, None, None).await.map_err(|e| e.error)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let rate = RateLimit::from_headers(&headers);
        permit.answered(Answer { status: status.as_u16(), rate, date: date(&headers) });
        let bytes = self.transport.read(answer, path, MOST_TOKEN).await?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Waits before the next of several attempts.
    pub async fn wait(&self, attempts: u32) {
        self.pause(self.growing_pause(attempts), &mut Tally::default()).await;
    }

    async fn pause(&self, seconds: f64, tally: &mut Tally) {
        let clock = self.governor.clock();
        let from = clock.monotonic();
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        tally.waited += clock.monotonic().saturating_sub(from);
    }

    /// Half fixed and half jitter, so that clients that failed together do not come back together.
    fn growing_pause(&self, attempts: u32) -> f64 {
        let grown = self.retry.base.as_secs_f64() * f64::from(1_u32 << attempts.saturating_sub(1).min(16));
        let most = grown.min(self.retry.cap.as_secs_f64());
        most * (0.5 + 0.5 * self.governor.random())
    }
}

fn after(error: Error) -> Failure {
    Failure {
        error,
        before_sending: false,
        window_known: false,
        garbled: false,
        renewable: false,
        no_token: false,
    }
}

/// A body that is not what Okta wrote.
fn garbled(error: Error) -> Failure {
    Failure { garbled: true, ..after(error) }
}

/// Whether trying again is safe, and when. A read may be repeated; a write only if Okta refused it unread (429) or
/// never saw it.
fn again(out: &Outgoing<'_>, failure: &Failure) -> Again {
    let read = out.method == Method::GET || out.method == Method::HEAD;
    let smaller = || {
        let size = out.page_size.filter(|_| read)?;
        let now = parameter(&out.target, size.param).and_then(|v| v.parse().ok()).unwrap_or(size.ask);
        let half = (now / 2).max(size.floor).max(1);
        let plain = || without_parameter(&out.target, out.spare?).map(Again::Plain);
        if half < now { Some(Again::Smaller(half)) } else { plain() }
    };
    match &failure.error {
        _ if failure.renewable => Again::Renewed,
        _ if failure.no_token => Again::No,
        Error::RateLimited(_) if failure.window_known => Again::WhenAllowed,
        // Not Okta's own 429: its headers are missing.
        Error::RateLimited(_) => Again::Later,
        Error::ConcurrencyLimited(_) => Again::Shortly,
        Error::Transport { kind, .. } => match kind {
            TransportKind::Tls => Again::No,
            _ if failure.before_sending => Again::Later,
            _ if !read => Again::No,
            TransportKind::Timeout => smaller().unwrap_or(Again::Later),
            _ => Again::Later,
        },
        // On a list a 500 usually means that it took too long [docs].
        Error::Api(e) if read && matches!(e.status, 500 | 504) => smaller().unwrap_or(Again::Later),
        Error::Api(e) if read && matches!(e.status, 502 | 503) => Again::Later,
        Error::Decode { .. } if read && failure.garbled => Again::Later,
        _ => Again::No,
    }
}

/// Reads a page, its items into the sink.
fn page(into: &mut Target<'_>, links: &[String], headers: &HeaderMap, bytes: &[u8]) -> Result<Body, Failure> {
    let Target { listing, sink } = into;
    if listing.items == Items::Array
        && let Ok(read) = body::array(listing.route, listing.only, bytes, *sink)
    {
        let next = next_link(listing, links, &Value::Null);
        return Ok(Body { value: Value::Null, items: read.items, next, dropped: read.dropped });
    }
    // Not an array, by declaration or by surprise: what is wrong with it is said below.
    let Body { value, dropped, .. } = whole(listing.route, headers, bytes)?;
    let next = next_link(listing, links, &value);
    let items = items_of(listing, value).map_err(after)?;
    let count = items.len();
    sink.begin();
    items.into_iter().for_each(|item| sink.item(item));
    Ok(Body { value: Value::Null, items: count, next, dropped })
}

/// Reads a body whole.
fn whole(route: &str, headers: &HeaderMap, bytes: &[u8]) -> Result<Body, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Body::default());
    }
    let mut value = serde_json::from_slice(bytes).map_err(|_| {
        // Read once more, slowly, to learn where.
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let (path, detail) = match serde_path_to_error::deserialize::<_, Value>(&mut deserializer) {
            Err(e) => (format!("$.{}", e.path()).trim_end_matches('.').to_owned(), e.inner().to_string()),
            Ok(_) => ("$".to_owned(), "more follows after the end of the document".to_owned()),
        };
        let kind = text(headers, CONTENT_TYPE.as_str()).unwrap_or("no content type");
        let detail = format!("expected JSON, got {kind} ({detail})");
        garbled(Error::Decode { route: route.to_owned(), path, detail })
    })?;
    let dropped = scrub(route, &mut value);
    Ok(Body { value, dropped, ..Body::default() })
}

/// The scope that a call takes and an access token lacks, as `www-authenticate` names it (RFC 6750, 3).
fn missing_scope(challenge: &str) -> Option<String> {
    let scope = challenge.split_once("scope=\"").filter(|_| challenge.contains("insufficient_scope"))?.1;
    scope.split_once('"').map(|(scope, _)| scope.to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let time = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Timestamp::try_from(time).ok()
}
