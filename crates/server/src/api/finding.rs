//! What the audit of a credential found.

use serde::{Deserialize, Serialize};
use transom_engine::connection;
use utoipa::ToSchema;

/// Something about a credential that should be changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// A word that stays.
    pub id: String,
    /// Which right, role or resource set it is about, where there can be several; empty where there can't.
    pub about: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: String,
    /// What was found, and why it matters.
    pub text: String,
    /// What to do.
    pub todo: String,
    /// Whether it rests on something that is inferred, not documented.
    pub assumed: bool,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing useful can be read, or whoever steals the credential owns the org.
    High,
    /// Something of the set-up is out of reach, or the credential can change things.
    Medium,
    /// It works, and could be safer.
    Low,
}

impl Severity {
    /// For people.
    pub fn label(self) -> &'static str {
        connection::Severity::from(self).label()
    }
}

impl From<Severity> for connection::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
        }
    }
}

impl From<connection::Severity> for Severity {
    fn from(severity: connection::Severity) -> Self {
        match severity {
            connection::Severity::High => Self::High,
            connection::Severity::Medium => Self::Medium,
            connection::Severity::Low => Self::Low,
        }
    }
}

impl From<connection::Finding> for Finding {
    fn from(f: connection::Finding) -> Self {
        let (severity, assumed) = (f.severity.into(), f.is_assumed());
        Self { id: f.id, about: f.about, severity, title: f.title, text: f.text, todo: f.todo, assumed }
    }
}
