//! CAPTCHAs: what keeps robots out.

use okta_client::{Error, api};
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// What keeps robots from signing in and up.
pub const CAPTCHA: Kind = Kind {
    code: KindCode(71),
    name: "captcha",
    title: "CAPTCHA",
    what: "What keeps robots from signing in and up.",
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "HCAPTCHA or RECAPTCHA_V2.").faceted(),
        Column::text("site_key", "/siteKey", "The public key."),
    ],
    ..Kind::USUAL
};

/// A Classic org has none: 401 E0000015 or 404 [inf].
fn not_there(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "captcha",
    title: "CAPTCHAs",
    used_for: "see whether robots are kept from signing in and up",
    without: "whether robots are kept out stays unknown",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.captchas.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(CAPTCHA.code),
    parts: |_| vec![api::captcha::list().into_listing()],
    read: |item, scope, page| {
        object(&CAPTCHA, &[], item, scope, page);
    },
    again: Some(|id| api::captcha::get(id).into_listing()),
    none: not_there,
    assumed: &["An org that answers 404 has no CAPTCHAs."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&CAPTCHA], relations: &[], datasets: &[&DATASET] };
