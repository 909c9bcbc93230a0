//! Who holds an admin role.

use reqwest::Method;
use serde_json::{Value, json};

use crate::Write;
use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A role held by a user, a group or a client.
    RoleAssignment {
        /// Not unique in the org: of most standard roles it is the type's name in base 32 [rec]. Unique below its holder.
        id: id "/id",
        /// Name of the role.
        label: text "/label",
        /// Which role.
        kind: [RoleType] "/type",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// Whether it is held directly or by group.
        assignment_type: [AssignmentType] "/assignmentType",
        /// The custom role's id.
        role_id: text "/role",
        /// The resource set's id, of a custom role.
        resource_set_id: text "/resource-set",
        /// The groups a standard role is limited to; none: not limited by group.
        target_groups: list "/_embedded/targets/groups",
        /// The apps a standard role is limited to: instances with an `id`, or all of a catalogue app's by `name`.
        target_apps: list "/_embedded/targets/catalog/apps",
        /// When it was given.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// An admin role [spec].
    RoleType {
        AccessCertificationsAdmin = "ACCESS_CERTIFICATIONS_ADMIN",
        AccessRequestsAdmin = "ACCESS_REQUESTS_ADMIN",
        ApiAccessManagementAdmin = "API_ACCESS_MANAGEMENT_ADMIN",
        AppAdmin = "APP_ADMIN",
        /// A custom role on a resource set.
        Custom = "CUSTOM",
        GroupMembershipAdmin = "GROUP_MEMBERSHIP_ADMIN",
        HelpDeskAdmin = "HELP_DESK_ADMIN",
        OrgAdmin = "ORG_ADMIN",
        ReadOnlyAdmin = "READ_ONLY_ADMIN",
        ReportAdmin = "REPORT_ADMIN",
        SuperAdmin = "SUPER_ADMIN",
        /// Group administrator.
        UserAdmin = "USER_ADMIN",
        WorkflowsAdmin = "WORKFLOWS_ADMIN",
    }
}

open_enum! {
    /// How a role is held [spec].
    AssignmentType { Client = "CLIENT", Group = "GROUP", User = "USER" }
}

view! {
    /// A user who holds any admin role, directly or by group.
    RoleAssignee {
        /// The user's id, `00u…`.
        id: id "/id",
        /// Okta resource name.
        orn: text "/orn",
    }
}

/// Every user who holds an admin role: asks once what would otherwise be asked of each user.
///
/// Page 100 → 100, by the body's `_links.next` [spec]. Bucket `iam`. Permission `okta.iam.read`, scope
/// `okta.roles.read` [spec]. [rec]
#[must_use]
pub fn assignees() -> List<RoleAssignee> {
    Listing::new("/api/v1/iam/assignees/users", &[], Items::Field("value")).limit(100, 25).of()
}

/// What a standard role is limited to, in the same answer instead of two more calls a role [spec].
const TARGETS: (&str, &str) = ("expand", "targets/groups,targets/catalog/apps");

/// A user's roles, those held by group included, with what they are limited to.
///
/// Not paged. That `expand` takes both values at once and shows every target, not a page of them, is our reading of
/// its description [inf]. Bucket `users/{id}/*` [rec]. Permission `okta.iam.read`, which read-only administrators lack
/// [hound]; scope `okta.roles.read` [spec]. [rec]
#[must_use]
pub fn of_user(user_id: &str) -> List<RoleAssignment> {
    Listing::new("/api/v1/users/{userId}/roles", &[user_id], Items::Array).query(TARGETS.0, TARGETS.1).of()
}

/// A user's roles, those held by group included, and not what they are limited to: quicker than [`of_user`].
///
/// Not paged. Bucket, permission and scope as [`of_user`]. [rec]
#[must_use]
pub fn names_of_user(user_id: &str) -> List<RoleAssignment> {
    Listing::new("/api/v1/users/{userId}/roles", &[user_id], Items::Array).of()
}

/// A group's roles, with what they are limited to.
///
/// Not paged. Bucket `groups`. Permission and scope as [`of_user`]. [rec]
#[must_use]
pub fn of_group(group_id: &str) -> List<RoleAssignment> {
    Listing::new("/api/v1/groups/{groupId}/roles", &[group_id], Items::Array).query(TARGETS.0, TARGETS.1).of()
}

/// The roles of an OAuth client. Only service apps can hold any [inf]: a role is what a client without a user acts by.
///
/// Not paged; never recorded, but POST answered 201 and DELETE 204 [rec]. Bucket `oauth2/clients`. Permission and scope
/// as [`of_user`] [spec].
#[must_use]
pub fn of_client(client_id: &str) -> List<RoleAssignment> {
    Listing::new("/oauth2/v1/clients/{clientId}/roles", &[client_id], Items::Array).of()
}

/// Gives a user a standard role by its type, for the whole org. Answers 201 with a [`RoleAssignment`] [rec]; 409
/// `E0000090` where the user has it [docs]. `quiet` keeps Okta's e-mails to administrators from the user.
///
/// Only a Super Administrator may [docs]; scope `okta.roles.manage` [spec].
#[must_use]
pub fn give(user_id: &str, role: &str, quiet: bool) -> Write {
    give_body(user_id, quiet, json!({ "type": role }))
}

/// Gives a user a custom role on a resource set. Answers 201 with a [`RoleAssignment`] [spec]. The rest as [`give`].
#[must_use]
pub fn give_custom(user_id: &str, role_id: &str, set_id: &str, quiet: bool) -> Write {
    give_body(user_id, quiet, json!({ "type": "CUSTOM", "role": role_id, "resource-set": set_id }))
}

fn give_body(user_id: &str, quiet: bool, body: Value) -> Write {
    let write = Write::new(Method::POST, "/api/v1/users/{userId}/roles", &[user_id]).body(body);
    if quiet { write.query("disableNotifications", "true") } else { write }
}

/// Takes a role from a user, by the assignment's id. Answers 204 [rec]. Who may: as [`give`].
#[must_use]
pub fn take(user_id: &str, assignment_id: &str) -> Write {
    Write::new(Method::DELETE, "/api/v1/users/{userId}/roles/{roleAssignmentId}", &[user_id, assignment_id])
}

/// Gives a service app a standard role by its type. Answers 201 [rec], where the spec says 200. Who may: as [`give`].
#[must_use]
pub fn give_client(client_id: &str, role: &str) -> Write {
    Write::new(Method::POST, "/oauth2/v1/clients/{clientId}/roles", &[client_id])
        .body(json!({ "type": role }))
}

/// Gives a service app a custom role on a resource set. The rest as [`give_client`].
#[must_use]
pub fn give_client_custom(client_id: &str, role_id: &str, set_id: &str) -> Write {
    let body = json!({ "type": "CUSTOM", "role": role_id, "resource-set": set_id });
    Write::new(Method::POST, "/oauth2/v1/clients/{clientId}/roles", &[client_id]).body(body)
}

/// Takes a role from a service app, by the assignment's id. Answers 204 [rec]. Who may: as [`give`].
#[must_use]
pub fn take_client(client_id: &str, assignment_id: &str) -> Write {
    Write::new(
        Method::DELETE,
        "/oauth2/v1/clients/{clientId}/roles/{roleAssignmentId}",
        &[client_id, assignment_id],
    )
}
