//! The org's changes by Okta id: what tests and demos call. They happen on behalf of the super admin of the cast, in
//! the console; the System Log shows them.

use super::Org;
use super::change::{By, Change};
use crate::error::Refusal;
use crate::generate::iam::{Holder, Role, standard_role};
use crate::generate::people::{Attribute, cast};
use crate::generate::tokens::TOKEN_WINDOW;
use crate::org::view::View;
use crate::routes::{custom, grants_of};
use serde_json::{Value, json};

type Done = Result<(), Refusal>;

fn user(view: View<'_>, id: &str) -> Result<u32, Refusal> {
    view.find_user(id).ok_or_else(|| Refusal::not_found(id, "User"))
}

fn group(view: View<'_>, id: &str) -> Result<u32, Refusal> {
    view.find_group(id).ok_or_else(|| Refusal::not_found(id, "UserGroup"))
}

fn app(view: View<'_>, id: &str) -> Result<u32, Refusal> {
    view.find_app(id).ok_or_else(|| Refusal::not_found(id, "AppInstance"))
}

impl Org {
    fn edit<T>(&self, act: impl FnOnce(&mut Change<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.write(By::user(cast::SUPER_ADMIN), act)
    }

    /// Creates an active user with a password and returns their id. `login` serves as e-mail; 400 when it is taken.
    pub fn create_user(&self, first: &str, last: &str, login: &str) -> Result<String, Refusal> {
        let text = |t: &str| Attribute::Text(t.to_owned().into());
        let profile = [("firstName", first), ("lastName", last), ("email", login), ("login", login)];
        let profile = profile.map(|(name, value)| (name.to_owned(), text(value))).to_vec();
        self.edit(|change| {
            let number = change.create_user(profile, true, true)?;
            Ok(change.view().user_id(number))
        })
    }

    /// Sets a profile attribute to a text. `id` may be an id or a login, here and below; 404 when there is no such user.
    pub fn update_user(&self, id: &str, attribute: &str, value: &str) -> Done {
        let value = Attribute::Text(value.to_owned().into());
        self.edit(|change| {
            change.update_user(user(change.view(), id)?, vec![(attribute.to_owned(), value)], false)
        })
    }

    /// Suspends an active user.
    pub fn suspend_user(&self, id: &str) -> Done {
        self.edit(|change| change.suspend(user(change.view(), id)?))
    }

    /// Deprovisions a user.
    pub fn deactivate_user(&self, id: &str) -> Done {
        self.edit(|change| change.deactivate(user(change.view(), id)?))
    }

    /// Deletes a user for good, deprovisioning first where needed.
    pub fn delete_user(&self, id: &str) -> Done {
        self.edit(|change| {
            let number = user(change.view(), id)?;
            change.deactivate(number)?;
            change.delete_user(number)
        })
    }

    /// Removes all factors of a user.
    pub fn reset_factors(&self, id: &str) -> Done {
        self.edit(|change| change.reset_factors(user(change.view(), id)?))
    }

    /// Lets a user sign in.
    pub fn sign_in(&self, id: &str) -> Done {
        self.edit(|change| change.sign_in(user(change.view(), id)?))
    }

    /// Creates a group and returns its id; 400 when the name is taken.
    pub fn create_group(&self, name: &str) -> Result<String, Refusal> {
        self.edit(|change| {
            let number = change.create_group(name, "")?;
            Ok(change.view().group_id(number))
        })
    }

    /// Deletes a group; 501 when it is built in or comes from an app.
    pub fn delete_group(&self, id: &str) -> Done {
        self.edit(|change| change.delete_group(group(change.view(), id)?))
    }

    /// Adds a member to a group.
    pub fn add_member(&self, group_id: &str, user_id: &str) -> Done {
        self.edit(|change| change.add_member(group(change.view(), group_id)?, user(change.view(), user_id)?))
    }

    /// Removes a member from a group.
    pub fn remove_member(&self, group_id: &str, user_id: &str) -> Done {
        self.edit(|change| {
            change.remove_member(group(change.view(), group_id)?, user(change.view(), user_id)?)
        })
    }

    /// Gives a user an app in person.
    pub fn assign_app_user(&self, app_id: &str, user_id: &str) -> Done {
        self.edit(|change| change.assign_user(app(change.view(), app_id)?, user(change.view(), user_id)?))
    }

    /// Takes an app from a user who has it in person; 400 when it comes through a group.
    pub fn unassign_app_user(&self, app_id: &str, user_id: &str) -> Done {
        self.edit(|change| change.unassign_user(app(change.view(), app_id)?, user(change.view(), user_id)?))
    }

    /// Assigns a group to an app.
    pub fn assign_app_group(&self, app_id: &str, group_id: &str) -> Done {
        self.edit(|change| change.assign_group(app(change.view(), app_id)?, group(change.view(), group_id)?))
    }

    /// Takes a group from an app.
    pub fn unassign_app_group(&self, app_id: &str, group_id: &str) -> Done {
        self.edit(|change| {
            change.unassign_group(app(change.view(), app_id)?, group(change.view(), group_id)?)
        })
    }

    /// Switches an app on or off.
    pub fn set_app_active(&self, app_id: &str, active: bool) -> Done {
        self.edit(|change| change.set_app_active(app(change.view(), app_id)?, active))
    }

    /// Deletes an app, switching it off first.
    pub fn delete_app(&self, app_id: &str) -> Done {
        self.edit(|change| {
            let number = app(change.view(), app_id)?;
            change.set_app_active(number, false)?;
            change.delete_app(number)
        })
    }

    /// Registers a service app that proves itself by the private half of `jwk`, and returns its client id.
    pub fn create_service_app(&self, label: &str, jwk: &Value, dpop: bool) -> Result<String, Refusal> {
        let body = json!({
            "name": "oidc_client", "label": label, "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
            "settings": {"oauthClient": {
                "application_type": "service", "grant_types": ["client_credentials"],
                "dpop_bound_access_tokens": dpop, "jwks": {"keys": [jwk]},
            }},
        });
        self.edit(|change| {
            let number = change.create_service(&body, true)?;
            Ok(change.view().app_id(number))
        })
    }

    /// Grants a scope to an app; 400 for one that Okta doesn't have.
    pub fn grant_scope(&self, app_id: &str, scope: &str) -> Done {
        self.edit(|change| change.grant_scope(app(change.view(), app_id)?, scope).map(drop))
    }

    /// Takes all scopes from an app. Tokens it got before keep theirs until they end.
    pub fn take_scopes(&self, app_id: &str) -> Done {
        self.edit(|change| {
            let number = app(change.view(), app_id)?;
            let numbers: Vec<u32> = grants_of(change.view(), number).iter().map(|grant| grant.n).collect();
            numbers.into_iter().try_for_each(|n| change.revoke_scope(number, n))
        })
    }

    /// Gives a service app a standard role, by type.
    pub fn give_app_role(&self, app_id: &str, kind: &str) -> Done {
        self.edit(|change| {
            let holder = Holder::App(app(change.view(), app_id)?);
            let (kind, _) = standard_role(kind).ok_or_else(|| Refusal::not_found(kind, "Role"))?;
            change.grant(holder, Role::Standard(kind)).map(drop)
        })
    }

    /// Gives a service app a custom role on a resource set, by their labels.
    pub fn bind_app(&self, app_id: &str, role: &str, set: &str) -> Done {
        self.edit(|change| {
            let holder = Holder::App(app(change.view(), app_id)?);
            let role = custom(change.view(), role, set)?;
            change.grant(holder, role).map(drop)
        })
    }

    /// Takes all admin roles from a service app.
    pub fn take_app_roles(&self, app_id: &str) -> Done {
        self.edit(|change| change.take_all(Holder::App(app(change.view(), app_id)?)))
    }

    /// Says whether new service apps become super admins with their first scope.
    pub fn set_client_privileges(&self, on: bool) -> Done {
        self.edit(|change| {
            change.set_client_privileges(on);
            Ok(())
        })
    }

    /// Takes all admin roles that a user holds in person, e.g. of a token's owner.
    pub fn take_roles(&self, user_id: &str) -> Done {
        self.edit(|change| change.take_all(Holder::User(user(change.view(), user_id)?)))
    }

    /// Makes a token for a user, as they do in the console, and returns its value.
    pub fn create_token(&self, owner: &str, name: &str) -> Result<String, Refusal> {
        self.edit(|change| change.create_token(user(change.view(), owner)?, name))
    }

    /// Revokes a token by its value (one of [`crate::Tokens`]); 404 when there is no such token.
    pub fn revoke_token(&self, value: &str) -> Done {
        self.edit(|change| {
            let n = change.state.tokens.iter().find(|t| t.value == value).map(|t| t.n);
            change.revoke_token(n.ok_or_else(|| Refusal::not_found("token", "Token"))?)
        })
    }

    /// Lets a token work from one network zone alone, by its value; 404 when there is no such token.
    pub fn restrict_token(&self, value: &str, zone: &str) -> Done {
        self.edit(|change| {
            let n = change.state.tokens.iter().find(|t| t.value == value).map(|t| t.n);
            let n = n.ok_or_else(|| Refusal::not_found("token", "Token"))?;
            change.update_token(n, None, Some(vec![zone.to_owned()]))
        })
    }

    /// Makes a token look unused for longer than it lives; 404 when there is no such token.
    pub fn expire_token(&self, value: &str) -> Done {
        self.edit(|change| {
            let token = change.state.tokens.iter().find(|t| t.value == value);
            let token = token.ok_or_else(|| Refusal::not_found("token", "Token"))?;
            token.used.store(change.now - TOKEN_WINDOW - 1, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        })
    }

    /// The id of the user who owns a token, by the token's value.
    pub fn owner_of(&self, value: &str) -> Option<String> {
        self.read(|view| view.state.tokens.iter().find(|t| t.value == value).map(|t| view.user_id(t.owner)))
    }
}
