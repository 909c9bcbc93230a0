//! A small Okta: two top-level kinds, one below users, one below that; relations with and without documents.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use transom_core::{
    Catalogue, Column, ColumnType, Doc, EntityId, Key, Kind, KindCode, Link, Object, Out, RelCode, Relation,
};

const PLAIN: Kind = Kind {
    code: KindCode(0),
    name: "",
    title: "",
    what: "For tests.",
    parents: &[],
    id: "/id",
    name_at: &["/name"],
    login_at: None,
    status_at: Some("/status"),
    created_at: Some("/created"),
    updated_at: Some("/lastUpdated"),
    columns: &[],
    volatile: &[],
    decides: &[],
    version: 1,
};

pub static USER: Kind = Kind {
    code: KindCode(1),
    name: "user",
    title: "User",
    name_at: &["/profile/displayName", "/profile/login"],
    login_at: Some("/profile/login"),
    columns: &[
        Column::text("email", "/profile/email", "E-mail.").searched(),
        Column::text("department", "/profile/department", "Department.").faceted(),
        Column::text("logins", "/logins", "Logins.").typed(ColumnType::Integer),
        Column::text("active", "/active", "Active.").typed(ColumnType::Boolean),
        Column::text("last_login", "/lastLogin", "Last login.").typed(ColumnType::Time),
        Column::text("tags", "/tags", "Tags.").typed(ColumnType::Json),
        Column::text("first_tag", "/tags/0", "First tag."),
        Column::text("odd/name", "/it's ~1 odd", "A path with signs."),
    ],
    volatile: &["/statistics"],
    ..PLAIN
};
pub static GROUP: Kind = Kind { code: KindCode(2), name: "group", title: "Group", ..PLAIN };
pub static RULE: Kind = Kind { code: KindCode(3), name: "group_rule", title: "Group rule", ..PLAIN };
pub static FACTOR: Kind =
    Kind { code: KindCode(4), name: "factor", title: "Factor", parents: &["user"], ..PLAIN };
pub static DEVICE: Kind =
    Kind { code: KindCode(5), name: "device", title: "Device", parents: &["factor"], ..PLAIN };
pub static APP: Kind = Kind { code: KindCode(6), name: "app", title: "App", ..PLAIN };

const EDGE: Relation = Relation {
    code: RelCode(0),
    name: "",
    what: "For tests.",
    from: &["user"],
    to: &["group"],
    attr: None,
    listed: true,
    has_doc: false,
    view: true,
    columns: &[],
};

pub static MEMBER: Relation = Relation { code: RelCode(1), name: "group_member", ..EDGE };
pub static APP_USER: Relation = Relation {
    code: RelCode(2),
    name: "app_user",
    to: &["app"],
    attr: Some("1 direct, 2 through a group"),
    has_doc: true,
    ..EDGE
};
pub static ASSIGNS: Relation =
    Relation { code: RelCode(3), name: "rule_assigns", from: &["group_rule"], listed: false, ..EDGE };
pub static HOLDS: Relation =
    Relation { code: RelCode(4), name: "holds", from: &["user", "factor"], to: &["app"], ..EDGE };

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let kinds = vec![&USER, &GROUP, &RULE, &FACTOR, &DEVICE, &APP];
    let relations = vec![&MEMBER, &APP_USER, &ASSIGNS, &HOLDS];
    Arc::new(Catalogue::new(kinds, relations).expect("declarations agree"))
});

pub fn catalogue() -> Arc<Catalogue> {
    CATALOGUE.clone()
}

/// The same with one more column, as a later build has it.
pub fn later_catalogue() -> Arc<Catalogue> {
    static LATER: Kind = Kind { columns: &[Column::text("kind_of", "/type", "Type.")], ..PLAIN_GROUP };
    const PLAIN_GROUP: Kind = Kind { code: KindCode(2), name: "group", title: "Group", ..PLAIN };
    Arc::new(Catalogue::new(vec![&USER, &LATER], vec![&MEMBER]).expect("declarations agree"))
}

pub fn key(kind: &Kind, id: &str) -> Key {
    Key::root(kind, id)
}

pub fn object(kind: &Kind, parent: EntityId, doc: Value) -> Object {
    Object::new(kind, parent, kind.id_of(&doc).expect("an id"), &doc)
}

/// The object with `value` at `path` of its document.
pub fn set(object: &mut Object, kind: &Kind, path: &str, value: Value) {
    let mut doc = object.doc.value();
    let (parent, member) = path.rsplit_once('/').expect("a pointer");
    doc.pointer_mut(parent).expect("there")[member] = value;
    *object = Object {
        out: std::mem::take(&mut object.out),
        owns: object.owns,
        ..Object::new(kind, object.key.parent, object.key.okta_id.clone(), &doc)
    };
}

pub fn user(id: &str, status: &str) -> Object {
    let login = format!("{}@Example.com", id.to_uppercase());
    object(
        &USER,
        EntityId::ROOT,
        json!({"id": id, "status": status, "created": "2026-01-02T03:04:05.678Z",
        "profile": {"login": login, "displayName": format!("User {id}"), "email": format!("{id}@mail.example"), "department": "IT"}}),
    )
}

pub fn group(id: &str) -> Object {
    object(&GROUP, EntityId::ROOT, json!({"id": id, "name": format!("Group {id}"), "status": "OK"}))
}

/// A rule whose document states the groups it assigns.
pub fn rule(id: &str, name: &str, groups: &[&str]) -> Object {
    let mut rule = object(&RULE, EntityId::ROOT, json!({"id": id, "name": name, "groups": groups}));
    rule.out = groups.iter().map(|g| Out { rel: ASSIGNS.code, dst: key(&GROUP, g), attr: 0 }).collect();
    rule.owns = &[RelCode(3)];
    rule
}

pub fn member(user: &str, group: &str) -> Link {
    Link { rel: MEMBER.code, src: key(&USER, user), dst: key(&GROUP, group), attr: 0, doc: None }
}

pub fn app_user(user: &str, app: &str, attr: i32, doc: Value) -> Link {
    Link {
        rel: APP_USER.code,
        src: key(&USER, user),
        dst: key(&APP, app),
        attr,
        doc: Some(Doc::new(1, &doc).into()),
    }
}
