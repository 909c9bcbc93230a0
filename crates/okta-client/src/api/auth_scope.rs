//! Scopes of authorization servers: what a client can ask for.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A scope.
    AuthScope {
        /// `scp…`.
        id: id "/id",
        /// Name, as it stands in tokens.
        name: text "/name",
        /// Name for people; null for most.
        display_name: text "/displayName",
        /// Description.
        description: text "/description",
        /// Made by Okta.
        system: flag "/system",
        /// `IMPLICIT`, `REQUIRED` or `FLEXIBLE`: whether people are asked.
        consent: text "/consent",
        /// `ALL_CLIENTS` or `NO_CLIENTS`: whether the server's metadata names it.
        metadata_publish: text "/metadataPublish",
        /// Whether a client that asks for no scope gets it.
        is_default: flag "/default",
        /// Whether people may leave it out when they consent.
        optional: flag "/optional",
    }
}

/// The scopes of a server.
///
/// Page ? / 200 → 200 [spec]. Bucket `authorizationServers`. Permission `okta.authzServers.read`, scope
/// `okta.authorizationServers.read` [spec]. Only single scopes were recorded.
#[must_use]
pub fn list(server_id: &str) -> List<AuthScope> {
    let route = "/api/v1/authorizationServers/{authServerId}/scopes";
    Listing::new(route, &[server_id], Items::Array).limit(200, 25).of()
}
