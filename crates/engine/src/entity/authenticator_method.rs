//! Methods of authenticators: what of them is really used.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Kind, KindCode};
use transom_store::{Selector, Target};

use super::authenticator::{AUTHENTICATOR, READ_AUTHENTICATORS};
use super::{Declares, object};
use crate::dataset::{Dataset, Over};

/// A method, under its authenticator. Its identity there is its type.
pub const AUTHENTICATOR_METHOD: Kind = Kind {
    code: KindCode(62),
    name: "authenticator_method",
    title: "Authenticator method",
    what: "A method of an authenticator, such as text messages of the phone: whether it is used, and how.",
    parents: &["authenticator"],
    id: "/type",
    name_at: &["/type"],
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "sms, voice, push, signed_nonce, webauthn and so on.").faceted(),
        Column::text("settings", "/settings", "Its settings.").typed(ColumnType::Json),
        Column::text("user_verification", "/settings/userVerification", "Whether a PIN or biometrics are asked for.").faceted(),
        Column::text("key_protection", "/settings/keyProtection", "Where keys may be kept: ANY or HARDWARE.").faceted(),
    ],
    ..Kind::USUAL
};

/// An authenticator that was taken away after it was listed has no methods.
fn authenticator_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "authenticator_method",
    title: "Methods of authenticators",
    used_for: "tell text messages from calls, and passkeys that ask for a PIN from those that don't",
    without: "an authenticator shows no more than that it is on",
    right: READ_AUTHENTICATORS,
    over: Over::Each(Selector::Kind { kind: AUTHENTICATOR.code, status: None, status_not: None }),
    after: &["authenticator"],
    target: Target::Children(AUTHENTICATOR_METHOD.code),
    parts: |authenticator| vec![api::authenticator::methods(authenticator.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&AUTHENTICATOR_METHOD, &[], item, scope, page);
    },
    none: authenticator_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&AUTHENTICATOR_METHOD], relations: &[], datasets: &[&DATASET] };
