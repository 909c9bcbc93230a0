//! Rules of access policies: which grant, for whom, with which scopes, for how long.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, ColumnType, Kind, KindCode, Out, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::auth_policy::AUTH_POLICY;
use super::authorization_server::{API_ACCESS, server_gone};
use super::group::GROUP;
use super::user::USER;
use super::{Declares, ids, object, out};
use crate::dataset::{Dataset, Over};

/// A rule, under its access policy.
pub const AUTH_POLICY_RULE: Kind = Kind {
    code: KindCode(58),
    name: "auth_policy_rule",
    title: "API access rule",
    what: "A rule of an access policy: which grant gives which scopes to whom, and how long tokens live.",
    parents: &["auth_policy"],
    columns: &[
        Column::text("priority", "/priority", "Lower comes first.").typed(ColumnType::Integer),
        Column::text("system", "/system", "Made by Okta.").typed(ColumnType::Boolean),
        Column::text("grant_types", "/conditions/grantTypes/include", "OAuth 2.0 grants it is for.")
            .typed(ColumnType::Json)
            .faceted(),
        Column::text("scopes", "/conditions/scopes/include", "Names of scopes; * for any.").typed(ColumnType::Json),
        Column::text("people", "/conditions/people", "For whom.").typed(ColumnType::Json),
        Column::text(
            "access_token_minutes",
            "/actions/token/accessTokenLifetimeMinutes",
            "How long an access token lives.",
        )
        .typed(ColumnType::Integer),
        Column::text(
            "refresh_token_minutes",
            "/actions/token/refreshTokenLifetimeMinutes",
            "How long a refresh token lives; 0 for ever.",
        )
        .typed(ColumnType::Integer),
    ],
    decides: &[("/conditions/people/groups", Shape::Sides), ("/conditions/people/users", Shape::Sides)],
    ..Kind::USUAL
};

/// Rule → group it is for (attr 0) or not for (1).
pub const AUTH_RULE_GROUP: Relation = Relation {
    code: RelCode(56),
    name: "auth_rule_group",
    what: "The rule names the group.",
    from: &["auth_policy_rule"],
    to: &["group"],
    attr: Some("0 included, 1 excluded"),
    ..Relation::USUAL
};

/// Rule → user it is for (attr 0) or not for (1).
pub const AUTH_RULE_USER: Relation = Relation {
    code: RelCode(57),
    name: "auth_rule_user",
    what: "The rule names the user.",
    from: &["auth_policy_rule"],
    to: &["user"],
    attr: Some("0 included, 1 excluded"),
    ..Relation::USUAL
};

/// The groups and users that the rule's conditions name.
fn people(doc: &Value) -> Vec<Out> {
    let mut edges = Vec::new();
    for (rel, kind, place) in [(&AUTH_RULE_GROUP, &GROUP, "groups"), (&AUTH_RULE_USER, &USER, "users")] {
        for (attr, side) in [(0, "include"), (1, "exclude")] {
            // EVERYONE is a word, not an id [rec].
            let named = ids(doc.pointer(&format!("/conditions/people/{place}/{side}")));
            edges.extend(named.map(|id| Out { attr, ..out(rel, kind, id) }));
        }
    }
    edges
}

static DATASET: Dataset = Dataset {
    name: "auth_policy_rule",
    title: "Rules of access policies",
    used_for: "see who gets tokens for your APIs, by which grant, with which scopes and for how long",
    without: "access policies are names without meaning",
    right: API_ACCESS,
    over: Over::Each(Selector::Kind { kind: AUTH_POLICY.code, status: None, status_not: None }),
    after: &["auth_policy"],
    target: Target::Children(AUTH_POLICY_RULE.code),
    // The call names the server too: the policy's own parent.
    parts: |policy| {
        let server = policy.above.unwrap_or_default();
        vec![api::auth_policy::rules(server, policy.okta_id).into_listing()]
    },
    read: |item, scope, page| {
        let owns = &[AUTH_RULE_GROUP.code, AUTH_RULE_USER.code];
        if let Some(rule) = object(&AUTH_POLICY_RULE, owns, item, scope, page) {
            rule.out = people(item);
        }
    },
    none: server_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&AUTH_POLICY_RULE], relations: &[&AUTH_RULE_GROUP, &AUTH_RULE_USER], datasets: &[&DATASET] };
