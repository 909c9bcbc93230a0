//! Authenticators: the ways of signing in that the org offers.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::app::APP;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right};

/// An authenticator.
pub const AUTHENTICATOR: Kind = Kind {
    code: KindCode(61),
    name: "authenticator",
    title: "Authenticator",
    what: "A way of signing in or of recovering an account that the org offers: password, phone, Okta Verify, passkey.",
    columns: &[
        Column::text("key", "/key", "What it is: okta_password, phone_number, webauthn and so on.").faceted(),
        Column::text("type", "/type", "The kind of thing it is.").faceted(),
        Column::text("allowed_for", "/settings/allowedFor", "any, sso, recovery or none, where it can serve both.").faceted(),
        Column::text("settings", "/settings", "Its settings.").typed(ColumnType::Json),
        Column::text("provider", "/provider/type", "The outside service behind it.").faceted(),
    ],
    decides: &[("/settings/appInstanceId", Shape::Text), ("/provider/configuration/instanceId", Shape::Text)],
    ..Kind::USUAL
};

/// Authenticator → the app that carries it out.
pub const AUTHENTICATOR_APP: Relation = Relation {
    code: RelCode(61),
    name: "authenticator_app",
    what: "The authenticator is carried out by the app.",
    from: &["authenticator"],
    to: &["app"],
    ..Relation::USUAL
};

/// The right to read authenticators, and how they are used.
pub(super) const READ_AUTHENTICATORS: Right = Right {
    permission: None,
    console: "Read Only Administrator",
    scope: "okta.authenticators.read",
    read_only_admin: true,
    evidence: Evidence::Assumed,
};

/// A Classic org has no authenticators: 401 E0000015 or 404 [inf].
fn not_there(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "authenticator",
    title: "Authenticators",
    used_for: "see which ways of signing in are offered, weak ones among them",
    without: "which ways of signing in are open can only be guessed from policies",
    right: READ_AUTHENTICATORS,
    target: Target::Children(AUTHENTICATOR.code),
    parts: |_| vec![api::authenticator::list().into_listing()],
    read: |item, scope, page| {
        let Some(authenticator) = object(&AUTHENTICATOR, &[AUTHENTICATOR_APP.code], item, scope, page) else {
            return;
        };
        // Okta Verify has an empty text here [rec].
        let mut apps: Vec<&str> = ["/settings/appInstanceId", "/provider/configuration/instanceId"]
            .iter()
            .filter_map(|path| text(item, path))
            .collect();
        apps.dedup();
        authenticator.out = apps.into_iter().map(|app| out(&AUTHENTICATOR_APP, &APP, app)).collect();
    },
    again: Some(|id| api::authenticator::get(id).into_listing()),
    none: not_there,
    assumed: &["An org that answers 404 has no authenticators."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&AUTHENTICATOR], relations: &[&AUTHENTICATOR_APP], datasets: &[&DATASET] };
