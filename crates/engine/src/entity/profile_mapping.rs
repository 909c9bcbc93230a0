//! Profile mappings: which attributes flow between Okta's users and an app's, and by which expression.

use okta_client::{Error, api};
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::app::APP;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Over, Right, Tier};

/// A profile mapping.
pub const PROFILE_MAPPING: Kind = Kind {
    code: KindCode(27),
    name: "profile_mapping",
    title: "Profile mapping",
    what: "That attributes flow from one kind of profile to another: from Okta's users to an app's, or from an app or identity provider to Okta's.",
    name_at: &["/id"],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("source_id", "/source/id", "The app, identity provider or user type that attributes come from."),
        Column::text("source_name", "/source/name", "Its name.").searched(),
        Column::text("source_type", "/source/type", "appuser: an app; user: Okta.").faceted(),
        Column::text("target_id", "/target/id", "The app or user type that attributes go to."),
        Column::text("target_name", "/target/name", "Its name.").searched(),
        Column::text("target_type", "/target/type", "appuser: an app; user: Okta.").faceted(),
    ],
    decides: &[("/source/id", Shape::Text), ("/source/type", Shape::Text), ("/source/name", Shape::Text), ("/target/id", Shape::Text), ("/target/type", Shape::Text), ("/target/name", Shape::Text)],
    ..Kind::USUAL
};

/// What a mapping maps, under it: lists leave it out, so that a document of its own keeps both from changing in turn.
pub const MAPPING_PROPERTIES: Kind = Kind {
    code: KindCode(28),
    name: "mapping_properties",
    title: "Mapped attributes",
    what: "The attributes of a profile mapping: from which expression each is filled, and whether it is pushed.",
    parents: &["profile_mapping"],
    columns: &[
        Column::text("properties", "/properties", "Attribute, expression and push status.").typed(ColumnType::Json),
        Column::text("login", "/properties/login/expression", "What fills the login, where the mapping does."),
        Column::text("email", "/properties/email/expression", "What fills the e-mail address, where the mapping does."),
    ],
    decides: &[],
    ..PROFILE_MAPPING
};

/// Mapping → the app that attributes come from.
pub const MAPPING_SOURCE: Relation = Relation {
    code: RelCode(26),
    name: "mapping_source",
    what: "The mapping takes attributes from the app.",
    from: &["profile_mapping"],
    to: &["app"],
    ..Relation::USUAL
};

/// Mapping → the app that attributes go to.
pub const MAPPING_TARGET: Relation = Relation {
    code: RelCode(27),
    name: "mapping_target",
    what: "The mapping gives attributes to the app.",
    from: &["profile_mapping"],
    to: &["app"],
    ..Relation::USUAL
};

/// The app at one end. Identity providers stand there too, by the name of their kind, with an id that is not among the
/// apps [rec: `oidc_idp`, `saml_idp`, `google_idp`].
fn app_at<'v>(item: &'v Value, end: &str) -> Option<&'v str> {
    let end = item.pointer(end)?;
    let is_app = text(end, "/type") == Some("appuser") && !text(end, "/name").is_some_and(|n| n.ends_with("_idp"));
    text(end, "/id").filter(|_| is_app)
}

/// Okta publishes no permission for mappings; who sees apps in the Profile Editor sees them [inf].
const MAPPINGS_READ: Right = Right {
    permission: Some("okta.apps.read"),
    console: "View application and their details",
    scope: "okta.profileMappings.read",
    read_only_admin: true,
    evidence: Evidence::Assumed,
};

fn mapping_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static MAPPINGS: Dataset = Dataset {
    name: "profile_mapping",
    title: "Profile mappings",
    used_for: "see which apps fill profiles in Okta, and which get profiles from it",
    without: "nobody sees which app decides what Okta knows of a person",
    right: MAPPINGS_READ,
    target: Target::Children(PROFILE_MAPPING.code),
    parts: |_| vec![api::profile_mapping::list().into_listing()],
    read: |item, scope, page| {
        let owns = &[MAPPING_SOURCE.code, MAPPING_TARGET.code];
        let Some(mapping) = object(&PROFILE_MAPPING, owns, item, scope, page) else { return };
        for (relation, end) in [(&MAPPING_SOURCE, "/source"), (&MAPPING_TARGET, "/target")] {
            if let Some(app) = app_at(item, end) {
                mapping.out.push(out(relation, &APP, app));
            }
        }
    },
    ..Dataset::USUAL
};

static PROPERTIES: Dataset = Dataset {
    name: "mapping_properties",
    title: "Attributes of profile mappings",
    used_for: "see what fills a person's login and e-mail address, and by which expression",
    without: "mappings are arrows without meaning",
    right: MAPPINGS_READ,
    tier: Tier::Deep,
    over: Over::Each(Selector::Kind { kind: PROFILE_MAPPING.code, status: None, status_not: None }),
    after: &["profile_mapping"],
    target: Target::Children(MAPPING_PROPERTIES.code),
    parts: |mapping| vec![api::profile_mapping::get(mapping.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&MAPPING_PROPERTIES, &[], item, scope, page);
    },
    none: mapping_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&PROFILE_MAPPING, &MAPPING_PROPERTIES],
    relations: &[&MAPPING_SOURCE, &MAPPING_TARGET],
    datasets: &[&MAPPINGS, &PROPERTIES],
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identity_providers_and_user_types_are_no_apps() {
        let mapping = |name: &str, kind: &str| json!({"source": {"id": "0oa1", "name": name, "type": kind}});
        assert_eq!(app_at(&mapping("slack", "appuser"), "/source"), Some("0oa1"));
        for other in [mapping("saml_idp", "appuser"), mapping("user", "user"), json!({})] {
            assert_eq!(app_at(&other, "/source"), None, "{other}");
        }
    }
}
