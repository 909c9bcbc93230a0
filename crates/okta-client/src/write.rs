//! A change as a value: what a caller can show before it is made.

use std::fmt;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Listing;
use crate::listing::Items;
use crate::secrets::scrub;

/// One call that changes something, before it is sent by [`Client::write`](crate::Client::write).
#[derive(Clone)]
pub struct Write {
    /// POST, PUT, PATCH or DELETE.
    pub method: Method,
    /// The path as a template: what errors, logs and metrics show.
    pub route: &'static str,
    /// The path with its ids filled in and percent-encoded.
    pub path: String,
    /// Query parameters, not yet encoded.
    pub query: Vec<(&'static str, &'static str)>,
    /// The body; it may hold a secret, see [`Write::shown`].
    pub body: Option<Value>,
}

/// A [`Write`] as people may see it: its body without secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The body, each secret replaced by [`secrets::marker`](crate::secrets::marker).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl Write {
    /// A call of `route`, its `{…}` segments filled from `ids` in order, each percent-encoded.
    #[must_use]
    pub fn new(method: Method, route: &'static str, ids: &[&str]) -> Self {
        let path = Listing::new(route, ids, Items::One).path;
        Self { method, route, path, query: Vec::new(), body: None }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: &'static str) -> Self {
        self.query.push((name, value));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Itself, without the secrets of its body.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let mut body = self.body.clone();
        if let Some(body) = &mut body {
            scrub(self.route, body);
        }
        Shown { method: self.method.to_string(), target: self.target(), body }
    }

    /// Path and query.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        format!("{}?{query}", self.path)
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_password_is_sent_and_not_shown() {
        let body =
            json!({ "profile": { "login": "a" }, "credentials": { "password": { "value": "hidden-one" } } });
        let write =
            Write::new(Method::POST, "/api/v1/users", &[]).query("activate", "true").body(body.clone());
        assert_eq!(write.body.as_ref(), Some(&body));
        let shown = write.shown();
        assert_eq!(shown.target, "/api/v1/users?activate=true");
        assert_eq!(shown.body.as_ref().and_then(|b| b.pointer("/profile/login")), Some(&json!("a")));
        assert!(!format!("{write:?}{shown:?}").contains("hidden-one"));
    }
}
