//! Everything that can be done to the org, each with the System Log event that Okta writes for it.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use crate::error::Refusal;
use crate::generate::Base;
use crate::generate::factors::SLOTS;
use crate::generate::groups::{EVERYONE, Group, GroupType, OKTA_ADMINISTRATORS};
use crate::generate::iam::{Holder, Role};
use crate::generate::ids::IdKind;
use crate::generate::layout::Via;
use crate::generate::people::{Attribute, Head, Status, User};
use crate::generate::rules::RuleStatus;
use crate::generate::tokens::{self, Token};
use crate::log::{Actor, Event, LogTarget};
use crate::org::state::{Shadow, State};
use crate::org::view::View;

/// On whose behalf.
#[derive(Debug, Clone)]
pub struct By {
    actor: Actor,
    token: Option<String>,
    request: Option<String>,
}

impl By {
    /// Okta itself.
    pub fn system() -> Self {
        Self { actor: Actor::System, token: None, request: None }
    }

    /// A user, by the console.
    pub fn user(user: u32) -> Self {
        Self { actor: Actor::User(user), token: None, request: None }
    }

    /// A user, by API: the token's id and the request's.
    pub fn token(owner: u32, token_id: String, request_id: String) -> Self {
        Self { actor: Actor::User(owner), token: Some(token_id), request: Some(request_id) }
    }
}

/// A change under way. Numbers of users, groups and apps are those of [`View`].
#[derive(Debug)]
pub struct Change<'a> {
    /// The beginning.
    pub base: &'a Base,
    /// The changes so far.
    pub state: &'a mut State,
    /// When it happens.
    pub now: i64,
    /// On whose behalf.
    pub by: By,
}

type Done = Result<(), Refusal>;

impl Change<'_> {
    /// The org as it is now.
    pub fn view(&self) -> View<'_> {
        View { base: self.base, state: self.state }
    }

    // --- log -----------------------------------------------------------------------------------------------------

    fn log(&mut self, kind: &'static str, message: &'static str, targets: Vec<LogTarget>) {
        let n = self.state.log.len(self.base);
        self.state.log.append(Event {
            at: self.now,
            stored: self.now.max(self.base.as_of),
            n,
            kind,
            message,
            actor: self.by.actor,
            targets,
            result: "SUCCESS",
            reason: None,
            token: self.by.token.clone(),
            request: self.by.request.clone(),
        });
    }

    fn user_target(&self, user: u32) -> LogTarget {
        let view = self.view();
        let found = view.user(user);
        LogTarget {
            id: view.user_id(user),
            kind: "User",
            alternate: found.as_ref().map_or_else(String::new, |u| u.login().to_owned()),
            display: found.map_or_else(String::new, |u| u.display_name()),
        }
    }

    fn group_target(&self, group: u32) -> LogTarget {
        let name = self.view().group(group).map_or_else(String::new, |g| g.name.clone());
        LogTarget {
            id: self.view().group_id(group),
            kind: "UserGroup",
            alternate: "unknown".into(),
            display: name,
        }
    }

    fn app_target(&self, app: u32) -> LogTarget {
        let label = self.view().app(app).map_or_else(String::new, |a| a.label.clone());
        LogTarget {
            id: self.view().app_id(app),
            kind: "AppInstance",
            alternate: label.clone(),
            display: label,
        }
    }

    // --- users ---------------------------------------------------------------------------------------------------

    fn existing(&self, user: u32) -> Result<User, Refusal> {
        let id = || self.view().user_id(user);
        self.view().user(user).map(|u| u.into_owned()).ok_or_else(|| Refusal::not_found(&id(), "User"))
    }

    /// Puts a user's new state in place of the old one; `None` deletes.
    fn put(&mut self, user: u32, new: Option<User>) {
        let before = self.view().user(user).map(|u| u.into_owned());
        let live = |u: &Option<User>| u.as_ref().is_some_and(|u| u.head.status != Status::Deprovisioned);
        self.state.live_change += i64::from(live(&new)) - i64::from(live(&before));
        let lag = self.base.config.search_lag.as_millis() as i64;
        let hidden = self.state.shadows.get(&user).is_some_and(|s| self.now - s.since < lag);
        if lag > 0 && !hidden {
            self.state.shadows.insert(user, Shadow { since: self.now, was: before });
        }
        if let Some(new) = &new {
            self.state.logins.insert(new.login().to_lowercase(), user);
        }
        self.state.users.insert(user, new);
    }

    /// Creates a user and returns their number. `profile` must have a login and an e-mail that nobody has.
    pub fn create_user(
        &mut self,
        profile: Vec<(String, Attribute)>,
        activate: bool,
        password: bool,
    ) -> Result<u32, Refusal> {
        let (status, activated) = match (activate, password) {
            (false, _) => (Status::Staged, None),
            (true, true) => (Status::Active, Some(self.now)),
            (true, false) => (Status::Provisioned, Some(self.now)),
        };
        let mut user = User {
            head: Head {
                status,
                created: self.now,
                activated,
                status_changed: activated,
                last_login: None,
                last_updated: self.now,
                password_changed: password.then_some(self.now),
            },
            profile: Vec::new(),
            from_directory: false,
        };
        for name in ["firstName", "lastName", "mobilePhone", "secondEmail"] {
            user.set(name, Attribute::Null);
        }
        for (name, value) in profile {
            user.set(&name, value);
        }
        for name in ["login", "email", "firstName", "lastName"] {
            if user.get(name).is_none_or(str::is_empty) {
                return Err(Refusal::validation(name, format!("{name}: The field cannot be left blank")));
            }
        }
        if self.view().find_user(user.login()).is_some() {
            let cause = "login: An object with this field already exists in the current organization";
            return Err(Refusal::validation("login", cause));
        }
        let number = self.view().places();
        self.state.created_users += 1;
        self.put(number, Some(user));
        let target = self.user_target(number);
        self.log("user.lifecycle.create", "Create Okta user", vec![target.clone()]);
        if activate {
            self.log("user.lifecycle.activate", "Activate Okta user", vec![target]);
        }
        self.follow_rules(number);
        Ok(number)
    }

    /// Changes a user's profile: what is sent, or (`whole`) all of it.
    pub fn update_user(&mut self, user: u32, profile: Vec<(String, Attribute)>, whole: bool) -> Done {
        let mut new = self.existing(user)?;
        if new.head.status == Status::Deprovisioned {
            return Err(Refusal::wrong_status());
        }
        if whole {
            let kept = ["firstName", "lastName", "mobilePhone", "secondEmail", "login", "email"];
            new.profile.retain(|(name, _)| kept.contains(&name.as_ref()));
        }
        for (name, value) in profile {
            new.set(&name, value);
        }
        if let Some(other) = self.view().find_user(new.login()).filter(|other| *other != user) {
            let _ = other;
            let cause = "login: An object with this field already exists in the current organization";
            return Err(Refusal::validation("login", cause));
        }
        new.head.last_updated = self.now;
        self.put(user, Some(new));
        let target = self.user_target(user);
        self.log("user.account.update_profile", "Update user profile for Okta", vec![target]);
        self.follow_rules(user);
        Ok(())
    }

    /// Group rules put a user into the groups their attributes ask for, and out of those they no longer do.
    fn follow_rules(&mut self, user: u32) {
        let Some(current) = self.view().user(user).map(|u| u.into_owned()) else { return };
        let rules: Vec<_> = self
            .state
            .rules
            .iter()
            .filter(|rule| rule.status == RuleStatus::Active)
            .map(|rule| {
                (rule.wants.iter().all(|(name, value)| current.get(name) == Some(value)), rule.groups.clone())
            })
            .collect();
        for (fits, groups) in rules {
            for group in groups {
                if fits && current.head.status != Status::Deprovisioned {
                    self.join(group, user);
                } else {
                    self.leave(group, user);
                }
            }
        }
    }

    fn set_status(&mut self, user: u32, status: Status) -> Done {
        let mut new = self.existing(user)?;
        new.head.status = status;
        new.head.status_changed = Some(self.now);
        new.head.last_updated = self.now;
        if matches!(status, Status::Active | Status::Provisioned) && new.head.activated.is_none() {
            new.head.activated = Some(self.now);
        }
        self.put(user, Some(new));
        Ok(())
    }

    fn status(&self, user: u32) -> Result<Status, Refusal> {
        Ok(self.existing(user)?.head.status)
    }

    /// Activates a staged or deprovisioned user.
    pub fn activate(&mut self, user: u32) -> Done {
        match self.status(user)? {
            Status::Staged | Status::Deprovisioned => self.set_status(user, Status::Provisioned)?,
            Status::Active => return Err(Refusal::already_active()),
            _ => return Err(Refusal::wrong_status()),
        }
        let target = self.user_target(user);
        self.log("user.lifecycle.activate", "Activate Okta user", vec![target]);
        self.follow_rules(user);
        Ok(())
    }

    /// Suspends an active user; 400 E0000001 from any other status [docs users].
    pub fn suspend(&mut self, user: u32) -> Done {
        if self.status(user)? != Status::Active {
            return Err(Refusal::validation("suspend", "Cannot suspend a user that is not active"));
        }
        self.set_status(user, Status::Suspended)?;
        let target = self.user_target(user);
        self.log("user.lifecycle.suspend", "Suspend Okta user", vec![target]);
        Ok(())
    }

    /// Ends a suspension; 400 E0000001 when there is none [docs users].
    pub fn unsuspend(&mut self, user: u32) -> Done {
        if self.status(user)? != Status::Suspended {
            return Err(Refusal::validation("unsuspend", "Cannot unsuspend a user that is not suspended"));
        }
        self.set_status(user, Status::Active)?;
        let target = self.user_target(user);
        self.log("user.lifecycle.unsuspend", "Unsuspend Okta user", vec![target]);
        Ok(())
    }

    /// Unlocks a locked user; 403 E0000032 when they aren't [rec].
    pub fn unlock(&mut self, user: u32) -> Done {
        if self.status(user)? != Status::LockedOut {
            return Err(Refusal::not_locked());
        }
        self.set_status(user, Status::Active)?;
        let target = self.user_target(user);
        self.log("user.account.unlock_by_admin", "Unlock user account by admin", vec![target]);
        Ok(())
    }

    /// Deprovisions a user: out of every group and app, without factors. Already deprovisioned is fine.
    pub fn deactivate(&mut self, user: u32) -> Done {
        if self.status(user)? == Status::Deprovisioned {
            return Ok(());
        }
        let (groups, apps) = (self.view().groups_of(user), self.view().apps_of(user));
        let direct: Vec<u32> =
            apps.into_iter().filter(|app| self.view().via(*app, user) == Some(Via::Direct)).collect();
        for app in direct {
            self.withdraw(app, user);
        }
        for group in groups {
            self.leave(group, user);
        }
        self.state.iam.assignments.retain(|a| a.holder != Holder::User(user));
        self.drop_factors(user);
        self.set_status(user, Status::Deprovisioned)?;
        let target = self.user_target(user);
        self.log("user.lifecycle.deactivate", "Deactivate Okta user", vec![target]);
        Ok(())
    }

    /// Deletes a deprovisioned user; the first time it only deactivates [docs users].
    pub fn delete_user(&mut self, user: u32) -> Done {
        if self.status(user)? != Status::Deprovisioned {
            return self.deactivate(user);
        }
        let target = self.user_target(user);
        self.put(user, None);
        self.log("user.lifecycle.delete.initiated", "Delete Okta user", vec![target.clone()]);
        self.log("user.lifecycle.delete.completed", "Delete Okta user", vec![target]);
        Ok(())
    }

    fn drop_factors(&mut self, user: u32) {
        self.state.factors_removed.insert(user, ((1u32 << SLOTS) - 1) as u8);
    }

    /// Removes all factors.
    pub fn reset_factors(&mut self, user: u32) -> Done {
        self.existing(user)?;
        self.drop_factors(user);
        let target = self.user_target(user);
        self.log("user.mfa.factor.reset_all", "Reset all factors for user", vec![target]);
        Ok(())
    }

    /// Removes one factor.
    pub fn remove_factor(&mut self, user: u32, slot: u32) -> Done {
        self.existing(user)?;
        *self.state.factors_removed.entry(user).or_default() |= 1 << slot;
        let target = self.user_target(user);
        self.log("user.mfa.factor.deactivate", "Reset factor for user", vec![target]);
        Ok(())
    }

    /// Ends all sessions: nothing is left of it but the event.
    pub fn clear_sessions(&mut self, user: u32) -> Done {
        self.existing(user)?;
        let target = self.user_target(user);
        self.log("user.session.clear", "Clear user session", vec![target]);
        Ok(())
    }

    /// A sign-in of the user's own.
    pub fn sign_in(&mut self, user: u32) -> Done {
        let mut new = self.existing(user)?;
        new.head.last_login = Some(self.now);
        self.put(user, Some(new));
        let by = std::mem::replace(&mut self.by, By::user(user));
        self.log("user.session.start", "User login to Okta", Vec::new());
        self.by = by;
        Ok(())
    }

    // --- groups --------------------------------------------------------------------------------------------------

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
    fn join(&mut self, group: u32, user: u32) -> bool {
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
    fn leave(&mut self, group: u32, user: u32) -> bool {
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
            let targets = vec![self.user_target(user), self.group_target(group)];
            self.log("group.user_membership.add", "Add user to group membership", targets);
        }
        Ok(())
    }

    /// Removes a member.
    pub fn remove_member(&mut self, group: u32, user: u32) -> Done {
        self.editable(group)?;
        self.existing(user)?;
        if self.leave(group, user) {
            let targets = vec![self.user_target(user), self.group_target(group)];
            self.log("group.user_membership.remove", "Remove user from group membership", targets);
        }
        Ok(())
    }

    // --- apps ----------------------------------------------------------------------------------------------------

    fn existing_app(&self, app: u32) -> Done {
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

    fn withdraw(&mut self, app: u32, user: u32) {
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
        for user in self.state.granted.remove(&app).into_iter().flatten() {
            self.state.granted_by_user.entry(user).or_default().remove(&app);
        }
        self.log("application.lifecycle.delete", "Delete application", vec![target]);
        Ok(())
    }

    // --- administration ------------------------------------------------------------------------------------------

    fn holder_target(&self, holder: Holder) -> LogTarget {
        match holder {
            Holder::User(user) => self.user_target(user),
            Holder::Group(group) => self.group_target(group),
        }
    }

    /// Gives a role and returns the assignment's number; 409 E0000090 when it is held already [docs].
    pub fn grant(&mut self, holder: Holder, role: Role) -> Result<u64, Refusal> {
        if self.state.iam.assignments.iter().any(|a| a.holder == holder && a.role == role) {
            return Err(Refusal::role_held_already());
        }
        let n = self.state.iam.grant(holder, role, Vec::new(), self.now);
        let target = vec![self.holder_target(holder)];
        match holder {
            Holder::User(_) => self.log("user.account.privilege.grant", "Grant user privilege", target),
            Holder::Group(_) => self.log("group.privilege.grant", "Grant group privilege", target),
        }
        Ok(n)
    }

    /// Takes a role, by its assignment's number.
    pub fn take(&mut self, n: u64) -> Done {
        let Some(at) = self.state.iam.assignments.iter().position(|a| a.n == n) else {
            return Err(Refusal::not_found(&n.to_string(), "RoleAssignment"));
        };
        let holder = self.state.iam.assignments.remove(at).holder;
        let target = vec![self.holder_target(holder)];
        match holder {
            Holder::User(_) => self.log("user.account.privilege.revoke", "Revoke user privilege", target),
            Holder::Group(_) => self.log("group.privilege.revoke", "Revoke group privilege", target),
        }
        Ok(())
    }

    /// Makes a token, as a user does in the console (the API can't), and returns its value.
    pub fn create_token(&mut self, owner: u32, name: &str) -> Result<String, Refusal> {
        self.existing(owner)?;
        let n = self.state.tokens.iter().map(|t| t.n).max().unwrap_or(0) + 1;
        let value = tokens::value(self.base.config.seed, n);
        self.state.tokens.push(Token {
            n,
            name: name.to_owned(),
            owner,
            created: self.now,
            used: Arc::new(AtomicI64::new(self.now)),
            revoked: false,
            value: value.clone(),
        });
        let id = self.base.ids.encode(IdKind::Token, n);
        let target = LogTarget { id, kind: "Token", alternate: "unknown".into(), display: name.to_owned() };
        self.log("system.api_token.create", "Create API token", vec![target]);
        Ok(value)
    }

    /// Revokes a token, by its number.
    pub fn revoke_token(&mut self, n: u64) -> Done {
        let id = self.base.ids.encode(IdKind::Token, n);
        let token = self.state.tokens.iter_mut().find(|t| t.n == n && !t.revoked);
        let token = token.ok_or_else(|| Refusal::not_found(&id, "Token"))?;
        token.revoked = true;
        let target =
            LogTarget { id, kind: "Token", alternate: "unknown".into(), display: token.name.clone() };
        self.log("system.api_token.revoke", "Revoke API token", vec![target]);
        Ok(())
    }
}
