//! What the profile *Read* leaves out, and what it would take to read that too.

use serde::Serialize;

use super::model::{Reason, brings, reads, resources_of};
use crate::dataset::{Dataset, Over, Sight};
use crate::entity::datasets;
use crate::{Class, Problem};

/// A data set that a further right makes readable, or readable whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// The data set, and what it is for.
    #[serde(flatten)]
    pub reason: Reason,
    /// The right, as people read it.
    pub right: &'static str,
    /// The permission of a custom role that opens it, where one does that can change nothing.
    pub permission: Option<&'static str>,
    /// Why it can't be chosen; nothing where it can.
    pub but: &'static str,
}

pub(super) fn no_feature(name: &str) -> Problem {
    let known: Vec<&str> =
        features().iter().filter(|f| f.permission.is_some()).map(|f| f.reason.dataset).collect();
    let why = format!("What can be chosen beyond the profile Read: {}.", known.join(", "));
    Problem::new(Class::Name, format!("{name} can't be chosen."), why, "Give one of these, or leave it out.")
}

/// What the profile *Read* leaves out, and the right it takes. What takes a right that can change the org is named and
/// not offered: this credential only reads.
pub fn features() -> Vec<Feature> {
    let beyond = |d: &&Dataset| {
        let own = d.sight == Sight::Own && d.right.permission.is_some();
        let inherits = matches!(d.over, Over::Each(_)) && brings(&d.right);
        (!d.in_setup() || own) && !inherits
    };
    datasets()
        .filter(beyond)
        .map(|d| {
            let permission = d.right.permission.filter(|p| reads(p) && !resources_of(p).is_empty());
            let (right, but) = match (d.right.permission, permission) {
                (_, Some(name)) => (name, ""),
                (Some(name), None) => {
                    (name, "That permission can change things, and this credential only reads.")
                }
                (None, None) => {
                    (d.right.console, "That role can change things, and this credential only reads.")
                }
            };
            Feature { reason: Reason::from(d), right, permission, but }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::{Grant, Model, Profile, Resource};
    use super::*;

    fn names(grants: &[Grant]) -> Vec<&str> {
        grants.iter().map(|g| g.name).collect()
    }

    #[test]
    fn what_can_change_the_org_is_named_and_not_offered() {
        let features = features();
        let offered: Vec<&str> =
            features.iter().filter(|f| f.permission.is_some()).map(|f| f.reason.dataset).collect();
        assert_eq!(offered, ["api_token"]);
        for feature in &features {
            assert_eq!(feature.permission.is_none(), !feature.but.is_empty(), "{feature:?}");
        }
        let model = Model::with(&["api_token".to_string()]).expect("can be chosen");
        assert_eq!(model.profile, Profile::Deeper);
        assert_eq!(
            names(&model.permissions),
            ["okta.authzServers.read", "okta.iam.read", "okta.users.apitokens.read"]
        );
        assert!(model.resources.iter().any(|m| m.resource == Resource::Users));
        assert!(model.permissions.iter().all(|g| !resources_of(g.name).is_empty()));
        for wrong in ["support_access", "user_schema", "nothing"] {
            let problem = Model::with(&[wrong.to_string()]).expect_err("refused");
            assert_eq!(problem.class, Class::Name, "{wrong}");
        }
    }
}
