//! API tokens (SSWS): long-lived credentials with their owner's roles.

use reqwest::Method;

use crate::listing::{Items, List, Listing};
use crate::view::view;
use crate::{Call, Client, Error};

view! {
    /// An API token's description; never its value.
    ApiToken {
        /// `00T…`, not related to the token's value.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Its owner.
        user_id: text "/userId",
        /// `Okta API`, or the agent it was made for.
        client_name: text "/clientName",
        /// How long it lives unused, such as `P30D`; null for agents that never expire [inf].
        token_window: text "/tokenWindow",
        /// `ANYWHERE` or `ZONE`.
        network_connection: text "/network/connection",
        /// Zones it may be used from.
        network_include: texts "/network/include",
        /// Zones it may not be used from.
        network_exclude: texts "/network/exclude",
        /// When it ends unless used before.
        expires_at: time "/expiresAt",
        /// When it was made.
        created: time "/created",
        /// Last change or use [rec].
        last_updated: time "/lastUpdated",
    }
}

/// Every token this credential may see: a read-only administrator's own only [hound].
///
/// Not paged. Bucket `api-tokens`. Permission `okta.users.apitokens.read` [inf], scope `okta.apiTokens.read` [spec].
/// [rec]
#[must_use]
pub fn list() -> List<ApiToken> {
    Listing::new("/api/v1/api-tokens", &[], Items::Array).of()
}

/// One token.
///
/// Bucket `api-tokens`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(token_id: &str) -> List<ApiToken> {
    Listing::new("/api/v1/api-tokens/{apiTokenId}", &[token_id], Items::One).of()
}

/// Revokes the token this client uses; every later call will be refused. Needs no permission [spec].
///
/// # Errors
/// Everything in [`Error`]; [`Error::TokenRejected`] when it was revoked already.
pub async fn revoke_current(client: &Client) -> Result<Call, Error> {
    let answer = client.request(Method::DELETE, "/api/v1/api-tokens/current", &[], None).await?;
    Ok(answer.call)
}

/// Revokes a token. Permission `okta.users.apitokens.manage` [docs], scope `okta.apiTokens.manage` [spec].
///
/// # Errors
/// Everything in [`Error`]; [`Error::NotFound`] when it is not there any more.
pub async fn revoke(client: &Client, token_id: &str) -> Result<Call, Error> {
    let path = Listing::new("/api/v1/api-tokens/{apiTokenId}", &[token_id], Items::One).path;
    Ok(client.request(Method::DELETE, &path, &[], None).await?.call)
}
