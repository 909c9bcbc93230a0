//! User types and their profile schemas, and the schema of group profiles.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A user type: users of one type share a profile schema.
    UserType {
        /// `oty…`.
        id: id "/id",
        /// Name in the API.
        name: text "/name",
        /// Name to show.
        display_name: text "/displayName",
        /// Description.
        description: text "/description",
        /// Whether users are of this type where nothing else is said.
        is_default: flag "/default",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// The attributes of users of one type, or of groups.
    Schema {
        /// A URL that ends in `default` for the default type and for groups, else in the schema's id [rec].
        id: id "/id",
        /// `user`, `group`, or the user type's name.
        name: text "/name",
        /// Title.
        title: text "/title",
        /// Attributes that Okta gives, by name.
        base: value "/definitions/base/properties",
        /// Attributes that the org added, by name.
        custom: value "/definitions/custom/properties",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every user type.
///
/// Not paged [spec]. Bucket `meta`. Permission: read-only administrators see them [hound]; scope `okta.userTypes.read`
/// [spec]. [rec]
#[must_use]
pub fn list() -> List<UserType> {
    Listing::new("/api/v1/meta/types/user", &[], Items::Array).of()
}

/// One user type.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(type_id: &str) -> List<UserType> {
    Listing::new("/api/v1/meta/types/user/{typeId}", &[type_id], Items::One).of()
}

/// The schema of a user type. Its id is the type's with `osc` for `oty`: so in each of 50 recorded types and users
/// that show both.
///
/// Bucket `meta`. Permission `okta.apps.manage`, or the roles API_ACCESS_MANAGEMENT_ADMIN, APP_ADMIN, ORG_ADMIN; scope
/// `okta.schemas.read` [spec]. [rec]
#[must_use]
pub fn schema(type_id: &str) -> List<Schema> {
    let schema_id =
        type_id.strip_prefix("oty").map_or_else(|| type_id.to_owned(), |rest| format!("osc{rest}"));
    Listing::new("/api/v1/meta/schemas/user/{schemaId}", &[&schema_id], Items::One).of()
}

/// The schema of group profiles.
///
/// Bucket, permission and scope as [`schema`]. [rec]
#[must_use]
pub fn group_schema() -> List<Schema> {
    Listing::new("/api/v1/meta/schemas/group/default", &[], Items::One).of()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_types_schema_has_the_types_id() {
        assert_eq!(schema("oty1").listing().path, "/api/v1/meta/schemas/user/osc1");
        assert_eq!(schema("default").listing().path, "/api/v1/meta/schemas/user/default");
    }
}
