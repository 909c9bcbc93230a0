//! Linked objects: relations between users that the org defined, such as manager and subordinate.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// The definition of a relation between users. It has no id; the primary's name is unique in the org.
    LinkedObject {
        /// Name of the one side, such as `manager`; one to many.
        primary: id "/primary/name",
        /// Its title.
        primary_title: text "/primary/title",
        /// Name of the other side, such as `subordinate`.
        associated: text "/associated/name",
        /// Its title.
        associated_title: text "/associated/title",
    }
}

view! {
    /// A user at the other end of a relation. Okta sends nothing but where the user is.
    LinkedUser {
        /// The user's address, which ends in the user's id.
        href: id "/_links/self/href",
    }
}

/// Every definition.
///
/// Not paged [spec]. Bucket `meta`. Permission `okta.apps.manage`, or the roles API_ACCESS_MANAGEMENT_ADMIN, APP_ADMIN,
/// ORG_ADMIN; scope `okta.linkedObjects.read` [spec]. Recorded one at a time [rec].
#[must_use]
pub fn list() -> List<LinkedObject> {
    Listing::new("/api/v1/meta/schemas/user/linkedObjects", &[], Items::Array).of()
}

/// One definition by either of its names.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(name: &str) -> List<LinkedObject> {
    Listing::new("/api/v1/meta/schemas/user/linkedObjects/{linkedObjectName}", &[name], Items::One).of()
}

/// The users that a user is linked to in the relation of this name: by the primary's name the one primary, if any; by the
/// associated's name all who have this user for their primary. An unknown name is 404 `E0000007` [inf].
///
/// Page 1000, which only its `self` link shows [rec]. Bucket `users/{id}/*`. Permission `okta.users.read` [inf], scope
/// `okta.users.read` [spec]. [rec]
#[must_use]
pub fn of_user(user_id: &str, relation: &str) -> List<LinkedUser> {
    let route = "/api/v1/users/{userIdOrLogin}/linkedObjects/{relationshipName}";
    Listing::new(route, &[user_id, relation], Items::Array).of()
}
