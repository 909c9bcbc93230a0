//! Role assignments of users, groups and service apps: which role, on which resource set.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, ColumnType, EntityId, Key, Kind, KindCode, Out, PageRecord, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::admin::{ADMIN_GROUP, ADMIN_USER};
use super::app::APP;
use super::app_group::app_gone;
use super::group::GROUP;
use super::resource_set::RESOURCE_SET;
use super::role::{IAM_READ, ROLE, of_assignment};
use super::user::USER;
use super::{Declares, id, object, out, text};
use crate::dataset::{Dataset, Over, Scope};

/// A role assignment, under its user, group or service app.
pub const ROLE_ASSIGNMENT: Kind = Kind {
    code: KindCode(9),
    name: "role_assignment",
    title: "Role assignment",
    what: "An admin role held by a user, a group or a service app, directly or (USER through GROUP) inherited.",
    parents: &["user", "group", "app"],
    name_at: &["/label", "/type"],
    columns: &[
        Column::text("type", "/type", "The standard role, or CUSTOM.").faceted(),
        Column::text("assignment_type", "/assignmentType", "USER: assigned directly; GROUP: through a group; CLIENT: to a service app.").faceted(),
        Column::text("role_id", "/role", "The custom role."),
        Column::text("resource_set_id", "/resource-set", "The resource set a custom role is limited to."),
        Column::text("target_apps", "/_embedded/targets/catalog/apps", "The apps a standard role is limited to: instances by id, all of a catalogue app's by name.")
            .typed(ColumnType::Json),
    ],
    decides: &[("/type", Shape::Text), ("/role", Shape::Text), ("/resource-set", Shape::Text), ("/_embedded/targets/groups", Shape::List("/id")), ("/_embedded/targets/catalog/apps", Shape::List("/id"))],
    ..Kind::USUAL
};

/// Role assignment → the role.
pub const ASSIGNMENT_ROLE: Relation = Relation {
    code: RelCode(9),
    name: "assignment_role",
    what: "The role assignment grants the role.",
    from: &["role_assignment"],
    to: &["role"],
    ..Relation::USUAL
};

/// Role assignment → the resource set it is limited to.
pub const ASSIGNMENT_RESOURCE_SET: Relation = Relation {
    code: RelCode(10),
    name: "assignment_resource_set",
    what: "The role assignment is limited to the resource set.",
    from: &["role_assignment"],
    to: &["resource_set"],
    ..Relation::USUAL
};

/// Role assignment → the user who holds it.
pub const ASSIGNMENT_USER: Relation = Relation {
    code: RelCode(11),
    name: "assignment_user",
    what: "The role assignment is held by the user.",
    from: &["role_assignment"],
    to: &["user"],
    ..Relation::USUAL
};

/// Role assignment → the group that holds it.
pub const ASSIGNMENT_GROUP: Relation = Relation {
    code: RelCode(12),
    name: "assignment_group",
    what: "The role assignment is held by the group.",
    from: &["role_assignment"],
    to: &["group"],
    ..Relation::USUAL
};

/// Role assignment → the service app that holds it.
pub const ASSIGNMENT_CLIENT: Relation = Relation {
    code: RelCode(20),
    name: "assignment_client",
    what: "The role assignment is held by the service app.",
    from: &["role_assignment"],
    to: &["app"],
    ..Relation::USUAL
};

/// Role assignment of a standard role → a group it is limited to.
pub const ASSIGNMENT_TARGET_GROUP: Relation = Relation {
    code: RelCode(43),
    name: "assignment_target_group",
    what: "The role assignment is limited to the group and others like it; with none, it reaches every group.",
    from: &["role_assignment"],
    to: &["group"],
    ..Relation::USUAL
};

/// Role assignment of a standard role → an app it is limited to.
pub const ASSIGNMENT_TARGET_APP: Relation = Relation {
    code: RelCode(44),
    name: "assignment_target_app",
    what: "The role assignment is limited to the app and others like it. Catalogue apps are in its document by name.",
    from: &["role_assignment"],
    to: &["app"],
    ..Relation::USUAL
};

const OWNS: &[RelCode] = &[
    ASSIGNMENT_ROLE.code,
    ASSIGNMENT_RESOURCE_SET.code,
    ASSIGNMENT_USER.code,
    ASSIGNMENT_GROUP.code,
    ASSIGNMENT_CLIENT.code,
    ASSIGNMENT_TARGET_GROUP.code,
    ASSIGNMENT_TARGET_APP.code,
];

/// Whether a listing that asks for both kinds of targets shows them was never recorded.
const TARGETS_EMBEDDED: &str = "Okta embeds every target of a role, groups and apps, in the list of roles.";

/// Names of the catalogue apps that a standard role is limited to: those of the targets that are no instances.
pub(crate) fn catalogue_targets(assignment: &Value) -> impl Iterator<Item = &str> {
    let apps = assignment.pointer("/_embedded/targets/catalog/apps").and_then(Value::as_array);
    apps.into_iter().flatten().filter(|app| id(app).is_none()).filter_map(|app| text(app, "/name"))
}

/// What a standard role is limited to.
fn targets(assignment: &Value) -> impl Iterator<Item = Out> {
    let named = |path: &str| assignment.pointer(path).and_then(Value::as_array).into_iter().flatten();
    let groups = named("/_embedded/targets/groups").filter_map(id);
    // An app of the catalogue has a name and no id [rec]: it stands for all instances there are or will be.
    let apps = named("/_embedded/targets/catalog/apps").filter_map(id);
    groups
        .map(|group| out(&ASSIGNMENT_TARGET_GROUP, &GROUP, group))
        .chain(apps.map(|app| out(&ASSIGNMENT_TARGET_APP, &APP, app)))
}

fn read(holder: &Relation, holder_kind: &Kind, item: &Value, scope: &Scope<'_>, page: &mut PageRecord) {
    let Some(assignment) = object(&ROLE_ASSIGNMENT, OWNS, item, scope, page) else { return };
    let holder_key = Key { kind: holder_kind.code, parent: EntityId::ROOT, okta_id: scope.okta_id.to_string() };
    assignment.out.push(Out { rel: holder.code, dst: holder_key, attr: 0 });
    if let Some(role) = of_assignment(item) {
        assignment.out.push(out(&ASSIGNMENT_ROLE, &ROLE, role));
    }
    if let Some(set) = text(item, "/resource-set") {
        assignment.out.push(out(&ASSIGNMENT_RESOURCE_SET, &RESOURCE_SET, set));
    }
    assignment.out.extend(targets(item));
}

static OF_USERS: Dataset = Dataset {
    name: "user_role",
    title: "Admin roles of users",
    used_for: "say who is an administrator, of what, and through what",
    without: "nobody can say who administers the org",
    right: IAM_READ,
    over: Over::Each(Selector::SourceOf {
        rel: ADMIN_USER.code,
        kind: USER.code,
        or_parent_of: Some(ROLE_ASSIGNMENT.code),
    }),
    after: &["admin_user"],
    target: Target::Children(ROLE_ASSIGNMENT.code),
    parts: |user| vec![api::role_assignment::of_user(user.okta_id).into_listing()],
    read: |item, scope, page| read(&ASSIGNMENT_USER, &USER, item, scope, page),
    assumed: &[TARGETS_EMBEDDED],
    ..Dataset::USUAL
};

static OF_GROUPS: Dataset = Dataset {
    name: "group_role",
    title: "Admin roles of groups",
    used_for: "find the groups whose members become administrators",
    without: "admin rights that come through groups stay hidden",
    right: IAM_READ,
    over: Over::Each(Selector::SourceOf {
        rel: ADMIN_GROUP.code,
        kind: GROUP.code,
        or_parent_of: Some(ROLE_ASSIGNMENT.code),
    }),
    // Where no group may have a role no call would tell that the right is missing; who has roles takes the same right.
    after: &["admin_user", "group"],
    target: Target::Children(ROLE_ASSIGNMENT.code),
    parts: |group| vec![api::role_assignment::of_group(group.okta_id).into_listing()],
    read: |item, scope, page| read(&ASSIGNMENT_GROUP, &GROUP, item, scope, page),
    assumed: &[TARGETS_EMBEDDED, "A group whose statistics say that it has no admin role has none."],
    ..Dataset::USUAL
};

static OF_CLIENTS: Dataset = Dataset {
    name: "client_role",
    title: "Admin roles of service apps",
    used_for: "find the apps that administer the org by themselves",
    without: "an app with an administrator's rights looks like any other",
    right: IAM_READ,
    over: Over::Each(Selector::Facet {
        kind: APP.code,
        name: "application_type",
        value: Some("service"),
        or_unknown: false,
        or_parent_of: Some(ROLE_ASSIGNMENT.code),
    }),
    // The same right again.
    after: &["admin_user", "app"],
    target: Target::Children(ROLE_ASSIGNMENT.code),
    // A client's id is its app's unless somebody chose another when it was made [rec: 149 of 150].
    parts: |app| {
        let client = app.doc.and_then(|doc| text(doc, "/credentials/oauthClient/client_id"));
        vec![api::role_assignment::of_client(client.unwrap_or(app.okta_id)).into_listing()]
    },
    read: |item, scope, page| read(&ASSIGNMENT_CLIENT, &APP, item, scope, page),
    none: app_gone,
    assumed: &["Only service apps can hold admin roles: other clients act by the rights of a user."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&ROLE_ASSIGNMENT],
    relations: &[
        &ASSIGNMENT_ROLE,
        &ASSIGNMENT_RESOURCE_SET,
        &ASSIGNMENT_USER,
        &ASSIGNMENT_GROUP,
        &ASSIGNMENT_CLIENT,
        &ASSIGNMENT_TARGET_GROUP,
        &ASSIGNMENT_TARGET_APP,
    ],
    datasets: &[&OF_USERS, &OF_GROUPS, &OF_CLIENTS],
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn targets_are_groups_and_app_instances() {
        let assignment = json!({"_embedded": {"targets": {
            "groups": [{"id": "00g1"}],
            "catalog": {"apps": [{"name": "testAcc", "id": "0oa1"}, {"name": "slack"}]},
        }}});
        let found: Vec<_> = targets(&assignment).map(|o| (o.rel, o.dst.okta_id)).collect();
        let expected = [(ASSIGNMENT_TARGET_GROUP.code, "00g1"), (ASSIGNMENT_TARGET_APP.code, "0oa1")];
        assert_eq!(found, expected.map(|(rel, id)| (rel, id.to_owned())));
        assert_eq!(catalogue_targets(&assignment).collect::<Vec<_>>(), ["slack"]);
        assert_eq!(targets(&json!({})).count(), 0);
    }
}
