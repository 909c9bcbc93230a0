//! Groups assigned to apps, with priority and the profile they hand down. Group by group, without those two, they are
//! had without the `apps` bucket, which is the slowest of all.

use okta_client::{Error, api};
use serde_json::Value;
use transom_core::{Key, RelCode, Relation};
use transom_store::{Selector, Target};

use super::app::{APP, BELOW_APPS_READ};
use super::group::{EVERY_GROUP, GROUP, may_have_apps};
use super::{Declares, id, link};
use crate::dataset::{Dataset, Over, Route, Yields};

/// Group → app it is assigned to.
pub const APP_GROUP: Relation = Relation {
    code: RelCode(3),
    name: "app_group",
    what: "The group is assigned to the app; its members get the app.",
    from: &["group"],
    to: &["app"],
    attr: Some("the assignment's priority; lower wins; -1 not read yet"),
    listed: true,
    has_doc: true,
    view: true,
    ..Relation::USUAL
};

/// The priority by the number of an [`APP_GROUP`] edge; `None` where it was not read.
pub(crate) fn priority_of(attr: i32) -> Option<i32> {
    (attr >= 0).then_some(attr)
}

/// An app that was deleted after it was listed has no assignments.
pub(super) fn app_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

/// What both ways of reading share.
const EITHER_WAY: Dataset = Dataset {
    name: "app_group",
    title: "Groups assigned to apps",
    used_for: "explain access that comes through a group",
    without: "access through groups can't be explained",
    right: BELOW_APPS_READ,
    none: app_gone,
    ..Dataset::USUAL
};

static BY_APP: Dataset = Dataset {
    over: Over::Each(Selector::Kind { kind: APP.code, status: None, status_not: None }),
    routes: &[Route { reading: &EDGES_BY_GROUP, yields: Yields::Edges }],
    after: &["app"],
    target: Target::Into(APP_GROUP.code),
    parts: |app| vec![api::app_group::list(app.okta_id).into_listing()],
    read: |item, scope, page| {
        let ends = id(item).map(|group| (Key::root(&GROUP, group), Key::root(&APP, scope.okta_id)));
        let priority = item.pointer("/priority").and_then(Value::as_i64).and_then(|p| i32::try_from(p).ok());
        link(&APP_GROUP, ends, priority.unwrap_or(0), Some(item), item, page);
    },
    ..EITHER_WAY
};

/// Whether Okta lists inactive apps here is not known, so an app that is absent is no proof: nothing is swept.
static EDGES_BY_GROUP: Dataset = Dataset {
    name: "app_group_edge",
    over: EVERY_GROUP,
    after: &["group"],
    target: Target::None,
    parts: |group| match may_have_apps(group) {
        true => vec![api::group::apps(group.okta_id).into_listing()],
        false => Vec::new(),
    },
    read: |item, scope, page| {
        let ends = id(item).map(|app| (Key::root(&GROUP, scope.okta_id), Key::root(&APP, app)));
        link(&APP_GROUP, ends, -1, None, item, page);
    },
    assumed: &["A group whose statistics count no apps is assigned to none."],
    ..EITHER_WAY
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[], relations: &[&APP_GROUP], datasets: &[&BY_APP] };
