//! Service apps: registered, given keys and scopes.

use serde_json::{Value, json};

use super::{Change, Done};
use crate::error::Refusal;
use crate::generate::apps::{App, ClientKey, Registered};
use crate::generate::catalogue::SERVICE;
use crate::generate::iam::{Holder, Role};
use crate::generate::ids::opaque;
use crate::org::state::AddedGrant;
use crate::routes::grants_of;
use crate::{log, scopes};

/// Where the numbers of grants begin that came later.
const LATER_GRANTS: u32 = 32;

fn invalid(field: &str, cause: &str) -> Refusal {
    Refusal::validation(field, format!("{field}: {cause}"))
}

/// A public key as a client may register it: RSA or one of the curves that `private_key_jwt` knows; without its private
/// part.
fn public_key(jwk: &Value) -> Done {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str).is_some_and(|t| !t.is_empty());
    let whole = match jwk.get("kty").and_then(Value::as_str) {
        Some("RSA") => text("n") && text("e"),
        Some("EC") => {
            let curve = jwk.get("crv").and_then(Value::as_str);
            matches!(curve, Some("P-256" | "P-384" | "P-521")) && text("x") && text("y")
        }
        _ => false,
    };
    if !whole {
        return Err(invalid("jwks", "a key must be an RSA key with n and e, or an EC key with crv, x and y"));
    }
    if ["d", "p", "q", "k"].iter().any(|name| jwk.get(*name).is_some()) {
        return Err(invalid("jwks", "a key must be public"));
    }
    Ok(())
}

impl Change<'_> {
    fn keys(&self, app: u32, from: u32, jwks: &[Value]) -> Result<Vec<ClientKey>, Refusal> {
        let key = |(n, jwk): (u32, &Value)| {
            public_key(jwk)?;
            let mut jwk = jwk.clone();
            if jwk.get("kid").and_then(Value::as_str).is_none() {
                // Okta makes the id of a key that has none.
                jwk["kid"] = opaque(self.base.config.seed, u64::from(app) << 8 | u64::from(n), 43).into();
            }
            Ok(ClientKey { n, jwk, active: true, created: self.now })
        };
        (from..).zip(jwks).map(key).collect()
    }

    /// Registers a service app from a body of `POST /api/v1/apps` and returns its number; 400 for what it must have and
    /// has not, 501 for apps of other kinds, which the simulator doesn't make.
    pub fn create_service(&mut self, body: &Value, active: bool) -> Result<u32, Refusal> {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        if text("/label").trim().is_empty() {
            return Err(invalid("label", "The field cannot be left blank"));
        }
        let client = body.pointer("/settings/oauthClient").cloned().unwrap_or_default();
        let service = client.get("application_type").and_then(Value::as_str) == Some("service");
        if text("/signOnMode") != "OPENID_CONNECT" || text("/name") != SERVICE.name || !service {
            return Err(Refusal::unsupported());
        }
        let list = |name: &str| client.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        if !list("grant_types").contains(&"client_credentials".into()) {
            return Err(invalid("grant_types", "a service app must have the grant type client_credentials"));
        }
        let method = match text("/credentials/oauthClient/token_endpoint_auth_method") {
            "" => "client_secret_basic",
            method => method,
        };
        let jwks = client.pointer("/jwks/keys").and_then(Value::as_array).cloned().unwrap_or_default();
        let number = self.view().app_numbers();
        let keys = self.keys(number, 0, &jwks)?;
        if method == "private_key_jwt" && keys.is_empty() {
            return Err(invalid("jwks", "private_key_jwt takes a key"));
        }
        let seed = self.base.config.seed;
        let secret = method.starts_with("client_secret").then(|| opaque(seed, u64::from(number) + 5_000, 64));
        let dpop = client.get("dpop_bound_access_tokens").and_then(Value::as_bool).unwrap_or(false);
        let mut shown = json!({
            "client_uri": null, "logo_uri": null, "redirect_uris": list("redirect_uris"),
            "post_logout_redirect_uris": [], "response_types": ["token"], "grant_types": list("grant_types"),
            "application_type": "service", "consent_method": "REQUIRED", "issuer_mode": "ORG_URL",
            "idp_initiated_login": {"mode": "DISABLED", "default_scope": []}, "wildcard_redirect": "DISABLED",
            "dpop_bound_access_tokens": dpop, "participate_slo": false,
        });
        for name in ["client_uri", "logo_uri", "consent_method", "issuer_mode"] {
            if let Some(given) = client.get(name) {
                shown[name] = given.clone();
            }
        }
        let registered = Registered { client: shown, method: method.to_owned(), dpop, keys, secret };
        self.state.created_apps += 1;
        let made = App {
            entry: &SERVICE,
            label: text("/label").to_owned(),
            active,
            created: self.now,
            last_updated: self.now,
            registered: Some(Box::new(registered)),
        };
        self.state.apps.insert(number, Some(made));
        let target = vec![self.app_target(number)];
        self.log("application.lifecycle.create", "Create application", target.clone());
        self.log("app.oauth2.client.lifecycle.create", "Create OAuth client", target);
        Ok(number)
    }

    /// Changes what a service app is registered with; 501 for those of the beginning, whose keys are made up.
    fn register(&mut self, app: u32, edit: impl FnOnce(&mut Registered) -> Done) -> Done {
        self.existing_app(app)?;
        let now = self.now;
        let Some(Some(changed)) = self.state.apps.get_mut(&app) else { return Err(Refusal::unsupported()) };
        edit(changed.registered.as_mut().ok_or_else(Refusal::unsupported)?)?;
        changed.last_updated = now;
        let target = vec![self.app_target(app)];
        self.log("app.oauth2.client.lifecycle.update", "Update OAuth client", target);
        Ok(())
    }

    /// Adds a key and returns its number; 400 for one that is none, or whose `kid` is taken.
    pub fn add_client_key(&mut self, app: u32, jwk: &Value) -> Result<u32, Refusal> {
        let held =
            self.view().app(app).and_then(|a| a.registered.clone()).map(|r| r.keys).unwrap_or_default();
        let n = held.iter().map(|key| key.n + 1).max().unwrap_or(0);
        let new = self.keys(app, n, std::slice::from_ref(jwk))?;
        self.register(app, |registered| {
            if registered.keys.iter().any(|held| held.jwk["kid"] == new[0].jwk["kid"]) {
                return Err(invalid("kid", "a key with this kid is there already"));
            }
            registered.keys.extend(new);
            Ok(())
        })?;
        Ok(n)
    }

    /// Switches a key on or off; 400 for the last one that works [spec: a client must have an active key].
    pub fn set_client_key(&mut self, app: u32, n: u32, active: bool) -> Done {
        self.register(app, |registered| {
            let others = registered.keys.iter().any(|key| key.n != n && key.active);
            if !active && !others {
                return Err(invalid("status", "the last active key can't be deactivated"));
            }
            let key = registered.keys.iter_mut().find(|key| key.n == n);
            key.ok_or_else(|| Refusal::not_found(&n.to_string(), "OAuth2ClientJsonWebKey"))?.active = active;
            Ok(())
        })
    }

    /// Deletes a key that is switched off; 400 otherwise [spec].
    pub fn remove_client_key(&mut self, app: u32, n: u32) -> Done {
        self.register(app, |registered| {
            if registered.keys.iter().any(|key| key.n == n && key.active) {
                return Err(invalid("status", "an active key can't be deleted"));
            }
            registered.keys.retain(|key| key.n != n);
            Ok(())
        })
    }

    /// Grants a scope to an app and returns the grant's number: that of the grant it has already, where it has [inf].
    /// 400 for a scope that Okta doesn't have [inf]. Where the org makes public client apps administrators, a new service
    /// app becomes a super admin with its first scope [docs: "Assigns the Super Admin role as the default role for new
    /// public client apps"; that the first scope is the moment is inferred].
    pub fn grant_scope(&mut self, app: u32, scope: &str) -> Result<u32, Refusal> {
        self.existing_app(app)?;
        if !scopes::exists(scope) {
            return Err(invalid("scopeId", "The scope doesn't exist"));
        }
        let grants = grants_of(self.view(), app);
        if let Some(held) = grants.iter().find(|g| g.scope == scope && g.user.is_none()) {
            return Ok(held.n);
        }
        let first = grants.is_empty();
        let taken = |n: &u32| grants.iter().any(|g| g.n == *n);
        let n = (LATER_GRANTS..256).find(|n| !taken(n)).ok_or_else(Refusal::internal)?;
        let by = match self.by.actor {
            log::Actor::User(user) => user,
            _ => crate::generate::people::cast::SUPER_ADMIN,
        };
        let created = self.now;
        self.state.grants_added.push(AddedGrant { app, n, scope: scope.to_owned(), by, created });
        let target = vec![self.app_target(app)];
        self.log("app.oauth2.admin.consent.grant", "Grant admin consent to scope", target);
        let is_new = self.view().app(app).is_some_and(|a| a.registered.is_some());
        let holds = self.state.iam.assignments.iter().any(|a| a.holder == Holder::App(app));
        if first
            && is_new
            && !holds
            && self.state.settings.client_privileges["clientPrivilegesSetting"] == true
        {
            self.grant(Holder::App(app), Role::Standard("SUPER_ADMIN"))?;
        }
        Ok(n)
    }

    /// Revokes a scope of an app, by the grant's number.
    pub fn revoke_scope(&mut self, app: u32, n: u32) -> Done {
        self.existing_app(app)?;
        let before = self.state.grants_added.len();
        self.state.grants_added.retain(|g| (g.app, g.n) != (app, n));
        if self.state.grants_added.len() == before {
            self.state.grants_revoked.insert((app, n));
        }
        let target = vec![self.app_target(app)];
        self.log("app.oauth2.admin.consent.revoke", "Revoke admin consent to scope", target);
        Ok(())
    }

    /// Notes that a client got an access token.
    pub fn token_granted(&mut self, app: u32) {
        let target = vec![self.app_target(app)];
        self.log("app.oauth2.token.grant.access_token", "OAuth2 access token is granted", target);
    }

    /// Says whether new public client apps become super admins.
    pub fn set_client_privileges(&mut self, on: bool) {
        self.state.settings.client_privileges = json!({"clientPrivilegesSetting": on});
    }
}
