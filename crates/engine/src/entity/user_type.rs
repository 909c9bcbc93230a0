//! User types and the profile schemas of users and groups: which attributes there are, and who may change them.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, PageRecord};
use transom_store::{Selector, Target};

use super::{Declares, last_segment, object, object_as};
use crate::dataset::{Dataset, Over, Right, Scope};

/// A user type.
pub const USER_TYPE: Kind = Kind {
    code: KindCode(35),
    name: "user_type",
    title: "User type",
    what: "A type of users; those of one type share a profile schema.",
    name_at: &["/displayName", "/name"],
    status_at: None,
    columns: &[
        Column::text("api_name", "/name", "Its name in the API."),
        Column::text("description", "/description", "What the type is for."),
        Column::text("is_default", "/default", "Whether users are of this type where nothing else is said.")
            .typed(ColumnType::Boolean),
    ],
    ..Kind::USUAL
};

/// The profile schema of a user type.
pub const USER_SCHEMA: Kind = Kind {
    code: KindCode(36),
    name: "user_schema",
    title: "User schema",
    what: "The profile attributes of a user type's users: their types, who may see and change them, what masters them.",
    parents: &["user_type"],
    name_at: &["/title", "/name"],
    ..SCHEMA
};

/// The profile schema of groups.
pub const GROUP_SCHEMA: Kind = Kind {
    code: KindCode(37),
    name: "group_schema",
    title: "Group schema",
    what: "The profile attributes of groups.",
    name_at: &["/title", "/name"],
    ..SCHEMA
};

const SCHEMA: Kind = Kind {
    status_at: None,
    columns: &[
        Column::text("custom", "/definitions/custom/properties", "Attributes that the org added.")
            .typed(ColumnType::Json),
        Column::text("base", "/definitions/base/properties", "Attributes that Okta gives.").typed(ColumnType::Json),
    ],
    ..Kind::USUAL
};

static TYPES: Dataset = Dataset {
    name: "user_type",
    title: "User types",
    used_for: "tell kinds of accounts apart, such as employees, partners and service accounts",
    without: "users of different types look alike",
    right: Right {
        permission: Some("okta.userTypes.read"),
        console: "View user types",
        scope: "okta.userTypes.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    target: Target::Children(USER_TYPE.code),
    parts: |_| vec![api::user_type::list().into_listing()],
    read: |item, scope, page| {
        object(&USER_TYPE, &[], item, scope, page);
    },
    again: Some(|id| api::user_type::get(id).into_listing()),
    ..Dataset::USUAL
};

/// Read-only administrators are not among the roles that the spec names for schemas, and no permission only reads them.
const SCHEMAS_READ: Right = Right {
    permission: Some("okta.apps.manage"),
    console: "Manage applications",
    scope: "okta.schemas.read",
    read_only_admin: false,
    evidence: Evidence::Documented,
};

static USER_SCHEMAS: Dataset = Dataset {
    name: "user_schema",
    title: "User schemas",
    used_for: "see which profile attributes users may change themselves, and which the org added",
    without: "nobody can say which attributes behind rules and claims a user may edit",
    right: SCHEMAS_READ,
    over: Over::Each(Selector::Kind { kind: USER_TYPE.code, status: None, status_not: None }),
    after: &["user_type"],
    target: Target::Children(USER_SCHEMA.code),
    parts: |user_type| vec![api::user_type::schema(user_type.okta_id).into_listing()],
    read: |item, scope, page| schema(&USER_SCHEMA, item, scope, page),
    assumed: &["The schema of a user type has the type's id, with another prefix."],
    ..Dataset::USUAL
};

static GROUP_SCHEMAS: Dataset = Dataset {
    name: "group_schema",
    title: "Group schema",
    used_for: "see which attributes groups have",
    without: "attributes that the org added to groups stay unknown",
    right: SCHEMAS_READ,
    target: Target::Children(GROUP_SCHEMA.code),
    parts: |_| vec![api::user_type::group_schema().into_listing()],
    read: |item, scope, page| schema(&GROUP_SCHEMA, item, scope, page),
    ..Dataset::USUAL
};

/// Its id is a URL with the host in it: what stands at the end of its own link says the same, and moves with no domain.
fn schema(kind: &'static Kind, item: &serde_json::Value, scope: &Scope<'_>, page: &mut PageRecord) {
    match last_segment(item.pointer("/_links/self/href").or_else(|| item.pointer("/id"))) {
        Some(id) => {
            object_as(kind, id.to_owned(), &[], item, scope, page);
        }
        None => {
            object(kind, &[], item, scope, page);
        }
    }
}

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&USER_TYPE, &USER_SCHEMA, &GROUP_SCHEMA],
    relations: &[],
    datasets: &[&TYPES, &USER_SCHEMAS, &GROUP_SCHEMAS],
};
