//! Users: created, changed, suspended, deactivated, deleted.

use super::{By, Change, Done};
use crate::error::Refusal;
use crate::generate::factors::SLOTS;
use crate::generate::iam::Holder;
use crate::generate::layout::Via;
use crate::generate::people::{Attribute, Head, Status, User};
use crate::generate::rules::RuleStatus;
use crate::org::state::{Leaving, Shadow};

impl Change<'_> {
    pub(super) fn existing(&self, user: u32) -> Result<User, Refusal> {
        let id = || self.view().user_id(user);
        self.view().user(user).map(|u| u.into_owned()).ok_or_else(|| Refusal::not_found(&id(), "User"))
    }

    /// Puts a user's new state in place of the old one; `None` deletes.
    pub(super) fn put(&mut self, user: u32, new: Option<User>) {
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

    /// Group rules put a user into the groups their attributes ask for, and out of those they no longer do: events as of
    /// any member, by Okta itself [inf].
    pub(super) fn follow_rules(&mut self, user: u32) {
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
        let by = std::mem::replace(&mut self.by, By::system());
        for (fits, groups) in rules {
            for group in groups {
                if fits && current.head.status != Status::Deprovisioned {
                    if self.join(group, user) {
                        self.log_joined(group, user);
                    }
                } else if self.leave(group, user) {
                    self.log_left(group, user);
                }
            }
        }
        self.by = by;
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
        self.drop_tokens(user);
        self.drop_factors(user);
        self.set_status(user, Status::Deprovisioned)?;
        let target = self.user_target(user);
        self.log("user.lifecycle.deactivate", "Deactivate Okta user", vec![target]);
        Ok(())
    }

    /// Begins what a call to deactivate or delete a user asks for: done at once, or when the config's lifecycle lag is
    /// over. Until then the user says so in `transitioningToStatus` [spec], and asking again changes nothing [inf].
    pub fn begin_to_leave(&mut self, user: u32, delete: bool) -> Done {
        let status = self.status(user)?;
        let lag = self.base.config.lifecycle_lag.as_millis() as i64;
        let gone = status == Status::Deprovisioned;
        if lag == 0 {
            return if delete { self.delete_user(user) } else { self.deactivate(user) };
        }
        if self.state.leaving.contains_key(&user) || gone && !delete {
            return Ok(());
        }
        let leaving = Leaving { until: self.now + lag, deleted: gone, by: self.by.clone() };
        self.state.leaving.insert(user, leaving);
        Ok(())
    }

    /// Ends what was begun and is due by now.
    pub fn settle(&mut self) {
        let due = self.state.leaving.iter().filter(|(_, leaving)| leaving.until <= self.now);
        let due: Vec<u32> = due.map(|(user, _)| *user).collect();
        for user in due {
            let Some(leaving) = self.state.leaving.remove(&user) else { continue };
            self.by = leaving.by;
            // Who has gone in another way meanwhile has gone.
            let _ = if leaving.deleted { self.delete_user(user) } else { self.deactivate(user) };
        }
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

    pub(super) fn drop_factors(&mut self, user: u32) {
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

    /// What a user who comes by the activation for the first time makes of it: a password, and an account that is active.
    /// Nothing where the user has been there before.
    pub fn first_password(&mut self, user: u32, password: &str) -> Done {
        if self.status(user)? != Status::Provisioned {
            return Ok(());
        }
        self.set_status(user, Status::Active)?;
        let mut new = self.existing(user)?;
        new.head.password_changed = Some(self.now);
        self.put(user, Some(new));
        self.state.passwords.insert(user, password.to_owned());
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
}
