//! The guide to connecting Okta: five steps, each with its clicks, its reason, and whether verification saw it done.

use transom_core::CoverageState;
use transom_engine::Class;
use transom_engine::connection::{Probe, Verification};
use transom_engine::setup::{Model, Names, READ_ONLY_ADMIN, Row, Step, app_steps, steps};

use crate::job::{Found, Phase};

/// Whether a step was seen done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nobody has looked.
    NotYet,
    /// It is done.
    Done,
    /// It was looked for, and is not there.
    Missing,
}

impl Seen {
    /// The class of its mark.
    pub fn class(self) -> &'static str {
        match self {
            Self::NotYet => "",
            Self::Done => "done",
            Self::Missing => "open",
        }
    }

    /// The words beside it.
    pub fn says(self) -> &'static str {
        match self {
            Self::NotYet => "",
            Self::Done => "Seen done",
            Self::Missing => "Not seen",
        }
    }
}

/// The way to a credential of one kind: four steps, as the guide of the command line has them, and the fifth here.
#[derive(Debug)]
pub(crate) struct Way {
    /// The class by which it is shown where that kind is chosen.
    pub class: &'static str,
    steps: [Step; 4],
    seen: [Seen; 4],
    /// What is known of the fifth.
    pub verify: Seen,
}

impl Way {
    fn unseen(class: &'static str, steps: [Step; 4]) -> Self {
        Self { class, steps, seen: [Seen::NotYet; 4], verify: Seen::NotYet }
    }

    /// The steps in Okta, each with whether it was seen done.
    pub fn clicks(&self) -> impl Iterator<Item = (&Step, Seen)> {
        self.steps.iter().zip(self.seen)
    }
}

/// The guide, and what its steps are known to be.
#[derive(Debug)]
pub(crate) struct Guide {
    /// The way to a token.
    pub token: Way,
    /// The way to a service app.
    pub app: Way,
    /// Whether it ends in taking the place of a credential that is there.
    pub rotates: bool,
    /// What the permissions are for.
    pub permissions: Vec<Row>,
}

impl Guide {
    /// The guide before anything was verified.
    pub fn unseen() -> Self {
        let (model, names) = (Model::read(), Names::example());
        Self {
            token: Way::unseen("by-token", steps(&model, &names)),
            app: Way::unseen("by-app", app_steps(&model, &names)),
            rotates: false,
            permissions: model.rows(),
        }
    }

    /// Both ways.
    pub fn ways(&self) -> [&Way; 2] {
        [&self.token, &self.app]
    }

    /// The guide with what a verification has seen, of a token or of a service app.
    pub fn of(found: &Found, phase: &Phase, by_app: bool) -> Self {
        let mut guide = Self::unseen();
        let seen = if by_app { app_seen(found, phase) } else { token_seen(found, phase) };
        let way = if by_app { &mut guide.app } else { &mut guide.token };
        way.seen = seen;
        way.verify = match phase {
            Phase::Running => Seen::NotYet,
            Phase::Failed(_) => Seen::Missing,
            Phase::Verified(_) => Seen::Done,
        };
        guide
    }
}

/// What was seen of role, resource set, user and token.
fn token_seen(found: &Found, phase: &Phase) -> [Seen; 4] {
    let token = accepted(found, phase);
    let Phase::Verified(v) = phase else { return [Seen::NotYet, Seen::NotYet, Seen::NotYet, token] };
    let [role, resources] = rights(v);
    [role, resources, seen(both_roles(v)), token]
}

/// What was seen of role, resource set, app with its key, and its scopes and roles.
fn app_seen(found: &Found, phase: &Phase) -> [Seen; 4] {
    let app = accepted(found, phase);
    match phase {
        Phase::Verified(v) => {
            let [role, resources] = rights(v);
            let scopes = v.app.as_ref().is_some_and(|app| app.missing.is_empty());
            [role, resources, app, seen(scopes && both_roles(v))]
        }
        // The key was taken, and what the app was given is not enough to see anything.
        Phase::Failed(p) if p.class == Class::NoRoles => {
            [Seen::NotYet, Seen::NotYet, Seen::Done, Seen::Missing]
        }
        _ => [Seen::NotYet, Seen::NotYet, app, Seen::NotYet],
    }
}

/// Whether Okta took the credential.
fn accepted(found: &Found, phase: &Phase) -> Seen {
    match phase {
        _ if found.accepted.is_some() => Seen::Done,
        Phase::Failed(_) if found.org.is_some() => Seen::Missing,
        _ => Seen::NotYet,
    }
}

/// Whether role and resource set were seen done: a super admin can read all of it without a single step.
fn rights(v: &Verification) -> [Seen; 2] {
    let custom = v.roles.holds("CUSTOM") == Some(true);
    let readable = |names: [&str; 2]| {
        let fine = |p: &&Probe| names.contains(&p.dataset.as_str()) && p.state == CoverageState::Complete;
        seen(custom && v.probes.iter().filter(fine).count() == names.len())
    };
    [readable(["role", "admin_user"]), readable(["resource_set", "authorization_server"])]
}

fn both_roles(v: &Verification) -> bool {
    v.roles.holds("CUSTOM") == Some(true) && v.roles.holds(READ_ONLY_ADMIN) == Some(true)
}

fn seen(done: bool) -> Seen {
    if done { Seen::Done } else { Seen::Missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_right_of_the_set_up_says_what_it_is_for() {
        let rights = Guide::unseen().permissions;
        let names: Vec<&str> = rights.iter().map(|p| p.name.as_str()).collect();
        let (custom, standard) = names.split_at(2);
        assert_eq!(custom, ["View authorization server", "View roles, resources, and admin assignments"]);
        assert!(standard.contains(&"Read Only Administrator · Users"), "{standard:?}");
        assert!(standard.iter().all(|name| name.starts_with("Read Only Administrator · ")), "{standard:?}");
        assert!(rights.iter().all(|p| !p.used_for.is_empty() && !p.without.is_empty()));
    }
}
