//! Security events providers: whose word on risk is taken.

use okta_client::{Error, api};
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A system that may tell Okta by Shared Signals that somebody or a device is at risk.
pub const SECURITY_EVENTS_PROVIDER: Kind = Kind {
    code: KindCode(70),
    name: "security_events_provider",
    title: "Security events provider",
    what: "A system that may tell Okta by Shared Signals that somebody or a device is at risk.",
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "What it is, in words of whoever set it up.").faceted(),
        Column::text("issuer", "/settings/issuer", "Who signs."),
        Column::text("jwks_url", "/settings/jwks_url", "Where its keys are."),
        Column::text("well_known_url", "/settings/well_known_url", "Where its metadata is, instead."),
    ],
    ..Kind::USUAL
};

/// A Classic org has none: 401 E0000015 or 404 [inf].
fn not_there(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "security_events_provider",
    title: "Security events providers",
    used_for: "see whose word on people's risk is taken",
    without: "who can end people's sessions by calling them at risk stays unknown",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.securityEventsProviders.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(SECURITY_EVENTS_PROVIDER.code),
    parts: |_| vec![api::security_events_provider::list().into_listing()],
    read: |item, scope, page| {
        object(&SECURITY_EVENTS_PROVIDER, &[], item, scope, page);
    },
    again: Some(|id| api::security_events_provider::get(id).into_listing()),
    none: not_there,
    assumed: &["An org that answers 404 has no security events providers."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&SECURITY_EVENTS_PROVIDER], relations: &[], datasets: &[&DATASET] };
