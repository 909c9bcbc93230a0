//! The apps of the org before anything was changed, and their JSON.

use serde_json::{Value, json};

use super::catalogue::{CATALOGUE, DIRECTORY, Entry, Mode};
use super::clients;
use super::ids::{IdKind, Ids};
use super::names::TEAMS;
use super::people::DAY;
use super::permutation::hash;
use crate::config::{Config, Spread};
use crate::json::time;

/// An app instance.
#[derive(Debug, Clone)]
pub struct App {
    /// Where it comes from.
    pub entry: &'static Entry,
    /// What people see.
    pub label: String,
    /// ACTIVE, else INACTIVE.
    pub active: bool,
    /// When it was created.
    pub created: i64,
    /// When it last changed.
    pub last_updated: i64,
    /// What it was registered with, where it was made by API.
    pub registered: Option<Box<Registered>>,
}

/// A service app as somebody registered it.
#[derive(Clone)]
pub struct Registered {
    /// `settings.oauthClient`, without the keys.
    pub client: Value,
    /// `token_endpoint_auth_method`
    pub method: String,
    /// Whether the client must prove that it holds the key it asked for a token with.
    pub dpop: bool,
    /// The keys it may prove itself by.
    pub keys: Vec<ClientKey>,
    /// The secret, where the method takes one.
    pub secret: Option<String>,
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registered")
            .field("method", &self.method)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// A public key of a service app.
#[derive(Debug, Clone)]
pub struct ClientKey {
    /// Number below the app.
    pub n: u32,
    /// The key as a JWK, with its `kid`.
    pub jwk: Value,
    /// Whether it works.
    pub active: bool,
    /// When it was registered.
    pub created: i64,
}

fn catalogue_number(config: &Config, app: u32) -> usize {
    // Natural orgs have the console and the dashboard; in uniform ones every app is assigned alike.
    let skipped = if config.shape.spread == Spread::Uniform { DIRECTORY } else { 0 };
    (app as usize + skipped) % CATALOGUE.len()
}

/// The number of the Active Directory app.
pub fn directory(config: &Config) -> u32 {
    if config.shape.spread == Spread::Uniform { 0 } else { DIRECTORY as u32 }
}

/// The service apps among the org's apps, by number.
pub fn services(config: &Config) -> impl Iterator<Item = u32> {
    let apps = 0..config.apps as u32;
    apps.filter(|app| CATALOGUE[catalogue_number(config, *app)].mode == Mode::Service)
}

/// The `app`th app as it was at the beginning.
pub fn app(config: &Config, as_of: i64, app: u32) -> App {
    let entry = &CATALOGUE[catalogue_number(config, app)];
    let chance = hash(config.seed, u64::from(app), 0xa99);
    let created = as_of - (20 + chance % 2_600) as i64 * DAY - (chance % 86_400) as i64 * 1000;
    let again = app as usize / CATALOGUE.len();
    let label = match again {
        0 => entry.label.to_owned(),
        n if n < TEAMS.len() => format!("{} ({})", entry.label, TEAMS[n]),
        n => format!("{} ({} {})", entry.label, TEAMS[n % TEAMS.len()], n / TEAMS.len() + 1),
    };
    App {
        entry,
        label,
        active: app < 8 || !chance.is_multiple_of(16),
        created,
        last_updated: (created + (chance >> 20) as i64 % (200 * DAY) / 1000 * 1000)
            .min(as_of - DAY)
            .max(created),
        registered: None,
    }
}

/// What an app's JSON needs to know besides the app.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Ids of the org.
    pub ids: &'a Ids,
    /// `https://…` or `http://127.0.0.1:…`.
    pub origin: &'a str,
    /// The org's id.
    pub org: &'a str,
    /// The access policy (sign-on rules) of apps.
    pub access_policy: &'a str,
    /// The profile enrolment policy of apps.
    pub profile_enrolment: &'a str,
    /// Seed of secrets and keys.
    pub seed: u64,
}

impl App {
    /// The name of the instance in its ORN and links; apps set up by hand are unique by number.
    fn instance_name(&self) -> &'static str {
        self.entry.name
    }

    /// The app's ORN.
    pub fn orn(&self, id: &str, org: &str) -> String {
        format!("orn:okta:idp:{org}:apps:{}:{id}", self.instance_name())
    }

    /// The app as Okta sends it, in lists and alone ([rec]: the two are the same).
    pub fn json(&self, app: u32, around: Around<'_>) -> Value {
        let id = around.ids.encode(IdKind::App, u64::from(app));
        let (entry, mode) = (self.entry, self.entry.mode);
        let origin = around.origin;
        let link = if matches!(
            mode,
            Mode::Saml | Mode::Plugin | Mode::Bookmark | Mode::PasswordStore | Mode::BasicAuth | Mode::WsFed
        ) {
            "login".to_owned()
        } else {
            format!("{}_link", entry.name)
        };
        let app_url = format!("{origin}/api/v1/apps/{id}");
        let mut links = json!({
            "uploadLogo": {"href": format!("{app_url}/logo"), "hints": {"allow": ["POST"]}},
            // [rec] a directory has no tile.
            "appLinks": if mode == Mode::Directory { json!([]) } else {
                json!([{"name": link, "href": self.link(app, around), "type": "text/html"}])
            },
            "profileEnrollment": {"href": format!("{origin}/api/v1/policies/{}", around.profile_enrolment)},
            "policies": {"href": format!("{app_url}/policies"), "hints": {"allow": ["PUT"]}},
            "groups": {"href": format!("{app_url}/groups")},
            "logo": [{"name": "medium", "href": format!("{origin}/assets/img/logos/default.png"), "type": "image/png"}],
            "accessPolicy": {"href": format!("{origin}/api/v1/policies/{}", around.access_policy)},
            "users": {"href": format!("{app_url}/users")},
        });
        let (verb, word) = if self.active { ("deactivate", "deactivate") } else { ("activate", "activate") };
        links[verb] = json!({"href": format!("{app_url}/lifecycle/{word}")});
        if mode.is_oauth() {
            links["clientCredentials"] =
                json!([{"name": "secrets", "href": format!("{app_url}/credentials/secrets")}]);
        }
        if matches!(mode, Mode::Saml | Mode::CustomSaml) {
            links["metadata"] =
                json!({"href": format!("{app_url}/sso/saml/metadata"), "type": "application/xml"});
            links["help"] = json!({
                "href": format!("{origin}/app/{}/{id}/setup/help/SAML_2_0/instructions", entry.name),
                "type": "text/html",
            });
        }
        json!({
            "id": id,
            "orn": self.orn(&id, around.org),
            "name": entry.name,
            "label": self.label,
            "status": if self.active { "ACTIVE" } else { "INACTIVE" },
            "created": time(self.created),
            "lastUpdated": time(self.last_updated),
            "accessibility": {"selfService": false, "errorRedirectUrl": null, "loginRedirectUrl": null},
            "visibility": {
                "autoLaunch": false,
                "autoSubmitToolbar": mode == Mode::Plugin,
                "hide": {"iOS": mode.is_oauth(), "web": mode.is_oauth()},
                "appLinks": {link: true},
            },
            "features": entry.features,
            "signOnMode": mode.sign_on_mode(),
            "credentials": self.credentials(app, &id, around.seed),
            "universalLogout": self.universal_logout(),
            "settings": self.settings(&id),
            "_links": links,
        })
    }

    /// Where the dashboard's tile leads.
    pub fn link(&self, app: u32, around: Around<'_>) -> String {
        let id = around.ids.encode(IdKind::App, u64::from(app));
        let link = around.ids.encode(IdKind::AppLink, u64::from(app));
        format!("{}/home/{}/{id}/{link}", around.origin, self.entry.name)
    }

    fn credentials(&self, app: u32, id: &str, seed: u64) -> Value {
        let mode = self.entry.mode;
        let user_name = json!({"template": "${source.login}", "type": "BUILT_IN"});
        let key = clients::signing_key(seed, app);
        match mode {
            Mode::Plugin | Mode::AutoLogin | Mode::BasicAuth => json!({
                "scheme": "EDIT_USERNAME_AND_PASSWORD", "userNameTemplate": user_name, "revealPassword": mode == Mode::AutoLogin, "signing": {},
            }),
            Mode::PasswordStore => json!({
                "scheme": "SHARED_USERNAME_AND_PASSWORD", "userNameTemplate": user_name, "revealPassword": false,
                "userName": "shared-account@acme.example", "password": {}, "signing": {},
            }),
            Mode::Bookmark | Mode::Directory => json!({"userNameTemplate": user_name, "signing": {}}),
            Mode::Saml | Mode::CustomSaml | Mode::WsFed => {
                json!({"userNameTemplate": user_name, "signing": {"kid": key}})
            }
            Mode::OidcWeb | Mode::OidcBrowser | Mode::OidcNative | Mode::Service => {
                let public = matches!(mode, Mode::OidcBrowser | Mode::OidcNative);
                let method = match &self.registered {
                    Some(registered) => &registered.method,
                    None if public => "none",
                    None if clients::proves_by_key(app, self) => "private_key_jwt",
                    None => "client_secret_basic",
                };
                let mut client = json!({
                    "autoKeyRotation": true, "client_id": id, "token_endpoint_auth_method": method,
                    "pkce_required": public,
                });
                // [rec] single reads and lists of clients with a secret carry it in clear.
                if let Some(secret) = self.registered.as_ref().and_then(|r| r.secret.clone()) {
                    client["client_secret"] = secret.into();
                } else if self.registered.is_none() && method == "client_secret_basic" {
                    client["client_secret"] = Value::String(clients::secret(seed, app, 0));
                }
                json!({"userNameTemplate": user_name, "signing": {"kid": key}, "oauthClient": client})
            }
        }
    }

    fn universal_logout(&self) -> Value {
        match self.entry.mode {
            Mode::Bookmark => Value::Null,
            Mode::AutoLogin | Mode::BasicAuth | Mode::PasswordStore | Mode::Directory | Mode::WsFed => {
                json!({"status": "UNSUPPORTED"})
            }
            Mode::Plugin => {
                json!({"status": "DISABLED", "supportType": "FULL", "identityStack": "NOT_SHARED", "protocol": "PROPRIETARY"})
            }
            _ => json!({
                "status": "DISABLED", "supportType": "FULL", "identityStack": "NOT_SHARED",
                "protocol": "GLOBAL_TOKEN_REVOCATION",
            }),
        }
    }

    fn settings(&self, id: &str) -> Value {
        let site = format!("https://{}.example", self.entry.name.replace('_', "-"));
        let mut settings = json!({
            "app": {},
            "notifications": {"vpn": {"network": {"connection": "DISABLED"}, "message": null, "helpUrl": null}},
            "manualProvisioning": false,
            "implicitAssignment": false,
            "emOptInStatus": "NONE",
            "notes": {"admin": null, "enduser": null},
        });
        match self.entry.mode {
            Mode::Saml => {
                settings["app"] = json!({"siteURL": site, "groupFilter": null, "attributeStatements": null});
                settings["signOn"] = json!({
                    "defaultRelayState": null, "ssoAcsUrlOverride": null, "audienceOverride": null,
                    "recipientOverride": null, "destinationOverride": null, "attributeStatements": [],
                });
            }
            Mode::CustomSaml => {
                settings["signOn"] = json!({
                    "defaultRelayState": null, "ssoAcsUrl": format!("{site}/saml/acs"),
                    "idpIssuer": "http://www.okta.com/${org.externalKey}", "audience": site,
                    "recipient": format!("{site}/saml/acs"), "destination": format!("{site}/saml/acs"),
                    "subjectNameIdTemplate": "${user.userName}",
                    "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
                    "responseSigned": true, "assertionSigned": true, "signatureAlgorithm": "RSA_SHA256",
                    "digestAlgorithm": "SHA256", "honorForceAuthn": true,
                    "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                    "spIssuer": null, "requestCompressed": false, "attributeStatements": [], "inlineHooks": [],
                    "assertionEncryption": {"enabled": false}, "allowMultipleAcsEndpoints": false, "acsEndpoints": [],
                    "samlSignedRequestEnabled": false, "slo": {"enabled": false},
                });
            }
            Mode::Plugin => settings["app"] = json!({"siteURL": null, "groupFilter": null}),
            // The one WS-Federation app is Office 365; its settings' names are recorded.
            Mode::WsFed => {
                settings["app"] = json!({
                    "tenantType": null, "wsFedConfigureType": "AUTO", "occSettings": null,
                    "windowsTransportEnabled": false, "domain": "acme.example", "msftTenant": "acme", "domains": [],
                    "requireAdminConsent": false,
                });
            }
            Mode::PasswordStore => {
                settings["app"] = json!({
                    "url": format!("{site}/login"), "usernameField": "user", "passwordField": "pass",
                    "optionalField1": null, "optionalField1Value": null, "optionalField2": null,
                    "optionalField2Value": null, "optionalField3": null, "optionalField3Value": null,
                });
            }
            Mode::AutoLogin => {
                settings["signOn"] = json!({"redirectUrl": "", "loginUrl": format!("{site}/login")})
            }
            Mode::BasicAuth => {
                settings["app"] =
                    json!({"url": site, "authURL": format!("{site}/auth"), "loginUrlRegex": null});
            }
            Mode::Bookmark => settings["app"] = json!({"requestIntegration": false, "url": site}),
            Mode::Directory => {
                settings["app"] = json!({"namingContext": "DC=acme,DC=example", "domainSid": "S-1-5-21-1004336348-1177238915-682003330"});
            }
            Mode::OidcWeb | Mode::OidcBrowser | Mode::OidcNative | Mode::Service => {
                settings["oauthClient"] = match &self.registered {
                    None => self.oauth_client(id, &site),
                    Some(registered) => {
                        let mut client = registered.client.clone();
                        if !registered.keys.is_empty() {
                            let keys: Vec<&Value> = registered.keys.iter().map(|key| &key.jwk).collect();
                            client["jwks"] = json!({"keys": keys});
                        }
                        client
                    }
                };
            }
        }
        settings
    }

    fn oauth_client(&self, id: &str, site: &str) -> Value {
        let (kind, grants, responses, redirects): (_, &[&str], &[&str], Vec<String>) = match self.entry.mode {
            Mode::Service => ("service", &["client_credentials"], &["token"], vec![]),
            Mode::OidcNative => (
                "native",
                &["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
                &["code"],
                vec!["com.acme.field:/callback".into()],
            ),
            Mode::OidcBrowser => {
                ("browser", &["authorization_code"], &["code"], vec![format!("{site}/callback")])
            }
            _ => (
                "web",
                &["authorization_code", "refresh_token"],
                &["code"],
                vec![format!("{site}/{id}/callback")],
            ),
        };
        json!({
            "client_uri": null, "logo_uri": null, "redirect_uris": redirects, "post_logout_redirect_uris": [],
            "response_types": responses, "grant_types": grants, "application_type": kind,
            "consent_method": "REQUIRED", "issuer_mode": "DYNAMIC",
            "idp_initiated_login": {"mode": "DISABLED", "default_scope": []}, "wildcard_redirect": "DISABLED",
            "dpop_bound_access_tokens": self.entry.mode == Mode::Service, "participate_slo": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn labels_are_unique_and_every_mode_occurs() {
        let config = Config { apps: 3_000, ..Config::default() };
        let apps: Vec<App> = (0..3_000).map(|n| app(&config, 1_790_000_000_000, n)).collect();
        let labels: HashSet<&str> = apps.iter().map(|a| a.label.as_str()).collect();
        assert_eq!(labels.len(), 3_000);
        let modes: HashSet<_> = apps.iter().map(|a| a.entry.mode.sign_on_mode()).collect();
        assert_eq!(modes.len(), 9);
        assert!(apps.iter().any(|a| !a.active) && apps.iter().all(|a| a.last_updated >= a.created));
    }
}
