//! Custom domains: the names under which the org's sign-in page answers.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A domain. `dnsRecords` and `publicCertificate` come with the call for one only [rec].
    Domain {
        /// `OcD…`, or `default` for Okta's own name.
        id: id "/id",
        /// The host name.
        domain: text "/domain",
        /// `MANUAL` or `OKTA_MANAGED`.
        certificate_source: text "/certificateSourceType",
        /// `NOT_STARTED`, `IN_PROGRESS`, `VERIFIED`, `COMPLETED`; `FAILED_TO_VERIFY` is not in the spec [rec].
        validation_status: text "/validationStatus",
        /// Its brand.
        brand_id: text "/brandId",
        /// What the domain's DNS is to hold.
        dns_records: list "/dnsRecords",
        /// When its certificate ends; Okta's manner of writing times differs here [spec].
        certificate_expiration: text "/publicCertificate/expiration",
    }
}

/// Every domain, Okta's own name for the org included.
///
/// Not paged [spec]. Bucket `domains`. Permission `okta.customizations.read` [docs]; read-only administrators see Okta
/// settings [docs], whether these too is not known [inf]; scope `okta.domains.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Domain> {
    Listing::new("/api/v1/domains", &[], Items::Field("domains")).of()
}

/// One domain with its DNS records and certificate.
///
/// Permission and scope as [`list`] [spec]. [rec]
#[must_use]
pub fn get(domain_id: &str) -> List<Domain> {
    Listing::new("/api/v1/domains/{domainId}", &[domain_id], Items::One).of()
}
