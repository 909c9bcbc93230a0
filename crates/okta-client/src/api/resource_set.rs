//! Resource sets: what custom admin roles apply to, and who holds them there.

use reqwest::Method;
use serde_json::json;

use crate::Write;
use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A set of resources.
    ResourceSet {
        /// `iam…`.
        id: id "/id",
        /// Name.
        label: text "/label",
        /// Description.
        description: text "/description",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// One resource of a set.
    Resource {
        /// `ire…`.
        id: id "/id",
        /// Okta resource name; for users, groups and the like it can name all of them.
        orn: text "/orn",
        /// The resource, as a URL; IAM, workflow, support and customization resources have none [hound].
        href: text "/_links/self/href",
        /// When it was added.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// A custom role held on a set. Its id is the role's.
    Binding {
        /// The role's id, `cr0…`.
        id: id "/id",
    }
}

view! {
    /// Who holds a role on a set.
    BindingMember {
        /// `irb…`.
        id: id "/id",
        /// The user, group or client, as a URL.
        href: text "/_links/self/href",
        /// When it was given.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every resource set.
///
/// Paged by the body's `_links.next`, without a page size [spec]. Bucket `iam`. Permission `okta.iam.read`, scope
/// `okta.roles.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<ResourceSet> {
    Listing::new("/api/v1/iam/resource-sets", &[], Items::Field("resource-sets")).of()
}

/// One resource set.
///
/// Permission and scope as [`list`] [spec].
#[must_use]
pub fn get(set_id_or_label: &str) -> List<ResourceSet> {
    Listing::new("/api/v1/iam/resource-sets/{resourceSetIdOrLabel}", &[set_id_or_label], Items::One).of()
}

/// The resources of a set.
///
/// Page 100 → 100 [spec]. Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn resources(set_id_or_label: &str) -> List<Resource> {
    let route = "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/resources";
    Listing::new(route, &[set_id_or_label], Items::Field("resources")).limit(100, 25).of()
}

/// The custom roles held on a set.
///
/// Pages of 100, without a page size [spec]. Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn bindings(set_id_or_label: &str) -> List<Binding> {
    let route = "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/bindings";
    Listing::new(route, &[set_id_or_label], Items::Field("roles")).of()
}

/// Who holds a role on a set.
///
/// Paged, without a page size [spec]; never recorded. Bucket, permission and scope as [`list`].
#[must_use]
pub fn members(set_id_or_label: &str, role_id_or_label: &str) -> List<BindingMember> {
    let route = "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/bindings/{roleIdOrLabel}/members";
    Listing::new(route, &[set_id_or_label, role_id_or_label], Items::Field("members")).of()
}

/// Makes a resource set of at most 1000 resources, each an ORN or a REST URL [spec]. Answers 200 with a
/// [`ResourceSet`] [rec].
///
/// Only a Super Administrator may [docs]; scope `okta.roles.manage` [spec].
#[must_use]
pub fn create(label: &str, description: &str, resources: &[String]) -> Write {
    let body = json!({ "label": label, "description": description, "resources": resources });
    Write::new(Method::POST, "/api/v1/iam/resource-sets", &[]).body(body)
}

/// Adds resources to a set, each an ORN or a REST URL. Answers 200 with the set [rec]. Who may: as [`create`].
#[must_use]
pub fn add(set_id: &str, resources: &[String]) -> Write {
    Write::new(Method::PATCH, "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/resources", &[set_id])
        .body(json!({ "additions": resources }))
}

/// Takes a resource, by its `ire…` id, from a set. Answers 204 [rec]. Who may: as [`create`].
#[must_use]
pub fn take_out(set_id: &str, resource_id: &str) -> Write {
    let route = "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/resources/{resourceId}";
    Write::new(Method::DELETE, route, &[set_id, resource_id])
}

/// Deletes a resource set. Answers 204 [rec]. Who may: as [`create`].
#[must_use]
pub fn delete(set_id: &str) -> Write {
    Write::new(Method::DELETE, "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}", &[set_id])
}
