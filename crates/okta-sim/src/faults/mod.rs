//! Answers spoiled on purpose: by a test's own [`Fault`], or by name ([`Faults::named`]).
//!
//! What a named fault does to a call depends on the seed, the fault's name, the page that is asked for and how often it
//! was asked for, not on the order in which calls come: the same seed gives the same faults however calls interleave.

mod dice;
mod people;
mod set;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::org::Org;
use crate::reply::Reply;
pub use set::Faults;
use set::Met;

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

/// Spoils answers. No method does anything unless written.
pub trait Fault: Send + Sync + Debug {
    /// May change what the org is to look like, before it is made.
    fn configure(&self, config: &mut Config) {
        let _ = config;
    }

    /// Called with the org when it starts.
    fn attach(&self, org: &Arc<Org>) {
        let _ = org;
    }

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

/// A fault that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Whether a copy made meanwhile may rightly differ from the org: the org itself changes, or records come as they
    /// are not or do not come at all. All others are gone when a client is patient.
    pub changes: bool,
    before: fn(&Met<'_>) -> Verdict,
    after: fn(&Met<'_>, &mut Reply),
    configure: fn(&mut Config),
}

impl Named {
    const fn new(name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, changes: false, before: |_| Verdict::Pass, after: |_, _| (), configure: |_| () }
    }

    const fn before(self, before: fn(&Met<'_>) -> Verdict) -> Self {
        Self { before, ..self }
    }

    const fn after(self, after: fn(&Met<'_>, &mut Reply)) -> Self {
        Self { after, ..self }
    }

    const fn changing(self) -> Self {
        Self { changes: true, ..self }
    }
}

/// Turns a list of names into modules and the slice of their `FAULT`s: a new fault is one file and one word.
macro_rules! catalogue {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// Every fault.
        pub const FAULTS: &[Named] = &[$($name::FAULT),*];
    };
}

catalogue!(
    storm_429,
    other_consumers,
    concurrency,
    slow_pages,
    timeouts_on_expand,
    timeouts_on_stats,
    errors_5xx,
    truncated_body,
    connection_reset,
    not_json,
    deleted_mid_sync,
    created_mid_sync,
    duplicate_page,
    cursor_expired,
    odd_records,
    clock_skew,
    search_lag,
);

/// Names that stand for several faults, with a sentence each.
pub const GROUPS: &[(&str, &str)] = &[
    ("trouble", "All that a patient client gets past: neither the org nor its records change."),
    ("chaos", "All of them."),
];
