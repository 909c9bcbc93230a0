//! Admin roles and what they permit.

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
