//! The audit of a credential: which of the rights it needs are missing and what that costs, what it holds beyond them and
//! how to take that away, whose it is, from where it works, how old it is. Rules over facts, nothing is asked here; what the
//! rules look at, [`facts`] gathers.

mod app;
mod facts;
mod idle;
mod owner;
mod renew;
mod rights;
mod spare;
mod synced;
mod token;

use serde::{Deserialize, Serialize};
use transom_core::Evidence;

pub(super) use facts::{Asked, Facts, Known, Lack};
pub(super) use synced::Synced;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing useful can be read, or somebody who steals the credential owns the org.
    High,
    /// Something of the set-up is out of reach, or the credential can change things.
    Medium,
    /// It works, and could be safer.
    Low,
}

impl Severity {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

/// Something about a credential that should be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable word for callers.
    pub id: String,
    /// Which right, role or resource set it is about, where there can be several; with `id` it names the finding.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: String,
    /// What was found, and why it matters.
    pub text: String,
    /// What to do.
    pub todo: String,
    /// What it rests on.
    pub evidence: Evidence,
}

impl Finding {
    /// One that rests on what Okta documents.
    fn new(
        id: &str,
        severity: Severity,
        title: impl Into<String>,
        text: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            id: id.to_string(),
            about: String::new(),
            severity,
            title: title.into(),
            text: text.into(),
            todo: todo.into(),
            evidence: Evidence::Documented,
        }
    }

    fn about(self, about: &str) -> Self {
        Self { about: about.to_string(), ..self }
    }

    /// The same, resting on something inferred.
    fn assumed(self) -> Self {
        Self { evidence: Evidence::Assumed, ..self }
    }

    /// Whether it rests on something inferred.
    pub fn is_assumed(&self) -> bool {
        self.evidence == Evidence::Assumed
    }
}

/// Everything that should be changed about a credential, what matters most first.
pub(super) fn audit(facts: &Facts<'_>) -> Vec<Finding> {
    let rules = [rights::audit, spare::audit, owner::audit, token::audit, app::audit];
    let mut findings: Vec<Finding> = rules.iter().flat_map(|rule| rule(facts)).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Words one after the other: `a, b and c`.
fn list<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_string(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}
