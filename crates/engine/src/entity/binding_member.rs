//! Who is bound to a custom role on a resource set: users, groups and clients, each member by member.

use okta_client::{Error, api};
use serde_json::Value;
use transom_core::{Column, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::app::APP;
use super::group::GROUP;
use super::resource_set::ROLE_BINDING;
use super::role::IAM_READ;
use super::user::USER;
use super::{Declares, last_segment, object, out};
use crate::dataset::{Dataset, Over, Scope};

/// A member of a binding.
pub const BINDING_MEMBER: Kind = Kind {
    code: KindCode(42),
    name: "binding_member",
    title: "Binding member",
    what: "A user, group or client that holds the binding's role on its resource set.",
    parents: &["role_binding"],
    name_at: &["/_links/self/href", "/id"],
    status_at: None,
    columns: &[Column::text("href", "/_links/self/href", "The user, group or client, as a URL.")],
    decides: &[("/_links/self/href", Shape::Text)],
    ..Kind::USUAL
};

/// Member → the user, group or client it is.
pub const MEMBER_PRINCIPAL: Relation = Relation {
    code: RelCode(45),
    name: "member_principal",
    what: "The binding member is the user, the group, or the client of the app.",
    from: &["binding_member"],
    to: &["user", "group", "app"],
    ..Relation::USUAL
};

/// A binding whose last member went after it was listed is no more.
fn binding_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "binding_member",
    title: "Members of role bindings",
    used_for: "say who holds a custom role on which resources, groups and service apps included",
    without: "holders of custom roles that are neither listed as assignees nor groups stay hidden",
    right: IAM_READ,
    over: Over::Each(Selector::Kind { kind: ROLE_BINDING.code, status: None, status_not: None }),
    after: &["role_binding"],
    target: Target::Children(BINDING_MEMBER.code),
    parts: |binding: &Scope<'_>| {
        vec![api::resource_set::members(binding.above.unwrap_or_default(), binding.okta_id).into_listing()]
    },
    read: |item, scope, page| {
        let Some(member) = object(&BINDING_MEMBER, &[MEMBER_PRINCIPAL.code], item, scope, page) else { return };
        if let Some((kind, id)) = principal(item) {
            member.out.push(out(&MEMBER_PRINCIPAL, kind, id));
        }
    },
    none: binding_gone,
    ..Dataset::USUAL
};

/// What a member is, by its own link: `/api/v1/users/{id}`, `/api/v1/groups/{id}` [spec], `/oauth2/v1/clients/{id}` [inf:
/// as role assignments name clients]. A client's id is its app's.
fn principal(member: &Value) -> Option<(&'static Kind, &str)> {
    let href = member.pointer("/_links/self/href")?;
    let id = last_segment(Some(href))?;
    let kind = match href.as_str()?.rsplit('/').nth(1)? {
        "users" => &USER,
        "groups" => &GROUP,
        "clients" | "client" | "apps" => &APP,
        _ => return None,
    };
    Some((kind, id))
}

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&BINDING_MEMBER], relations: &[&MEMBER_PRINCIPAL], datasets: &[&DATASET] };

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_users_groups_and_clients() {
        let of = |path: &str| {
            let member = json!({"_links": {"self": {"href": format!("https://acme.okta.com{path}")}}});
            principal(&member).map(|(kind, id)| (kind.name, id.to_owned()))
        };
        assert_eq!(of("/api/v1/users/00u1"), Some(("user", "00u1".to_owned())));
        assert_eq!(of("/api/v1/groups/00g1"), Some(("group", "00g1".to_owned())));
        assert_eq!(of("/oauth2/v1/clients/0oa1"), Some(("app", "0oa1".to_owned())));
        assert_eq!(of("/api/v1/groups/"), None);
        assert_eq!(of("/workload-principals/wlp1"), None);
        assert!(principal(&json!({})).is_none());
    }
}
