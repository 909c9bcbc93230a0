//! Identity providers: who else may vouch for people.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Key, Kind, KindCode, Out, RelCode, Relation, Shape};
use transom_store::Target;

use super::group::GROUP;
use super::idp_key::IDP_KEY;
use super::user::USER;
use super::{Declares, ids, object, out, text, texts};
use crate::dataset::{Dataset, Right};

/// An identity provider.
pub const IDP: Kind = Kind {
    code: KindCode(63),
    name: "idp",
    title: "Identity provider",
    what: "Another system whose word on who somebody is the org takes, and what it does with such people.",
    columns: &[
        Column::text("type", "/type", "SAML2, OIDC, GOOGLE, X509 and so on.").faceted(),
        Column::text("protocol", "/protocol/type", "SAML2, OIDC, OAUTH2 or MTLS.").faceted(),
        Column::text("issuer", "/protocol/issuer/url", "Who signs, for OIDC."),
        Column::text("trust_issuer", "/protocol/credentials/trust/issuer", "Who signs, for SAML."),
        Column::text("provisioning", "/policy/provisioning/action", "AUTO makes accounts for people who have none.").faceted(),
        Column::text("profile_master", "/policy/provisioning/profileMaster", "Decides about profiles.")
            .typed(ColumnType::Boolean)
            .faceted(),
        Column::text("group_action", "/policy/provisioning/groups/action", "NONE, ASSIGN, APPEND or SYNC.").faceted(),
        Column::text("account_link", "/policy/accountLink/action", "AUTO links people to accounts that look alike.").faceted(),
        Column::text("match_type", "/policy/subject/matchType", "What is compared then.").faceted(),
        Column::text("trusts_claims", "/policy/trustClaims", "Takes its word on how somebody signed in.")
            .typed(ColumnType::Boolean)
            .faceted(),
    ],
    decides: &[("/policy/provisioning/groups/assignments", Shape::Texts), ("/policy/provisioning/groups/filter", Shape::Texts), ("/policy/accountLink/filter/groups", Shape::Sides), ("/policy/accountLink/filter/users", Shape::Sides), ("/protocol/credentials/trust/kid", Shape::Text), ("/protocol/credentials/trust/additionalKids", Shape::Texts)],
    ..Kind::USUAL
};

/// Identity provider → group.
pub const IDP_GROUP: Relation = Relation {
    code: RelCode(62),
    name: "idp_group",
    what: "The identity provider's policy names the group.",
    from: &["idp"],
    to: &["group"],
    attr: Some("Sum of: 1 everyone who comes that way is put into it, 2 it may put people into it, 4 members are linked to their accounts"),
    ..Relation::USUAL
};

/// Identity provider → user whose account it is never linked to.
pub const IDP_EXCLUDED_USER: Relation = Relation {
    code: RelCode(63),
    name: "idp_excluded_user",
    what: "Nobody who comes by the identity provider is linked to the user's account.",
    from: &["idp"],
    to: &["user"],
    ..Relation::USUAL
};

/// Identity provider → the key whose signatures are believed.
pub const IDP_TRUST_KEY: Relation = Relation {
    code: RelCode(64),
    name: "idp_trust_key",
    what: "What the key signs is believed to come from the identity provider.",
    from: &["idp"],
    to: &["idp_key"],
    ..Relation::USUAL
};

/// Where groups stand, and what it means; see [`IDP_GROUP`].
const GROUPS: &[(&str, i32)] = &[
    ("/policy/provisioning/groups/assignments", 1),
    ("/policy/provisioning/groups/filter", 2),
    ("/policy/accountLink/filter/groups/include", 4),
];

/// The right to read identity providers and their keys.
pub(super) const READ_IDPS: Right = Right {
    permission: Some("okta.identityProviders.read"),
    console: "View identity providers",
    scope: "okta.idps.read",
    read_only_admin: true,
    evidence: Evidence::Assumed,
};

/// The groups, users and keys that the document names.
fn edges(doc: &Value) -> Vec<Out> {
    let mut edges: Vec<Out> = Vec::new();
    let mut add = |edge: Out| match edges.iter_mut().find(|e| e.rel == edge.rel && e.dst == edge.dst) {
        Some(same) => same.attr |= edge.attr,
        None => edges.push(edge),
    };
    for (path, attr) in GROUPS {
        ids(doc.pointer(path)).for_each(|group| add(Out { attr: *attr, ..out(&IDP_GROUP, &GROUP, group) }));
    }
    let spared = ids(doc.pointer("/policy/accountLink/filter/users/exclude"));
    spared.for_each(|user| add(out(&IDP_EXCLUDED_USER, &USER, user)));
    let more = texts(doc.pointer("/protocol/credentials/trust/additionalKids"));
    for kid in text(doc, "/protocol/credentials/trust/kid").into_iter().chain(more) {
        add(Out { rel: IDP_TRUST_KEY.code, dst: Key::root(&IDP_KEY, kid), attr: 0 });
    }
    edges
}

static DATASET: Dataset = Dataset {
    name: "idp",
    title: "Identity providers",
    used_for: "see who else can sign people in, whose accounts they are linked to, and into which groups they come",
    without: "a way in by another system stays out of sight",
    right: READ_IDPS,
    target: Target::Children(IDP.code),
    parts: |_| vec![api::idp::list().into_listing()],
    read: |item, scope, page| {
        let owns = &[IDP_GROUP.code, IDP_EXCLUDED_USER.code, IDP_TRUST_KEY.code];
        if let Some(idp) = object(&IDP, owns, item, scope, page) {
            idp.out = edges(item);
        }
    },
    again: Some(|id| api::idp::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&IDP],
    relations: &[&IDP_GROUP, &IDP_EXCLUDED_USER, &IDP_TRUST_KEY],
    datasets: &[&DATASET],
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_group_named_twice_is_one_edge_that_says_both() {
        let doc = json!({"policy": {
            "provisioning": {"groups": {"assignments": ["00g1"], "filter": ["00g1", "00g2"]}},
            "accountLink": {"filter": {"groups": {"include": ["00g2", "EVERYONE"]}, "users": {"exclude": ["00u1"]}}},
        }, "protocol": {"credentials": {"trust": {"kid": "k1", "additionalKids": ["k2", "k1"]}}}});
        let found: Vec<_> = edges(&doc).into_iter().map(|e| (e.rel, e.dst.okta_id, e.attr)).collect();
        let edge = |rel: &Relation, id: &str, attr| (rel.code, id.to_string(), attr);
        let expected = [
            edge(&IDP_GROUP, "00g1", 3),
            edge(&IDP_GROUP, "00g2", 6),
            edge(&IDP_EXCLUDED_USER, "00u1", 0),
            edge(&IDP_TRUST_KEY, "k1", 0),
            edge(&IDP_TRUST_KEY, "k2", 0),
        ];
        assert_eq!(found, expected);
    }
}
