//! Faults that a test sets and takes back while the org runs, and answers as Okta gives them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use okta_sim::faults::{Fault, Faults as Named, RequestInfo, Verdict};
use okta_sim::{Config, Org, Reply};
use serde_json::{Value, json};

type Before = Box<dyn FnMut(&Asked<'_>) -> Verdict + Send>;
type After = Box<dyn FnMut(&Asked<'_>, &mut Reply) + Send>;

/// A call as faults see it.
pub struct Asked<'a> {
    pub path: &'a str,
    pub query: &'a str,
    pub route: &'a str,
    /// The how manieth time since [`Faults::clear`] that just this was asked, from 1.
    pub time: u64,
}

/// What spoils the org's answers at present.
#[derive(Default)]
pub struct Faults {
    before: Mutex<Option<Before>>,
    after: Mutex<Option<After>>,
    /// How often each path and query was asked.
    asked: Mutex<HashMap<String, u64>>,
    /// The simulator's own, which come first.
    named: Option<Arc<Named>>,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Faults {
    /// Spoils what the simulator's own faults leave.
    pub fn after_named(named: Arc<Named>) -> Self {
        Self { named: Some(named), ..Self::default() }
    }

    /// Decides on calls before the org sees them.
    pub fn before(&self, fault: impl FnMut(&Asked<'_>) -> Verdict + Send + 'static) {
        *lock(&self.before) = Some(Box::new(fault));
    }

    /// Changes answers of the org.
    pub fn after(&self, fault: impl FnMut(&Asked<'_>, &mut Reply) + Send + 'static) {
        *lock(&self.after) = Some(Box::new(fault));
    }

    /// No faults any more; nothing counts as asked.
    pub fn clear(&self) {
        (*lock(&self.before), *lock(&self.after)) = (None, None);
        lock(&self.asked).clear();
    }

    /// Calls since [`clear`](Self::clear) whose path starts so.
    pub fn calls(&self, path: &str) -> u64 {
        lock(&self.asked).iter().filter(|(target, _)| target.starts_with(path)).map(|(_, n)| n).sum()
    }

    /// The paths of calls since [`clear`](Self::clear), sorted, each as often as it was asked.
    pub fn paths(&self) -> Vec<String> {
        let asked = lock(&self.asked);
        let path = |(target, n): (&String, &u64)| {
            let path = target.split('?').next().unwrap_or_default().to_owned();
            std::iter::repeat_n(path, *n as usize)
        };
        let mut paths: Vec<String> = asked.iter().flat_map(path).collect();
        paths.sort();
        paths
    }

    /// Calls since [`clear`](Self::clear) below one app whose path and query hold this.
    pub fn calls_below_apps(&self, part: &str) -> u64 {
        let asked = lock(&self.asked);
        let below = asked.iter().filter(|(t, _)| t.starts_with("/api/v1/apps/") && t.contains(part));
        below.map(|(_, n)| n).sum()
    }

    fn time(&self, request: &RequestInfo) -> u64 {
        lock(&self.asked).get(&target(request)).copied().unwrap_or_default()
    }
}

fn target(request: &RequestInfo) -> String {
    format!("{}?{}", request.path, request.query)
}

fn asked(request: &RequestInfo, time: u64) -> Asked<'_> {
    Asked { path: &request.path, query: &request.query, route: request.route, time }
}

impl Fault for Faults {
    fn configure(&self, config: &mut Config) {
        self.named.iter().for_each(|named| named.configure(config));
    }

    fn attach(&self, org: &Arc<Org>) {
        self.named.iter().for_each(|named| named.attach(org));
    }

    fn before(&self, request: &RequestInfo) -> Verdict {
        if let Some(verdict) = self.named.as_ref().map(|named| named.before(request))
            && !matches!(verdict, Verdict::Pass)
        {
            return verdict;
        }
        *lock(&self.asked).entry(target(request)).or_default() += 1;
        let time = self.time(request);
        lock(&self.before).as_mut().map_or(Verdict::Pass, |fault| fault(&asked(request, time)))
    }

    fn after(&self, request: &RequestInfo, reply: &mut Reply) {
        if let Some(named) = &self.named {
            named.after(request, reply);
        }
        let time = self.time(request);
        if let Some(fault) = lock(&self.after).as_mut() {
            fault(&asked(request, time), reply);
        }
    }
}

/// An error in Okta's form.
pub fn refusal(status: u16, code: &str, cause: &str) -> Reply {
    let causes: Vec<Value> =
        Some(cause).filter(|c| !c.is_empty()).map(|c| json!({ "errorSummary": c })).into_iter().collect();
    let body = json!({
        "errorCode": code, "errorSummary": "Made up by a test.", "errorLink": code, "errorId": "oaeTest", "errorCauses": causes,
    });
    Reply::value(&body).with_status(status)
}

/// The permission is missing.
pub fn forbidden() -> Verdict {
    Verdict::Answer(refusal(403, "E0000006", ""))
}

/// A server's error.
pub fn broken(status: u16) -> Verdict {
    Verdict::Answer(refusal(status, "E0000009", ""))
}

/// The window's calls are spent; it ends at `reset` (seconds of Unix time).
pub fn rate_limited(reset: i64) -> Verdict {
    Verdict::Answer(too_many("500", reset))
}

/// Too many calls at once: the limit shown is 0 [docs rl2-concurrency].
pub fn too_many_at_once(reset: i64) -> Verdict {
    Verdict::Answer(too_many("0", reset))
}

fn too_many(limit: &str, reset: i64) -> Reply {
    refusal(429, "E0000047", "")
        .with_header("x-rate-limit-limit", limit.to_owned())
        .with_header("x-rate-limit-remaining", "0".to_owned())
        .with_header("x-rate-limit-reset", reset.to_string())
}

/// Takes what has one of `ids` out of a listing's answer, and answers 404 where it is asked for by id or below it.
pub fn hide(ids: &[String], asked: &Asked<'_>, reply: &mut Reply) {
    if asked.path.split('/').any(|segment| ids.iter().any(|id| id == segment)) {
        *reply = refusal(404, "E0000007", "");
        return;
    }
    if let Ok(Value::Array(mut items)) = serde_json::from_slice(&reply.body) {
        items.retain(|item| !ids.iter().any(|id| item["id"] == id.as_str()));
        reply.body = Value::Array(items).to_string().into_bytes();
    }
}
