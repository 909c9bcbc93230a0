//! Users.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::Write;
use crate::api::group::Group;
use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A person's account.
    User {
        /// `00u…`.
        id: id "/id",
        /// Where it is in its life.
        status: [UserStatus] "/status",
        /// The status it is on its way to, during an asynchronous change.
        transitioning_to: text "/transitioningToStatus",
        /// Name to sign in with.
        login: text "/profile/login",
        /// Primary e-mail.
        email: text "/profile/email",
        /// Given name.
        first_name: text "/profile/firstName",
        /// Family name.
        last_name: text "/profile/lastName",
        /// Name to show.
        display_name: text "/profile/displayName",
        /// All profile attributes, the org's own included.
        profile: value "/profile",
        /// Id of its user type.
        type_id: text "/type/id",
        /// Id of its realm.
        realm_id: text "/realmId",
        /// Who checks its password: `OKTA`, `ACTIVE_DIRECTORY`, `LDAP`, `FEDERATION`, `IMPORT`, `SOCIAL`.
        credential_provider_type: text "/credentials/provider/type",
        /// Name of that provider.
        credential_provider_name: text "/credentials/provider/name",
        /// When it was made.
        created: time "/created",
        /// When it was activated.
        activated: time "/activated",
        /// When its status last changed.
        status_changed: time "/statusChanged",
        /// Last sign-in to Okta.
        last_login: time "/lastLogin",
        /// Last change of the profile; factors, roles and assignments do not move it [inf].
        last_updated: time "/lastUpdated",
        /// Last change of the password.
        password_changed: time "/passwordChanged",
    }
}

open_enum! {
    /// State of a user [spec].
    UserStatus {
        Active = "ACTIVE",
        Deprovisioned = "DEPROVISIONED",
        LockedOut = "LOCKED_OUT",
        PasswordExpired = "PASSWORD_EXPIRED",
        Provisioned = "PROVISIONED",
        Recovery = "RECOVERY",
        Staged = "STAGED",
        Suspended = "SUSPENDED",
    }
}

/// Every user that is not deprovisioned: without a filter Okta leaves those out [docs]. See
/// [`list_deprovisioned`] for the rest.
///
/// Page 200 / 200 → 200 [docs]. Bucket `users`. Permission `okta.users.read` [inf], scope `okta.users.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<User> {
    Listing::new("/api/v1/users", &[], Items::Array).limit(200, 25).of()
}

/// Every deprovisioned user, by `filter=status eq "DEPROVISIONED"`.
///
/// Page, bucket, permission and scope as [`list`]. Deleted users are in neither. [docs]
#[must_use]
pub fn list_deprovisioned() -> List<User> {
    let filter = r#"status eq "DEPROVISIONED""#;
    Listing::new("/api/v1/users", &[], Items::Array).query("filter", filter).limit(200, 25).of()
}

/// Users whose profile changed after `since` (RFC 3339), deprovisioned ones included.
///
/// `filter` reads the consistent store; `search` would lag behind it [docs]. Page, bucket, permission and scope as
/// [`list`].
#[must_use]
pub fn list_updated_since(since: jiff::Timestamp) -> List<User> {
    let filter = format!(r#"lastUpdated gt "{since:.3}""#);
    Listing::new("/api/v1/users", &[], Items::Array).query("filter", filter).limit(200, 25).of()
}

/// One user by id or login.
///
/// Bucket `users/{id}`. Permission `okta.users.read` [inf], scope `okta.users.read` [spec]. [rec]
#[must_use]
pub fn get(id_or_login: &str) -> List<User> {
    Listing::new("/api/v1/users/{id}", &[id_or_login], Items::One).of()
}

/// The user who owns the API token in use [spec].
///
/// Bucket `users/{id}`. No permission needed for oneself [inf].
#[must_use]
pub fn me() -> List<User> {
    Listing::new("/api/v1/users/me", &[], Items::One).of()
}

/// The groups a user is in.
///
/// Takes no page size [spec]. Bucket `users/{id}/*` [inf]. Permission `okta.users.read` and `okta.groups.read` [inf],
/// scope `okta.users.read` [spec]. [rec]
pub fn groups(user_id: &str) -> List<Group> {
    Listing::new("/api/v1/users/{id}/groups", &[user_id], Items::Array).of()
}

/// Makes a user and activates it: with a password it can sign in at once; without one it is `PROVISIONED`, and Okta
/// sends an e-mail by which its owner sets one [spec]. Answers 200 with a [`User`] [rec]; a login that is taken 400
/// `E0000001` with a cause that begins with `login:` [docs].
///
/// Permission `okta.users.manage` [docs], scope `okta.users.manage` [spec].
#[must_use]
pub fn create(profile: Value, password: Option<&SecretString>) -> Write {
    let mut body = json!({ "profile": profile });
    if let Some(password) = password {
        body["credentials"] = json!({ "password": { "value": password.expose_secret() } });
    }
    Write::new(Method::POST, "/api/v1/users", &[]).query("activate", "true").body(body)
}

/// Deactivates a user, which ends its sessions and tokens. Answers 200 or 204 [rec]; the change may still be going on
/// then (`transitioningToStatus`) [docs].
///
/// Permission `okta.users.lifecycle.deactivate` [docs], scope `okta.users.manage` [spec].
#[must_use]
pub fn deactivate(id: &str) -> Write {
    Write::new(Method::POST, "/api/v1/users/{id}/lifecycle/deactivate", &[id])
}

/// Deletes a deactivated user; of one that is not, it deactivates it alone [docs]. Answers 204 [rec].
///
/// Permission `okta.users.lifecycle.delete` [docs], scope `okta.users.manage` [spec].
#[must_use]
pub fn delete(id: &str) -> Write {
    Write::new(Method::DELETE, "/api/v1/users/{id}", &[id])
}
