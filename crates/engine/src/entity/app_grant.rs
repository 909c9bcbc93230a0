//! Scopes of the Okta API that OAuth clients were granted.

use okta_client::api;
use transom_core::{Column, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::app_group::app_gone;
use super::app_key::each_client;
use super::user::USER;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right, Sight, Tier};

/// A granted scope, under its app.
pub const APP_GRANT: Kind = Kind {
    code: KindCode(24),
    name: "app_grant",
    title: "Scope grant",
    what: "A scope of the Okta API that an administrator granted, or an end user consented to, for an OAuth client.",
    parents: &["app"],
    name_at: &["/scopeId", "/id"],
    columns: &[
        Column::text("scope", "/scopeId", "The scope.").faceted().searched(),
        Column::text("source", "/source", "ADMIN: for the whole org; END_USER: for one user.").faceted(),
        Column::text("issuer", "/issuer", "The authorization server."),
        Column::text("user_id", "/userId", "The user who consented, where an end user did."),
        Column::text("created_by", "/createdBy/id", "Who granted it."),
    ],
    decides: &[("/userId", Shape::Text)],
    ..Kind::USUAL
};

/// Grant → the user who consented.
pub const GRANT_USER: Relation = Relation {
    code: RelCode(21),
    name: "grant_user",
    what: "The scope was consented to by the user, for the user's own data.",
    from: &["app_grant"],
    to: &["user"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "app_grant",
    title: "Scopes granted to apps",
    used_for: "tell which apps may call Okta's API, and to do what",
    without: "an app that may change your org by API looks like any other",
    right: Right {
        // No custom role opens it in practice [hound].
        permission: None,
        console: "Super Administrator",
        scope: "okta.appGrants.read",
        read_only_admin: false,
        evidence: Evidence::Practice,
    },
    tier: Tier::Deep,
    over: each_client(APP_GRANT.code),
    after: &["app"],
    target: Target::Children(APP_GRANT.code),
    parts: |app| vec![api::app_grant::list(app.okta_id).into_listing()],
    read: |item, scope, page| {
        let Some(grant) = object(&APP_GRANT, &[GRANT_USER.code], item, scope, page) else { return };
        if let Some(user) = text(item, "/userId") {
            grant.out.push(out(&GRANT_USER, &USER, user));
        }
    },
    none: app_gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&APP_GRANT], relations: &[&GRANT_USER], datasets: &[&DATASET] };
