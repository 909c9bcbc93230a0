//! Client secrets of an app's OAuth client: how old they are. What they are is dropped before anything else sees it.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A client secret, without the secret.
    AppSecret {
        /// `ocs…`.
        id: id "/id",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The client secrets of an OAuth client.
///
/// **Okta's answer holds every secret in clear, and its hash [rec].** The client replaces both before the page is
/// handed on, so that no caller ever has them; they pass through this process's memory all the same, which is why
/// nobody should make this call unasked.
///
/// Not paged. Bucket `apps`. Permission `okta.apps.clientCredentials.read` [hound], scope `okta.apps.read` [spec].
/// [rec]
#[must_use]
pub fn list(app_id: &str) -> List<AppSecret> {
    Listing::new("/api/v1/apps/{appId}/credentials/secrets", &[app_id], Items::Array).of()
}
