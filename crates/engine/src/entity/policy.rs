//! Policies of every type.

use okta_client::{Error, api};
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, Out, RelCode, Relation};
use transom_store::Target;

use super::group::GROUP;
use super::network_zone::NETWORK_ZONE;
use super::user::USER;
use super::{Declares, ids, object, out};
use crate::dataset::{Dataset, Right};

/// A policy.
pub const POLICY: Kind = Kind {
    code: KindCode(14),
    name: "policy",
    title: "Policy",
    what: "A policy of any type: global session, authentication, password, authenticator enrollment and so on.",
    columns: &[
        Column::text("type", "/type", "The policy's type.").faceted(),
        Column::text("priority", "/priority", "Lower comes first.").typed(ColumnType::Integer),
        Column::text("system", "/system", "Made by Okta; can't be removed.").typed(ColumnType::Boolean).faceted(),
        Column::text("description", "/description", "What the policy is for."),
        // Okta links to mappings only where there can be some [rec]; they are read for those alone.
        Column::text("mappings", "/_links/mappings/hints/allow", "What may be done with its mappings, if it can have any.")
            .typed(ColumnType::Json)
            .faceted(),
        Column::text("conditions", "/conditions", "Whom it applies to.").typed(ColumnType::Json),
        Column::text("settings", "/settings", "Its settings.").typed(ColumnType::Json),
    ],
    version: 2,
    ..Kind::USUAL
};

/// Policy or rule → group it includes (attr 0) or excludes (1).
pub const POLICY_GROUP: Relation = Relation {
    code: RelCode(13),
    name: "policy_group",
    what: "The policy or rule names the group in its conditions.",
    from: &["policy", "policy_rule"],
    to: &["group"],
    attr: Some("0 included, 1 excluded"),
    ..Relation::USUAL
};

/// Policy or rule → user it includes (attr 0) or excludes (1).
pub const POLICY_USER: Relation = Relation {
    code: RelCode(14),
    name: "policy_user",
    what: "The policy or rule names the user in its conditions.",
    from: &["policy", "policy_rule"],
    to: &["user"],
    attr: Some("0 included, 1 excluded"),
    ..Relation::USUAL
};

/// Policy or rule → network zone it includes (attr 0) or excludes (1).
pub const POLICY_ZONE: Relation = Relation {
    code: RelCode(15),
    name: "policy_zone",
    what: "The policy or rule names the network zone in its conditions.",
    from: &["policy", "policy_rule"],
    to: &["network_zone"],
    attr: Some("0 included, 1 excluded"),
    ..Relation::USUAL
};

/// The relations that conditions state.
pub(super) const CONDITIONS: &[RelCode] = &[POLICY_GROUP.code, POLICY_USER.code, POLICY_ZONE.code];

/// The groups, users and zones that a policy's or rule's conditions name.
pub(super) fn conditions(doc: &Value) -> Vec<Out> {
    let mut edges = Vec::new();
    let named: [(&Relation, &Kind, &str); 3] = [
        (&POLICY_GROUP, &GROUP, "/conditions/people/groups"),
        (&POLICY_USER, &USER, "/conditions/people/users"),
        (&POLICY_ZONE, &NETWORK_ZONE, "/conditions/network"),
    ];
    for (rel, kind, path) in named {
        let Some(place) = doc.pointer(path) else { continue };
        for (attr, side) in [(0, "include"), (1, "exclude")] {
            edges.extend(ids(place.get(side)).map(|id| Out { attr, ..out(rel, kind, id) }));
        }
    }
    edges
}

/// Okta answers 400 for a type that the org's pipeline does not have (Classic has no ACCESS_POLICY).
fn no_such_type(error: &Error) -> bool {
    matches!(error, Error::Api(e) if e.status == 400)
}

static DATASET: Dataset = Dataset {
    name: "policy",
    title: "Policies",
    used_for: "see which sign-in, password and enrollment policies apply to whom",
    without: "sign-in rules can't be judged",
    right: Right {
        permission: "okta.policies.read",
        console: "View policies",
        scope: "okta.policies.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    target: Target::Children(POLICY.code),
    parts: |_| api::policy::PolicyType::KNOWN.iter().map(|ty| api::policy::list(ty).into_listing()).collect(),
    read: |item, scope, page| {
        if let Some(policy) = object(&POLICY, CONDITIONS, item, scope, page) {
            policy.out = conditions(item);
        }
    },
    again: Some(|id| api::policy::get(id).into_listing()),
    none: no_such_type,
    assumed: &["Okta answers 400 only for policy types that the org does not have."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&POLICY],
    relations: &[&POLICY_GROUP, &POLICY_USER, &POLICY_ZONE],
    datasets: &[&DATASET],
};
