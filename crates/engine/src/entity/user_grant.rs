//! What users let OAuth 2.0 clients do in their name: a call a user, so only when asked for.

use okta_client::{Error, api};
use transom_core::{Column, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::app::APP;
use super::user::USER;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Over, Right, Sight, Tier};

/// A grant, under its user.
pub const USER_GRANT: Kind = Kind {
    code: KindCode(44),
    name: "user_grant",
    title: "User grant",
    what: "A scope that a user granted an OAuth 2.0 client, which may then act in the user's name.",
    parents: &["user"],
    name_at: &["/scopeId"],
    columns: &[
        Column::text("client_id", "/clientId", "The client, which is an app."),
        Column::text("scope_id", "/scopeId", "The scope.").faceted(),
        Column::text("issuer", "/issuer", "The authorization server."),
        Column::text("source", "/source", "END_USER or ADMIN.").faceted(),
    ],
    decides: &[("/clientId", Shape::Text)],
    ..Kind::USUAL
};

/// Grant → the app it is granted to.
pub const GRANT_APP: Relation = Relation {
    code: RelCode(46),
    name: "user_grant_app",
    what: "The user's grant is to the app.",
    from: &["user_grant"],
    to: &["app"],
    ..Relation::USUAL
};

/// A user who was deleted after being listed has no grants.
fn user_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "user_grant",
    title: "Grants of users",
    used_for: "see which apps act in a user's name, and how far",
    without: "what users consented to stays out of sight",
    right: Right {
        permission: Some("okta.users.read"),
        console: "View users and their details",
        scope: "okta.users.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    tier: Tier::OnDemand,
    over: Over::Each(Selector::Kind { kind: USER.code, status: None, status_not: None }),
    after: &["user"],
    target: Target::Children(USER_GRANT.code),
    parts: |user| vec![api::user_grant::list(user.okta_id).into_listing()],
    read: |item, scope, page| {
        let Some(grant) = object(&USER_GRANT, &[GRANT_APP.code], item, scope, page) else { return };
        if let Some(app) = text(item, "/clientId") {
            grant.out.push(out(&GRANT_APP, &APP, app));
        }
    },
    none: user_gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&USER_GRANT], relations: &[&GRANT_APP], datasets: &[&DATASET] };
