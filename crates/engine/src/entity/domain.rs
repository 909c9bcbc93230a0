//! Domains: the names under which the org's sign-in page answers, and what holds them.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::brand::BRAND;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Over, Right};

/// A domain.
pub const DOMAIN: Kind = Kind {
    code: KindCode(80),
    name: "domain",
    title: "Domain",
    what: "A host name under which the org's sign-in page answers; the one called default is Okta's own.",
    name_at: &["/domain"],
    status_at: Some("/validationStatus"),
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("certificate_source", "/certificateSourceType", "MANUAL or OKTA_MANAGED.").faceted(),
        Column::text("brand_id", "/brandId", "Its brand."),
    ],
    decides: &[("/brandId", Shape::Text)],
    ..Kind::USUAL
};

/// A domain's certificate and DNS records, under it.
pub const DOMAIN_CERTIFICATE: Kind = Kind {
    code: KindCode(81),
    name: "domain_certificate",
    title: "Domain certificate and DNS",
    what: "A domain's certificate and the DNS records it rests on: who holds those names holds the sign-in page.",
    parents: &["domain"],
    name_at: &["/domain"],
    status_at: Some("/validationStatus"),
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("expires", "/publicCertificate/expiration", "When the certificate ends, as Okta writes it."),
        Column::text("fingerprint", "/publicCertificate/fingerprint", "The certificate's fingerprint."),
        Column::text("subject", "/publicCertificate/subject", "The certificate's subject."),
        Column::text("dns_records", "/dnsRecords", "What the domain's DNS is to hold.").typed(ColumnType::Json),
    ],
    ..Kind::USUAL
};

/// Domain → brand.
pub const DOMAIN_BRAND: Relation = Relation {
    code: RelCode(77),
    name: "domain_brand",
    what: "The sign-in page under the domain looks as the brand says.",
    from: &["domain"],
    to: &["brand"],
    ..Relation::USUAL
};

/// Brands, domains and e-mail domains are what Okta calls customizations.
pub(super) const fn customizations(scope: &'static str, evidence: Evidence) -> Right {
    Right {
        permission: Some("okta.customizations.read"),
        console: "View customizations",
        scope,
        read_only_admin: true,
        evidence,
    }
}

/// A domain that was deleted after it was listed has no certificate.
fn domain_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DOMAINS: Dataset = Dataset {
    name: "domain",
    title: "Domains",
    used_for: "know under which names people sign in",
    without: "domains that lost their verification stay out of sight",
    right: customizations("okta.domains.read", Evidence::Assumed),
    target: Target::Children(DOMAIN.code),
    parts: |_| vec![api::domain::list().into_listing()],
    read: |item, scope, page| {
        let Some(domain) = object(&DOMAIN, &[DOMAIN_BRAND.code], item, scope, page) else { return };
        domain.out.extend(text(item, "/brandId").map(|brand| out(&DOMAIN_BRAND, &BRAND, brand)));
    },
    ..Dataset::USUAL
};

static CERTIFICATES: Dataset = Dataset {
    name: "domain_certificate",
    title: "Domain certificates and DNS",
    used_for: "warn before a sign-in page's certificate ends",
    without: "certificates that are about to end stay out of sight",
    right: customizations("okta.domains.read", Evidence::Assumed),
    over: Over::Each(Selector::Kind { kind: DOMAIN.code, status: None, status_not: None }),
    after: &["domain"],
    target: Target::Children(DOMAIN_CERTIFICATE.code),
    parts: |domain| vec![api::domain::get(domain.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&DOMAIN_CERTIFICATE, &[], item, scope, page);
    },
    none: domain_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&DOMAIN, &DOMAIN_CERTIFICATE],
    relations: &[&DOMAIN_BRAND],
    datasets: &[&DOMAINS, &CERTIFICATES],
};
