//! An answer before it becomes HTTP.

use crate::error::Refusal;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Further headers, in order; a name may occur twice (`link` does).
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for 204.
    pub body: Vec<u8>,
    /// Send only so many bytes of the body and then break the connection. For faults.
    pub cut_after: Option<usize>,
}

/// What a route returns.
pub type Answer = Result<Reply, Refusal>;

impl Reply {
    /// 200 with JSON.
    pub fn json(body: Vec<u8>) -> Self {
        Self { status: 200, headers: Vec::new(), body, cut_after: None }
    }

    /// 200 with a small document.
    pub fn value(value: &serde_json::Value) -> Self {
        Self::json(value.to_string().into_bytes())
    }

    /// 204.
    pub fn nothing() -> Self {
        Self { status: 204, ..Self::json(Vec::new()) }
    }

    /// The same with another status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}
