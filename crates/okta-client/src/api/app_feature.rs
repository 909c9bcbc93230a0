//! Provisioning features of an app: what is pushed to it, what is imported from it.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A provisioning feature of an app. Its name is its id.
    AppFeature {
        /// `USER_PROVISIONING` (to the app) or `INBOUND_PROVISIONING` (to Okta) [spec].
        name: id "/name",
        /// `ENABLED` or `DISABLED`.
        status: text "/status",
        /// What it is.
        description: text "/description",
        /// What it does: create, update, deactivate; or how imported users are matched and confirmed.
        capabilities: value "/capabilities",
    }
}

/// The provisioning features of an app. 400 `E0000001` "Provisioning is not supported." and 404 mean that it has none
/// [rec].
///
/// Not paged. Bucket `apps`. Permission `okta.apps.read` [inf], scope `okta.apps.read` [spec]. Listings were recorded as
/// refusals only, single features whole [rec].
#[must_use]
pub fn list(app_id: &str) -> List<AppFeature> {
    Listing::new("/api/v1/apps/{appId}/features", &[app_id], Items::Array).of()
}

/// One provisioning feature of an app.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(app_id: &str, name: &str) -> List<AppFeature> {
    Listing::new("/api/v1/apps/{appId}/features/{featureName}", &[app_id, name], Items::One).of()
}
