//! Taking a set-up down: what it made, by recorded ids, in the other direction. What others use by now stays.

use std::time::Duration;

use okta_client::{Error, Write, api};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::look::{Assignment, look, text, told};
use super::record::{Record, Thing};
use super::session::{Event, Listener, Session};
use crate::{Class, Problem};

/// How often, and how many times, it is looked whether Okta is done with the user.
const PAUSE: Duration = Duration::from_millis(500);
const LOOKS: u32 = 120;

/// What taking down left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Torn {
    /// What others use by now, and why it was left.
    pub left: Vec<Left>,
}

/// A thing that was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which.
    pub thing: Thing,
    /// Okta's id of it.
    pub id: String,
    /// Why.
    pub why: String,
}

impl Session {
    /// Removes what the set-up of `record` made: the user's roles, the user (deactivated first, and waited for), resource
    /// set and role. What is gone already is no error, so it can be run again after a failure.
    ///
    /// # Errors
    /// What a call can fail with; [`Class::State`] where Okta is not done with the user after a minute.
    pub async fn teardown(&self, record: &mut Record, on: Listener<'_>) -> Result<Torn, Problem> {
        let Some(names) = record.names.clone() else { return Ok(Torn::default()) };
        let seen = look(&self.client, &self.found, &names, record.app_key.as_ref(), record).await?;
        let mut tell = |record: &mut Record, event: Event| {
            record.note(&event);
            on(event);
        };
        let (user, app) = (seen.user.as_ref(), seen.app.as_ref());
        for thing in [Thing::CustomRole, Thing::StandardRole] {
            let Some(id) = self.given(thing, &seen.assignments, record) else { continue };
            let write = match (user, app) {
                (Some(user), _) => api::role_assignment::take(&user.id, &id),
                (None, Some(app)) => api::role_assignment::take_client(&app.id, &id),
                (None, None) => continue,
            };
            tell(record, Event::Writing { thing });
            self.remove(&write).await?;
            tell(record, Event::Removed { thing, id });
        }
        if let Some(app) = app.filter(|a| a.ours) {
            let thing = Thing::App;
            tell(record, Event::Writing { thing });
            if app.status == "ACTIVE" {
                self.remove(&api::app::deactivate(&app.id)).await?;
            }
            self.remove(&api::app::delete(&app.id)).await?;
            for thing in [Thing::Scopes, thing] {
                tell(record, Event::Removed { thing, id: app.id.clone() });
            }
        }
        if let Some(user) = user.filter(|u| u.ours) {
            let thing = Thing::User;
            tell(record, Event::Writing { thing });
            if user.status != "DEPROVISIONED" {
                self.remove(&api::user::deactivate(&user.id)).await?;
                tell(record, Event::Waiting { thing });
                self.wait(&user.id, |u| u.is_none_or(|u| text(u, "/status") == "DEPROVISIONED")).await?;
            }
            self.remove(&api::user::delete(&user.id)).await?;
            tell(record, Event::Waiting { thing });
            self.wait(&user.id, |u| u.is_none()).await?;
            tell(record, Event::Removed { thing, id: user.id.clone() });
        }
        let mut torn = Torn::default();
        let set = seen.set.filter(|s| s.ours).map(|s| (Thing::ResourceSet, s.id));
        let role = seen.role.filter(|r| r.ours).map(|r| (Thing::Role, r.id));
        for (thing, id) in set.into_iter().chain(role) {
            if let Some(why) = self.used(thing, &id).await? {
                torn.left.push(Left { thing, id, why });
                continue;
            }
            let write =
                if thing == Thing::Role { api::role::delete(&id) } else { api::resource_set::delete(&id) };
            tell(record, Event::Writing { thing });
            self.remove(&write).await?;
            tell(record, Event::Removed { thing, id });
        }
        // What was recorded and is nowhere to be seen was removed by somebody else.
        for (thing, made) in record.made.clone() {
            if torn.left.iter().all(|left| left.thing != thing) {
                tell(record, Event::Removed { thing, id: made.id });
            }
        }
        record.begun.retain(|thing| torn.left.iter().any(|left| left.thing == *thing));
        Ok(torn)
    }

    /// The assignment that the set-up gave, where the user has it still: the recorded one, or the one it began to give.
    fn given(&self, thing: Thing, held: &[Assignment], record: &Record) -> Option<String> {
        let kind = |a: &&Assignment| (thing == Thing::CustomRole) == (a.kind == "CUSTOM") && !a.inherited;
        match record.made(thing) {
            Some(made) => held.iter().find(|a| a.id == made.id).map(|a| a.id.clone()),
            None if record.begun.contains(&thing) => held.iter().find(kind).map(|a| a.id.clone()),
            None => None,
        }
    }

    /// Who uses the role or the set by now; nothing where nobody does.
    async fn used(&self, thing: Thing, id: &str) -> Result<Option<String>, Problem> {
        let sets = match thing {
            Thing::Role => self.every(api::resource_set::list().listing()).await?,
            _ => vec![serde_json::json!({ "id": id, "label": "" })],
        };
        for set in sets {
            let bindings = self.every(api::resource_set::bindings(&text(&set, "/id")).listing()).await?;
            for binding in bindings.iter().map(|b| text(b, "/id")) {
                if thing == Thing::Role && binding != id {
                    continue;
                }
                let members =
                    self.every(api::resource_set::members(&text(&set, "/id"), &binding).listing()).await?;
                if !members.is_empty() {
                    let n = members.len();
                    return Ok(Some(match thing {
                        Thing::Role => {
                            format!("{n} other(s) hold it on the resource set {}.", text(&set, "/label"))
                        }
                        _ => format!("{n} other(s) hold a role on it."),
                    }));
                }
            }
        }
        Ok(None)
    }

    /// Every item of a listing; none where its parent is gone.
    async fn every(&self, listing: &okta_client::Listing) -> Result<Vec<Value>, Problem> {
        let (mut items, mut at) = (Vec::new(), None);
        loop {
            match self.client.page(listing, at.as_ref()).await {
                Ok(page) => {
                    items.extend(page.items);
                    at = page.next;
                }
                Err(Error::NotFound(_)) => return Ok(items),
                Err(error) => return Err(told(error)),
            }
            if at.is_none() {
                return Ok(items);
            }
        }
    }

    /// Sends a call that removes something; what is gone is gone.
    async fn remove(&self, write: &Write) -> Result<(), Problem> {
        match self.client.write(write).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    /// Waits until the user is as `done` says; `None` is one that is gone.
    async fn wait(&self, id: &str, done: impl Fn(Option<&Value>) -> bool) -> Result<(), Problem> {
        for _ in 0..LOOKS {
            let user = match self.client.get_one(api::user::get(id)).await {
                Ok(user) => Some(okta_client::View::into_raw(user)),
                Err(Error::NotFound(_)) => None,
                Err(error) => return Err(told(error)),
            };
            if done(user.as_ref()) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Problem::new(
            Class::State,
            "Okta is still at work on the user.",
            "It was asked to deactivate and delete it, and has not after a minute.",
            "Wait, and run the teardown again; it goes on where it stopped.",
        ))
    }
}
