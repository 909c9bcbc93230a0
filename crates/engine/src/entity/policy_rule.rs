//! The rules of policies.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::{Selector, Target};

use super::policy::{CONDITIONS, DECIDES, POLICY, conditions};
use super::{Declares, object};
use crate::dataset::{Dataset, Over, Right};

/// A rule, under its policy.
pub const POLICY_RULE: Kind = Kind {
    code: KindCode(15),
    name: "policy_rule",
    title: "Policy rule",
    what: "A rule of a policy: on which conditions it does what.",
    parents: &["policy"],
    columns: &[
        Column::text("type", "/type", "The rule's type.").faceted(),
        Column::text("priority", "/priority", "Lower comes first.").typed(ColumnType::Integer),
        Column::text("system", "/system", "Made by Okta; can't be removed.").typed(ColumnType::Boolean),
        Column::text("conditions", "/conditions", "When it applies.").typed(ColumnType::Json),
        Column::text("actions", "/actions", "What it does.").typed(ColumnType::Json),
    ],
    decides: DECIDES,
    version: 2,
    ..Kind::USUAL
};

/// A policy that was deleted after it was listed has no rules.
fn policy_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "policy_rule",
    title: "Policy rules",
    used_for: "see what a policy really demands",
    without: "policies are names without meaning",
    right: Right {
        permission: Some("okta.policies.read"),
        console: "View policies",
        scope: "okta.policies.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    over: Over::Each(Selector::Kind { kind: POLICY.code, status: None, status_not: None }),
    after: &["policy"],
    target: Target::Children(POLICY_RULE.code),
    parts: |policy| vec![api::policy::rules(policy.okta_id).into_listing()],
    read: |item, scope, page| {
        if let Some(rule) = object(&POLICY_RULE, CONDITIONS, item, scope, page) {
            rule.out = conditions(item);
        }
    },
    none: policy_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&POLICY_RULE], relations: &[], datasets: &[&DATASET] };
