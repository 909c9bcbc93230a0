//! Provisioning features of apps: what is pushed to an app, what is imported from it.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Kind, KindCode};
use transom_store::{Selector, Target};

use super::app::{APP, APPS_READ};
use super::{Declares, object};
use crate::dataset::{Dataset, Over, Sight, Tier};

/// A provisioning feature, under its app. Its id is its name, which repeats from app to app.
pub const APP_FEATURE: Kind = Kind {
    code: KindCode(20),
    name: "app_feature",
    title: "Provisioning feature",
    what: "What provisioning does between Okta and an app, in one direction: create, update, deactivate, import.",
    parents: &["app"],
    id: "/name",
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("create", "/capabilities/create/lifecycleCreate/status", "Whether users are made in the app.")
            .faceted(),
        Column::text(
            "deactivate",
            "/capabilities/update/lifecycleDeactivate/status",
            "Whether users who leave are deactivated in the app.",
        )
        .faceted(),
        Column::text("password_sync", "/capabilities/update/password/status", "Whether passwords go to the app.")
            .faceted(),
        Column::text("password_seed", "/capabilities/update/password/seed", "OKTA: their Okta password; RANDOM: another."),
        Column::text(
            "auto_confirm_new",
            "/capabilities/importRules/userCreateAndMatch/autoConfirmNewUsers",
            "Whether users that the app sends are made in Okta without anybody's word.",
        )
        .typed(ColumnType::Boolean)
        .faceted(),
        Column::text(
            "auto_activate_new",
            "/capabilities/importRules/userCreateAndMatch/autoActivateNewUsers",
            "Whether such users are activated at once.",
        )
        .typed(ColumnType::Boolean)
        .faceted(),
    ],
    ..Kind::USUAL
};

/// An app that does no provisioning, or is gone: 400 and 404 [rec].
fn none(error: &Error) -> bool {
    match error {
        Error::NotFound(_) => true,
        Error::Api(e) => {
            let text = || e.causes.iter().map(String::as_str).chain([e.summary.as_str()]);
            e.status == 400 && text().any(|t| t.contains("Provisioning is not supported"))
        }
        _ => false,
    }
}

static DATASET: Dataset = Dataset {
    name: "app_feature",
    title: "Provisioning features of apps",
    used_for: "see which apps make, change and deactivate users, in which direction, and with which passwords",
    without: "an app that makes users in Okta, or keeps those who left, stays out of sight",
    right: APPS_READ,
    tier: Tier::Deep,
    // The listing of apps shows which have provisioning switched on.
    over: Over::Each(Selector::Facet {
        kind: APP.code,
        name: "features",
        value: None,
        or_unknown: false,
        or_parent_of: Some(APP_FEATURE.code),
    }),
    after: &["app"],
    target: Target::Children(APP_FEATURE.code),
    parts: |app| vec![api::app_feature::list(app.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&APP_FEATURE, &[], item, scope, page);
    },
    none,
    sight: Sight::Administered,
    assumed: &["An app whose listing shows no provisioning feature has none, so it is not asked."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&APP_FEATURE], relations: &[], datasets: &[&DATASET] };
