//! Refresh tokens that OAuth clients hold: whose, for what, until when. Never the token.

use okta_client::api;
use transom_core::{Column, ColumnType, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::app::BELOW_APPS_READ;
use super::app_group::app_gone;
use super::app_key::each_client;
use super::authorization_server::AUTHORIZATION_SERVER;
use super::user::USER;
use super::{Declares, last_segment, object, out, text, texts};
use crate::dataset::{Dataset, Sight, Tier};

/// A refresh token's metadata, under its app.
pub const APP_TOKEN: Kind = Kind {
    code: KindCode(25),
    name: "app_token",
    title: "Refresh token",
    what: "That an OAuth client can act for a user until a day, without the user signing in again. Never the token.",
    parents: &["app"],
    name_at: &["/id"],
    columns: &[
        Column::text("user_id", "/userId", "The user it acts for."),
        Column::text("issuer", "/issuer", "The authorization server that issued it.").faceted(),
        Column::text("scopes", "/scopes", "What it is good for.").typed(ColumnType::Json).faceted(),
        Column::text("expires_at", "/expiresAt", "When it ends.").typed(ColumnType::Time),
    ],
    // Okta moves both whenever the client uses it [inf]: use is not a change.
    volatile: &["/lastUpdated", "/expiresAt"],
    decides: &[("/userId", Shape::Text), ("/_links/authorizationServer/href", Shape::Text)],
    ..Kind::USUAL
};

/// Refresh token → the user.
pub const TOKEN_USER: Relation = Relation {
    code: RelCode(22),
    name: "token_user",
    what: "The refresh token acts for the user.",
    from: &["app_token"],
    to: &["user"],
    ..Relation::USUAL
};

/// Refresh token → the authorization server.
pub const TOKEN_SERVER: Relation = Relation {
    code: RelCode(23),
    name: "token_server",
    what: "The refresh token was issued by the authorization server.",
    from: &["app_token"],
    to: &["authorization_server"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "app_token",
    title: "Refresh tokens of apps",
    used_for: "tell which apps can still act for a user, also after a session has ended",
    without: "access that outlives a session stays out of sight",
    right: BELOW_APPS_READ,
    tier: Tier::Deep,
    over: each_client(APP_TOKEN.code),
    after: &["app"],
    target: Target::Children(APP_TOKEN.code),
    // A client that acts for nobody but itself has none (RFC 6749, section 4.4.3).
    parts: |app| {
        let grants = |doc| texts(doc).collect::<Vec<_>>() == ["client_credentials"];
        match app.doc.is_some_and(|doc| grants(doc.pointer("/settings/oauthClient/grant_types"))) {
            true => Vec::new(),
            false => vec![api::app_token::list(app.okta_id).into_listing()],
        }
    },
    read: |item, scope, page| {
        let owns = &[TOKEN_USER.code, TOKEN_SERVER.code];
        let Some(token) = object(&APP_TOKEN, owns, item, scope, page) else { return };
        if let Some(user) = text(item, "/userId") {
            token.out.push(out(&TOKEN_USER, &USER, user));
        }
        if let Some(server) = last_segment(item.pointer("/_links/authorizationServer/href")) {
            token.out.push(out(&TOKEN_SERVER, &AUTHORIZATION_SERVER, server));
        }
    },
    none: app_gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&APP_TOKEN], relations: &[&TOKEN_USER, &TOKEN_SERVER], datasets: &[&DATASET] };
