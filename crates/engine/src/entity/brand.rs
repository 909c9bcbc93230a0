//! Brands: what sign-in pages and e-mails look like.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::app::APP;
use super::domain::customizations;
use super::email_domain::EMAIL_DOMAIN;
use super::{Declares, object, out, text};
use crate::dataset::Dataset;

/// A brand.
pub const BRAND: Kind = Kind {
    code: KindCode(83),
    name: "brand",
    title: "Brand",
    what: "How sign-in pages and e-mails look, with the app people come to after signing in.",
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("is_default", "/isDefault", "Whether it is the org's own.").typed(ColumnType::Boolean),
        Column::text("privacy_policy", "/customPrivacyPolicyUrl", "A privacy policy of one's own."),
        Column::text("email_domain_id", "/emailDomainId", "Its e-mail domain."),
        Column::text("default_app_id", "/defaultApp/appInstanceId", "The app people come to after signing in."),
    ],
    decides: &[("/emailDomainId", Shape::Text), ("/defaultApp/appInstanceId", Shape::Text)],
    ..Kind::USUAL
};

/// Brand → e-mail domain.
pub const BRAND_EMAIL_DOMAIN: Relation = Relation {
    code: RelCode(78),
    name: "brand_email_domain",
    what: "The brand's e-mails come from the e-mail domain.",
    from: &["brand"],
    to: &["email_domain"],
    ..Relation::USUAL
};

/// Brand → app.
pub const BRAND_APP: Relation = Relation {
    code: RelCode(79),
    name: "brand_app",
    what: "After signing in under the brand people come to the app.",
    from: &["brand"],
    to: &["app"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "brand",
    title: "Brands",
    used_for: "tell which sign-in page belongs to which domain",
    without: "what people see when they sign in stays unknown",
    right: customizations("okta.brands.read", Evidence::Documented),
    target: Target::Children(BRAND.code),
    parts: |_| vec![api::brand::list().into_listing()],
    read: |item, scope, page| {
        let owns = &[BRAND_EMAIL_DOMAIN.code, BRAND_APP.code];
        let Some(brand) = object(&BRAND, owns, item, scope, page) else { return };
        let domain = text(item, "/emailDomainId");
        brand.out.extend(domain.map(|id| out(&BRAND_EMAIL_DOMAIN, &EMAIL_DOMAIN, id)));
        brand.out.extend(text(item, "/defaultApp/appInstanceId").map(|id| out(&BRAND_APP, &APP, id)));
    },
    again: Some(|id| api::brand::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&BRAND], relations: &[&BRAND_EMAIL_DOMAIN, &BRAND_APP], datasets: &[&DATASET] };
