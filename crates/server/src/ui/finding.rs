//! What the audit of a credential found, as a page shows it.

use transom_engine::connection::{Finding, Severity};

/// A finding.
#[derive(Debug)]
pub(crate) struct Told {
    pub tone: &'static str,
    pub severity: &'static str,
    pub title: String,
    pub text: String,
    pub todo: String,
    /// Whether it rests on something inferred.
    pub assumed: bool,
}

impl From<&Finding> for Told {
    fn from(f: &Finding) -> Self {
        let tone = match f.severity {
            Severity::High => "bad",
            Severity::Medium => "warn",
            Severity::Low => "info",
        };
        Self {
            tone,
            severity: f.severity.label(),
            title: f.title.clone(),
            text: f.text.clone(),
            todo: f.todo.clone(),
            assumed: f.is_assumed(),
        }
    }
}
