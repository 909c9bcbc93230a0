//! Enrolled factors, user by user: Okta has no bulk call.

use okta_client::{Error, api};
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::{Selector, Target};

use super::admin::ADMIN_USER;
use super::role_assignment::ROLE_ASSIGNMENT;
use super::user::USER;
use super::{Declares, object};
use crate::dataset::{Dataset, First, Over, Right, Sight, Tier};

/// A factor, under its user.
pub const FACTOR: Kind = Kind {
    code: KindCode(6),
    name: "factor",
    title: "Factor",
    what: "A factor a user enrolled: Okta Verify, WebAuthn, SMS and so on.",
    parents: &["user"],
    name_at: &["/profile/name", "/factorType"],
    columns: &[
        Column::text("factor_type", "/factorType", "push, signed_nonce, webauthn, sms, call, token:software:totp, …")
            .faceted(),
        Column::text("provider", "/provider", "Who provides it: OKTA, FIDO, GOOGLE, DUO, …").faceted(),
        Column::text("vendor", "/vendorName", "The vendor's name."),
    ],
    ..Kind::USUAL
};

/// A user who was deleted after being listed has no factors.
fn user_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "factor",
    title: "Factors",
    used_for: "see who has strong factors, weak ones, or none",
    without: "nobody can say who is protected by which factor",
    right: Right {
        permission: Some("okta.users.read"),
        console: "View users and their details",
        scope: "okta.users.read",
        read_only_admin: true,
        evidence: Evidence::Documented,
    },
    tier: Tier::Factors,
    over: Over::Each(Selector::Kind { kind: USER.code, status: None, status_not: None }),
    // An administrator without a strong factor is what people look for first, and who administers the org, and which
    // policies it has, is worth more than the factors of everybody else.
    first: Some(First {
        selector: Selector::SourceOf {
            rel: ADMIN_USER.code,
            kind: USER.code,
            or_parent_of: Some(ROLE_ASSIGNMENT.code),
        },
        after: &["admin_user", "user_role", "group_role", "policy", "policy_rule"],
    }),
    after: &["user"],
    target: Target::Children(FACTOR.code),
    // No call, but an end all the same: what was held of a user who is deactivated since is swept.
    parts: |user| match user.status {
        Some("DEPROVISIONED") => Vec::new(),
        _ => vec![api::factor::list(user.okta_id).into_listing()],
    },
    read: |item, scope, page| {
        object(&FACTOR, &[], item, scope, page);
    },
    none: user_gone,
    sight: Sight::Administered,
    assumed: &["A deactivated user holds no factors, so they are not asked for."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&FACTOR], relations: &[], datasets: &[&DATASET] };
