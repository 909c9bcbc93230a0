//! Client secrets of OAuth clients: how old they are, never what they are. Read only where an admin said so.

use okta_client::api;
use transom_core::{Kind, KindCode};
use transom_store::Target;

use super::app_group::app_gone;
use super::app_key::{CLIENT_CREDENTIALS_READ, each_client};
use super::{Declares, object, text};
use crate::dataset::{Dataset, OptIn, Sight, Tier};

/// A client secret, under its app, without the secret.
pub const APP_SECRET: Kind = Kind {
    code: KindCode(23),
    name: "app_secret",
    title: "Client secret",
    what: "That an OAuth client has a secret, since when, and whether it works. Never the secret, nor its hash.",
    parents: &["app"],
    name_at: &["/id"],
    ..Kind::USUAL
};

/// Okta has no call that tells a secret's age without the secret.
pub static CLIENT_SECRET_AGES: OptIn = OptIn {
    setting: "client_secret_ages",
    why: "Not read unless you say so: Okta's only answer about a client secret's age holds the secret in clear. Transom \
          drops it on arrival and never stores it, but it does pass through. To allow it: transom org set LABEL \
          --client-secret-ages on",
};

/// The data set that takes an admin's word.
pub static DATASET: Dataset = Dataset {
    name: "app_secret",
    title: "Ages of client secrets",
    used_for: "find client secrets that were never changed, and old ones that still work",
    without: "the age of client secrets stays unknown",
    right: CLIENT_CREDENTIALS_READ,
    tier: Tier::Deep,
    over: each_client(APP_SECRET.code),
    after: &["app"],
    target: Target::Children(APP_SECRET.code),
    parts: |app| {
        let method = app.doc.and_then(|doc| text(doc, "/credentials/oauthClient/token_endpoint_auth_method"));
        // A public client has no secret.
        if method == Some("none") { Vec::new() } else { vec![api::app_secret::list(app.okta_id).into_listing()] }
    },
    read: |item, scope, page| {
        object(&APP_SECRET, &[], item, scope, page);
    },
    none: app_gone,
    sight: Sight::Administered,
    opt_in: Some(&CLIENT_SECRET_AGES),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&APP_SECRET], relations: &[], datasets: &[&DATASET] };
