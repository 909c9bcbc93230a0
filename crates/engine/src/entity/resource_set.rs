//! Resource sets: what custom admin roles reach, with their resources and bindings.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::app::APP;
use super::group::GROUP;
use super::role::{IAM_READ, ROLE};
use super::{Declares, object, out};
use crate::dataset::{Dataset, Over};

/// A resource set.
pub const RESOURCE_SET: Kind = Kind {
    code: KindCode(10),
    name: "resource_set",
    title: "Resource set",
    what: "A named collection of resources that custom admin roles are limited to.",
    name_at: &["/label"],
    status_at: None,
    columns: &[Column::text("description", "/description", "What the set is for.")],
    ..Kind::USUAL
};

/// A resource, under its resource set.
pub const RESOURCE: Kind = Kind {
    code: KindCode(11),
    name: "resource",
    title: "Resource of a resource set",
    what: "One member of a resource set: all users, a group, an app, all authorization servers and so on.",
    parents: &["resource_set"],
    name_at: &["/orn", "/_links/self/href"],
    status_at: None,
    columns: &[Column::text("orn", "/orn", "Okta resource name.")],
    decides: &[("/orn", Shape::Text)],
    ..Kind::USUAL
};

/// A binding, under its resource set: a role granted on it. Its id is the role's.
pub const ROLE_BINDING: Kind = Kind {
    code: KindCode(12),
    name: "role_binding",
    title: "Role binding",
    what: "A role that is bound to the resource set; its members hold the role there.",
    parents: &["resource_set"],
    name_at: &["/id"],
    status_at: None,
    created_at: None,
    updated_at: None,
    ..Kind::USUAL
};

/// Resource → the group or app it names.
pub const RESOURCE_TARGET: Relation = Relation {
    code: RelCode(17),
    name: "resource_target",
    what: "The resource is the group or app, or what the group contains.",
    from: &["resource"],
    to: &["group", "app"],
    attr: Some("0 the object itself, 1 what it contains"),
    ..Relation::USUAL
};

/// Binding → the role.
pub const BINDING_ROLE: Relation = Relation {
    code: RelCode(18),
    name: "binding_role",
    what: "The binding grants the role on its resource set.",
    from: &["role_binding"],
    to: &["role"],
    ..Relation::USUAL
};

static SETS: Dataset = Dataset {
    name: "resource_set",
    title: "Resource sets",
    used_for: "tell what custom admin roles reach",
    without: "the reach of custom roles stays unknown",
    right: IAM_READ,
    target: Target::Children(RESOURCE_SET.code),
    parts: |_| vec![api::resource_set::list().into_listing()],
    read: |item, scope, page| {
        object(&RESOURCE_SET, &[], item, scope, page);
    },
    again: Some(|id| api::resource_set::get(id).into_listing()),
    ..Dataset::USUAL
};

const EACH_SET: Over = Over::Each(Selector::Kind { kind: RESOURCE_SET.code, status: None, status_not: None });

static RESOURCES: Dataset = Dataset {
    name: "resource",
    title: "Resources of resource sets",
    used_for: "tell what custom admin roles reach",
    without: "the reach of custom roles stays unknown",
    right: IAM_READ,
    over: EACH_SET,
    after: &["resource_set"],
    target: Target::Children(RESOURCE.code),
    parts: |set| vec![api::resource_set::resources(set.okta_id).into_listing()],
    read: |item, scope, page| {
        let Some(resource) = object(&RESOURCE, &[RESOURCE_TARGET.code], item, scope, page) else { return };
        let orn = item.pointer("/orn").and_then(Value::as_str).unwrap_or_default();
        if let Some((kind, okta_id, contained)) = target_of(orn) {
            let mut edge = out(&RESOURCE_TARGET, kind, okta_id);
            edge.attr = i32::from(contained);
            resource.out.push(edge);
        }
    },
    ..Dataset::USUAL
};

static BINDINGS: Dataset = Dataset {
    name: "role_binding",
    title: "Role bindings of resource sets",
    used_for: "tell which roles are granted on which resources",
    without: "the reach of custom roles stays unknown",
    right: IAM_READ,
    over: EACH_SET,
    after: &["resource_set"],
    target: Target::Children(ROLE_BINDING.code),
    parts: |set| vec![api::resource_set::bindings(set.okta_id).into_listing()],
    read: |item, scope, page| {
        let Some(binding) = object(&ROLE_BINDING, &[BINDING_ROLE.code], item, scope, page) else { return };
        let role = binding.key.okta_id.clone();
        binding.out.push(out(&BINDING_ROLE, &ROLE, &role));
    },
    ..Dataset::USUAL
};

/// The group or app that an ORN names, and whether it means what the object contains.
/// `orn:okta:directory:{org}:groups:{id}[:contained_resources]`, `orn:okta:idp:{org}:apps:{type}:{id}` (Okta, ORNs).
fn target_of(orn: &str) -> Option<(&'static Kind, &str, bool)> {
    let parts: Vec<&str> = orn.split(':').collect();
    if parts.contains(&"") {
        return None; // An empty id would be an edge to nothing.
    }
    match parts.as_slice() {
        ["orn", _, "directory", _, "groups", id] => Some((&GROUP, *id, false)),
        ["orn", _, "directory", _, "groups", id, "contained_resources"] => Some((&GROUP, *id, true)),
        ["orn", _, "idp", _, "apps", _, id] => Some((&APP, *id, false)),
        _ => None,
    }
}

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&RESOURCE_SET, &RESOURCE, &ROLE_BINDING],
    relations: &[&RESOURCE_TARGET, &BINDING_ROLE],
    datasets: &[&SETS, &RESOURCES, &BINDINGS],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orns_name_groups_and_apps_and_nothing_else() {
        let of = |orn| target_of(orn).map(|(kind, id, contained)| (kind.name, id, contained));
        assert_eq!(of("orn:okta:directory:00o1:groups:00g1"), Some(("group", "00g1", false)));
        assert_eq!(of("orn:okta:directory:00o1:groups:00g1:contained_resources"), Some(("group", "00g1", true)));
        assert_eq!(of("orn:okta:idp:00o1:apps:bookmark:0oa1"), Some(("app", "0oa1", false)));
        for other in ["orn:okta:directory:00o1:groups:", "orn:okta:directory:00o1:users", "orn:okta:idp:00o1:apps", "", "orn:okta:iam:00o1:contained_resources"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
