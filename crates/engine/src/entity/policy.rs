//! Policies of every type.

use okta_client::{Error, api};
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, Out, RelCode, Relation, Shape};
use transom_store::Target;

use super::app::APP;
use super::device_assurance::DEVICE_ASSURANCE;
use super::group::GROUP;
use super::network_zone::NETWORK_ZONE;
use super::user::USER;
use super::{Declares, ids, object, out, text};
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
    // Lists show it, the policy by itself does not [rec].
    volatile: &["/_embedded/resourceType"],
    decides: DECIDES,
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

/// Rule → device assurance policy, one of which the device must meet.
pub const POLICY_DEVICE_ASSURANCE: Relation = Relation {
    code: RelCode(41),
    name: "policy_device_assurance",
    what: "The rule lets in devices that meet the device assurance policy.",
    from: &["policy", "policy_rule"],
    to: &["device_assurance"],
    ..Relation::USUAL
};

/// Rule → app it includes (attr 0) or excludes (1).
pub const POLICY_APP: Relation = Relation {
    code: RelCode(42),
    name: "policy_app",
    what: "The policy or rule names the app in its conditions.",
    from: &["policy", "policy_rule"],
    to: &["app"],
    attr: Some("0 included, 1 excluded"),
    ..Relation::USUAL
};

/// What decides where a policy or rule leads. (A rule has no mappings, and what is not there decides nothing.)
pub(super) const DECIDES: &[(&str, Shape)] = &[
    ("/_links/mappings/hints/allow", Shape::Texts),
    ("/conditions/people/groups", Shape::Sides),
    ("/conditions/people/users", Shape::Sides),
    ("/conditions/network", Shape::Sides),
    ("/conditions/device/assurance", Shape::Sides),
    ("/conditions/app/include", Shape::List("/id")),
    ("/conditions/app/exclude", Shape::List("/id")),
];

/// The relations that conditions state.
pub(super) const CONDITIONS: &[RelCode] = &[
    POLICY_GROUP.code,
    POLICY_USER.code,
    POLICY_ZONE.code,
    POLICY_DEVICE_ASSURANCE.code,
    POLICY_APP.code,
];

/// The groups, users, zones, device assurance policies and apps that a policy's or rule's conditions name.
pub(super) fn conditions(doc: &Value) -> Vec<Out> {
    let mut edges = Vec::new();
    let named: [(&Relation, &Kind, &str); 5] = [
        (&POLICY_GROUP, &GROUP, "/conditions/people/groups"),
        (&POLICY_USER, &USER, "/conditions/people/users"),
        (&POLICY_ZONE, &NETWORK_ZONE, "/conditions/network"),
        (&POLICY_DEVICE_ASSURANCE, &DEVICE_ASSURANCE, "/conditions/device/assurance"),
        (&POLICY_APP, &APP, "/conditions/app"),
    ];
    for (rel, kind, path) in named {
        let Some(place) = doc.pointer(path) else { continue };
        for (attr, side) in [(0, "include"), (1, "exclude")] {
            // Apps are objects: of an instance with its id, of all of a catalogue app's with its name alone [spec].
            let objects = place.get(side).and_then(Value::as_array).into_iter().flatten();
            let named = ids(place.get(side)).chain(objects.filter_map(|named| text(named, "/id")));
            edges.extend(named.map(|id| Out { attr, ..out(rel, kind, id) }));
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
        permission: Some("okta.policies.read"),
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
    relations: &[&POLICY_GROUP, &POLICY_USER, &POLICY_ZONE, &POLICY_DEVICE_ASSURANCE, &POLICY_APP],
    datasets: &[&DATASET],
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_name_devices_and_apps() {
        let rule = json!({"conditions": {
            "people": {"users": {"include": ["EVERYONE"], "exclude": ["00u1"]}},
            "device": {"registered": true, "assurance": {"include": ["dae1", "dae2"]}},
            "app": {
                "include": [{"type": "APP", "id": "0oa1"}, {"type": "APP_TYPE", "name": "slack"}],
                "exclude": [{"type": "APP", "id": "0oa2"}],
            },
        }});
        let found: Vec<_> = conditions(&rule).into_iter().map(|o| (o.rel, o.dst.okta_id, o.attr)).collect();
        let edge = |rel: &Relation, id: &str, attr| (rel.code, id.to_owned(), attr);
        assert_eq!(
            found,
            [
                edge(&POLICY_USER, "00u1", 1),
                edge(&POLICY_DEVICE_ASSURANCE, "dae1", 0),
                edge(&POLICY_DEVICE_ASSURANCE, "dae2", 0),
                edge(&POLICY_APP, "0oa1", 0),
                edge(&POLICY_APP, "0oa2", 1),
            ]
        );
    }
}
