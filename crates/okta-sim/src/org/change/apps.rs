//! Apps and assignments.

use super::{Change, Done};
use crate::error::Refusal;
use crate::generate::iam::Holder;
use crate::generate::layout::Via;

impl Change<'_> {
    pub(super) fn existing_app(&self, app: u32) -> Done {
        match self.view().app(app) {
            Some(_) => Ok(()),
            None => Err(Refusal::not_found(&self.view().app_id(app), "AppInstance")),
        }
    }

    /// Gives a user an app in person.
    pub fn assign_user(&mut self, app: u32, user: u32) -> Done {
        self.existing_app(app)?;
        if !self.view().is_live(user) {
            return Err(Refusal::wrong_status());
        }
        if self.view().via(app, user) == Some(Via::Direct) {
            return Ok(());
        }
        let direct_at_first = matches!(self.base.layout.app_user_number(app, user), Some((_, Via::Direct)));
        if direct_at_first {
            self.state.withdrawn.entry(app).or_default().remove(&user);
        } else {
            self.state.granted.entry(app).or_default().insert(user);
            self.state.granted_by_user.entry(user).or_default().insert(app);
        }
        let targets = vec![self.user_target(user), self.app_target(app)];
        self.log("application.user_membership.add", "Add user to application membership", targets);
        Ok(())
    }

    pub(super) fn withdraw(&mut self, app: u32, user: u32) {
        if self.state.granted.get_mut(&app).is_some_and(|set| set.remove(&user)) {
            self.state.granted_by_user.entry(user).or_default().remove(&app);
        }
        if matches!(self.base.layout.app_user_number(app, user), Some((_, Via::Direct))) {
            self.state.withdrawn.entry(app).or_default().insert(user);
        }
    }

    /// Takes an app from a user; 403 E0000006-like refusal when they have it through a group [inf].
    pub fn unassign_user(&mut self, app: u32, user: u32) -> Done {
        self.existing_app(app)?;
        if let Some(Via::Group(_)) = self.view().via(app, user) {
            let cause = "The user is assigned to the application through a group.";
            return Err(Refusal::validation("appUser", cause));
        }
        self.withdraw(app, user);
        let targets = vec![self.user_target(user), self.app_target(app)];
        self.log("application.user_membership.remove", "Remove user's application membership", targets);
        Ok(())
    }

    /// Assigns a group to an app.
    pub fn assign_group(&mut self, app: u32, group: u32) -> Done {
        self.existing_app(app)?;
        if self.view().is_assigned(app, group) {
            return Ok(());
        }
        if !self.state.app_groups_removed.remove(&(app, group)) {
            self.state.app_groups_added.push((app, group, self.now));
        }
        let targets = vec![self.group_target(group), self.app_target(app)];
        self.log("group.application_assignment.add", "Add assigned application to group", targets);
        Ok(())
    }

    /// Takes a group from an app.
    pub fn unassign_group(&mut self, app: u32, group: u32) -> Done {
        self.existing_app(app)?;
        if !self.view().is_assigned(app, group) {
            return Err(Refusal::not_found(&self.view().group_id(group), "UserGroup"));
        }
        let added = self.state.app_groups_added.len();
        self.state.app_groups_added.retain(|(a, g, _)| (*a, *g) != (app, group));
        if self.state.app_groups_added.len() == added {
            self.state.app_groups_removed.insert((app, group));
        }
        let targets = vec![self.group_target(group), self.app_target(app)];
        self.log("group.application_assignment.remove", "Remove assigned application from group", targets);
        Ok(())
    }

    /// Switches an app on or off.
    pub fn set_app_active(&mut self, app: u32, active: bool) -> Done {
        self.existing_app(app)?;
        let now = self.now;
        if let Some(mut changed) = self.view().app(app).map(|a| a.into_owned()) {
            (changed.active, changed.last_updated) = (active, now);
            self.state.apps.insert(app, Some(changed));
        }
        let target = vec![self.app_target(app)];
        if active {
            self.log("application.lifecycle.activate", "Activate application", target);
        } else {
            self.log("application.lifecycle.deactivate", "Deactivate application", target);
        }
        Ok(())
    }

    /// Deletes an app that is switched off; 403 E0000056 otherwise [rec].
    pub fn delete_app(&mut self, app: u32) -> Done {
        self.existing_app(app)?;
        if self.view().app(app).is_some_and(|a| a.active) {
            return Err(Refusal::app_still_active());
        }
        let target = self.app_target(app);
        self.state.apps.insert(app, None);
        self.state.app_groups_added.retain(|(a, ..)| *a != app);
        self.state.iam.assignments.retain(|a| a.holder != Holder::App(app));
        self.state.grants_added.retain(|g| g.app != app);
        for user in self.state.granted.remove(&app).into_iter().flatten() {
            self.state.granted_by_user.entry(user).or_default().remove(&app);
        }
        self.log("application.lifecycle.delete", "Delete application", vec![target]);
        Ok(())
    }
}
