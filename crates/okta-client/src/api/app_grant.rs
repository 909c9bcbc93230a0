//! Scopes of the Okta API that an app was granted.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A scope granted to an OAuth client, by an administrator or an end user.
    AppGrant {
        /// `oag…`.
        id: id "/id",
        /// `ACTIVE` or `REVOKED`.
        status: text "/status",
        /// The scope, such as `okta.users.read`.
        scope_id: text "/scopeId",
        /// The org's own authorization server.
        issuer: text "/issuer",
        /// The OAuth client.
        client_id: text "/clientId",
        /// `ADMIN` or `END_USER`.
        source: text "/source",
        /// The user who consented, where an end user did.
        user_id: text "/userId",
        /// Who made the grant.
        created_by: text "/createdBy/id",
        /// When it was granted.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The scopes granted to an app. 404 where it has none [hound].
///
/// Not paged. Bucket `apps`. Needs Super Administrator in practice [hound]; scope `okta.appGrants.read` [spec]. [rec]
#[must_use]
pub fn list(app_id: &str) -> List<AppGrant> {
    Listing::new("/api/v1/apps/{appId}/grants", &[app_id], Items::Array).of()
}
