//! Settings of the org, each a document without an id that goes by a name of ours.

use okta_client::{Error, Listing, api};
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, PageRecord, RelCode, Relation, Shape};
use transom_store::Target;

use super::log_stream::SUPER_ADMIN;
use super::user::USER;
use super::{Declares, only, out, text};
use crate::dataset::{Dataset, Right, Scope};

/// A setting of the org.
pub const ORG_SETTING: Kind = Kind {
    code: KindCode(85),
    name: "org_setting",
    title: "Org setting",
    what: "A setting of the org: client_privileges, third_party_admin, auto_assign_admin_app or preferences.",
    name_at: &[],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text(
            "client_privileges",
            "/clientPrivilegesSetting",
            "Whether a new public client app is made Super Administrator by itself.",
        )
        .typed(ColumnType::Boolean),
        Column::text(
            "third_party_admin",
            "/thirdPartyAdmin",
            "Whether people from outside can be administrators without Okta's e-mails.",
        )
        .typed(ColumnType::Boolean),
        Column::text(
            "auto_assign_admin_app",
            "/autoAssignAdminAppSetting",
            "Whether a new administrator gets the Admin Console by themselves.",
        )
        .typed(ColumnType::Boolean),
    ],
    ..Kind::USUAL
};

/// Whether Okta's support may sign in.
pub const SUPPORT_ACCESS: Kind = Kind {
    code: KindCode(86),
    name: "support_access",
    title: "Okta Support access",
    what: "Whether Okta's support may sign in to the org, and until when.",
    name_at: &[],
    status_at: Some("/support"),
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("expires_at", "/expiration", "Until when.").typed(ColumnType::Time),
        Column::text("case_number", "/caseNumber", "For which case."),
    ],
    ..Kind::USUAL
};

/// A contact of the org.
pub const ORG_CONTACT: Kind = Kind {
    code: KindCode(87),
    name: "org_contact",
    title: "Org contact",
    what: "Whom Okta writes to about the org: BILLING or TECHNICAL.",
    name_at: &[],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[Column::text("user_id", "/userId", "The user.")],
    decides: &[("/userId", Shape::Text)],
    ..Kind::USUAL
};

/// Contact → user.
pub const CONTACT_USER: Relation = Relation {
    code: RelCode(80),
    name: "contact_user",
    what: "The contact is the user.",
    from: &["org_contact"],
    to: &["user"],
    ..Relation::USUAL
};

/// A setting by our name, and its call.
pub(super) type Setting = (&'static str, fn() -> Listing);

/// The settings, in the order of their calls.
const SETTINGS: &[Setting] = &[
    ("client_privileges", || api::org_setting::client_privileges().into_listing()),
    ("third_party_admin", || api::org_setting::third_party_admin().into_listing()),
    ("auto_assign_admin_app", || api::org_setting::auto_assign_admin_app().into_listing()),
    ("preferences", || api::org_setting::preferences().into_listing()),
];

/// What is read with the org's own settings. No custom role opens them.
const fn org_settings(evidence: Evidence) -> Right {
    Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.orgs.read",
        read_only_admin: true,
        evidence,
    }
}

/// The name that a part of a data set of settings has.
pub(super) fn named(names: &[Setting], part: i16) -> Option<&'static str> {
    usize::try_from(part).ok().and_then(|part| names.get(part)).map(|(name, _)| *name)
}

static SETTING: Dataset = Dataset {
    name: "org_setting",
    title: "Org settings",
    used_for: "find settings that make administrators by themselves",
    without: "settings that make administrators by themselves stay out of sight",
    right: org_settings(Evidence::Assumed),
    target: Target::Children(ORG_SETTING.code),
    parts: |_| SETTINGS.iter().map(|(_, listing)| listing()).collect(),
    read: |item, scope, page| {
        if let Some(name) = named(SETTINGS, scope.part) {
            only(&ORG_SETTING, name, &[], item, scope, page);
        }
    },
    // [inf] An org without a setting answers 404 for it.
    none: |error| matches!(error, Error::NotFound(_)),
    ..Dataset::USUAL
};

static SUPPORT: Dataset = Dataset {
    name: "support_access",
    title: "Okta Support access",
    used_for: "see whether Okta's support may sign in right now",
    without: "whether Okta's support may sign in stays unknown",
    right: Right { scope: "okta.orgs.read", ..SUPER_ADMIN },
    target: Target::Children(SUPPORT_ACCESS.code),
    parts: |_| vec![api::org_setting::okta_support().into_listing()],
    read: |item, scope, page| {
        only(&SUPPORT_ACCESS, "okta_support", &[], item, scope, page);
    },
    ..Dataset::USUAL
};

static CONTACT: Dataset = Dataset {
    name: "org_contact",
    title: "Org contacts",
    used_for: "see whether Okta's notices still reach somebody",
    without: "notices of Okta may go to somebody who left",
    right: org_settings(Evidence::Documented),
    target: Target::Children(ORG_CONTACT.code),
    parts: |_| api::org_setting::CONTACTS.iter().map(|c| api::org_setting::contact(c).into_listing()).collect(),
    read: contact,
    // A kind of contact that nobody was named for [inf].
    none: |error| matches!(error, Error::NotFound(_)),
    ..Dataset::USUAL
};

fn contact(item: &Value, scope: &Scope<'_>, page: &mut PageRecord) {
    let kind = usize::try_from(scope.part).ok().and_then(|part| api::org_setting::CONTACTS.get(part));
    let Some(kind) = kind else { return };
    let Some(contact) = only(&ORG_CONTACT, kind, &[CONTACT_USER.code], item, scope, page) else { return };
    contact.out.extend(text(item, "/userId").map(|user| out(&CONTACT_USER, &USER, user)));
}

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&ORG_SETTING, &SUPPORT_ACCESS, &ORG_CONTACT],
    relations: &[&CONTACT_USER],
    datasets: &[&SETTING, &SUPPORT, &CONTACT],
};
