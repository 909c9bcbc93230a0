//! Scopes of the Okta API that an app was granted.

use reqwest::Method;
use serde_json::json;

use crate::Write;
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

/// Grants a scope to an app; `issuer` is the org's own URL. Answers 200 with an [`AppGrant`] [rec], where the spec says 201.
///
/// Only a Super Administrator may [docs]; scope `okta.appGrants.manage` [spec].
#[must_use]
pub fn grant(app_id: &str, scope: &str, issuer: &str) -> Write {
    Write::new(Method::POST, "/api/v1/apps/{appId}/grants", &[app_id])
        .body(json!({ "scopeId": scope, "issuer": issuer }))
}

/// Takes a scope from an app, by the grant's id. Answers 204 [rec]. Who may: as [`grant`].
#[must_use]
pub fn revoke(app_id: &str, grant_id: &str) -> Write {
    Write::new(Method::DELETE, "/api/v1/apps/{appId}/grants/{grantId}", &[app_id, grant_id])
}
