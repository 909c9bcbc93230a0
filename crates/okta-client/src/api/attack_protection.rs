//! Attack protection: what is done about password guessing.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// About lockouts.
    LockoutSettings {
        /// Whether guesses from unknown devices lock only those out.
        spares_known_devices: flag "/preventBruteForceLockoutFromUnknownDevices",
    }
}

view! {
    /// About the order of authenticators.
    AuthenticatorSettings {
        /// Whether something one has comes before what one knows, where two are asked for.
        knowledge_second: flag "/verifyKnowledgeSecondWhen2faRequired",
    }
}

/// The lockout settings.
///
/// Bucket `attack-protection`. Permission: none is documented; scope `okta.orgs.read` [spec]. [rec]
#[must_use]
pub fn lockout() -> List<LockoutSettings> {
    Listing::new("/attack-protection/api/v1/user-lockout-settings", &[], Items::One).of()
}

/// The authenticator settings (Identity Engine).
///
/// Bucket, permission and scope as [`lockout`]. [rec]
#[must_use]
pub fn authenticators() -> List<AuthenticatorSettings> {
    Listing::new("/attack-protection/api/v1/authenticator-settings", &[], Items::One).of()
}
