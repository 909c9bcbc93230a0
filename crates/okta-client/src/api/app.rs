//! Applications.

use reqwest::Method;
use serde_json::{Value, json};

use crate::Write;
use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// An application of the org.
    App {
        /// `0oa…`.
        id: id "/id",
        /// Okta resource name; its second part is the ORN partition (`okta`, `oktapreview`) [rec].
        orn: text "/orn",
        /// Key of its kind in the integration network, such as `oidc_client`, or of the custom app.
        name: text "/name",
        /// Name to show.
        label: text "/label",
        /// Whether it works.
        status: [AppStatus] "/status",
        /// How people sign in to it.
        sign_on_mode: [SignOnMode] "/signOnMode",
        /// Provisioning features in use.
        features: texts "/features",
        /// The access policy, as a URL.
        access_policy: text "/_links/accessPolicy/href",
        /// OAuth client id.
        client_id: text "/credentials/oauthClient/client_id",
        /// How the OAuth client proves itself.
        token_endpoint_auth_method: text "/credentials/oauthClient/token_endpoint_auth_method",
        /// `web`, `native`, `browser` or `service`, of an OIDC app.
        oauth_application_type: text "/settings/oauthClient/application_type",
        /// OAuth grant types allowed.
        grant_types: texts "/settings/oauthClient/grant_types",
        /// OAuth redirect URIs.
        redirect_uris: texts "/settings/oauthClient/redirect_uris",
        /// Settings of its kind.
        settings: value "/settings",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// State of an app [spec].
    AppStatus { Active = "ACTIVE", Deleted = "DELETED", Inactive = "INACTIVE" }
}

open_enum! {
    /// How people sign in to an app [spec].
    SignOnMode {
        AutoLogin = "AUTO_LOGIN",
        BasicAuth = "BASIC_AUTH",
        Bookmark = "BOOKMARK",
        BrowserPlugin = "BROWSER_PLUGIN",
        OpenIdConnect = "OPENID_CONNECT",
        Saml1_1 = "SAML_1_1",
        Saml2_0 = "SAML_2_0",
        SecurePasswordStore = "SECURE_PASSWORD_STORE",
        WsFederation = "WS_FEDERATION",
    }
}

/// Every app, active or not.
///
/// Page 20 / 200 → 200 [docs]. Bucket `apps`, the smallest. Permission `okta.apps.read` [inf], scope `okta.apps.read`
/// [spec]. [rec]
#[must_use]
pub fn list() -> List<App> {
    Listing::new("/api/v1/apps", &[], Items::Array).limit(200, 20).of()
}

/// The apps a user is assigned to, each with its [app user](crate::api::app_user::AppUser) under `/_embedded/user` [spec].
///
/// Page, bucket, permission and scope as [`list`].
pub fn of_user(user_id: &str) -> List<App> {
    // Ids are letters and digits; what is not one must not end the quotes.
    let id: String = user_id.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    Listing::new("/api/v1/apps", &[], Items::Array)
        .query("filter", format!(r#"user.id eq "{id}""#))
        .query("expand", format!("user/{id}"))
        .limit(200, 20)
        .of()
}

/// One app.
///
/// Bucket `apps/{id}`, five times the size of `apps` [docs][rec]. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(app_id: &str) -> List<App> {
    Listing::new("/api/v1/apps/{appId}", &[app_id], Items::One).of()
}

/// The apps whose label or name begins with these letters [spec]. The rest as [`list`].
#[must_use]
pub fn beginning(letters: &str) -> List<App> {
    Listing::new("/api/v1/apps", &[], Items::Array).query("q", letters).limit(200, 20).of()
}

/// Makes a service app that proves who it is by a private key, and whose tokens are bound to the client's key (DPoP). `jwk`
/// is the public half, with its `kid`. Answers 200 with an [`App`] [rec for service apps with a secret]; its client id is its
/// id [rec].
///
/// Permission `okta.apps.manage` [docs], scope `okta.apps.manage` [spec].
#[must_use]
pub fn create_service(label: &str, jwk: &Value) -> Write {
    Write::new(Method::POST, "/api/v1/apps", &[]).query("activate", "true").body(json!({
        "name": "oidc_client",
        "label": label,
        "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "token_endpoint_auth_method": "private_key_jwt" } },
        "settings": { "oauthClient": {
            "application_type": "service",
            "grant_types": ["client_credentials"],
            "response_types": ["token"],
            "dpop_bound_access_tokens": true,
            "jwks": { "keys": [jwk] },
        } },
    }))
}

/// Deactivates an app: it gets no tokens any more. Answers 200 [rec]. Who may: as [`create_service`].
#[must_use]
pub fn deactivate(app_id: &str) -> Write {
    Write::new(Method::POST, "/api/v1/apps/{appId}/lifecycle/deactivate", &[app_id])
}

/// Deletes a deactivated app. Answers 204 [rec]; 403 `E0000056` for one that is active [docs]. Who may: as
/// [`create_service`].
#[must_use]
pub fn delete(app_id: &str) -> Write {
    Write::new(Method::DELETE, "/api/v1/apps/{appId}", &[app_id])
}
