//! E-mail domains: from which addresses of one's own Okta writes.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An e-mail domain.
    EmailDomain {
        /// `OeD…`.
        id: id "/id",
        /// The domain.
        domain: text "/domain",
        /// The sender's name.
        display_name: text "/displayName",
        /// The sender's address, left of the `@`.
        user_name: text "/userName",
        /// `NOT_STARTED`, `POLLING`, `VERIFIED`, `ERROR` or `DELETED`.
        validation_status: text "/validationStatus",
        /// What the domain's DNS is to hold.
        dns_validation_records: list "/dnsValidationRecords",
    }
}

/// Every e-mail domain.
///
/// Not paged [spec]. Bucket `email-domains`. Permission `okta.customizations.read` [docs], read-only administrators as
/// for domains [inf]; scope `okta.emailDomains.read` [spec].
#[must_use]
pub fn list() -> List<EmailDomain> {
    Listing::new("/api/v1/email-domains", &[], Items::Array).of()
}

/// One e-mail domain.
///
/// Permission and scope as [`list`] [spec]. [rec]
#[must_use]
pub fn get(email_domain_id: &str) -> List<EmailDomain> {
    Listing::new("/api/v1/email-domains/{emailDomainId}", &[email_domain_id], Items::One).of()
}
