//! Lockout settings of attack protection.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, only};
use crate::dataset::{Dataset, Right};

/// The org's one setting.
pub const LOCKOUT_SETTINGS: Kind = Kind {
    code: KindCode(67),
    name: "lockout_settings",
    title: "Lockout settings",
    what: "What is done about password guessing from devices that a person never used.",
    name_at: &[],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[Column::text("spares_known_devices", "/preventBruteForceLockoutFromUnknownDevices", "Guesses from unknown devices lock only those out.").typed(ColumnType::Boolean).faceted()],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "lockout_settings",
    title: "Lockout settings",
    used_for: "see whether a stranger who guesses can lock a person out",
    without: "whether strangers can lock people out stays unknown",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.orgs.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(LOCKOUT_SETTINGS.code),
    parts: |_| vec![api::attack_protection::lockout().into_listing()],
    read: |item, scope, page| {
        only(&LOCKOUT_SETTINGS, "user-lockout-settings", &[], item, scope, page);
    },
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&LOCKOUT_SETTINGS], relations: &[], datasets: &[&DATASET] };
