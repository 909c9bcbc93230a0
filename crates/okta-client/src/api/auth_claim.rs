//! Claims of authorization servers: what their tokens say of a person or client.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A claim.
    AuthClaim {
        /// `ocl…`.
        id: id "/id",
        /// Name, as it stands in tokens.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// `RESOURCE` for access tokens, `IDENTITY` for ID tokens.
        kind: text "/claimType",
        /// How its value is found.
        value_type: [ClaimValueType] "/valueType",
        /// An expression, or what group names are compared with; null for Okta's own.
        expression: text "/value",
        /// How group names are compared, for `GROUPS`.
        group_filter: text "/group_filter_type",
        /// Whether it is there without being asked for.
        always: flag "/alwaysIncludeInToken",
        /// Scopes it comes with; empty: with any.
        scopes: texts "/conditions/scopes",
        /// Made by Okta.
        system: flag "/system",
    }
}

open_enum! {
    /// How a claim's value is found [spec].
    ClaimValueType {
        /// By an expression.
        Expression = "EXPRESSION",
        /// The names of the person's groups that match.
        Groups = "GROUPS",
        /// Okta's own.
        System = "SYSTEM",
    }
}

/// The claims of a server.
///
/// Not paged [spec]. Bucket `authorizationServers`. Permission `okta.authzServers.read`, scope
/// `okta.authorizationServers.read` [spec]. [rec]
#[must_use]
pub fn list(server_id: &str) -> List<AuthClaim> {
    let route = "/api/v1/authorizationServers/{authServerId}/claims";
    Listing::new(route, &[server_id], Items::Array).of()
}
