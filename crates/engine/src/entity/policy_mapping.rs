//! Policy mappings: what a policy applies to.

use okta_client::{Error, api};
use transom_core::{Evidence, Kind, KindCode, Odd, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::app::APP;
use super::policy::POLICY;
use super::{Declares, last_segment, object_as, out, sound};
use crate::dataset::{Dataset, Over, Right, Tier};

/// A mapping, under its policy.
pub const POLICY_MAPPING: Kind = Kind {
    code: KindCode(60),
    name: "policy_mapping",
    title: "Policy mapping",
    what: "That a policy applies to a resource, an app for most.",
    parents: &["policy"],
    name_at: &["/_links/application/href", "/id"],
    status_at: None,
    created_at: None,
    updated_at: None,
    decides: &[("/_links/self/href", Shape::Text), ("/_links/application/href", Shape::Text)],
    ..Kind::USUAL
};

/// Mapping → the app that the policy applies to.
pub const MAPPING_APP: Relation = Relation {
    code: RelCode(60),
    name: "mapping_app",
    what: "The policy of the mapping applies to the app.",
    from: &["policy_mapping"],
    to: &["app"],
    ..Relation::USUAL
};

/// A policy that was deleted after it was listed applies to nothing.
fn policy_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "policy_mapping",
    title: "Policy mappings",
    used_for: "see from the policy's side what it applies to",
    without: "only what apps themselves say of their access policy is known",
    right: Right {
        permission: Some("okta.policies.read"),
        console: "View policies",
        scope: "okta.policies.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    tier: Tier::Deep,
    // Okta's own policies have no link to mappings [rec].
    over: Over::Each(Selector::Facet {
        kind: POLICY.code,
        name: "mappings",
        value: None,
        or_unknown: false,
        or_parent_of: Some(POLICY_MAPPING.code),
    }),
    after: &["policy"],
    target: Target::Children(POLICY_MAPPING.code),
    parts: |policy| vec![api::policy::mappings(policy.okta_id).into_listing()],
    read: |item, scope, page| {
        // Okta's example shows the policy's id at /id, the same for all its mappings; the link has the mapping's own.
        let own = last_segment(item.pointer("/_links/self/href")).map(str::to_owned);
        let Some(okta_id) = own.or_else(|| POLICY_MAPPING.id_of(item)) else {
            page.odd.push(Odd { why: format!("{}: no id at /id", POLICY_MAPPING.title), doc: item.clone() });
            return;
        };
        if !sound(&POLICY_MAPPING, item, page) {
            return;
        }
        let mapping = object_as(&POLICY_MAPPING, okta_id, &[MAPPING_APP.code], item, scope, page);
        if let Some(app) = last_segment(item.pointer("/_links/application/href")) {
            mapping.out.push(out(&MAPPING_APP, &APP, app));
        }
    },
    none: policy_gone,
    assumed: &["A policy whose document has no link to mappings has none."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&POLICY_MAPPING], relations: &[&MAPPING_APP], datasets: &[&DATASET] };
