//! Users assigned to apps, with scope, status and the profile the app sees.

use okta_client::api;
use serde_json::Value;
use transom_core::{Key, Odd, RelCode, Relation};
use transom_store::{Selector, Target};

use super::app::{APP, BELOW_APPS_READ};
use super::app_group::app_gone;
use super::user::USER;
use super::{Declares, id, link};
use crate::dataset::{Dataset, Over, Route, Sight, Yields};

/// User → app they are assigned to.
pub const APP_USER: Relation = Relation {
    code: RelCode(2),
    name: "app_user",
    what: "The user is assigned to the app, directly or through a group.",
    from: &["user"],
    to: &["app"],
    attr: Some("scope: 1 USER (directly), 2 GROUP (through a group), 0 not stated; plus 16 unless the status is ACTIVE"),
    listed: true,
    has_doc: true,
    view: true,
    ..Relation::USUAL
};

/// The assignment's scope and whether it is anything but ACTIVE, in one small number.
fn attr(item: &Value) -> i32 {
    let text = |path: &str| item.pointer(path).and_then(Value::as_str);
    let scope = match text("/scope") {
        Some("USER") => 1,
        Some("GROUP") => 2,
        _ => 0,
    };
    scope + if text("/status") == Some("ACTIVE") { 0 } else { 16 }
}

/// How Okta says a user is assigned to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Directly.
    User,
    /// Through a group.
    Group,
    /// It does not say.
    NotStated,
}

/// The scope and whether the assignment is active, by the number of an [`APP_USER`] edge.
pub(crate) fn scope_of(attr: i32) -> (Scope, bool) {
    let scope = match attr & 15 {
        1 => Scope::User,
        2 => Scope::Group,
        _ => Scope::NotStated,
    };
    (scope, attr & 16 == 0)
}

/// What both ways of reading share.
const EITHER_WAY: Dataset = Dataset {
    name: "app_user",
    title: "Users assigned to apps",
    used_for: "know who can open which app, and why",
    without: "nobody can say who has access to an app",
    right: BELOW_APPS_READ,
    none: app_gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

static BY_APP: Dataset = Dataset {
    over: Over::Each(Selector::Kind { kind: APP.code, status: None, status_not: None }),
    routes: &[Route { reading: &BY_USER, yields: Yields::Documents }],
    after: &["app"],
    // As for members of groups: users are read first.
    awaits: &["user"],
    target: Target::Into(APP_USER.code),
    parts: |app| vec![api::app_user::list(app.okta_id).into_listing()],
    read: |item, scope, page| {
        let ends = id(item).map(|user| (Key::root(&USER, user), Key::root(&APP, scope.okta_id)));
        link(&APP_USER, ends, attr(item), Some(item), item, page);
    },
    ..EITHER_WAY
};

/// A user's apps with the app user embedded in each [spec listApplications]: fewer calls where users are few.
static BY_USER: Dataset = Dataset {
    over: Over::Each(Selector::Kind { kind: USER.code, status: None, status_not: None }),
    after: &["user", "app"],
    target: Target::From(APP_USER.code),
    // No call, but an end all the same: what was held of a user who is deactivated since is swept.
    parts: |user| match user.status {
        Some("DEPROVISIONED") => Vec::new(),
        _ => vec![api::app::of_user(user.okta_id).into_listing()],
    },
    read: |item, scope, page| {
        let Some(app_user) = item.pointer("/_embedded/user").filter(|user| user.is_object()) else {
            page.odd.push(Odd { why: "app_user: no app user at /_embedded/user".to_string(), doc: item.clone() });
            return;
        };
        let ends = id(item).map(|app| (Key::root(&USER, scope.okta_id), Key::root(&APP, app)));
        link(&APP_USER, ends, attr(app_user), Some(app_user), item, page);
    },
    assumed: &[
        "The filter user.id of Okta's list of apps finds every app of a user, the inactive ones too.",
        "A deactivated user has no apps, so they are not asked for.",
    ],
    ..EITHER_WAY
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[], relations: &[&APP_USER], datasets: &[&BY_APP] };

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scope_and_status_come_back() {
        let of = |scope: &str, status: &str| scope_of(attr(&json!({"scope": scope, "status": status})));
        assert_eq!(of("USER", "ACTIVE"), (Scope::User, true));
        assert_eq!(of("GROUP", "SUSPENDED"), (Scope::Group, false));
        assert_eq!(scope_of(attr(&json!({}))), (Scope::NotStated, false));
    }
}
