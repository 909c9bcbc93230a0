//! What a set-up made, by id: what teardown may remove, and what tells drift from a change of the model.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::names::{Names, Reader};
use super::plan::{Plan, Verdict, Wanted};
use super::session::Event;
use crate::{Class, Problem};

/// A thing that set-up makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// The custom role.
    Role,
    /// The resource set.
    ResourceSet,
    /// The user whose token Transom will hold.
    User,
    /// The service app that reads in place of a user with a token.
    App,
    /// The standard role of the user or the app.
    StandardRole,
    /// The custom role of the user or the app, on the resource set.
    CustomRole,
    /// The scopes granted to the app.
    Scopes,
}

impl Thing {
    /// What is made for a user with a token, in order.
    pub const OF_USER: [Self; 5] =
        [Self::Role, Self::ResourceSet, Self::User, Self::StandardRole, Self::CustomRole];
    /// What is made for a service app, in order.
    pub const OF_APP: [Self; 6] =
        [Self::Role, Self::ResourceSet, Self::App, Self::StandardRole, Self::CustomRole, Self::Scopes];

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Role => "Custom role",
            Self::ResourceSet => "Resource set",
            Self::User => "User",
            Self::App => "Service app",
            Self::StandardRole => "Standard role given",
            Self::CustomRole => "Custom role given",
            Self::Scopes => "Scopes",
        }
    }
}

/// A thing that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Okta's id of it. Of an assignment it is unique below the user alone.
    pub id: String,
    /// What it held when set-up last wrote it: a role's permissions, a set's resources, an app's
    /// scopes. Of an assignment, the id of its holder.
    #[serde(default)]
    pub holds: Vec<String>,
}

/// What a set-up is and what it made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What the set-up is known by in the org: it stands in the descriptions of what it made. Empty before the first.
    #[serde(default)]
    pub mark: String,
    /// What it calls things.
    #[serde(default)]
    pub names: Option<Names>,
    /// What was chosen beyond the profile *Read*.
    #[serde(default)]
    pub with: Vec<String>,
    /// What a plan that was carried out had to make: an assignment carries no mark, and where it is there after a run that
    /// was cut off, it was that run which made it.
    #[serde(default)]
    pub begun: BTreeSet<Thing>,
    /// The public key of the service app, where there is one: by it the app is known again.
    #[serde(default)]
    pub app_key: Option<Value>,
    /// What it made.
    #[serde(default)]
    pub made: BTreeMap<Thing, Made>,
}

impl Record {
    /// The name under which the store keeps the record of an org.
    pub fn key(org_id: &str) -> String {
        format!("setup.{org_id}")
    }

    /// Begins, or goes on: `mark` names the set-up, unless it has a name already.
    pub fn begin(&mut self, mark: String, wanted: &Wanted, plan: &Plan) {
        if self.mark.is_empty() {
            self.mark = mark;
        }
        self.names = Some(wanted.names.clone());
        self.with = wanted.model.with.iter().map(|name| (*name).to_string()).collect();
        self.app_key.clone_from(&wanted.app_key);
        let to_make = plan.items.iter().filter(|i| i.verdict == Verdict::Create);
        self.begun.extend(to_make.map(|i| i.thing));
    }

    /// Takes note of what a session tells.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::Made { thing, made } => drop(self.made.insert(*thing, made.clone())),
            Event::Removed { thing, .. } => {
                self.made.remove(thing);
                self.begun.remove(thing);
            }
            Event::Planned { .. } | Event::Writing { .. } | Event::Waiting { .. } | Event::Revoked => {}
        }
    }

    /// What it made of this sort.
    pub fn made(&self, thing: Thing) -> Option<&Made> {
        self.made.get(&thing)
    }

    /// What people know it by, as set-up called it; nothing where the title says it all.
    pub fn name_of(&self, thing: Thing) -> Option<String> {
        let names = self.names.as_ref()?;
        match thing {
            Thing::Role => Some(names.role.clone()),
            Thing::ResourceSet => Some(names.set.clone()),
            Thing::User => Some(names.login.clone()),
            Thing::App => Some(names.app.clone()),
            Thing::StandardRole => Some("Read Only Administrator".to_string()),
            Thing::CustomRole => Some(format!("{} on {}", names.role, names.set)),
            Thing::Scopes => None,
        }
    }

    /// Refuses another reader than the one that it made, or began to make: the first would be left behind.
    ///
    /// # Errors
    /// [`Class::State`].
    pub fn check(&self, reader: Reader) -> Result<(), Problem> {
        let (other, there, wanted) = match reader {
            Reader::User => (Thing::App, "a service app", "a user"),
            Reader::App => (Thing::User, "a user", "a service app"),
        };
        if self.made(other).is_none() && !self.begun.contains(&other) {
            return Ok(());
        }
        Err(Problem::new(
            Class::State,
            format!("This org was set up with {there}."),
            format!("What was made for it would be left behind if {wanted} took its place."),
            "Take that down first, by transom setup teardown or on the web.",
        ))
    }

    /// Whether it made nothing and began to make nothing, or all of it is gone.
    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.begun.is_empty()
    }
}
