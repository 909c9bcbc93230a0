//! What the org does about its rate limits.

use okta_client::api;
use transom_core::{Column, ColumnType, Kind, KindCode};
use transom_store::Target;

use super::feature::org_admin;
use super::org_setting::{Setting, named};
use super::{Declares, only};
use crate::dataset::Dataset;

/// A setting of the org's rate limits.
pub const RATE_LIMIT_SETTING: Kind = Kind {
    code: KindCode(88),
    name: "rate_limit_setting",
    title: "Rate-limit setting",
    what: "What the org does about its rate limits: admin_notifications, per_client or warning_threshold.",
    name_at: &[],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("notifications", "/notificationsEnabled", "Whether administrators are told.").typed(ColumnType::Boolean),
        Column::text("per_client", "/defaultMode", "What happens to a client that asks too often."),
        Column::text("warning_threshold", "/warningThreshold", "From which percentage on Okta warns.").typed(ColumnType::Integer),
    ],
    ..Kind::USUAL
};

/// The settings, in the order of their calls.
const SETTINGS: &[Setting] = &[
    ("admin_notifications", || api::rate_limit_setting::admin_notifications().into_listing()),
    ("per_client", || api::rate_limit_setting::per_client().into_listing()),
    ("warning_threshold", || api::rate_limit_setting::warning_threshold().into_listing()),
];

static DATASET: Dataset = Dataset {
    name: "rate_limit_setting",
    title: "Rate-limit settings",
    used_for: "see whether somebody is told before limits are passed",
    without: "whether limits are guarded stays unknown",
    right: org_admin("okta.rateLimits.read"),
    target: Target::Children(RATE_LIMIT_SETTING.code),
    parts: |_| SETTINGS.iter().map(|(_, listing)| listing()).collect(),
    read: |item, scope, page| {
        if let Some(name) = named(SETTINGS, scope.part) {
            only(&RATE_LIMIT_SETTING, name, &[], item, scope, page);
        }
    },
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&RATE_LIMIT_SETTING], relations: &[], datasets: &[&DATASET] };
