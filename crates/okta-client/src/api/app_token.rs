//! Refresh tokens of an app: whose, for what, until when. Never the token.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A refresh token's metadata.
    AppToken {
        /// `oar…`: a name for it, not the token.
        id: id "/id",
        /// `ACTIVE` or `REVOKED`.
        status: text "/status",
        /// The OAuth client.
        client_id: text "/clientId",
        /// The user it acts for.
        user_id: text "/userId",
        /// The authorization server that issued it.
        issuer: text "/issuer",
        /// That server, as a URL.
        authorization_server: text "/_links/authorizationServer/href",
        /// Its scopes.
        scopes: texts "/scopes",
        /// When it was issued.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
        /// When it ends.
        expires_at: time "/expiresAt",
    }
}

/// The refresh tokens of an app.
///
/// Page 20 / 200 → 200 [spec]. Bucket `apps`. Permission `okta.apps.read` [inf], scope `okta.apps.read` [spec]. Listings
/// were recorded empty only, one token whole [rec].
#[must_use]
pub fn list(app_id: &str) -> List<AppToken> {
    Listing::new("/api/v1/apps/{appId}/tokens", &[app_id], Items::Array).limit(200, 20).of()
}

/// One refresh token.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(app_id: &str, token_id: &str) -> List<AppToken> {
    Listing::new("/api/v1/apps/{appId}/tokens/{tokenId}", &[app_id, token_id], Items::One).of()
}
