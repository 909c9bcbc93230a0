//! What is below the authorization servers at the beginning: scopes, claims, access policies and their rules, and which
//! clients have had tokens.

use serde_json::{Value, json};

use super::document::Document;
use super::ids::{IdKind, Ids};
use super::layout::Layout;
use super::people::{DAY, People, cast};
use super::servers::AuthServer;
use super::{apps, groups};
use crate::config::Config;

/// An access policy of a server.
#[derive(Debug, Clone)]
pub struct AuthPolicy {
    /// The server's number.
    pub server: u64,
    /// The policy.
    pub doc: Document,
    /// Its rules, first asked first.
    pub rules: Vec<Document>,
}

/// What is below the servers.
#[derive(Debug, Default)]
pub struct ApiAccess {
    /// Scopes with the number of their server.
    pub scopes: Vec<(u64, Document)>,
    /// Claims, likewise.
    pub claims: Vec<(u64, Document)>,
    /// Access policies.
    pub policies: Vec<AuthPolicy>,
    /// Apps that have had tokens of a server: server, app.
    pub clients: Vec<(u64, u32)>,
    /// Servers that take the tokens of another: who takes, whose.
    pub trusts: Vec<(u64, u64)>,
}

/// How many apps are looked at for clients: the catalogue repeats.
const LOOKED_AT: u64 = 64;

/// Numbers of apps that are OAuth clients, those of the customer first.
fn oauth_apps(config: &Config, as_of: i64) -> Vec<u32> {
    let numbers = 0..config.apps.min(LOOKED_AT) as u32;
    let mut found: Vec<(bool, u32)> = numbers
        .map(|n| (n, apps::app(config, as_of, n)))
        .filter(|(_, app)| app.entry.mode.is_oauth())
        .map(|(n, app)| (app.entry.name != "oidc_client", n))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, n)| n).collect()
}

/// Scopes that every server has [docs]: name, consent, in the metadata.
const SYSTEM_SCOPES: &[(&str, &str)] = &[
    ("openid", "Signals that a request is an OpenID request."),
    ("profile", "Access to the user's profile."),
    ("email", "Access to the user's e-mail address."),
    ("address", "Access to the user's address."),
    ("phone", "Access to the user's phone number."),
    ("offline_access", "Access without the user being present."),
    ("device_sso", "Access to a device secret."),
];

/// Identity claims that every server has, and the scope each comes with [rec].
const SYSTEM_CLAIMS: &[(&str, &str)] =
    &[("name", "profile"), ("preferred_username", "profile"), ("locale", "profile"), ("email", "email")];

/// Scopes of the customer: server, name, description, consent.
const SCOPES: &[(u64, &str, &str, &str)] = &[
    (1, "partner:read", "Read orders and stock", "IMPLICIT"),
    (1, "partner:write", "Place orders", "REQUIRED"),
    (1, "partner:admin", "Everything a partner's administrator may do", "IMPLICIT"),
    (2, "orders", "Orders of the person", "FLEXIBLE"),
];

impl ApiAccess {
    /// What is below `servers` at the beginning.
    pub fn new(
        config: &Config,
        as_of: i64,
        ids: &Ids,
        layout: &Layout,
        staff: &People,
        servers: &[AuthServer],
    ) -> Self {
        let apps = oauth_apps(config, as_of);
        let client = |nth: usize| apps.get(nth % apps.len().max(1)).copied();
        let mut access = Self { trusts: vec![(1, 2)], ..Self::default() };
        access.clients = [(1, client(0)), (1, client(1)), (2, client(1))]
            .into_iter()
            .filter_map(|(server, app)| Some((server, app?)))
            .collect();
        for server in servers {
            access.scopes(server.n);
            access.claims(server.n);
        }
        let app = |nth| client(nth).map(|app| ids.encode(IdKind::App, u64::from(app)));
        let group = ids.encode(IdKind::Group, u64::from(layout.first_department()));
        let spared = ids.encode(IdKind::User, u64::from(staff.place(cast::BREAK_GLASS)));
        let everyone = ids.encode(IdKind::Group, u64::from(groups::EVERYONE));
        let days = |n: i64| as_of - n * DAY;
        let people = |groups: Value, spared: Value| json!({"users": {"exclude": spared}, "groups": {"include": groups}});
        let nobody = json!({"users": {"exclude": []}});
        let own = |app: Option<String>| Value::from_iter(app);
        access.policy(0, "Default Policy", json!(["ALL_CLIENTS"]), true, days(2_900));
        let all = ["implicit", "client_credentials", "authorization_code", "password"];
        access.rule(
            "Default Policy Rule",
            people(json!(["EVERYONE"]), json!([])),
            &all,
            &["*"],
            (60, 0),
            true,
        );
        access.policy(1, "Partner services", own(app(0)), true, days(880));
        access.rule("Services", nobody.clone(), &["client_credentials"], &["partner:read"], (30, 0), true);
        let department = people(json!([group]), json!([spared]));
        let scopes = ["partner:read", "partner:write"];
        access.rule("People", department, &["authorization_code"], &scopes, (60, 1_440), true);
        access.policy(1, "Anybody (trial)", json!(["ALL_CLIENTS"]), false, days(700));
        access.rule("Anything", people(json!([everyone]), json!([])), &all, &["*"], (1_440, 0), false);
        access.policy(2, "Mobile app", own(app(1)), true, days(480));
        let grants = ["authorization_code", "refresh_token"];
        access.rule("For ever", people(json!(["EVERYONE"]), json!([])), &grants, &["*"], (1_440, 0), true);
        access.policy(3, "Proof of concept", json!(["ALL_CLIENTS"]), true, days(1_490));
        access.rule(
            "Passwords",
            people(json!(["EVERYONE"]), json!([])),
            &["password"],
            &["*"],
            (60, 0),
            true,
        );
        access
    }

    fn scopes(&mut self, server: u64) {
        let system = SYSTEM_SCOPES.iter().map(|(name, what)| (*name, *what, "IMPLICIT", true));
        let own = SCOPES
            .iter()
            .filter(|s| s.0 == server)
            .map(|(_, name, what, consent)| (*name, *what, *consent, false));
        for (i, (name, what, consent, system)) in system.chain(own).enumerate() {
            let fields = json!({
                "name": name, "displayName": if system { Value::Null } else { name.into() }, "description": what,
                "system": system, "metadataPublish": if system { "ALL_CLIENTS" } else { "NO_CLIENTS" },
                "consent": consent, "optional": false, "apiResourceId": null, "default": false,
            });
            let n = server * 100 + i as u64;
            self.scopes.push((server, Document::new(IdKind::AuthScope, n, fields)));
        }
    }

    fn claims(&mut self, server: u64) {
        let claim = |name: &str, kind: &str, value_type: &str, scopes: &[&str], system: bool| {
            json!({
                "name": name, "status": "ACTIVE", "claimType": kind, "valueType": value_type,
                "conditions": {"scopes": scopes}, "system": system, "alwaysIncludeInToken": kind == "RESOURCE",
                "apiResourceId": null,
            })
        };
        let mut all: Vec<Value> = SYSTEM_CLAIMS
            .iter()
            .map(|(name, scope)| claim(name, "IDENTITY", "SYSTEM", &[scope], true))
            .collect();
        let mut sub = claim("sub", "RESOURCE", "EXPRESSION", &[], true);
        sub["value"] = "(appuser != null) ? appuser.userName : app.clientId".into();
        all.push(sub);
        if server == 1 {
            // Tells every partner's client the name of every group a person is in.
            let mut groups = claim("groups", "RESOURCE", "GROUPS", &[], false);
            groups["value"] = ".*".into();
            groups["group_filter_type"] = "REGEX".into();
            let mut role = claim("legacy_role", "RESOURCE", "EXPRESSION", &["partner:admin"], false);
            role["value"] = "user.title".into();
            role["status"] = "INACTIVE".into();
            all.extend([groups, role]);
        }
        for (i, fields) in all.into_iter().enumerate() {
            let n = server * 100 + i as u64;
            self.claims.push((server, Document::new(IdKind::AuthClaim, n, fields)));
        }
    }

    fn policy(&mut self, server: u64, name: &str, clients: Value, active: bool, created: i64) {
        let nth = self.policies.iter().filter(|p| p.server == server).count() as u64;
        let fields = json!({
            "type": "OAUTH_AUTHORIZATION_POLICY", "name": name, "description": format!("{name} of the API"),
            "status": status(active), "priority": nth + 1, "system": false,
            "conditions": {"clients": {"include": clients}},
        });
        let doc = Document::new(IdKind::AuthPolicy, server * 100 + nth, fields).since(created);
        self.policies.push(AuthPolicy { server, doc, rules: Vec::new() });
    }

    /// A rule of the policy made last; `minutes`: how long access and refresh tokens live.
    fn rule(
        &mut self,
        name: &str,
        people: Value,
        grants: &[&str],
        scopes: &[&str],
        minutes: (i64, i64),
        active: bool,
    ) {
        let Some(policy) = self.policies.last_mut() else { return };
        let nth = policy.rules.len() as u64;
        let fields = json!({
            "type": "RESOURCE_ACCESS", "name": name, "status": status(active), "priority": nth + 1, "system": false,
            "conditions": {
                "people": people, "grantTypes": {"include": grants}, "scopes": {"include": scopes},
            },
            "actions": {"token": {
                "accessTokenLifetimeMinutes": minutes.0, "refreshTokenLifetimeMinutes": minutes.1,
                "refreshTokenWindowMinutes": 10_080,
            }},
        });
        let n = policy.doc.n * 100 + nth;
        policy.rules.push(Document {
            created: policy.doc.created,
            ..Document::new(IdKind::AuthPolicyRule, n, fields)
        });
    }
}

/// `ACTIVE` or `INACTIVE`.
pub fn status(active: bool) -> &'static str {
    if active { "ACTIVE" } else { "INACTIVE" }
}
