//! What becomes of each thing, and the calls that make it so.

use okta_client::{Write, api};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::look::{Held, Seen};
use super::names::description;
use super::plan::{Item, Verdict, Wanted};
use super::record::{Record, Thing};

/// The calls that are to be made, with what is known so far.
pub(crate) struct Calls<'a> {
    pub seen: &'a Seen,
    pub wanted: &'a Wanted,
    pub record: &'a Record,
}

/// Stands for an id that Okta has yet to give.
const NEW_ROLE: &str = "NEW_ROLE";
const NEW_SET: &str = "NEW_RESOURCE_SET";
const NEW_USER: &str = "NEW_USER";
pub(super) const NEW_APP: &str = "NEW_APP";

impl Calls<'_> {
    /// What the role or the set is to hold.
    pub fn holds(&self, thing: Thing) -> Vec<String> {
        match thing {
            Thing::Role => self.wanted.model.permission_names().into_iter().map(str::to_string).collect(),
            _ => self.wanted.model.orns(&self.seen.partition, &self.seen.org_id),
        }
    }

    fn name(&self, thing: Thing) -> &str {
        let names = &self.wanted.names;
        match thing {
            Thing::Role => &names.role,
            Thing::ResourceSet => &names.set,
            Thing::User => &names.login,
            Thing::App | Thing::Scopes => &names.app,
            Thing::StandardRole => self.wanted.model.roles.first().map_or("", |g| g.console),
            Thing::CustomRole => &names.role,
        }
    }

    pub(super) fn item(&self, thing: Thing, verdict: Verdict, id: Option<&str>) -> Item {
        let name = self.name(thing).to_string();
        Item { thing, name, verdict, id: id.map(str::to_string), says: Vec::new(), calls: Vec::new() }
    }

    /// The call that makes the role or the set.
    pub fn create_held(&self, thing: Thing) -> Write {
        let (label, text, holds) = (self.name(thing), description(&self.record.mark), self.holds(thing));
        match thing {
            Thing::Role => {
                let permissions: Vec<&str> = holds.iter().map(String::as_str).collect();
                api::role::create(label, &text, &permissions)
            }
            _ => api::resource_set::create(label, &text, &holds),
        }
    }

    /// The calls that change what the role or the set holds.
    pub fn change_held(&self, thing: Thing, there: &Held) -> Vec<Write> {
        let wanted = self.holds(thing);
        let has = |name: &String| there.holds.iter().any(|(held, _)| held == name);
        let lacks: Vec<String> = wanted.iter().filter(|name| !has(name)).cloned().collect();
        let surplus = there.holds.iter().filter(|(name, _)| !wanted.contains(name));
        match thing {
            Thing::Role => {
                let more = lacks.iter().map(|p| api::role::permit(&there.id, p));
                more.chain(surplus.map(|(p, _)| api::role::forbid(&there.id, p))).collect()
            }
            _ => {
                let more = (!lacks.is_empty()).then(|| api::resource_set::add(&there.id, &lacks));
                let less = surplus.map(|(_, id)| api::resource_set::take_out(&there.id, id));
                more.into_iter().chain(less).collect()
            }
        }
    }

    /// The role or the set: as it should be, ours to change, or in the way.
    pub fn held(&self, thing: Thing, there: Option<&Held>) -> Item {
        let wanted = self.holds(thing);
        let Some(there) = there else {
            let mut item = self.item(thing, Verdict::Create, None);
            item.says.push(format!("With {}.", wanted.join(", ")));
            item.calls.push(self.create_held(thing).shown());
            return item;
        };
        let has: Vec<&String> = there.holds.iter().map(|(name, _)| name).collect();
        let lacks: Vec<&str> = wanted.iter().filter(|w| !has.contains(w)).map(String::as_str).collect();
        let surplus: Vec<&str> = has.iter().filter(|h| !wanted.contains(h)).map(|h| h.as_str()).collect();
        let mut item = self.item(thing, Verdict::Leave, Some(&there.id));
        item.name.clone_from(&there.label);
        if lacks.is_empty() && surplus.is_empty() {
            if !there.ours {
                item.says.push("It was there before, and teardown will leave it.".to_string());
            }
            return item;
        }
        let differs = [("lacks", &lacks), ("holds besides", &surplus)]
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(verb, names)| format!("{verb} {}", names.join(", ")))
            .collect::<Vec<_>>()
            .join(", and ");
        if !there.ours {
            item.verdict = Verdict::InTheWay;
            item.says.push(format!("This set-up did not make it, and it {differs}."));
            item.says.push(match thing {
                Thing::Role => "Rename it in Okta, or give yours another name (--role NAME).".to_string(),
                _ => "Rename it in Okta, or give yours another name (--resource-set NAME).".to_string(),
            });
            return item;
        }
        // What was written last and what is wanted now may differ; what is neither was done by somebody else.
        let wrote = self.record.made(thing).map(|made| &made.holds);
        let foreign: Vec<&str> = wrote.map_or_else(Vec::new, |wrote| {
            let added = surplus.iter().filter(|name| !wrote.iter().any(|w| w == *name));
            let taken = lacks.iter().filter(|name| wrote.iter().any(|w| w == *name));
            added.chain(taken).copied().collect()
        });
        if foreign.is_empty() {
            item.verdict = Verdict::Change;
            item.says.push(format!("It {differs}."));
            item.calls = self.change_held(thing, there).iter().map(Write::shown).collect();
        } else {
            item.verdict = Verdict::InTheWay;
            item.says.push(format!("Somebody changed it since set-up made it: it {differs}."));
            item.says.push(format!("Undo that in Okta ({}), then run this again.", foreign.join(", ")));
        }
        item
    }

    /// The call that makes the user.
    pub fn create_user(&self, password: Option<&SecretString>) -> Write {
        api::user::create(self.profile(), password)
    }

    fn profile(&self) -> Value {
        let names = &self.wanted.names;
        json!({
            "firstName": "Transom", "lastName": "Service", "login": names.login, "email": names.email,
            "title": description(&self.record.mark),
        })
    }

    pub fn user(&self) -> Item {
        let Some(there) = &self.seen.user else {
            let mut item = self.item(Thing::User, Verdict::Create, None);
            item.says.push(if self.wanted.password {
                "With a password that is shown once.".to_string()
            } else {
                format!("Okta sends an activation e-mail to {}.", self.wanted.names.email)
            });
            item.calls.push(self.create_user(None).shown());
            return item;
        };
        let mut item = self.item(Thing::User, Verdict::Leave, Some(&there.id));
        item.name.clone_from(&there.login);
        let mut stop = |why: String, todo: &str| {
            item.verdict = Verdict::InTheWay;
            item.says.extend([why, todo.to_string()]);
        };
        if !there.ours && !self.wanted.adopt_user {
            // Whoever could make accounts could have made this one beforehand, and would become an administrator.
            stop(
                "A user with this login was there before.".to_string(),
                "If it is meant for Transom, choose to use a user with that login that is there already (--adopt-user). \
                 Otherwise choose another login (--login LOGIN).",
            );
        } else if matches!(there.status.as_str(), "DEPROVISIONED" | "SUSPENDED" | "LOCKED_OUT") {
            stop(
                format!("It is {}, so nobody can sign in as it.", there.status),
                "Bring it back in Okta under Directory > People, or delete it there and run this again.",
            );
        }
        let excess = self.excess();
        if !excess.is_empty() {
            item.verdict = Verdict::InTheWay;
            item.says.push(format!("It holds more than it needs: {}.", excess.join(", ")));
            item.says
                .push("Take that from it under Security > Administrators, then run this again.".to_string());
        } else if !there.ours && item.verdict == Verdict::Leave {
            item.says.push("It was there before, and teardown will leave it.".to_string());
        }
        item
    }

    /// What the user or the app holds beyond what is wanted, in words.
    pub(super) fn excess(&self) -> Vec<String> {
        let role = self.seen.role.as_ref().map(|r| r.id.as_str());
        let wanted = |kind: &str| self.wanted.model.roles.iter().any(|g| g.name == kind);
        self.seen
            .assignments
            .iter()
            .filter(|a| match &a.custom {
                Some((held, set)) => {
                    Some(held.as_str()) != role
                        || Some(set.as_str()) != self.seen.set.as_ref().map(|s| s.id.as_str())
                }
                None => !wanted(&a.kind),
            })
            .map(|a| if a.inherited { format!("{} through a group", a.label) } else { a.label.clone() })
            .collect()
    }

    /// The call that gives the user or the app its standard role.
    pub fn give_standard(&self, holder: &str) -> Write {
        let kind = self.wanted.model.roles.first().map_or("", |g| g.name);
        match self.wanted.app_key {
            Some(_) => api::role_assignment::give_client(holder, kind),
            None => api::role_assignment::give(holder, kind, self.wanted.quiet),
        }
    }

    /// The id of the user or the app, or what stands for it.
    fn holder(&self) -> &str {
        match (&self.seen.user, &self.seen.app, &self.wanted.app_key) {
            (Some(user), ..) => &user.id,
            (None, Some(app), _) => &app.id,
            (None, None, Some(_)) => NEW_APP,
            (None, None, None) => NEW_USER,
        }
    }

    pub fn standard_role(&self) -> Item {
        let kind = self.wanted.model.roles.first().map_or("", |g| g.name);
        let there = self.seen.assignments.iter().find(|a| a.kind == kind);
        let mut item = self.item(Thing::StandardRole, Verdict::Leave, there.map(|a| a.id.as_str()));
        if there.is_none() {
            item.verdict = Verdict::Create;
            item.calls.push(self.give_standard(self.holder()).shown());
        }
        item
    }

    /// The call that gives the user or the app the custom role.
    pub fn give_custom(&self, holder: &str, role: &str, set: &str) -> Write {
        match self.wanted.app_key {
            Some(_) => api::role_assignment::give_client_custom(holder, role, set),
            None => api::role_assignment::give_custom(holder, role, set, self.wanted.quiet),
        }
    }

    pub fn custom_role(&self) -> Item {
        let role = self.seen.role.as_ref().map_or(NEW_ROLE, |r| &r.id);
        let set = self.seen.set.as_ref().map_or(NEW_SET, |s| &s.id);
        let pair = (role.to_string(), set.to_string());
        let there = self.seen.assignments.iter().find(|a| a.custom.as_ref() == Some(&pair));
        let mut item = self.item(Thing::CustomRole, Verdict::Leave, there.map(|a| a.id.as_str()));
        item.name = format!("{} on {}", self.name(Thing::Role), self.name(Thing::ResourceSet));
        if there.is_none() {
            item.verdict = Verdict::Create;
            item.calls.push(self.give_custom(self.holder(), role, set).shown());
        }
        item
    }
}
