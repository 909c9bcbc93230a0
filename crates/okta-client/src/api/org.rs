//! The org itself.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// An org's public metadata [rec].
    Metadata {
        /// The org's id, `00o…`.
        id: id "/id",
        /// `idx` for Identity Engine, `v1` for Classic.
        pipeline: text "/pipeline",
        /// The cell it lives in, such as `op3`; not in the spec.
        cell: text "/cell",
        /// The org's own host, as a URL; may be absent.
        organization: text "/_links/organization/href",
        /// Its custom domain, as a URL, when it has one.
        alternate: text "/_links/alternate/href",
    }
}

view! {
    /// An org's settings. Text fields are null where nothing was entered, though the spec says otherwise [rec].
    Org {
        /// The org's id, `00o…`.
        id: id "/id",
        /// First label of its Okta host.
        subdomain: text "/subdomain",
        /// Company name.
        company_name: text "/companyName",
        /// Whether it is in use.
        status: [OrgStatus] "/status",
        /// When it was made.
        created: time "/created",
        /// When its settings last changed.
        last_updated: time "/lastUpdated",
        /// When a trial ends.
        expires_at: time "/expiresAt",
        /// Company website.
        website: text "/website",
        /// Company telephone.
        phone_number: text "/phoneNumber",
        /// Where end users find help.
        end_user_support_help_url: text "/endUserSupportHelpURL",
    }
}

open_enum! {
    /// State of an org [rec].
    OrgStatus { Active = "ACTIVE", Inactive = "INACTIVE" }
}

/// Who an org is, to anyone; no credential needed.
///
/// Not limited [docs]. Bucket `well-known`. [spec][rec]
#[must_use]
pub fn metadata() -> List<Metadata> {
    Listing::new("/.well-known/okta-organization", &[], Items::One).of()
}

/// The org's settings.
///
/// Bucket `org`. Scope `okta.orgs.read` [spec]; permission: read-only administrators see it [inf]. [rec]
#[must_use]
pub fn get() -> List<Org> {
    Listing::new("/api/v1/org", &[], Items::One).of()
}
