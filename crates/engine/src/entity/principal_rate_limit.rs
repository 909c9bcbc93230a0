//! Shares of the rate limits: how much of the org's calls a token or OAuth client may use up.

use okta_client::api;
use okta_client::api::principal_rate_limit::PrincipalType;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::api_token::API_TOKEN;
use super::app::APP;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right};

/// A principal's share.
pub const PRINCIPAL_RATE_LIMIT: Kind = Kind {
    code: KindCode(30),
    name: "principal_rate_limit",
    title: "Share of the rate limits",
    what: "How much of the org's rate limits an API token or OAuth client may use, in per cent.",
    name_at: &["/principalId"],
    status_at: None,
    created_at: Some("/createdDate"),
    updated_at: Some("/lastUpdate"),
    columns: &[
        Column::text("principal_type", "/principalType", "SSWS_TOKEN or OAUTH_CLIENT.").faceted(),
        Column::text("principal_id", "/principalId", "The token or app.").searched(),
        Column::text("percentage", "/defaultPercentage", "Share of each rate limit, in per cent.")
            .typed(ColumnType::Integer)
            .faceted(),
        Column::text(
            "concurrency_percentage",
            "/defaultConcurrencyPercentage",
            "Share of the calls in flight, in per cent.",
        )
        .typed(ColumnType::Integer),
    ],
    decides: &[("/principalType", Shape::Text), ("/principalId", Shape::Text)],
    ..Kind::USUAL
};

/// Share → the token or app it belongs to.
pub const RATE_LIMIT_PRINCIPAL: Relation = Relation {
    code: RelCode(29),
    name: "rate_limit_principal",
    what: "The share belongs to the token or app.",
    from: &["principal_rate_limit"],
    to: &["api_token", "app"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "principal_rate_limit",
    title: "Shares of the rate limits",
    used_for: "find tokens and apps that can use up the whole org's calls",
    without: "nobody sees which token can bring the org's API to a halt",
    right: Right {
        // Okta names no permission for it [inf].
        permission: None,
        console: "Super or Organization Administrator",
        scope: "okta.principalRateLimits.read",
        read_only_admin: false,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(PRINCIPAL_RATE_LIMIT.code),
    // Okta lists one type at a time [rec].
    parts: |_| {
        let types = [PrincipalType::SswsToken, PrincipalType::OauthClient];
        types.iter().map(|of| api::principal_rate_limit::list(of).into_listing()).collect()
    },
    read: |item, scope, page| {
        let owns = &[RATE_LIMIT_PRINCIPAL.code];
        let Some(share) = object(&PRINCIPAL_RATE_LIMIT, owns, item, scope, page) else { return };
        let kind = match text(item, "/principalType") {
            Some("SSWS_TOKEN") => &API_TOKEN,
            Some("OAUTH_CLIENT") => &APP,
            _ => return,
        };
        if let Some(principal) = text(item, "/principalId") {
            share.out.push(out(&RATE_LIMIT_PRINCIPAL, kind, principal));
        }
    },
    again: Some(|id| api::principal_rate_limit::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&PRINCIPAL_RATE_LIMIT], relations: &[&RATE_LIMIT_PRINCIPAL], datasets: &[&DATASET] };
