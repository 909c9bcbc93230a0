//! Public keys: what apps sign with, and what OAuth clients prove themselves with.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::{Selector, Target};

use super::app::{APP, BELOW_APPS_READ};
use super::app_group::app_gone;
use super::{Declares, object, text};
use crate::dataset::{Dataset, Over, Right, Sight, Tier};

/// A signing key, under its app. Apps can share one: its id repeats.
pub const APP_KEY: Kind = Kind {
    code: KindCode(21),
    name: "app_key",
    title: "App signing key",
    what: "A public key, with its certificate, that an app's assertions or tokens are signed with. Never the private part.",
    parents: &["app"],
    id: "/kid",
    name_at: &["/kid"],
    status_at: None,
    columns: &[
        Column::text("key_type", "/kty", "RSA.").faceted(),
        Column::text("key_use", "/use", "sig: for signatures.").faceted(),
        Column::text("expires_at", "/expiresAt", "When its certificate ends.").typed(ColumnType::Time),
        Column::text("thumbprint", "/x5t#S256", "SHA-256 thumbprint of the certificate.").searched(),
    ],
    ..Kind::USUAL
};

/// A key that an OAuth client registered, under its app.
pub const APP_JWK: Kind = Kind {
    code: KindCode(22),
    name: "app_jwk",
    title: "OAuth client key",
    what: "A public key that an OAuth client registered to prove itself, or to have its tokens encrypted.",
    parents: &["app"],
    name_at: &["/kid", "/id"],
    columns: &[
        Column::text("kid", "/kid", "The key id the client names.").searched(),
        Column::text("key_type", "/kty", "RSA or EC.").faceted(),
        Column::text("key_use", "/use", "sig: to prove itself; enc: to encrypt.").faceted(),
    ],
    ..Kind::USUAL
};

/// The right to read an OAuth client's credentials' metadata.
pub(super) const CLIENT_CREDENTIALS_READ: Right = Right {
    permission: Some("okta.apps.clientCredentials.read"),
    console: "View client credentials",
    scope: "okta.apps.read",
    read_only_admin: true,
    evidence: Evidence::Practice,
};

/// Each OAuth client among the apps: its listing shows how it proves itself.
pub(super) const fn each_client(or_parent_of: transom_core::KindCode) -> Over {
    Over::Each(Selector::Facet {
        kind: APP.code,
        name: "token_auth",
        value: None,
        or_unknown: false,
        or_parent_of: Some(or_parent_of),
    })
}

static KEYS: Dataset = Dataset {
    name: "app_key",
    title: "Signing keys of apps",
    used_for: "find certificates that end soon, have ended, or are shared by many apps",
    without: "nobody sees the day coming on which sign-in to an app ends with its certificate",
    right: BELOW_APPS_READ,
    tier: Tier::Deep,
    over: Over::Each(Selector::Facet {
        kind: APP.code,
        name: "sign_on_mode",
        value: None,
        or_unknown: false,
        or_parent_of: Some(APP_KEY.code),
    }),
    after: &["app"],
    target: Target::Children(APP_KEY.code),
    // An app that signs shows in its listing with which key [rec: all of SAML and OpenID Connect, no other].
    parts: |app| match app.doc.is_some_and(|doc| text(doc, "/credentials/signing/kid").is_none()) {
        true => Vec::new(),
        false => vec![api::app_key::list(app.okta_id).into_listing()],
    },
    read: |item, scope, page| {
        object(&APP_KEY, &[], item, scope, page);
    },
    none: app_gone,
    sight: Sight::Administered,
    assumed: &["An app whose listing names no signing key has none, so it is not asked."],
    ..Dataset::USUAL
};

static JWKS: Dataset = Dataset {
    name: "app_jwk",
    title: "Keys of OAuth clients",
    used_for: "find old and forgotten keys that still prove an OAuth client",
    without: "forgotten keys of OAuth clients stay out of sight",
    // That it opens the keys too is inferred.
    right: Right { evidence: Evidence::Assumed, ..CLIENT_CREDENTIALS_READ },
    tier: Tier::Deep,
    over: each_client(APP_JWK.code),
    after: &["app"],
    target: Target::Children(APP_JWK.code),
    parts: |app| vec![api::app_key::jwks(app.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&APP_JWK, &[], item, scope, page);
    },
    none: app_gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&APP_KEY, &APP_JWK], relations: &[], datasets: &[&KEYS, &JWKS] };
