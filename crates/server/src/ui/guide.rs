//! The guide to connecting Okta: five steps, each with its clicks, its reason, and whether verification saw it done.

use std::collections::BTreeMap;

use transom_core::CoverageState;
use transom_engine::area::Area;
use transom_engine::connection::Probe;
use transom_engine::entity::datasets;

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
    /// What the permissions are for.
    pub permissions: Vec<Permission>,
}

/// A right that the set-up brings, and what it is for.
#[derive(Debug)]
pub(crate) struct Permission {
    pub name: String,
    pub used_for: Vec<&'static str>,
    pub without: Vec<&'static str>,
}

impl Guide {
    /// The guide before anything was verified.
    pub fn unseen() -> Self {
        let seen = Seen::NotYet;
        Self {
            role: seen,
            resources: seen,
            user: seen,
            token: seen,
            verify: seen,
            permissions: permissions(),
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
                guide.user = seen(custom && v.roles.holds("READ_ONLY_ADMIN") == Some(true));
                guide.verify = Seen::Done;
            }
        }
        guide
    }
}

fn seen(done: bool) -> Seen {
    if done { Seen::Done } else { Seen::Missing }
}

/// The rights of the set-up, from the declarations of the data sets: those of the custom role first, then what Read Only
/// Administrator brings, by area: it opens so much that nobody would read it in one go.
fn permissions() -> Vec<Permission> {
    let mut by_name: BTreeMap<(Option<Area>, String), Permission> = BTreeMap::new();
    for d in datasets().filter(|d| d.in_setup() && d.opt_in.is_none()) {
        let custom = matches!(d.right.permission, Some("okta.iam.read" | "okta.authzServers.read"));
        let area = (!custom).then(|| d.right.area());
        let name = match area {
            Some(area) => format!("Read Only Administrator · {}", area.title()),
            None => d.right.console.to_string(),
        };
        let row = by_name.entry((area, name.clone())).or_insert_with(|| Permission {
            name,
            used_for: Vec::new(),
            without: Vec::new(),
        });
        for (list, text) in [(&mut row.used_for, d.used_for), (&mut row.without, d.without)] {
            if !list.contains(&text) && !text.is_empty() {
                list.push(text);
            }
        }
    }
    by_name.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_right_of_the_set_up_says_what_it_is_for() {
        let rights = permissions();
        let names: Vec<&str> = rights.iter().map(|p| p.name.as_str()).collect();
        let (custom, standard) = names.split_at(2);
        assert_eq!(custom, ["View authorization server", "View roles, resources, and admin assignments"]);
        assert!(standard.contains(&"Read Only Administrator · Users"), "{standard:?}");
        assert!(standard.iter().all(|name| name.starts_with("Read Only Administrator · ")), "{standard:?}");
        assert!(rights.iter().all(|p| !p.used_for.is_empty() && !p.without.is_empty()));
    }
}
