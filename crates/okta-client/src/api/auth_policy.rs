//! Access policies of authorization servers and their rules: which client may get which tokens for whom.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An access policy.
    AuthPolicy {
        /// `00p…`.
        id: id "/id",
        /// `OAUTH_AUTHORIZATION_POLICY`.
        kind: text "/type",
        /// Name.
        name: text "/name",
        /// Description.
        description: text "/description",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// 1 goes first.
        priority: number "/priority",
        /// Made by Okta.
        system: flag "/system",
        /// Client ids it is for, or `ALL_CLIENTS`.
        clients: texts "/conditions/clients/include",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// A rule of an access policy.
    AuthPolicyRule {
        /// `0pr…`.
        id: id "/id",
        /// `RESOURCE_ACCESS`.
        kind: text "/type",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// 1 goes first.
        priority: number "/priority",
        /// Made by Okta.
        system: flag "/system",
        /// OAuth 2.0 grant types it is for.
        grant_types: texts "/conditions/grantTypes/include",
        /// Names of the scopes it gives; `*` for any.
        scopes: texts "/conditions/scopes/include",
        /// Groups it is for, or `EVERYONE`.
        group_ids: texts "/conditions/people/groups/include",
        /// Users it is not for.
        excluded_user_ids: texts "/conditions/people/users/exclude",
        /// How long an access token lives, in minutes.
        access_token_minutes: number "/actions/token/accessTokenLifetimeMinutes",
        /// How long a refresh token lives, in minutes; 0 for ever.
        refresh_token_minutes: number "/actions/token/refreshTokenLifetimeMinutes",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The access policies of a server.
///
/// Not paged [spec]. Bucket `authorizationServers`. Permission `okta.authzServers.read`, scope
/// `okta.authorizationServers.read` [spec]. [rec]
#[must_use]
pub fn list(server_id: &str) -> List<AuthPolicy> {
    let route = "/api/v1/authorizationServers/{authServerId}/policies";
    Listing::new(route, &[server_id], Items::Array).of()
}

/// The rules of an access policy.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn rules(server_id: &str, policy_id: &str) -> List<AuthPolicyRule> {
    let route = "/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules";
    Listing::new(route, &[server_id, policy_id], Items::Array).of()
}
