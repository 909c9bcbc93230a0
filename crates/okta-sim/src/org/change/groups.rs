//! Groups and memberships.

use super::{Change, Done};
use crate::error::Refusal;
use crate::generate::groups::{EVERYONE, Group, GroupType, OKTA_ADMINISTRATORS};
use crate::generate::iam::Holder;
use crate::generate::rules::RuleStatus;

impl Change<'_> {
    fn put_group(&mut self, group: u32, edit: impl FnOnce(&mut Group)) {
        if let Some(mut changed) = self.view().group(group).map(|g| g.into_owned()) {
            edit(&mut changed);
            self.state.groups.insert(group, Some(changed));
        }
    }

    /// Creates a group and returns its number; the name must be new.
    pub fn create_group(&mut self, name: &str, description: &str) -> Result<u32, Refusal> {
        let view = self.view();
        if (0..view.group_numbers())
            .any(|g| view.group(g).is_some_and(|g| g.name == name && g.kind != GroupType::App))
        {
            let cause = "name: An object with this field already exists in the current organization";
            return Err(Refusal::validation("name", cause));
        }
        let number = view.group_numbers();
        self.state.created_groups += 1;
        let made = Group {
            kind: GroupType::Okta,
            name: name.to_owned(),
            description: description.to_owned(),
            source: None,
            created: self.now,
            last_updated: self.now,
            last_membership_updated: self.now,
        };
        self.state.groups.insert(number, Some(made));
        let target = self.group_target(number);
        self.log("group.lifecycle.create", "Okta group creation", vec![target]);
        Ok(number)
    }

    /// Only groups kept in Okta can be changed; 501 E0000060 for the others [inf for the code].
    fn editable(&self, group: u32) -> Done {
        match self.view().group(group) {
            None => Err(Refusal::not_found(&self.view().group_id(group), "UserGroup")),
            Some(found) if found.kind != GroupType::Okta => Err(Refusal::unsupported()),
            Some(_) => Ok(()),
        }
    }

    /// Changes a group's name and description.
    pub fn update_group(&mut self, group: u32, name: &str, description: &str) -> Done {
        self.editable(group)?;
        let now = self.now;
        self.put_group(group, |g| {
            (g.name, g.description, g.last_updated) = (name.to_owned(), description.to_owned(), now);
        });
        let target = self.group_target(group);
        self.log("group.profile.update", "Okta group update", vec![target]);
        Ok(())
    }

    /// Deletes a group, and with it what its members had through it.
    pub fn delete_group(&mut self, group: u32) -> Done {
        self.editable(group)?;
        let target = self.group_target(group);
        for user in self.state.joined.remove(&group).into_iter().flatten() {
            self.state.joined_by_user.entry(user).or_default().remove(&group);
        }
        self.state.left.remove(&group);
        self.state.app_groups_added.retain(|(_, g, _)| *g != group);
        self.state.iam.assignments.retain(|a| a.holder != Holder::Group(group));
        for rule in self.state.rules.iter_mut().filter(|rule| rule.groups.contains(&group)) {
            rule.status = RuleStatus::Invalid;
            rule.last_updated = self.now;
        }
        self.state.groups.insert(group, None);
        self.log("group.lifecycle.delete", "Okta group deletion", vec![target]);
        Ok(())
    }

    /// Makes a user a member, without an event; `true` when they were none.
    pub(super) fn join(&mut self, group: u32, user: u32) -> bool {
        if self.view().is_member(group, user) || !self.view().is_live(user) {
            return false;
        }
        if self.base.layout.member_number(group, user).is_some() {
            if let Some(left) = self.state.left.get_mut(&group) {
                left.remove(&user);
            }
        } else {
            self.state.joined.entry(group).or_default().insert(user);
            self.state.joined_by_user.entry(user).or_default().insert(group);
        }
        let now = self.now;
        self.put_group(group, |g| g.last_membership_updated = now);
        true
    }

    /// Ends a membership, without an event; `true` when there was one.
    pub(super) fn leave(&mut self, group: u32, user: u32) -> bool {
        if matches!(group, EVERYONE | OKTA_ADMINISTRATORS) || !self.view().is_member(group, user) {
            return false;
        }
        if self.state.joined.get_mut(&group).is_some_and(|set| set.remove(&user)) {
            self.state.joined_by_user.entry(user).or_default().remove(&group);
        } else {
            self.state.left.entry(group).or_default().insert(user);
        }
        let now = self.now;
        self.put_group(group, |g| g.last_membership_updated = now);
        true
    }

    /// Adds a member.
    pub fn add_member(&mut self, group: u32, user: u32) -> Done {
        self.editable(group)?;
        self.existing(user)?;
        if self.join(group, user) {
            self.log_joined(group, user);
        }
        Ok(())
    }

    pub(super) fn log_joined(&mut self, group: u32, user: u32) {
        let targets = vec![self.user_target(user), self.group_target(group)];
        self.log("group.user_membership.add", "Add user to group membership", targets);
    }

    pub(super) fn log_left(&mut self, group: u32, user: u32) {
        let targets = vec![self.user_target(user), self.group_target(group)];
        self.log("group.user_membership.remove", "Remove user from group membership", targets);
    }

    /// Removes a member.
    pub fn remove_member(&mut self, group: u32, user: u32) -> Done {
        self.editable(group)?;
        self.existing(user)?;
        if self.leave(group, user) {
            self.log_left(group, user);
        }
        Ok(())
    }
}
