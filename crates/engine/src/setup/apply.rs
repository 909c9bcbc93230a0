//! Carrying a plan out: in order, each thing told of as soon as it is there, so that a run that is cut off can be gone on
//! with.

use okta_client::{Client, Error, Listing, Response, Write, api};
use secrecy::SecretString;

use super::calls::Calls;
use super::look::{Assignment, Held, text, told};
use super::plan::{Plan, Verdict, Wanted, plan};
use super::record::{Made, Record, Thing};
use super::session::{Event, Listener, Session};
use crate::{Class, Problem};

impl Session {
    /// Carries out `approved`, which has to be the plan still. What is there is left or changed, what is missing is made;
    /// run again after a failure, it goes on where that one stopped, and makes nothing twice. `record` takes note of all of
    /// it; it has to have been begun with [`Record::begin`] and kept before, so that what is made carries its mark.
    ///
    /// Returns the plan as it is afterwards, which has nothing left to do.
    ///
    /// # Errors
    /// [`Class::MissingPermission`] where the caller is no Super Administrator; [`Class::State`] where something is in the
    /// way, or changed meanwhile; what a call can fail with.
    pub async fn apply(
        &self,
        wanted: &Wanted,
        approved: &Plan,
        password: Option<&SecretString>,
        record: &mut Record,
        on: Listener<'_>,
    ) -> Result<Plan, Problem> {
        let seen = self.look(wanted, record).await?;
        let now = plan(&seen, wanted, record);
        check(&now, approved, record)?;
        let mut tell = |record: &mut Record, event: Event| {
            record.note(&event);
            on(event);
        };
        let recorded = record.clone();
        let calls = Calls { seen: &seen, wanted, record: &recorded };
        let work = Work { client: &self.client, plan: &now };

        let mut ids = Vec::new();
        for (thing, there) in [(Thing::Role, &seen.role), (Thing::ResourceSet, &seen.set)] {
            let verdict = now.item(thing).map(|i| i.verdict);
            let id = match there {
                None => {
                    tell(record, Event::Writing { thing });
                    work.create(&calls.create_held(thing), thing).await?
                }
                Some(there) => {
                    if verdict == Some(Verdict::Change) {
                        tell(record, Event::Writing { thing });
                        for write in calls.change_held(thing, there) {
                            work.send(&write, thing).await?;
                        }
                    }
                    there.id.clone()
                }
            };
            if ours(there.as_ref()) {
                let made = Made { id: id.clone(), holds: calls.holds(thing) };
                if record.made(thing) != Some(&made) {
                    tell(record, Event::Made { thing, made });
                }
            }
            ids.push(id);
        }
        let (thing, there, write) = match &wanted.app_key {
            Some(_) => (Thing::App, seen.app.as_ref().map(|a| (&a.id, a.ours)), calls.create_app()),
            None => (Thing::User, seen.user.as_ref().map(|u| (&u.id, u.ours)), calls.create_user(password)),
        };
        let holder = match there {
            None => {
                tell(record, Event::Writing { thing });
                work.create(&write, thing).await?
            }
            Some((id, _)) => id.clone(),
        };
        if there.is_none_or(|(_, ours)| ours) && record.made(thing).is_none() {
            let made = Made { id: holder.clone(), holds: Vec::new() };
            tell(record, Event::Made { thing, made });
        }
        let (role, set) = (ids.first().cloned().unwrap_or_default(), ids.get(1).cloned().unwrap_or_default());
        let held_by = match &wanted.app_key {
            Some(_) => api::role_assignment::of_client(&holder).into_listing(),
            None => api::role_assignment::names_of_user(&holder).into_listing(),
        };
        let gives = [
            (Thing::StandardRole, calls.give_standard(&holder)),
            (Thing::CustomRole, calls.give_custom(&holder, &role, &set)),
        ];
        for (thing, write) in gives {
            let there = now.item(thing).and_then(|i| i.id.clone());
            let given = match there {
                // Left by a run that was cut off, or there before: only what was begun is ours.
                Some(id) => recorded.begun.contains(&thing).then_some(id),
                None => {
                    tell(record, Event::Writing { thing });
                    Some(work.give(&write, thing, &held_by).await?)
                }
            };
            if let Some(id) = given.filter(|id| record.made(thing).is_none_or(|m| m.id != *id)) {
                tell(record, Event::Made { thing, made: Made { id, holds: vec![holder.clone()] } });
            }
        }
        if wanted.app_key.is_some() && now.item(Thing::Scopes).is_some_and(|i| !i.calls.is_empty()) {
            tell(record, Event::Writing { thing: Thing::Scopes });
            for write in calls.change_scopes(&holder) {
                work.send(&write, Thing::Scopes).await?;
            }
            let scopes = wanted.model.scope_names().into_iter().map(str::to_string).collect();
            let made = Made { id: holder.clone(), holds: scopes };
            tell(record, Event::Made { thing: Thing::Scopes, made });
        }
        let after = self.plan(wanted, record).await?;
        if !after.is_done() {
            let open: Vec<&str> =
                after.items.iter().filter(|i| i.verdict != Verdict::Leave).map(|i| i.thing.title()).collect();
            return Err(Problem::new(
                Class::State,
                "Okta does not show what was made.",
                format!("Everything was sent, and read back this differs still: {}.", open.join(", ")),
                "Wait a minute and run it again; it goes on where it stopped.",
            ));
        }
        Ok(after)
    }
}

/// Whether what is there, or about to be, is this set-up's own.
fn ours(there: Option<&Held>) -> bool {
    there.is_none_or(|t| t.ours)
}

/// Refuses what must not be carried out.
fn check(now: &Plan, approved: &Plan, record: &Record) -> Result<(), Problem> {
    if !now.super_admin {
        return Err(Problem::new(
            Class::MissingPermission,
            "This token may not set the org up.",
            format!("{} is not a Super Administrator, and only they may make administrators.", now.caller),
            "Give a token of a Super Administrator. Create it for this alone; it is revoked at the end.",
        ));
    }
    if let Some(item) = now.in_the_way().next() {
        return Err(Problem::new(
            Class::State,
            format!("{} {} is in the way.", item.thing.title(), item.name),
            item.says.split_last().map_or_else(String::new, |(_, why)| why.join(" ")),
            item.says.last().cloned().unwrap_or_default(),
        ));
    }
    let verdicts =
        |plan: &Plan| plan.items.iter().map(|i| (i.thing, i.verdict, i.id.clone())).collect::<Vec<_>>();
    if verdicts(now) != verdicts(approved) {
        return Err(Problem::new(
            Class::State,
            "The org has changed since the plan was shown.",
            "What would be done now is not what was agreed to. Nothing was changed.",
            "Run it again, and look at the new plan.",
        ));
    }
    if record.mark.is_empty() {
        return Err(Problem::new(Class::Internal, "The set-up has no mark.", "It was not begun.", ""));
    }
    Ok(())
}

struct Work<'a> {
    client: &'a Client,
    plan: &'a Plan,
}

impl Work<'_> {
    /// Sends a call.
    async fn send(&self, write: &Write, thing: Thing) -> Result<Response, Problem> {
        self.client.write(write).await.map_err(|error| self.refused(error, thing))
    }

    /// Sends a call that makes something, and gives Okta's id of it.
    async fn create(&self, write: &Write, thing: Thing) -> Result<String, Problem> {
        let answer = self.send(write, thing).await?;
        id_of(&answer.body, write)
    }

    /// Gives the user or the app a role, and Okta's id of the assignment; one that is there already is as good [docs: 409 E0000090].
    async fn give(&self, write: &Write, thing: Thing, held_by: &Listing) -> Result<String, Problem> {
        match self.client.write(write).await {
            Ok(answer) => id_of(&answer.body, write),
            Err(Error::Api(e)) if e.status == 409 && e.code.as_deref() == Some("E0000090") => {
                let held = self.client.page(held_by, None).await.map_err(told)?.items;
                let wants = write.body.as_ref();
                let same = |a: &&serde_json::Value| {
                    ["/type", "/role", "/resource-set"]
                        .iter()
                        .all(|path| wants.map_or("".into(), |w| text(w, path)) == text(a, path))
                };
                let found = held.iter().find(same).map(|a| Assignment::read(a).id);
                found.ok_or_else(|| told(Error::Api(e)))
            }
            Err(error) => Err(self.refused(error, thing)),
        }
    }

    /// A refusal, with what it means here.
    fn refused(&self, error: Error, thing: Thing) -> Problem {
        let taken = error.api().is_some_and(|e| {
            e.code.as_deref() == Some("E0000001")
                && e.causes.iter().any(|c| c.contains("already an") || c.contains("already exists"))
        });
        if taken {
            let name = self.plan.item(thing).map_or("", |i| &i.name);
            return Problem::new(
                Class::State,
                format!("{} {name} is in the way.", thing.title()),
                format!("It was not there when the plan was made. Okta says: {error}."),
                "Run it again, and look at the new plan.",
            );
        }
        told(error)
    }
}

fn id_of(body: &serde_json::Value, write: &Write) -> Result<String, Problem> {
    let id = text(body, "/id");
    if id.is_empty() {
        let path = "$.id".to_owned();
        let detail = "expected the id of what was made".to_owned();
        return Err(Error::Decode { route: write.route.to_owned(), path, detail }.into());
    }
    Ok(id)
}
