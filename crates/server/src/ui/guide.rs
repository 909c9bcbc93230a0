//! The guide to connecting Okta: five steps, each with its clicks, its reason, and whether verification saw it done.

use transom_core::CoverageState;
use transom_engine::connection::Probe;
use transom_engine::setup::{Model, Names, READ_ONLY_ADMIN, Row, Step, steps};

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

/// What each of the five steps is known to be.
#[derive(Debug)]
pub(crate) struct Guide {
    pub role: Seen,
    pub resources: Seen,
    pub user: Seen,
    pub token: Seen,
    pub verify: Seen,
    /// The clicks of the first four, as the guide of the command line has them.
    pub steps: Vec<Step>,
    /// What the permissions are for.
    pub permissions: Vec<Row>,
}

impl Guide {
    /// The steps that lead to a token, each with whether it was seen done.
    pub fn clicks(&self) -> impl Iterator<Item = (&Step, Seen)> {
        self.steps.iter().zip([self.role, self.resources, self.user, self.token])
    }

    /// The guide before anything was verified.
    pub fn unseen() -> Self {
        let (seen, model) = (Seen::NotYet, Model::read());
        Self {
            role: seen,
            resources: seen,
            user: seen,
            token: seen,
            verify: seen,
            steps: steps(&model, &Names::example()).into(),
            permissions: model.rows(),
        }
    }

    /// The guide with what a verification has seen.
    pub fn of(found: &Found, phase: &Phase) -> Self {
        let mut guide = Self::unseen();
        if found.accepted.is_some() {
            guide.token = Seen::Done;
        }
        match phase {
            Phase::Running => {}
            Phase::Failed(_) => {
                guide.verify = Seen::Missing;
                if found.org.is_some() && found.accepted.is_none() {
                    guide.token = Seen::Missing;
                }
            }
            Phase::Verified(v) => {
                let readable = |names: &[&str]| {
                    let fine = |p: &&Probe| {
                        names.contains(&p.dataset.as_str()) && p.state == CoverageState::Complete
                    };
                    seen(v.probes.iter().filter(fine).count() == names.len())
                };
                // A super admin can read all of it without a single step done.
                let custom = v.roles.holds("CUSTOM") == Some(true);
                let by_the_guide = |done: Seen| if custom { done } else { Seen::Missing };
                guide.role = by_the_guide(readable(&["role", "admin_user"]));
                guide.resources = by_the_guide(readable(&["resource_set", "authorization_server"]));
                guide.user = seen(custom && v.roles.holds(READ_ONLY_ADMIN) == Some(true));
                guide.verify = Seen::Done;
            }
        }
        guide
    }
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
