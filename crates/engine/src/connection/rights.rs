//! What the roles of a credential's owner let it see. Partial sight is derived from roles, never from row counts.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_core::{CoverageState, Evidence};

use crate::dataset::{Dataset, Sight};
use crate::setup::READ_ONLY_ADMIN;

/// The roles of the credential's owner, as far as they could be read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OwnerRoles {
    /// Standard role types and `CUSTOM`, each once; `None` where the credential may not read them.
    pub types: Option<Vec<String>>,
    /// Labels, for people.
    pub labels: Vec<String>,
    /// Whether the owner may read the org's settings, as every administrator of the whole org may. Asked only where
    /// `types` is unknown.
    #[serde(default)]
    pub reads_org: Option<bool>,
    /// The scopes of the service app's access token; `None` for an API token, which has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// What tells which answers a credential gets: the types of its owner's roles, or where they can't be read whether the
/// org's settings can be; and its scopes.
pub(crate) type Rights = (Option<Vec<String>>, Option<bool>, Option<Vec<String>>);

/// Said of a data set where Okta does not document which right opens it.
pub(crate) const RIGHT_INFERRED: &str = "Which right opens it is inferred, not documented.";

/// Standard roles that see the whole directory (Okta, Standard administrator roles and permissions).
const ORG_WIDE: &[&str] = &["SUPER_ADMIN", "ORG_ADMIN", READ_ONLY_ADMIN];

impl OwnerRoles {
    /// From the answers to `/users/{id}/roles`.
    pub fn read(assignments: &[Value]) -> Self {
        let text = |v: &Value, path: &str| v.pointer(path).and_then(Value::as_str).map(str::to_string);
        let mut types: Vec<String> = assignments.iter().filter_map(|a| text(a, "/type")).collect();
        types.sort();
        types.dedup();
        let labels =
            assignments.iter().filter_map(|a| text(a, "/label").or_else(|| text(a, "/type"))).collect();
        Self { types: Some(types), labels, ..Self::default() }
    }

    /// What of this decides which answers the credential gets.
    pub(crate) fn rights(&self) -> Rights {
        let mut scopes = self.scopes.clone();
        scopes.iter_mut().for_each(|scopes| scopes.sort_unstable());
        (self.types.clone(), self.reads_org, scopes)
    }

    /// Whether it is for want of its scope that a data set can't be read: a service app needs it besides the role.
    pub fn lacks_scope(&self, dataset: &Dataset) -> bool {
        self.scopes.as_ref().is_some_and(|scopes| !super::subject::held(scopes, dataset.right.scope))
    }

    /// Whether the owner holds `role`; `None` where unknown.
    pub fn holds(&self, role: &str) -> Option<bool> {
        self.types.as_ref().map(|types| types.iter().any(|t| t == role))
    }

    /// The inferred facts that what is said of a data set rests on, whatever the answer was: the data set's own, and the
    /// right it takes. A super administrator's rights need no inference.
    pub fn assumed(&self, dataset: &Dataset) -> Vec<String> {
        let inferred = dataset.right.evidence == Evidence::Assumed && self.holds("SUPER_ADMIN") != Some(true);
        dataset
            .assumed
            .iter()
            .copied()
            .chain(inferred.then_some(RIGHT_INFERRED))
            .map(str::to_string)
            .collect()
    }

    /// The state of a data set that answered 200: complete, or narrowed by the owner's rights, with the reason;
    /// and the inferred facts that this rests on.
    pub fn sight(&self, dataset: &Dataset) -> (CoverageState, String, Vec<String>) {
        let mut assumed = self.assumed(dataset);
        let complete = (CoverageState::Complete, String::new());
        let (state, reason) = match (dataset.sight, &self.types) {
            (Sight::All, _) => complete,
            (Sight::Own, Some(types)) if types.iter().any(|t| t == "SUPER_ADMIN") => complete,
            (Sight::Own, _) => (
                CoverageState::PartialByRight,
                match dataset.right.permission {
                    Some(permission) => format!(
                        "Okta shows the credential's owner only its own {}. A custom role with {permission} on all users \
                         shows the rest.",
                        dataset.title
                    ),
                    None => format!("Okta shows the credential's owner only its own {}.", dataset.title),
                },
            ),
            (Sight::Administered, Some(types)) if types.iter().any(|t| ORG_WIDE.contains(&t.as_str())) => {
                complete
            }
            (Sight::Administered, Some(types)) => (
                CoverageState::PartialByRight,
                format!(
                    "The credential's owner holds {}; Okta shows such an administrator only what they administer. \
                     Read Only Administrator shows all of it.",
                    if types.is_empty() { "no standard role".to_string() } else { types.join(", ") }
                ),
            ),
            (Sight::Administered, None) if self.reads_org == Some(false) => {
                assumed.push(
                    "An owner who may not read the org's settings administers only parts of the org."
                        .to_string(),
                );
                let reason = "The credential's owner may read neither its own roles nor the org's settings, so it \
                              administers parts of the org at most, and Okta shows it only those. Read Only \
                              Administrator shows all of it.";
                (CoverageState::PartialByRight, reason.to_string())
            }
            (Sight::Administered, None) => {
                assumed.push(
                    "The owner's roles can't be read. As it may read the org's settings, it is taken to see the \
                     whole org."
                        .to_string(),
                );
                complete
            }
        };
        (state, reason, assumed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{dataset, datasets};
    use serde_json::json;

    #[test]
    fn sight_follows_roles_not_counts() {
        let users = dataset("user").expect("declared");
        let tokens = dataset("api_token").expect("declared");
        let zones = dataset("network_zone").expect("declared");
        let with =
            |types: &[&str]| OwnerRoles::read(&types.iter().map(|t| json!({"type": t})).collect::<Vec<_>>());
        let state = |roles: &OwnerRoles, d| roles.sight(d).0;
        assert_eq!(state(&with(&["READ_ONLY_ADMIN", "CUSTOM"]), users), CoverageState::Complete);
        assert_eq!(state(&with(&["READ_ONLY_ADMIN", "CUSTOM"]), tokens), CoverageState::PartialByRight);
        assert_eq!(state(&with(&["SUPER_ADMIN"]), tokens), CoverageState::Complete);
        assert_eq!(state(&with(&["USER_ADMIN"]), users), CoverageState::PartialByRight);
        assert_eq!(state(&with(&["USER_ADMIN"]), zones), CoverageState::Complete);
        let unknown = OwnerRoles::default();
        assert_eq!(state(&unknown, users), CoverageState::Complete);
        assert!(unknown.sight(zones).2.iter().any(|a| a == RIGHT_INFERRED));
        assert!(!with(&["SUPER_ADMIN"]).sight(zones).2.iter().any(|a| a == RIGHT_INFERRED));
        assert_eq!(unknown.sight(users).2.len(), 1, "and says that it assumes so");
        let parts = OwnerRoles { reads_org: Some(false), ..OwnerRoles::default() };
        assert_eq!(state(&parts, users), CoverageState::PartialByRight);
        assert_eq!(state(&parts, zones), CoverageState::Complete);
    }

    #[test]
    fn what_a_lesser_role_may_is_not_assumed_of_a_super_admin() {
        let (super_admin, reader) =
            (json!([{ "type": "SUPER_ADMIN" }]), json!([{ "type": "READ_ONLY_ADMIN" }]));
        let of = |roles: &Value| OwnerRoles::read(roles.as_array().expect("roles"));
        for d in datasets() {
            let assumed = of(&super_admin).assumed(d);
            let roles = assumed.iter().find(|a| a.contains("Administrator") || *a == RIGHT_INFERRED);
            assert_eq!(roles, None, "{}", d.name);
            let inferred = of(&reader).assumed(d).iter().any(|a| a == RIGHT_INFERRED);
            assert_eq!(inferred, d.right.evidence == Evidence::Assumed, "{}", d.name);
        }
    }
}
