//! Custom roles, resource sets and their bindings.

use super::{Change, Done};
use crate::error::Refusal;
use crate::generate::iam::{CustomRole, Holder, Resource, ResourceSet, Role, Target};
use crate::generate::ids::IdKind;
use crate::log::LogTarget;

/// The most resources of a set [spec].
const MOST_RESOURCES: usize = 1_000;
/// Where the numbers of resources begin that came later.
const LATER_RESOURCES: u64 = 1_000_000;

/// What a resource set is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// What the simulator decides by.
    Target(Target),
    /// What it only keeps the name of.
    Named(String),
}

fn blank(field: &str, text: &str) -> Done {
    if text.trim().is_empty() {
        // [rec] for the label of a resource set; [inf] for the rest.
        let name = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
        return Err(Refusal::validation(field, format!("{field}: {name} must be specified")));
    }
    Ok(())
}

fn permission(name: &str) -> Done {
    let fits = name.starts_with("okta.")
        && name.split('.').count() >= 3
        && name.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if fits {
        return Ok(());
    }
    Err(Refusal::validation("permissions", format!("permissions: Invalid permission: {name}")))
}

impl Change<'_> {
    fn role_target(&self, n: u64) -> LogTarget {
        let label =
            self.state.iam.roles.iter().find(|r| r.n == n).map_or_else(String::new, |r| r.label.clone());
        let id = self.base.ids.encode(IdKind::CustomRole, n);
        LogTarget { id, kind: "CUSTOM_ROLE", alternate: label.clone(), display: label }
    }

    fn set_target(&self, n: u64) -> LogTarget {
        let label =
            self.state.iam.sets.iter().find(|s| s.n == n).map_or_else(String::new, |s| s.label.clone());
        let id = self.base.ids.encode(IdKind::ResourceSet, n);
        LogTarget { id, kind: "RESOURCE_SET", alternate: label.clone(), display: label }
    }

    fn role_mut(&mut self, n: u64) -> Result<&mut CustomRole, Refusal> {
        let id = || self.base.ids.encode(IdKind::CustomRole, n);
        self.state
            .iam
            .roles
            .iter_mut()
            .find(|r| r.n == n)
            .ok_or_else(|| Refusal::not_found(&id(), "CustomRole"))
    }

    fn set_mut(&mut self, n: u64) -> Result<&mut ResourceSet, Refusal> {
        let id = || self.base.ids.encode(IdKind::ResourceSet, n);
        self.state
            .iam
            .sets
            .iter_mut()
            .find(|s| s.n == n)
            .ok_or_else(|| Refusal::not_found(&id(), "IAMPolicy"))
    }

    fn next_iam(&mut self) -> u64 {
        self.state.iam.next += 1;
        self.state.iam.next
    }

    fn role_label(&self, label: &str, own: Option<u64>) -> Done {
        if self.state.iam.roles.iter().any(|r| Some(r.n) != own && r.label == label) {
            // [rec]
            return Err(Refusal::validation(
                "label",
                "label: There is already an admin role with this name.",
            ));
        }
        Ok(())
    }

    fn set_label(&self, label: &str, own: Option<u64>) -> Done {
        if self.state.iam.sets.iter().any(|s| Some(s.n) != own && s.label == label) {
            // [inf] as other objects say it; no such answer is recorded.
            let cause = "label: An object with this field already exists in the current organization";
            return Err(Refusal::validation("label", cause));
        }
        Ok(())
    }

    /// Creates a custom role and returns its number; 400 for a label that is taken [rec], blank, or without permissions
    /// [spec: all three are required].
    pub fn create_role(
        &mut self,
        label: &str,
        description: &str,
        permissions: Vec<String>,
    ) -> Result<u64, Refusal> {
        blank("label", label)?;
        self.role_label(label, None)?;
        blank("description", description)?;
        if permissions.is_empty() {
            blank("permissions", "")?;
        }
        permissions.iter().try_for_each(|p| permission(p))?;
        let (n, created) = (self.next_iam(), self.now);
        let mut once: Vec<String> = Vec::new();
        for name in permissions {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        self.state.iam.roles.push(CustomRole {
            n,
            label: label.to_owned(),
            description: description.to_owned(),
            permissions: once,
            created,
            updated: created,
        });
        let target = vec![self.role_target(n)];
        self.log("iam.role.create", "Admin role is created", target);
        Ok(n)
    }

    /// Changes a custom role's label and description.
    pub fn update_role(&mut self, n: u64, label: &str, description: &str) -> Done {
        blank("label", label)?;
        self.role_label(label, Some(n))?;
        blank("description", description)?;
        let now = self.now;
        let role = self.role_mut(n)?;
        (role.label, role.description, role.updated) = (label.to_owned(), description.to_owned(), now);
        let target = vec![self.role_target(n)];
        self.log("iam.role.update", "Admin role is updated", target);
        Ok(())
    }

    /// Adds a permission to a custom role, or takes one away. To add what it has changes nothing; to take what it has
    /// not is 404 [inf].
    pub fn set_permission(&mut self, n: u64, name: &str, has: bool) -> Done {
        permission(name)?;
        let now = self.now;
        let role = self.role_mut(n)?;
        let place = role.permissions.iter().position(|p| p == name);
        match (place, has) {
            (Some(_), true) => return Ok(()),
            (None, false) => return Err(Refusal::not_found(name, "Permission")),
            (None, true) => role.permissions.push(name.to_owned()),
            (Some(at), false) => {
                role.permissions.remove(at);
            }
        }
        role.updated = now;
        let target = vec![self.role_target(n)];
        if has {
            self.log("iam.role.permissions.add", "Permissions are added to an admin role", target);
        } else {
            self.log("iam.role.permissions.delete", "Permissions are deleted from an admin role", target);
        }
        Ok(())
    }

    /// Deletes a custom role that nobody holds. What Okta does with one that is held is not documented; the simulator
    /// refuses [inf: the cautious side], so that who deletes must have taken the assignments first.
    pub fn delete_role(&mut self, n: u64) -> Done {
        self.role_mut(n)?;
        if self.state.iam.assignments.iter().any(|a| matches!(a.role, Role::Custom { role, .. } if role == n))
        {
            return Err(Refusal::validation("role", "role: The role is assigned to administrators."));
        }
        let target = vec![self.role_target(n)];
        self.state.iam.roles.retain(|r| r.n != n);
        self.log("iam.role.delete", "Admin role is deleted", target);
        Ok(())
    }

    fn resources(&mut self, wanted: Vec<Wanted>, already: usize) -> Result<Vec<Resource>, Refusal> {
        if already + wanted.len() > MOST_RESOURCES {
            let cause = format!("resources: A resource set can have at most {MOST_RESOURCES} resources");
            return Err(Refusal::validation("resources", cause));
        }
        let mut resources = Vec::with_capacity(wanted.len());
        for one in wanted {
            let target = match one {
                Wanted::Target(target) => target,
                Wanted::Named(name) => {
                    let named = &mut self.state.iam.named;
                    let at = named.iter().position(|known| *known == name).unwrap_or_else(|| {
                        named.push(name);
                        named.len() - 1
                    });
                    Target::Named(at as u32)
                }
            };
            let n = LATER_RESOURCES + self.next_iam();
            resources.push(Resource { n, target, created: self.now });
        }
        Ok(resources)
    }

    /// Creates a resource set and returns its number; 400 for a label that is blank [rec] or taken, and without resources
    /// [spec: all three are required].
    pub fn create_set(
        &mut self,
        label: &str,
        description: &str,
        wanted: Vec<Wanted>,
    ) -> Result<u64, Refusal> {
        blank("label", label)?;
        self.set_label(label, None)?;
        blank("description", description)?;
        if wanted.is_empty() {
            blank("resources", "")?;
        }
        let resources = self.resources(wanted, 0)?;
        let (n, created) = (self.next_iam(), self.now);
        self.state.iam.sets.push(ResourceSet {
            n,
            label: label.to_owned(),
            description: description.to_owned(),
            resources,
            created,
            updated: created,
        });
        let target = vec![self.set_target(n)];
        self.log("iam.resourceset.create", "Resource set is created", target);
        Ok(n)
    }

    /// Changes a resource set's label and description.
    pub fn update_set(&mut self, n: u64, label: &str, description: &str) -> Done {
        blank("label", label)?;
        self.set_label(label, Some(n))?;
        blank("description", description)?;
        let now = self.now;
        let set = self.set_mut(n)?;
        (set.label, set.description, set.updated) = (label.to_owned(), description.to_owned(), now);
        let target = vec![self.set_target(n)];
        self.log("iam.resourceset.update", "Resource set is updated", target);
        Ok(())
    }

    /// Adds resources to a set; what it holds already stays as it is. Returns the number of the last one.
    pub fn add_resources(&mut self, n: u64, wanted: Vec<Wanted>) -> Result<Option<u64>, Refusal> {
        let already = self.set_mut(n)?.resources.len();
        let new = self.resources(wanted, already)?;
        let now = self.now;
        let set = self.set_mut(n)?;
        let mut last = None;
        for resource in new {
            let held = set.resources.iter().find(|r| r.target == resource.target);
            last = Some(held.map_or(resource.n, |r| r.n));
            if held.is_none() {
                set.resources.push(resource);
            }
        }
        set.updated = now;
        let target = vec![self.set_target(n)];
        self.log("iam.resourceset.resources.add", "Resources are added to a resource set", target);
        Ok(last)
    }

    /// Takes a resource from a set.
    pub fn remove_resource(&mut self, n: u64, resource: u64) -> Done {
        let now = self.now;
        let id = self.base.ids.encode(IdKind::Resource, resource);
        let set = self.set_mut(n)?;
        let at = set.resources.iter().position(|r| r.n == resource);
        set.resources.remove(at.ok_or_else(|| Refusal::not_found(&id, "IAMResource"))?);
        set.updated = now;
        let target = vec![self.set_target(n)];
        self.log("iam.resourceset.resources.delete", "Resources are deleted from a resource set", target);
        Ok(())
    }

    /// Deletes a resource set that no role is bound to; as [`Self::delete_role`] for one that is.
    pub fn delete_set(&mut self, n: u64) -> Done {
        self.set_mut(n)?;
        if self.state.iam.assignments.iter().any(|a| matches!(a.role, Role::Custom { set, .. } if set == n)) {
            return Err(Refusal::validation(
                "resourceSet",
                "resourceSet: Roles are bound to the resource set.",
            ));
        }
        let target = vec![self.set_target(n)];
        self.state.iam.sets.retain(|s| s.n != n);
        self.log("iam.resourceset.delete", "Resource set is deleted", target);
        Ok(())
    }

    /// Binds a role to a set for members, all or none. 409 E0000090 for a member who holds it already [inf: as role
    /// assignments].
    pub fn bind(&mut self, set: u64, role: u64, members: &[Holder]) -> Done {
        let bound = Role::Custom { role, set };
        if members
            .iter()
            .any(|m| self.state.iam.assignments.iter().any(|a| a.holder == *m && a.role == bound))
        {
            return Err(Refusal::role_held_already());
        }
        members.iter().try_for_each(|member| self.grant(*member, bound).map(drop))
    }

    /// Takes a role on a set from everybody who holds it.
    pub fn unbind(&mut self, set: u64, role: u64) -> Done {
        let bound = Role::Custom { role, set };
        let held = self.state.iam.assignments.iter().filter(|a| a.role == bound);
        let numbers: Vec<u64> = held.map(|a| a.n).collect();
        numbers.into_iter().try_for_each(|n| self.take(n))
    }

    /// What the System Log says of a custom role's assignment besides what it says of the holder.
    pub(super) fn log_binding(&mut self, role: Role, holder: LogTarget, added: bool) {
        let Role::Custom { role, set } = role else { return };
        let targets = vec![holder, self.role_target(role), self.set_target(set)];
        if added {
            self.log("iam.resourceset.bindings.add", "Admin role assignment is created", targets);
        } else {
            self.log("iam.resourceset.bindings.delete", "Admin role assignment is deleted", targets);
        }
    }
}
