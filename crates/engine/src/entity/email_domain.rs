//! E-mail domains: from which addresses of one's own Okta writes.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::domain::customizations;
use super::{Declares, object};
use crate::dataset::Dataset;

/// An e-mail domain.
pub const EMAIL_DOMAIN: Kind = Kind {
    code: KindCode(82),
    name: "email_domain",
    title: "E-mail domain",
    what: "A domain of one's own from which Okta's e-mails come.",
    name_at: &["/domain"],
    status_at: Some("/validationStatus"),
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("sender", "/userName", "The sender's address, left of the @."),
        Column::text("sender_name", "/displayName", "The sender's name."),
        Column::text("dns_records", "/dnsValidationRecords", "What the domain's DNS is to hold.").typed(ColumnType::Json),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "email_domain",
    title: "E-mail domains",
    used_for: "know from which domains people get Okta's e-mails",
    without: "e-mail domains that lost their verification stay out of sight",
    right: customizations("okta.emailDomains.read", Evidence::Assumed),
    target: Target::Children(EMAIL_DOMAIN.code),
    parts: |_| vec![api::email_domain::list().into_listing()],
    read: |item, scope, page| {
        object(&EMAIL_DOMAIN, &[], item, scope, page);
    },
    again: Some(|id| api::email_domain::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&EMAIL_DOMAIN], relations: &[], datasets: &[&DATASET] };
