//! Objects of which an org has a few: kept as documents.

use serde_json::{Value, json};

use super::ids::{IdKind, Ids};
use crate::json::time;

/// An object: its own fields, and what is the same for all kinds.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is, for the id.
    pub kind: IdKind,
    /// Number, for the id.
    pub n: u64,
    /// When created, for kinds that say so.
    pub created: Option<i64>,
    /// The fields of its kind, without id, dates and links.
    pub fields: Value,
}

impl Document {
    /// A document of a kind that does not say when it was created.
    pub(crate) fn new(kind: IdKind, n: u64, fields: Value) -> Self {
        Self { kind, n, created: None, fields }
    }

    /// The same, created at `created`, milliseconds since 1970.
    pub(crate) fn since(self, created: i64) -> Self {
        Self { created: Some(created), ..self }
    }

    /// The id.
    pub fn id(&self, ids: &Ids) -> String {
        ids.encode(self.kind, self.n)
    }

    /// Whether its status is `ACTIVE`.
    pub fn active(&self) -> bool {
        self.fields["status"] == "ACTIVE"
    }

    /// Its fields with its id, and its dates where it says them; links are as each kind has them.
    pub fn unlinked(&self, ids: &Ids) -> Value {
        let mut json = self.fields.clone();
        json["id"] = self.id(ids).into();
        if let Some(created) = self.created {
            json["created"] = time(created).into();
            json["lastUpdated"] = time(created).into();
        }
        json
    }

    /// The document with the links that most kinds have: `list` is the address of the list it is in, `allow` what may be
    /// done with it. What has a status and was not made by Okta can be switched on or off.
    pub fn json(&self, ids: &Ids, list: &str, allow: &[&str]) -> Value {
        let mut json = self.unlinked(ids);
        let url = format!("{list}/{}", self.id(ids));
        json["_links"] = json!({"self": {"href": url, "hints": {"allow": allow}}});
        if self.fields["status"].is_string() && self.fields["system"] != true {
            let verb = if self.active() { "deactivate" } else { "activate" };
            json["_links"][verb] =
                json!({"href": format!("{url}/lifecycle/{verb}"), "hints": {"allow": ["POST"]}});
        }
        json
    }
}
