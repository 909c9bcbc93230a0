//! Keys of identity providers: public halves with their certificates.

use okta_client::api;
use transom_core::{Column, ColumnType, Kind, KindCode};
use transom_store::Target;

use super::idp::READ_IDPS;
use super::{Declares, object};
use crate::dataset::Dataset;

/// A key of an identity provider.
pub const IDP_KEY: Kind = Kind {
    code: KindCode(64),
    name: "idp_key",
    title: "Identity provider key",
    what: "A public key and certificate by which an identity provider's signatures are checked.",
    id: "/kid",
    name_at: &["/kid"],
    status_at: None,
    columns: &[
        Column::text("key_type", "/kty", "Its type, such as RSA.").faceted(),
        Column::text("expires_at", "/expiresAt", "When the certificate ends.").typed(ColumnType::Time),
        Column::text("fingerprint", "/x5t#S256", "The certificate's SHA-256 fingerprint."),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "idp_key",
    title: "Identity provider keys",
    used_for: "find certificates that have ended or are about to",
    without: "the certificates of identity providers stay unknown",
    right: READ_IDPS,
    target: Target::Children(IDP_KEY.code),
    parts: |_| vec![api::idp::keys().into_listing()],
    read: |item, scope, page| {
        object(&IDP_KEY, &[], item, scope, page);
    },
    again: Some(|kid| api::idp::key(kid).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&IDP_KEY], relations: &[], datasets: &[&DATASET] };
