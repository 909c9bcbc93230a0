//! Authenticator settings of attack protection.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, only};
use crate::dataset::{Dataset, Right};

/// The org's one setting.
pub const AUTHENTICATOR_SETTINGS: Kind = Kind {
    code: KindCode(68),
    name: "authenticator_settings",
    title: "Authenticator settings",
    what: "Whether something a person has is asked for before what they know, so that passwords can't be tried from afar.",
    name_at: &[],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[Column::text("knowledge_second", "/verifyKnowledgeSecondWhen2faRequired", "Passwords come second where two factors are asked for.").typed(ColumnType::Boolean).faceted()],
    ..Kind::USUAL
};

/// A Classic org has no such settings: 401 E0000015 or 404 [inf].
fn not_there(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "authenticator_settings",
    title: "Authenticator settings",
    used_for: "see whether passwords can be tried by everybody who knows a name",
    without: "whether passwords come second stays unknown",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.orgs.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(AUTHENTICATOR_SETTINGS.code),
    parts: |_| vec![api::attack_protection::authenticators().into_listing()],
    read: |item, scope, page| {
        only(&AUTHENTICATOR_SETTINGS, "authenticator-settings", &[], item, scope, page);
    },
    none: not_there,
    assumed: &["An org that answers 404 has no such settings."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&AUTHENTICATOR_SETTINGS], relations: &[], datasets: &[&DATASET] };
