//! What a user let OAuth 2.0 clients do in their name.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A scope that a user granted a client.
    UserGrant {
        /// `oag…`.
        id: id "/id",
        /// `ACTIVE` or `REVOKED`.
        status: text "/status",
        /// The scope.
        scope_id: text "/scopeId",
        /// The client, which is an app.
        client_id: text "/clientId",
        /// The user.
        user_id: text "/userId",
        /// The authorization server.
        issuer: text "/issuer",
        /// `END_USER` or `ADMIN`.
        source: text "/source",
        /// When it was granted.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The grants of a user. There is no call for several users at once [spec].
///
/// Page 20 / 200 → 200 [spec]. Bucket `users/{id}/*`. Permission `okta.users.read` [inf], scope `okta.users.read`
/// [spec]. Recorded empty only [rec].
#[must_use]
pub fn list(user_id: &str) -> List<UserGrant> {
    Listing::new("/api/v1/users/{userId}/grants", &[user_id], Items::Array).limit(200, 25).of()
}
