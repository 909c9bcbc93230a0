//! Admin roles: the standard ones, read by type, and the custom ones with their permissions.

use okta_client::{Error, api};
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::{Selector, Target};

use super::{Declares, object, object_as, text};
use crate::dataset::{Dataset, Over, Right};

/// An admin role.
pub const ROLE: Kind = Kind {
    code: KindCode(7),
    name: "role",
    title: "Admin role",
    what: "A standard or custom admin role: what an administrator may do.",
    name_at: &["/label", "/id"],
    status_at: None,
    columns: &[Column::text("description", "/description", "What the role is for.")],
    ..Kind::USUAL
};

/// A permission of a custom role.
pub const ROLE_PERMISSION: Kind = Kind {
    code: KindCode(8),
    name: "role_permission",
    title: "Role permission",
    what: "A permission that a custom admin role grants, with its conditions.",
    parents: &["role"],
    id: "/label",
    name_at: &["/label"],
    status_at: None,
    columns: &[
        Column::text("conditions", "/conditions", "What narrows it: profile attributes, for one; none in most.")
            .typed(ColumnType::Json),
    ],
    ..Kind::USUAL
};

/// Okta's standard role types (spec, `RoleType`, less `CUSTOM`). Their ids are these words, in assignments too.
pub const STANDARD: &[&str] = &[
    "SUPER_ADMIN",
    "ORG_ADMIN",
    "APP_ADMIN",
    "USER_ADMIN",
    "HELP_DESK_ADMIN",
    "GROUP_MEMBERSHIP_ADMIN",
    "API_ACCESS_MANAGEMENT_ADMIN",
    "READ_ONLY_ADMIN",
    "REPORT_ADMIN",
    "WORKFLOWS_ADMIN",
    "ACCESS_CERTIFICATIONS_ADMIN",
    "ACCESS_REQUESTS_ADMIN",
];

/// The right that the article's custom role grants.
pub(super) const IAM_READ: Right = Right {
    permission: Some("okta.iam.read"),
    console: "View roles, resources, and admin assignments",
    scope: "okta.roles.read",
    read_only_admin: false,
    evidence: Evidence::Practice,
};

/// An unknown role is Okta's way to say that the org's licence has no such standard role.
fn unlicensed_role(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static ROLES: Dataset = Dataset {
    name: "role",
    title: "Admin roles",
    used_for: "know which admin roles exist",
    without: "custom roles stay unknown, and with them what their holders may do",
    right: IAM_READ,
    target: Target::Children(ROLE.code),
    parts: |_| {
        let standard = STANDARD.iter().map(|role| api::role::get(role).into_listing());
        std::iter::once(api::role::list().into_listing()).chain(standard).collect()
    },
    read: |item, scope, page| match usize::try_from(scope.part - 1).ok().and_then(|n| STANDARD.get(n)) {
        // Whatever id Okta gives a standard role, assignments name it by its type: that is its identity here.
        Some(role) => {
            object_as(&ROLE, (*role).to_string(), &[], item, scope, page);
        }
        None => {
            object(&ROLE, &[], item, scope, page);
        }
    },
    again: Some(|id| api::role::get(id).into_listing()),
    none: unlicensed_role,
    ..Dataset::USUAL
};

static PERMISSIONS: Dataset = Dataset {
    name: "role_permission",
    title: "Permissions of custom roles",
    used_for: "tell what the holder of a custom role may do",
    without: "custom roles are names without meaning",
    right: IAM_READ,
    over: Over::Each(Selector::Kind { kind: ROLE.code, status: None, status_not: None }),
    after: &["role"],
    target: Target::Children(ROLE_PERMISSION.code),
    // Okta does not publish the permissions of standard roles by this call.
    parts: |role| match is_standard(role.okta_id) {
        true => Vec::new(),
        false => vec![api::role::permissions(role.okta_id).into_listing()],
    },
    read: |item, scope, page| {
        object(&ROLE_PERMISSION, &[], item, scope, page);
    },
    ..Dataset::USUAL
};

/// Whether a role document is one of the standard roles, by the identity it is stored under.
pub fn is_standard(okta_id: &str) -> bool {
    STANDARD.contains(&okta_id)
}

/// The identity under which a role assignment's role is stored.
pub(super) fn of_assignment(assignment: &Value) -> Option<&str> {
    match text(assignment, "/type")? {
        "CUSTOM" => text(assignment, "/role"),
        standard => Some(standard),
    }
}

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&ROLE, &ROLE_PERMISSION], relations: &[], datasets: &[&ROLES, &PERMISSIONS] };
