//! Group push: which groups of Okta an app is kept in step with.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::app::APP;
use super::app_group::app_gone;
use super::group::GROUP;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Over, Right, Sight, Tier};

/// A group push mapping, under its app.
pub const GROUP_PUSH: Kind = Kind {
    code: KindCode(26),
    name: "group_push",
    title: "Group push mapping",
    what: "A group of Okta whose members an app's own group is kept in step with.",
    parents: &["app"],
    name_at: &["/id"],
    columns: &[
        Column::text("source_group_id", "/sourceGroupId", "The group that is pushed."),
        Column::text("target_group_id", "/targetGroupId", "The app's group."),
        Column::text("error", "/errorSummary", "Why the last push failed."),
        Column::text("last_push", "/lastPush", "When it was pushed last.").typed(ColumnType::Time),
    ],
    // Okta moves it at every push: a push is not a change.
    volatile: &["/lastPush"],
    decides: &[("/sourceGroupId", Shape::Text), ("/targetGroupId", Shape::Text)],
    ..Kind::USUAL
};

/// Mapping → the group that is pushed.
pub const PUSH_SOURCE: Relation = Relation {
    code: RelCode(24),
    name: "push_source",
    what: "The mapping pushes the members of the group.",
    from: &["group_push"],
    to: &["group"],
    ..Relation::USUAL
};

/// Mapping → the app's group.
pub const PUSH_TARGET: Relation = Relation {
    code: RelCode(25),
    name: "push_target",
    what: "The mapping keeps this group of the app in step.",
    from: &["group_push"],
    to: &["group"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "group_push",
    title: "Group push mappings",
    used_for: "follow membership into the apps, and find pushes that fail",
    without: "nobody sees that a group of Okta gives access inside an app",
    right: Right {
        permission: Some("okta.apps.read"),
        console: "View application and their details; and View groups and their details",
        scope: "okta.apps.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    tier: Tier::Deep,
    over: Over::Each(Selector::Facet {
        kind: APP.code,
        name: "features",
        value: Some("GROUP_PUSH"),
        or_unknown: false,
        or_parent_of: Some(GROUP_PUSH.code),
    }),
    after: &["app"],
    target: Target::Children(GROUP_PUSH.code),
    parts: |app| vec![api::group_push::list(app.okta_id).into_listing()],
    read: |item, scope, page| {
        let owns = &[PUSH_SOURCE.code, PUSH_TARGET.code];
        let Some(push) = object(&GROUP_PUSH, owns, item, scope, page) else { return };
        for (relation, at) in [(&PUSH_SOURCE, "/sourceGroupId"), (&PUSH_TARGET, "/targetGroupId")] {
            if let Some(group) = text(item, at) {
                push.out.push(out(relation, &GROUP, group));
            }
        }
    },
    none: app_gone,
    sight: Sight::Administered,
    assumed: &["An app whose listing does not show the feature GROUP_PUSH pushes no groups."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&GROUP_PUSH], relations: &[&PUSH_SOURCE, &PUSH_TARGET], datasets: &[&DATASET] };
