//! The plan: what the org has against what the model asks for. A pure function, so that it can be shown, compared and
//! carried out.

use okta_client::Shown;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calls::Calls;
use super::look::Seen;
use super::model::Model;
use super::names::Names;
use super::record::{Record, Thing};

/// What is wanted of the org.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The rights.
    pub model: Model,
    /// What things are called.
    pub names: Names,
    /// Whether a user that was there before may be given the roles.
    pub adopt_user: bool,
    /// Whether Okta's e-mails to administrators are kept from the user.
    pub quiet: bool,
    /// Whether the user gets a password here, in place of an activation e-mail.
    pub password: bool,
    /// The public key of a service app, with its `kid`, where one is to read in place of a user with a token.
    pub app_key: Option<Value>,
}

/// What a plan has for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is made.
    Create,
    /// It is changed.
    Change,
    /// It is as it should be.
    Leave,
    /// Something stands in the way, and is left as it is.
    InTheWay,
}

impl Verdict {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Leave => "leave",
            Self::InTheWay => "in the way",
        }
    }
}

/// What a plan has for one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Which.
    pub thing: Thing,
    /// What it is called.
    pub name: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Okta's id of it, where it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What there is to say: what changes, or what is in the way and what to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
    /// The calls that make it so. `NEW_ROLE` and its like stand for ids that Okta has yet to give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Shown>,
}

/// The difference between an org and what is wanted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Okta's id of the org.
    pub org_id: String,
    /// The origin that is called.
    pub origin: String,
    /// As whom it was looked at.
    pub caller: String,
    /// Whether the caller may carry it out.
    pub super_admin: bool,
    /// The things, in the order in which they are made.
    pub items: Vec<Item>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_done(&self) -> bool {
        self.items.iter().all(|i| i.verdict == Verdict::Leave)
    }

    /// What is in the way.
    pub fn in_the_way(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|i| i.verdict == Verdict::InTheWay)
    }

    /// What it has for a thing.
    pub fn item(&self, thing: Thing) -> Option<&Item> {
        self.items.iter().find(|i| i.thing == thing)
    }
}

/// Compares.
pub fn plan(seen: &Seen, wanted: &Wanted, record: &Record) -> Plan {
    let calls = Calls { seen, wanted, record };
    let role = calls.held(Thing::Role, seen.role.as_ref());
    let set = calls.held(Thing::ResourceSet, seen.set.as_ref());
    let reader = if wanted.app_key.is_some() { calls.app() } else { calls.user() };
    let mut items = vec![role, set, reader, calls.standard_role(), calls.custom_role()];
    items.extend(wanted.app_key.is_some().then(|| calls.scopes()));
    Plan {
        org_id: seen.org_id.clone(),
        origin: seen.origin.clone(),
        caller: seen.caller.clone(),
        super_admin: seen.super_admin,
        items,
    }
}
