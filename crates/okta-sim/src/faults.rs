//! The hook by which answers are spoiled on purpose. The simulator ships without faults; a test or a command brings
//! its own.

use std::fmt::Debug;
use std::time::Duration;

use crate::reply::Reply;

/// What a fault may know about a call. Never the credential.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// `GET`, …
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query as sent, empty when none.
    pub query: String,
    /// The route, e.g. `GET /api/v1/users/{id}`; `unknown` when there is none.
    pub route: &'static str,
    /// The how manieth call of the org this is, from 1.
    pub number: u64,
}

/// What happens to a call before the org sees it.
#[derive(Debug, Default)]
pub enum Verdict {
    /// Nothing.
    #[default]
    Pass,
    /// It waits first.
    Delay(Duration),
    /// It is answered with this instead.
    Answer(Reply),
    /// The connection is closed without an answer.
    Disconnect,
}

/// Spoils answers. Both methods do nothing unless written.
pub trait Fault: Send + Sync + Debug {
    /// Asked before the org sees the call: a call that is answered here changes nothing in the org.
    fn before(&self, request: &RequestInfo) -> Verdict {
        let _ = request;
        Verdict::Pass
    }

    /// May change the org's answer; the org has already done what was asked.
    fn after(&self, request: &RequestInfo, reply: &mut Reply) {
        let _ = (request, reply);
    }
}
