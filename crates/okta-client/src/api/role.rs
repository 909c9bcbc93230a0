//! Admin roles and what they permit.

use reqwest::Method;
use serde_json::json;

use crate::Write;
use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A custom admin role, or a built-in one asked for by its type.
    Role {
        /// `cr0…`, or the type of a built-in role.
        id: id "/id",
        /// Name.
        label: text "/label",
        /// Description.
        description: text "/description",
        /// Whether a custom role can be made from it; not in the spec [rec].
        is_cloneable: flag "/isCloneable",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// One permission of a role. It has no id; its label is unique below the role.
    Permission {
        /// Such as `okta.users.read`.
        label: id "/label",
        /// What narrows it, such as a list of attributes.
        conditions: value "/conditions",
        /// When it was given.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every custom admin role; built-in ones are not listed.
///
/// Paged by the body's `_links.next`, without a page size [spec]. Bucket `iam`. Permission `okta.iam.read` on all IAM
/// resources, scope `okta.roles.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Role> {
    Listing::new("/api/v1/iam/roles", &[], Items::Field("roles")).of()
}

/// One role by id or label; a built-in role by its type, which answers 404 where it is not licensed.
///
/// Bucket `iam`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(role_id_or_label: &str) -> List<Role> {
    Listing::new("/api/v1/iam/roles/{roleIdOrLabel}", &[role_id_or_label], Items::One).of()
}

/// What a custom role permits.
///
/// Bucket `iam`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn permissions(role_id_or_label: &str) -> List<Permission> {
    let route = "/api/v1/iam/roles/{roleIdOrLabel}/permissions";
    Listing::new(route, &[role_id_or_label], Items::Field("permissions")).of()
}

/// Makes a custom role. Answers 200 with a [`Role`] [rec]; a label that is taken 400 `E0000001` with a cause that begins
/// with `label:` [rec].
///
/// Only a Super Administrator may [docs]; scope `okta.roles.manage` [spec].
#[must_use]
pub fn create(label: &str, description: &str, permissions: &[&str]) -> Write {
    let body = json!({ "label": label, "description": description, "permissions": permissions });
    Write::new(Method::POST, "/api/v1/iam/roles", &[]).body(body)
}

/// Adds a permission to a custom role. Answers 204 [rec]. Who may: as [`create`].
#[must_use]
pub fn permit(role_id: &str, permission: &str) -> Write {
    Write::new(
        Method::POST,
        "/api/v1/iam/roles/{roleIdOrLabel}/permissions/{permissionType}",
        &[role_id, permission],
    )
}

/// Takes a permission from a custom role. Answers 204 [spec]. Who may: as [`create`].
#[must_use]
pub fn forbid(role_id: &str, permission: &str) -> Write {
    Write::new(
        Method::DELETE,
        "/api/v1/iam/roles/{roleIdOrLabel}/permissions/{permissionType}",
        &[role_id, permission],
    )
}

/// Deletes a custom role. Answers 204 [rec]. Who may: as [`create`].
#[must_use]
pub fn delete(role_id: &str) -> Write {
    Write::new(Method::DELETE, "/api/v1/iam/roles/{roleIdOrLabel}", &[role_id])
}
