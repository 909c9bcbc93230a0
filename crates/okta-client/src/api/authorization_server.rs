//! Custom authorization servers (API Access Management).

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An authorization server.
    AuthorizationServer {
        /// `aus…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Description.
        description: text "/description",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// Issuer in its tokens.
        issuer: text "/issuer",
        /// `ORG_URL`, `CUSTOM_URL` or `DYNAMIC`.
        issuer_mode: text "/issuerMode",
        /// Audiences in its tokens.
        audiences: texts "/audiences",
        /// Whether it came with the org; not in the spec [rec].
        is_default: flag "/default",
        /// How its signing keys rotate: `AUTO` or `MANUAL`.
        key_rotation: text "/credentials/signing/rotationMode",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every authorization server. 401 `E0000015` ([`Error::NotLicensed`](crate::Error::NotLicensed)) where the org does
/// not have the product [rec].
///
/// Page 200 → 200 [spec]. Bucket `authorizationServers`. Permission `okta.authzServers.read`, scope
/// `okta.authorizationServers.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<AuthorizationServer> {
    Listing::new("/api/v1/authorizationServers", &[], Items::Array).limit(200, 25).of()
}

/// One authorization server.
///
/// Permission and scope as [`list`] [spec].
#[must_use]
pub fn get(server_id: &str) -> List<AuthorizationServer> {
    Listing::new("/api/v1/authorizationServers/{authServerId}", &[server_id], Items::One).of()
}

view! {
    /// An app that has had tokens of a server. Its id is the app's, unless the app was given a client id of its own.
    ServerClient {
        /// The client id.
        id: id "/client_id",
        /// The app's label.
        name: text "/client_name",
    }
}

view! {
    /// A public key that a server signs its tokens with.
    ServerKey {
        /// Key id.
        kid: id "/kid",
        /// `ACTIVE`, `NEXT` or `EXPIRED`.
        status: text "/status",
        /// Algorithm, `RS256`.
        algorithm: text "/alg",
        /// What it is for, `sig`.
        usage: text "/use",
    }
}

/// The apps for which a server has issued tokens.
///
/// Not paged [spec]. Bucket `authorizationServers`. Permission and scope as [`list`]; never recorded.
#[must_use]
pub fn clients(server_id: &str) -> List<ServerClient> {
    let route = "/api/v1/authorizationServers/{authServerId}/clients";
    Listing::new(route, &[server_id], Items::Array).of()
}

/// The servers whose tokens a server takes in exchange for its own (token exchange).
///
/// Page 200 → 200 [spec]. Bucket `authorizationServers`. Permission and scope as [`list`]; never recorded.
#[must_use]
pub fn trusted(server_id: &str) -> List<AuthorizationServer> {
    let route = "/api/v1/authorizationServers/{authServerId}/associatedServers";
    Listing::new(route, &[server_id], Items::Array).query("trusted", "true").limit(200, 25).of()
}

/// A server's signing keys: public halves only [spec][rec].
///
/// Not paged [spec]. Bucket `authorizationServers`. Permission and scope as [`list`].
#[must_use]
pub fn keys(server_id: &str) -> List<ServerKey> {
    let route = "/api/v1/authorizationServers/{authServerId}/credentials/keys";
    Listing::new(route, &[server_id], Items::Array).of()
}
