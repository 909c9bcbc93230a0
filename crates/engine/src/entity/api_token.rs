//! API tokens: the metadata, never the value.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::user::USER;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right, Sight};

/// An API token.
pub const API_TOKEN: Kind = Kind {
    code: KindCode(16),
    name: "api_token",
    title: "API token",
    what: "An SSWS token's metadata: who owns it, from where it works, when it was renewed. Never its value.",
    status_at: None,
    columns: &[
        Column::text("user_id", "/userId", "The owner; the token can do what this user can do."),
        Column::text("client_name", "/clientName", "What made the token.").faceted(),
        Column::text("network", "/network/connection", "ANYWHERE, or the network zones it works from.").faceted(),
        Column::text("expires_at", "/expiresAt", "When it lapses if nobody uses it.").typed(ColumnType::Time),
    ],
    // Okta moves both at every use of the token, ours included: use is not a change.
    volatile: &["/lastUpdated", "/expiresAt"],
    decides: &[("/userId", Shape::Text)],
    ..Kind::USUAL
};

/// Token → its owner.
pub const TOKEN_OWNER: Relation = Relation {
    code: RelCode(19),
    name: "token_owner",
    what: "The token acts with the rights of the user.",
    from: &["api_token"],
    to: &["user"],
    view: true,
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "api_token",
    title: "API tokens",
    used_for: "find tokens of administrators, forgotten tokens, tokens that work from anywhere",
    without: "standing API access stays out of sight",
    right: Right {
        permission: Some("okta.users.apitokens.read"),
        console: "View API tokens",
        scope: "okta.apiTokens.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    target: Target::Children(API_TOKEN.code),
    parts: |_| vec![api::api_token::list().into_listing()],
    read: |item, scope, page| {
        let Some(token) = object(&API_TOKEN, &[TOKEN_OWNER.code], item, scope, page) else { return };
        if let Some(owner) = text(item, "/userId") {
            token.out.push(out(&TOKEN_OWNER, &USER, owner));
        }
    },
    again: Some(|id| api::api_token::get(id).into_listing()),
    sight: Sight::Own,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&API_TOKEN], relations: &[&TOKEN_OWNER], datasets: &[&DATASET] };
