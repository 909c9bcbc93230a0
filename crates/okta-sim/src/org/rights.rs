//! What an owner may do, taken apart: for tests that take one right after the other away and see what is left.

use super::Org;
use super::change::By;
use crate::auth;
use crate::error::Refusal;
use crate::generate::iam::{CustomRole, Holder, Iam, Resource, ResourceSet, Role, Target, standard_role};
use crate::generate::ids::IdKind;
use crate::generate::people::cast;
use crate::permissions::{Access, Data};

/// All of an org's administration at one moment.
#[derive(Debug, Clone)]
pub struct Administration(Iam);

/// One right of an owner, as it can be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OneRight {
    /// A standard role, by type.
    StandardRole(String),
    /// A custom role on its resource set, by the role's id.
    CustomRole(String),
    /// A permission of a custom role: the role's id, the permission.
    Permission(String, String),
    /// A resource of a custom role's resource set: the set's id, the resource's.
    Resource(String, String),
}

impl Org {
    /// The administration as it is now, to come back to.
    pub fn administration(&self) -> Administration {
        self.read(|view| Administration(view.state.iam.clone()))
    }

    /// Makes the administration what it was. The System Log says nothing of it.
    pub fn set_administration(&self, was: &Administration) -> Result<(), Refusal> {
        self.write(By::user(cast::SUPER_ADMIN), |change| {
            change.state.iam = was.0.clone();
            Ok(())
        })
    }

    /// What the table of rights says that a user may see of a data set, by the roles as they are now. `None`: there is no
    /// such user.
    pub fn may(&self, user_id: &str, data: Data) -> Option<Access> {
        self.read(|view| Some(auth::rights(view, Holder::User(view.find_user(user_id)?), data)))
    }

    /// Every single right that a user holds in person: roles, permissions of custom roles, resources of their sets.
    pub fn rights_of(&self, user_id: &str) -> Vec<OneRight> {
        self.read(|view| {
            let Some(user) = view.find_user(user_id) else { return Vec::new() };
            let (iam, ids) = (&view.state.iam, &view.base.ids);
            let mut rights = Vec::new();
            for assignment in iam.assignments.iter().filter(|a| a.holder == Holder::User(user)) {
                match assignment.role {
                    Role::Standard(kind) => rights.push(OneRight::StandardRole(kind.to_owned())),
                    Role::Custom { role, set } => {
                        let (role_id, set_id) =
                            (ids.encode(IdKind::CustomRole, role), ids.encode(IdKind::ResourceSet, set));
                        rights.push(OneRight::CustomRole(role_id.clone()));
                        for role in iam.roles.iter().filter(|r| r.n == role) {
                            let each = role.permissions.iter();
                            rights.extend(each.map(|p| OneRight::Permission(role_id.clone(), p.clone())));
                        }
                        for set in iam.sets.iter().filter(|s| s.n == set) {
                            let each = set.resources.iter().map(|r| ids.encode(IdKind::Resource, r.n));
                            rights.extend(each.map(|r| OneRight::Resource(set_id.clone(), r)));
                        }
                    }
                }
            }
            rights
        })
    }

    /// Takes one right from a user and leaves all others. The System Log says nothing of it.
    pub fn take_right(&self, user_id: &str, right: &OneRight) -> Result<(), Refusal> {
        self.write(By::user(cast::SUPER_ADMIN), |change| {
            let user = change.view().find_user(user_id).ok_or_else(|| Refusal::not_found(user_id, "User"))?;
            let (iam, ids) = (&mut change.state.iam, &change.base.ids);
            match right {
                OneRight::StandardRole(kind) => iam.assignments.retain(|a| {
                    a.holder != Holder::User(user) || !matches!(a.role, Role::Standard(k) if k == kind)
                }),
                OneRight::CustomRole(id) => {
                    let n = ids.decode(IdKind::CustomRole, id);
                    iam.assignments.retain(|a| {
                        a.holder != Holder::User(user)
                            || !matches!(a.role, Role::Custom { role, .. } if Some(role) == n)
                    });
                }
                OneRight::Permission(id, permission) => {
                    let n = ids.decode(IdKind::CustomRole, id);
                    let roles = iam.roles.iter_mut().filter(|r| Some(r.n) == n);
                    roles.for_each(|role| role.permissions.retain(|p| p != permission));
                }
                OneRight::Resource(set, id) => {
                    let (set, n) = (ids.decode(IdKind::ResourceSet, set), ids.decode(IdKind::Resource, id));
                    let sets = iam.sets.iter_mut().filter(|s| Some(s.n) == set);
                    sets.for_each(|set| set.resources.retain(|resource| Some(resource.n) != n));
                }
            }
            Ok(())
        })
    }

    /// Gives a user, in place of every role held in person, one custom role with these permissions on all there is.
    pub fn only_custom(&self, user_id: &str, permissions: &[&str]) -> Result<(), Refusal> {
        const ALL: [Target; 6] =
            [Target::Users, Target::Groups, Target::Apps, Target::AuthServers, Target::Policies, Target::Iam];
        self.write(By::user(cast::SUPER_ADMIN), |change| {
            let user = change.view().find_user(user_id).ok_or_else(|| Refusal::not_found(user_id, "User"))?;
            let (iam, created) = (&mut change.state.iam, change.now);
            iam.assignments.retain(|a| a.holder != Holder::User(user));
            iam.next += 1;
            let n = iam.next;
            let (label, description) = (format!("Custom {n}"), String::from("Made for one user"));
            let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
            iam.roles.push(CustomRole {
                n,
                label: label.clone(),
                description: description.clone(),
                permissions,
                created,
                updated: created,
            });
            let resources = (n * 100..).zip(ALL).map(|(n, target)| Resource { n, target, created }).collect();
            iam.sets.push(ResourceSet { n, label, description, resources, created, updated: created });
            iam.grant(Holder::User(user), Role::Custom { role: n, set: n }, Vec::new(), created);
            Ok(())
        })
    }

    /// Gives a user, in place of every role held in person, one standard role on all there is, by its type.
    pub fn only_standard(&self, user_id: &str, kind: &str) -> Result<(), Refusal> {
        let (kind, _) = standard_role(kind).ok_or_else(|| Refusal::not_found(kind, "Role"))?;
        self.write(By::user(cast::SUPER_ADMIN), |change| {
            let user = change.view().find_user(user_id).ok_or_else(|| Refusal::not_found(user_id, "User"))?;
            let (iam, created) = (&mut change.state.iam, change.now);
            iam.assignments.retain(|a| a.holder != Holder::User(user));
            iam.grant(Holder::User(user), Role::Standard(kind), Vec::new(), created);
            Ok(())
        })
    }
}
