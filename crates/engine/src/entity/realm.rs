//! Realms, and the assignments that put users into them.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::app::APP;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right, Sight};

/// A realm.
pub const REALM: Kind = Kind {
    code: KindCode(38),
    name: "realm",
    title: "Realm",
    what: "A part of the org's users with administrators of its own.",
    name_at: &["/profile/name"],
    status_at: None,
    columns: &[
        Column::text("realm_type", "/profile/realmType", "PARTNER or DEFAULT.").faceted(),
        Column::text("domains", "/profile/domains", "Domains that its users' names must be of.").typed(ColumnType::Json),
        Column::text("is_default", "/isDefault", "Whether users are in it where nothing else is said.")
            .typed(ColumnType::Boolean),
    ],
    ..Kind::USUAL
};

/// A realm assignment.
pub const REALM_ASSIGNMENT: Kind = Kind {
    code: KindCode(39),
    name: "realm_assignment",
    title: "Realm assignment",
    what: "A rule that puts users of a profile source into a realm.",
    columns: &[
        Column::text("priority", "/priority", "Lower comes first.").typed(ColumnType::Integer),
        Column::text("is_default", "/isDefault", "The one for whom no other fits.").typed(ColumnType::Boolean),
        Column::text("expression", "/conditions/expression/value", "Which users it is for."),
        Column::text("source_id", "/conditions/profileSourceId", "The app its users come from."),
        Column::text("realm_id", "/actions/assignUserToRealm/realmId", "Where it puts them."),
    ],
    decides: &[("/actions/assignUserToRealm/realmId", Shape::Text), ("/conditions/profileSourceId", Shape::Text)],
    ..Kind::USUAL
};

/// Realm assignment → the realm.
pub const ASSIGNMENT_REALM: Relation = Relation {
    code: RelCode(37),
    name: "assignment_realm",
    what: "The realm assignment puts users into the realm.",
    from: &["realm_assignment"],
    to: &["realm"],
    ..Relation::USUAL
};

/// Realm assignment → the app its users come from.
pub const ASSIGNMENT_SOURCE: Relation = Relation {
    code: RelCode(38),
    name: "assignment_source",
    what: "The realm assignment is for users that come from the app.",
    from: &["realm_assignment"],
    to: &["app"],
    ..Relation::USUAL
};

static REALMS: Dataset = Dataset {
    name: "realm",
    title: "Realms",
    used_for: "tell the parts of the org apart, such as partners from employees",
    without: "nobody can say which users are in which part of the org",
    right: Right {
        permission: Some("okta.realms.read"),
        console: "View realms",
        scope: "okta.realms.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    target: Target::Children(REALM.code),
    parts: |_| vec![api::realm::list().into_listing()],
    read: |item, scope, page| {
        object(&REALM, &[], item, scope, page);
    },
    again: Some(|id| api::realm::get(id).into_listing()),
    sight: Sight::Administered,
    ..Dataset::USUAL
};

static ASSIGNMENTS: Dataset = Dataset {
    name: "realm_assignment",
    title: "Realm assignments",
    used_for: "see by which rule users come into a realm",
    without: "why a user is in a realm stays unknown",
    right: Right {
        permission: Some("okta.realms.read"),
        console: "View realms",
        scope: "okta.realmAssignments.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(REALM_ASSIGNMENT.code),
    parts: |_| vec![api::realm::assignments().into_listing()],
    read: |item, scope, page| {
        let owns = &[ASSIGNMENT_REALM.code, ASSIGNMENT_SOURCE.code];
        let Some(assignment) = object(&REALM_ASSIGNMENT, owns, item, scope, page) else { return };
        if let Some(realm) = text(item, "/actions/assignUserToRealm/realmId") {
            assignment.out.push(out(&ASSIGNMENT_REALM, &REALM, realm));
        }
        if let Some(app) = text(item, "/conditions/profileSourceId") {
            assignment.out.push(out(&ASSIGNMENT_SOURCE, &APP, app));
        }
    },
    again: Some(|id| api::realm::assignment(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&REALM, &REALM_ASSIGNMENT],
    relations: &[&ASSIGNMENT_REALM, &ASSIGNMENT_SOURCE],
    datasets: &[&REALMS, &ASSIGNMENTS],
};
