//! Brands: what sign-in pages and e-mails look like.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A brand.
    Brand {
        /// `bnd…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Whether it is the org's own.
        is_default: flag "/isDefault",
        /// A privacy policy of one's own.
        custom_privacy_policy_url: text "/customPrivacyPolicyUrl",
        /// Whether Okta's name is left out.
        remove_powered_by_okta: flag "/removePoweredByOkta",
        /// Its e-mail domain, where it has one.
        email_domain_id: text "/emailDomainId",
        /// The app people come to after signing in.
        default_app_id: text "/defaultApp/appInstanceId",
    }
}

/// Every brand. Not expanded: domains and e-mail domains have listings of their own and name their brand, themes say
/// nothing about access.
///
/// Page 20 / 200 → 200 [spec]. Bucket `brands`. Permission `okta.customizations.read` [docs]; read-only administrators
/// see Okta settings [docs]; scope `okta.brands.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Brand> {
    Listing::new("/api/v1/brands", &[], Items::Array).limit(200, 20).of()
}

/// One brand.
///
/// Permission and scope as [`list`] [spec]. [rec]
#[must_use]
pub fn get(brand_id: &str) -> List<Brand> {
    Listing::new("/api/v1/brands/{brandId}", &[brand_id], Items::One).of()
}
