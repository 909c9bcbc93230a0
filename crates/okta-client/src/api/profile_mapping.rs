//! Profile mappings: which attributes flow between Okta's users and an app's.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A mapping from one kind of profile to another. Listings leave out `properties` [rec].
    ProfileMapping {
        /// `prm…`.
        id: id "/id",
        /// Id of the source: an app, an identity provider's app, or a user type.
        source_id: text "/source/id",
        /// Its name: the app's, or the user type's.
        source_name: text "/source/name",
        /// `appuser` or `user`.
        source_type: text "/source/type",
        /// Id of the target.
        target_id: text "/target/id",
        /// Its name.
        target_name: text "/target/name",
        /// `appuser` or `user`.
        target_type: text "/target/type",
        /// Attribute → expression and push status; only in a single read [rec].
        properties: value "/properties",
    }
}

/// Every profile mapping, without its properties.
///
/// Page 20 / 200 → 200 [spec]. Bucket `mappings`. Permission unknown [inf], scope `okta.profileMappings.read` [spec].
/// [rec]
#[must_use]
pub fn list() -> List<ProfileMapping> {
    Listing::new("/api/v1/mappings", &[], Items::Array).limit(200, 20).of()
}

/// One profile mapping with its properties.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(mapping_id: &str) -> List<ProfileMapping> {
    Listing::new("/api/v1/mappings/{mappingId}", &[mapping_id], Items::One).of()
}
