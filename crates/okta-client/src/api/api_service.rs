//! API service integrations: apps of the integration network that call Okta's API on their own.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An API service integration.
    ApiService {
        /// `0oa…`; also its OAuth client id [rec].
        id: id "/id",
        /// Key of its kind in the integration network.
        kind: text "/type",
        /// Name to show.
        name: text "/name",
        /// Scopes of the Okta API it was granted.
        granted_scopes: texts "/grantedScopes",
        /// The user who added it.
        created_by: text "/createdBy",
        /// When it was added.
        created: time "/createdAt",
    }
}

/// Every API service integration.
///
/// Paged, without a page size [spec]. Bucket `integrations`. Permission unknown [inf], scope
/// `okta.oauthIntegrations.read` [spec]. Only single reads were recorded.
#[must_use]
pub fn list() -> List<ApiService> {
    Listing::new("/integrations/api/v1/api-services", &[], Items::Array).of()
}

/// One API service integration.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(integration_id: &str) -> List<ApiService> {
    Listing::new("/integrations/api/v1/api-services/{apiServiceId}", &[integration_id], Items::One).of()
}
