//! Settings of the org that come as a document each: who of Okta may look in, which admins get what by themselves.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// Whether Okta's support may sign in to the org [spec][rec].
    OktaSupport {
        /// `ENABLED` or `DISABLED`.
        support: text "/support",
        /// Until when.
        expiration: time "/expiration",
        /// For which case.
        case_number: text "/caseNumber",
    }
}

view! {
    /// Whether a new public client app gets the Super Administrator role by itself [spec].
    ClientPrivileges {
        /// See above.
        enabled: flag "/clientPrivilegesSetting",
    }
}

view! {
    /// Whether people from outside may be made administrators who get no e-mail from Okta [spec].
    ThirdPartyAdmin {
        /// See above.
        enabled: flag "/thirdPartyAdmin",
    }
}

view! {
    /// Whether a new administrator gets the Admin Console by themselves [spec].
    AutoAssignAdminApp {
        /// See above.
        enabled: flag "/autoAssignAdminAppSetting",
    }
}

view! {
    /// What end users see [spec].
    Preferences {
        /// Whether Okta's footer stands on their pages.
        show_end_user_footer: flag "/showEndUserFooter",
    }
}

view! {
    /// Whom Okta writes to [spec][rec].
    Contact {
        /// The user.
        user_id: text "/userId",
    }
}

/// The kinds of contacts [spec].
pub const CONTACTS: &[&str] = &["BILLING", "TECHNICAL"];

/// Whether Okta's support may sign in.
///
/// Bucket `org`. Super administrators only [spec: x-okta-iam-admin-roles]; scope `okta.orgs.read` [spec].
#[must_use]
pub fn okta_support() -> List<OktaSupport> {
    Listing::new("/api/v1/org/privacy/oktaSupport", &[], Items::One).of()
}

/// Whether a new public client app gets the Super Administrator role by itself.
///
/// Bucket `org`. Permission as the org's other settings [inf], scope `okta.orgs.read` [spec].
#[must_use]
pub fn client_privileges() -> List<ClientPrivileges> {
    Listing::new("/api/v1/org/settings/clientPrivilegesSetting", &[], Items::One).of()
}

/// Whether people from outside may be administrators without Okta's e-mails.
///
/// Bucket `org`. Permission as the org's other settings [inf], scope `okta.orgs.read` [spec].
#[must_use]
pub fn third_party_admin() -> List<ThirdPartyAdmin> {
    Listing::new("/api/v1/org/orgSettings/thirdPartyAdminSetting", &[], Items::One).of()
}

/// Whether a new administrator gets the Admin Console by themselves.
///
/// Bucket `org`. Permission as the org's other settings [inf], scope `okta.orgs.read` [spec].
#[must_use]
pub fn auto_assign_admin_app() -> List<AutoAssignAdminApp> {
    Listing::new("/api/v1/org/settings/autoAssignAdminAppSetting", &[], Items::One).of()
}

/// What end users see.
///
/// Bucket `org`. Read-only administrators see Okta settings [docs]; scope `okta.orgs.read` [spec].
#[must_use]
pub fn preferences() -> List<Preferences> {
    Listing::new("/api/v1/org/preferences", &[], Items::One).of()
}

/// The contact of a kind, one of [`CONTACTS`]; 404 ([`Error::NotFound`](crate::Error::NotFound)) for another.
///
/// Bucket `org`. Read-only administrators see contact information [docs]; scope `okta.orgs.read` [spec]. [rec]
#[must_use]
pub fn contact(contact_type: &str) -> List<Contact> {
    Listing::new("/api/v1/org/contacts/{contactType}", &[contact_type], Items::One).of()
}
