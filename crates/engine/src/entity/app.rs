//! Apps: integrations people sign in to, and service apps that call Okta.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::policy::POLICY;
use super::{Declares, last_segment, object, out};
use crate::dataset::{Dataset, Right, Sight};

/// An app.
pub const APP: Kind = Kind {
    code: KindCode(5),
    name: "app",
    title: "App",
    what: "An app integration: SAML, OpenID Connect, SWA, bookmark, or a service app of the API.",
    name_at: &["/label", "/name"],
    columns: &[
        Column::text("integration", "/name", "The catalogue name of the integration.").faceted(),
        Column::text("sign_on_mode", "/signOnMode", "How people sign in.").faceted(),
        Column::text("features", "/features", "Provisioning features that are switched on.")
            .typed(ColumnType::Json)
            .faceted(),
        Column::text("client_id", "/credentials/oauthClient/client_id", "The OAuth 2.0 client id.").searched(),
        Column::text("token_auth", "/credentials/oauthClient/token_endpoint_auth_method", "How the client proves itself.")
            .faceted(),
        Column::text("application_type", "/settings/oauthClient/application_type", "web, native, browser or service.")
            .faceted(),
        Column::text("orn", "/orn", "Okta resource name."),
    ],
    decides: &[
        ("/signOnMode", Shape::Text),
        ("/features", Shape::Texts),
        ("/credentials/signing/kid", Shape::Text),
        ("/credentials/oauthClient/client_id", Shape::Text),
        ("/credentials/oauthClient/token_endpoint_auth_method", Shape::Text),
        ("/settings/oauthClient/application_type", Shape::Text),
        ("/_links/accessPolicy/href", Shape::Text),
    ],
    version: 2,
    ..Kind::USUAL
};

/// App → the authentication policy that guards it.
pub const APP_POLICY: Relation = Relation {
    code: RelCode(5),
    name: "app_policy",
    what: "Sign-in to the app is decided by the policy.",
    from: &["app"],
    to: &["policy"],
    view: true,
    ..Relation::USUAL
};

/// The right to read apps and their assignments.
pub(super) const APPS_READ: Right = Right {
    permission: Some("okta.apps.read"),
    console: "View application and their details",
    scope: "okta.apps.read",
    read_only_admin: true,
    evidence: Evidence::Documented,
};

/// The right to read what stands below apps, assignments first: as apps [inf].
pub(super) const BELOW_APPS_READ: Right = Right { evidence: Evidence::Assumed, ..APPS_READ };

static DATASET: Dataset = Dataset {
    name: "app",
    title: "Apps",
    used_for: "know what people can sign in to, and how each app is guarded",
    without: "access has no destination",
    right: APPS_READ,
    target: Target::Children(APP.code),
    parts: |_| vec![api::app::list().into_listing()],
    read: |item, scope, page| {
        let Some(app) = object(&APP, &[APP_POLICY.code], item, scope, page) else { return };
        if let Some(policy) = last_segment(item.pointer("/_links/accessPolicy/href")) {
            app.out.push(out(&APP_POLICY, &POLICY, policy));
        }
    },
    again: Some(|id| api::app::get(id).into_listing()),
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&APP], relations: &[&APP_POLICY], datasets: &[&DATASET] };
