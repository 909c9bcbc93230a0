//! What the audit looks at: what verification found, and some calls more.

use okta_client::{Client, List, api};
use serde_json::Value;
use transom_core::{Coverage, CoverageState, Evidence, Millis};

use super::synced::{self, Children, Synced};
use crate::connection::verify::text;
use crate::connection::{AppInfo, Owner, OwnerRoles, Probe, Subject, TokenInfo};
use crate::dataset::Dataset;
use crate::entity::app::APP;
use crate::entity::app_grant::APP_GRANT;
use crate::entity::app_key::APP_JWK;
use crate::entity::dataset;
use crate::entity::resource_set::{RESOURCE, RESOURCE_SET};
use crate::entity::role::{ROLE, ROLE_PERMISSION};
use crate::setup::{Record, Thing};
use crate::{Engine, Problem};

/// What is known of a credential without asking Okta.
#[derive(Debug, Clone, Default)]
pub(in crate::connection) struct Known {
    /// Okta's id of the user or the service app that `transom setup` made for this org, and what it is called.
    pub made: Option<(String, String)>,
    /// The present moment.
    pub now: Millis,
}

impl Engine {
    /// What is known of the credential of an org, by Okta's id of it.
    pub(in crate::connection) async fn known(&self, org_id: &str) -> Result<Known, Problem> {
        let record: Record = self.setup_record(org_id).await?;
        let name = |thing| match (&record.names, thing) {
            (Some(names), Thing::App) => names.app.clone(),
            (Some(names), _) => names.login.clone(),
            (None, _) => String::new(),
        };
        let made = [Thing::User, Thing::App].into_iter().find_map(|thing| {
            let made = record.made(thing)?;
            Some((made.id.clone(), name(thing)))
        });
        Ok(Known { made, now: self.store.clock().now() })
    }
}

/// An admin role that the credential's owner holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::connection) struct Held {
    /// The type: `READ_ONLY_ADMIN`, …, `CUSTOM`.
    pub kind: String,
    /// Its name.
    pub label: String,
    /// Whether it is held through a group.
    pub by_group: bool,
    /// How many groups and apps it is limited to; 0: to none, it is held on all there is.
    pub targets: usize,
    /// What a custom role permits; `None` where that can't be read, and for a standard role.
    pub permissions: Option<Vec<String>>,
    /// The Okta resource names in the resource set of a custom role, in the same way.
    pub resources: Option<Vec<String>>,
}

/// What Okta was asked for the audit's sake. What could not be read is `None`: nothing is said of it then.
#[derive(Debug, Clone, Default)]
pub(in crate::connection) struct Asked {
    /// The owner's roles, one by one.
    pub held: Option<Vec<Held>>,
    /// What in the owner's profile only people have.
    pub signs: Vec<&'static str>,
    /// The tokens of the owner.
    pub tokens: Option<Vec<TokenInfo>>,
    /// How much of each rate limit Okta gives the credential, in per cent.
    pub share: Option<i64>,
    /// When the key of the service app was registered.
    pub key_since: Option<Millis>,
    /// The scopes granted to the service app.
    pub granted: Option<Vec<String>>,
}

/// What only people have in their profile, by attribute.
const SIGNS: [(&str, &str); 4] = [
    ("/profile/department", "a department"),
    ("/profile/managerId", "a manager"),
    ("/profile/employeeNumber", "an employee number"),
    ("/profile/mobilePhone", "a mobile phone"),
];

impl Asked {
    /// Asks Okta: a handful of calls, less what a sync has just read. A refusal is an answer; anything else that fails
    /// leaves its part unknown.
    pub async fn of(
        client: &Client,
        subject: &Subject,
        roles: &OwnerRoles,
        synced: Option<&Synced<'_>>,
    ) -> Self {
        let source = &Source { client, synced };
        let id = subject.id();
        let mut asked = Self::default();
        if id.is_empty() {
            return asked;
        }
        if roles.types.is_some() {
            asked.held = held(source, subject).await;
        }
        match subject {
            Subject::Owner(me) => {
                asked.signs = SIGNS.iter().filter(|(at, _)| !text(me, at).is_empty()).map(|s| s.1).collect();
                // Each use moves what Okta says of them, so no copy will do.
                let tokens = items(client, api::api_token::list()).await;
                let own =
                    |tokens: Vec<Value>| tokens.into_iter().filter(|t| text(t, "/userId") == id).collect();
                let own: Option<Vec<Value>> = tokens.map(own);
                if let Some([one]) = own.as_deref() {
                    let kind = api::principal_rate_limit::PrincipalType::SswsToken;
                    asked.share = share(source, &kind, &text(one, "/id")).await;
                }
                asked.tokens = own.map(|own| own.iter().map(info).collect());
            }
            Subject::App { .. } => {
                let kind = api::principal_rate_limit::PrincipalType::OauthClient;
                asked.share = share(source, &kind, id).await;
                asked.key_since = key_since(source, id).await;
                let of = Children { dataset: "app_grant", kind: &APP_GRANT, parent: (&APP, id) };
                let granted = source.children(of, api::app_grant::list(id)).await;
                asked.granted = granted.map(|all| {
                    let active = all.iter().filter(|g| text(g, "/status") == "ACTIVE");
                    active.map(|g| text(g, "/scopeId")).collect()
                });
            }
        }
        asked
    }

    /// The token in use, where its owner has no other. With several, which one it is would be a guess that Okta's API does
    /// not let us check, and `None` is better than a wrong name.
    pub fn token(&self) -> Option<TokenInfo> {
        match self.tokens.as_deref() {
            Some([one]) => Some(one.clone()),
            _ => None,
        }
    }
}

/// All of a short listing; `None` where it can't be read, or goes on.
async fn items<T>(client: &Client, list: List<T>) -> Option<Vec<Value>> {
    let page = client.page(&list.into_listing(), None).await.ok()?;
    page.next.is_none().then_some(page.items)
}

/// Where the answers come from: what a sync has just read, else Okta.
struct Source<'a> {
    client: &'a Client,
    synced: Option<&'a Synced<'a>>,
}

impl Source<'_> {
    /// The children of an object, by the sync's data set or by this listing.
    async fn children<T>(&self, of: Children<'_>, list: List<T>) -> Option<Vec<Value>> {
        match self.synced {
            Some(synced) => match synced.children(&of).await {
                synced::Held::Whole(items) => Some(items),
                synced::Held::Refused => None,
                synced::Held::Unread => items(self.client, list).await,
            },
            None => items(self.client, list).await,
        }
    }
}

async fn held(source: &Source<'_>, subject: &Subject) -> Option<Vec<Held>> {
    let list = match subject {
        Subject::Owner(_) => api::role_assignment::of_user(subject.id()),
        Subject::App { .. } => api::role_assignment::of_client(subject.id()),
    };
    let mut out = Vec::new();
    for given in items(source.client, list).await? {
        let long = |path: &str| given.pointer(path).and_then(Value::as_array).map_or(0, Vec::len);
        let kind = text(&given, "/type");
        let (permissions, resources) = if kind == "CUSTOM" {
            let (role, set) = (text(&given, "/role"), text(&given, "/resource-set"));
            let of = Children { dataset: "role_permission", kind: &ROLE_PERMISSION, parent: (&ROLE, &role) };
            let permissions = source.children(of, api::role::permissions(&role)).await;
            let of = Children { dataset: "resource", kind: &RESOURCE, parent: (&RESOURCE_SET, &set) };
            let resources = source.children(of, api::resource_set::resources(&set)).await;
            let all = |items: Vec<Value>, at: &str| items.iter().map(|item| text(item, at)).collect();
            (permissions.map(|p| all(p, "/label")), resources.map(|r| all(r, "/orn")))
        } else {
            (None, None)
        };
        out.push(Held {
            kind,
            label: text(&given, "/label"),
            by_group: text(&given, "/assignmentType") == "GROUP",
            targets: long("/_embedded/targets/groups") + long("/_embedded/targets/catalog/apps"),
            permissions,
            resources,
        });
    }
    Some(out)
}

fn info(token: &Value) -> TokenInfo {
    let expires = text(token, "/expiresAt");
    TokenInfo {
        name: text(token, "/name"),
        network: text(token, "/network/connection"),
        expires_at: (!expires.is_empty()).then_some(expires),
    }
}

async fn share(
    source: &Source<'_>,
    kind: &api::principal_rate_limit::PrincipalType,
    principal: &str,
) -> Option<i64> {
    if source.synced.is_some_and(|synced| synced.refused("principal_rate_limit")) {
        return None;
    }
    let all = items(source.client, api::principal_rate_limit::list(kind)).await?;
    let ours = all.iter().find(|share| text(share, "/principalId") == principal)?;
    ours.pointer("/defaultPercentage").and_then(Value::as_i64)
}

/// When the app's one active key was registered. With several, which of them signs is not asked.
async fn key_since(source: &Source<'_>, app: &str) -> Option<Millis> {
    let of = Children { dataset: "app_jwk", kind: &APP_JWK, parent: (&APP, app) };
    let keys = source.children(of, api::app_key::jwks(app)).await?;
    let active: Vec<&Value> = keys.iter().filter(|key| text(key, "/status") != "INACTIVE").collect();
    let [key] = active.as_slice() else { return None };
    let at: jiff::Timestamp = text(key, "/created").parse().ok()?;
    Some(at.as_millisecond())
}

/// A data set that is not known whole.
#[derive(Debug, Clone)]
pub(in crate::connection) struct Lack {
    /// Its declaration.
    pub dataset: &'static Dataset,
    /// How far it is known.
    pub state: CoverageState,
    /// Whether it is for want of a scope.
    pub scope: bool,
}

impl Lack {
    fn of(name: &str, state: CoverageState, roles: &OwnerRoles) -> Option<Self> {
        let dataset = dataset(name)?;
        let lacks = super::super::is_limit(name, state);
        lacks.then(|| Self { dataset, state, scope: roles.lacks_scope(dataset) })
    }

    /// Those that verification found.
    pub fn probed(probes: &[Probe], roles: &OwnerRoles) -> Vec<Self> {
        probes.iter().filter_map(|p| Self::of(&p.dataset, p.state, roles)).collect()
    }

    /// Those that a sync came to.
    pub fn synced(coverage: &[Coverage], roles: &OwnerRoles) -> Vec<Self> {
        coverage.iter().filter_map(|c| Self::of(&c.dataset, c.state, roles)).collect()
    }

    /// How sure it is that the right it takes opens it.
    pub fn evidence(&self) -> Evidence {
        self.dataset.right.evidence
    }
}

/// What the audit looks at.
#[derive(Debug)]
pub(in crate::connection) struct Facts<'a> {
    /// The token's owner or the service app, where it may be read.
    pub who: Option<&'a Owner>,
    /// What the service app may do, where it is one.
    pub app: Option<&'a AppInfo>,
    /// The roles, as far as they can be read.
    pub roles: &'a OwnerRoles,
    /// The data sets of the set-up that are not known whole.
    pub lacks: &'a [Lack],
    /// Whether anything at all could be read.
    pub reads: bool,
    /// What was asked besides.
    pub asked: &'a Asked,
    /// What is known without asking.
    pub known: &'a Known,
}

impl Facts<'_> {
    /// As sentences name it: the login, or the app's label.
    pub fn named(&self) -> String {
        let login = self.who.map(|owner| owner.login.clone()).filter(|login| !login.is_empty());
        login.unwrap_or_else(|| self.kind().to_string())
    }

    /// What it is.
    pub fn kind(&self) -> &'static str {
        if self.app.is_some() { "the service app" } else { "the token's owner" }
    }

    /// Where its roles are given and taken.
    pub fn place(&self) -> &'static str {
        if self.app.is_some() {
            "on the app's page under Admin roles"
        } else {
            "under Security > Administrators"
        }
    }
}
