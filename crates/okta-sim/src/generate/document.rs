//! A small object of which the org has a few: its own fields as JSON, besides id, dates and links.

use serde_json::Value;

/// See the module.
#[derive(Debug, Clone)]
pub struct Document {
    /// Number, for the id.
    pub n: u64,
    /// The fields of its type, without id, dates and links.
    pub fields: Value,
    /// When created.
    pub created: i64,
}

impl Document {
    /// A document created `days` before `as_of`.
    pub(crate) fn new(n: u64, as_of: i64, days: i64, fields: Value) -> Self {
        Self { n, fields, created: as_of - days * super::people::DAY }
    }

    /// The status, where it has one.
    pub fn is_active(&self) -> bool {
        self.fields["status"] == "ACTIVE"
    }
}
