//! Users in every status.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::realm::REALM;
use super::user_type::USER_TYPE;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right, Sight};

/// A user.
pub const USER: Kind = Kind {
    code: KindCode(2),
    name: "user",
    title: "User",
    what: "A person or service account that can sign in to the org, in any status.",
    name_at: &["/profile/displayName", "/profile/login"],
    login_at: Some("/profile/login"),
    columns: &[
        Column::text("first_name", "/profile/firstName", "First name.").searched(),
        Column::text("last_name", "/profile/lastName", "Last name.").searched(),
        Column::text("email", "/profile/email", "Primary e-mail address.").searched(),
        Column::text("department", "/profile/department", "Department.").faceted(),
        Column::text("title", "/profile/title", "Job title."),
        Column::text("manager_id", "/profile/managerId", "The manager's id in the source directory."),
        Column::text("user_type", "/profile/userType", "Free text such as Employee or Contractor.").faceted(),
        Column::text("type_id", "/type/id", "The user type."),
        Column::text("realm_id", "/realmId", "The realm, where realms are used."),
        Column::text("provider", "/credentials/provider/type", "Who checks the password: OKTA, ACTIVE_DIRECTORY, …")
            .faceted(),
        Column::text("activated", "/activated", "When the account was activated.").typed(ColumnType::Time),
        Column::text("status_changed", "/statusChanged", "When the status last changed.").typed(ColumnType::Time),
        Column::text("last_login", "/lastLogin", "The last sign-in.").typed(ColumnType::Time),
        Column::text("password_changed", "/passwordChanged", "When the password was last changed.")
            .typed(ColumnType::Time),
    ],
    // A user by itself comes with links to what can be done with it, a listed one does not [rec].
    volatile: &["/_links"],
    decides: &[("/type/id", Shape::Text), ("/realmId", Shape::Text)],
    version: 2,
    ..Kind::USUAL
};

/// User → the user type.
pub const USER_OF_TYPE: Relation = Relation {
    code: RelCode(35),
    name: "user_of_type",
    what: "The user is of the user type.",
    from: &["user"],
    to: &["user_type"],
    ..Relation::USUAL
};

/// User → the realm.
pub const USER_REALM: Relation = Relation {
    code: RelCode(36),
    name: "user_realm",
    what: "The user is in the realm.",
    from: &["user"],
    to: &["realm"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "user",
    title: "Users",
    used_for: "know who can sign in, in which status, since when",
    without: "nothing about people can be answered",
    right: Right {
        permission: Some("okta.users.read"),
        console: "View users and their details",
        scope: "okta.users.read",
        read_only_admin: true,
        evidence: Evidence::Documented,
    },
    target: Target::Children(USER.code),
    // The plain list leaves DEPROVISIONED users out (Okta, List users), so they are a second listing.
    parts: |_| vec![api::user::list().into_listing(), api::user::list_deprovisioned().into_listing()],
    read: |item, scope, page| {
        let Some(user) = object(&USER, &[USER_OF_TYPE.code, USER_REALM.code], item, scope, page) else { return };
        if let Some(user_type) = text(item, "/type/id") {
            user.out.push(out(&USER_OF_TYPE, &USER_TYPE, user_type));
        }
        if let Some(realm) = text(item, "/realmId") {
            user.out.push(out(&USER_REALM, &REALM, realm));
        }
    },
    again: Some(|id| api::user::get(id).into_listing()),
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&USER], relations: &[&USER_OF_TYPE, &USER_REALM], datasets: &[&DATASET] };
