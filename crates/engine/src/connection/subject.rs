//! Whom the calls are made as: the owner of a token, or a service app.

use okta_client::{Client, Error, Grant, View, api};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_store::Org;

use super::OwnerRoles;
use super::credential::read_scopes;
use super::verify::{Owner, first_only, text};
use crate::{Class, Problem};

/// What a service app may do, as its access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppInfo {
    /// The client id.
    pub client_id: String,
    /// The scopes that were granted to it, of those that reading takes.
    pub scopes: Vec<String>,
    /// The scopes that reading takes and it does not have.
    pub missing: Vec<String>,
    /// Whether its access tokens are bound to a key of ours (DPoP).
    pub bound: bool,
}

/// The client id of the service app that Okta knows a connection as, by its last verification; `None` for a token.
pub fn client_id(org: &Org) -> Option<&str> {
    org.settings.pointer("/verification/app/client_id").and_then(Value::as_str)
}

/// Whether Okta knows a connection as a service app, by its last verification.
pub fn by_app(org: &Org) -> bool {
    client_id(org).is_some()
}

/// Whom the calls are made as.
#[derive(Debug)]
pub(crate) enum Subject {
    /// The owner of a token, as Okta describes them; null where that can't be read.
    Owner(Value),
    /// A service app.
    App {
        /// What its access token allows.
        info: AppInfo,
        /// The app as Okta describes it; null where that can't be read.
        document: Value,
    },
}

impl Subject {
    /// Asks Okta.
    ///
    /// # Errors
    /// A credential that is not taken, and everything else that is not an answer about permissions.
    pub async fn of(client: &Client) -> Result<Self, Problem> {
        let known = |answer: Result<Value, Error>| match answer {
            Ok(document) => Ok(document),
            Err(Error::MissingPermission(_) | Error::NotFound(_)) => Ok(Value::Null),
            Err(error) => Err(Problem::from(error)),
        };
        let Some(client_id) = client.client_id() else {
            return Ok(Self::Owner(known(client.get_one(api::user::me()).await.map(View::into_raw))?));
        };
        let grant = client.grant().await?;
        let (scopes, bound) = grant.map_or_else(Default::default, |Grant { scopes, bound }| (scopes, bound));
        let missing = read_scopes().into_iter().filter(|scope| !held(&scopes, scope)).collect();
        let info = AppInfo { client_id: client_id.to_string(), scopes, missing, bound };
        let document = known(client.get_one(api::app::get(client_id)).await.map(View::into_raw))?;
        Ok(Self::App { info, document })
    }

    /// The Okta id of the user or the app; empty where it can't be read.
    pub fn id(&self) -> &str {
        match self {
            Self::Owner(me) => me.pointer("/id").and_then(Value::as_str).unwrap_or_default(),
            Self::App { info, .. } => &info.client_id,
        }
    }

    /// The Okta id of the user; empty for an app, and where it can't be read.
    pub fn user_id(&self) -> &str {
        match self {
            Self::Owner(_) => self.id(),
            Self::App { .. } => "",
        }
    }

    /// For people.
    pub fn named(&self) -> Option<Owner> {
        let owner = |login: String, status: String| Owner { id: self.id().to_string(), login, status };
        match self {
            Self::Owner(Value::Null) => None,
            Self::Owner(me) => Some(owner(text(me, "/profile/login"), text(me, "/status"))),
            Self::App { document: Value::Null, .. } => Some(owner(self.id().to_string(), String::new())),
            Self::App { document, .. } => Some(owner(text(document, "/label"), text(document, "/status"))),
        }
    }

    /// What is known of the service app.
    pub fn app(&self) -> Option<&AppInfo> {
        match self {
            Self::Owner(_) => None,
            Self::App { info, .. } => Some(info),
        }
    }

    /// As sentences name it.
    fn words(&self) -> &'static str {
        match self {
            Self::Owner(_) => "token's owner",
            Self::App { .. } => "service app",
        }
    }

    /// The credential is taken and shows nothing: the trap of an owner, or an app, without any role.
    pub fn no_roles(&self) -> Problem {
        let named = self.named().map(|owner| owner.login).filter(|login| !login.is_empty());
        let who = named.unwrap_or_else(|| format!("the {}", self.words()));
        let (what, why) = match self {
            Self::Owner(_) => (
                "The token shows nothing.",
                format!(
                    "Okta accepted the token and answered 200 with no users at all, although {who} is one: the owner has \
                     no admin role, so Okta shows an empty org."
                ),
            ),
            Self::App { .. } => (
                "The service app sees nothing.",
                "Okta granted the scopes and answered 200 with no users at all: scopes alone show an empty org. A service \
                 app needs an admin role as well."
                    .to_string(),
            ),
        };
        let place = match self {
            Self::Owner(_) => "under Security > Administrators",
            Self::App { .. } => "on the app's page under Admin roles",
        };
        Problem::new(
            Class::NoRoles,
            what,
            why,
            format!(
                "In the Admin Console {place} give {who} the role Read Only Administrator and the custom role with \
                 \u{201c}View roles, resources, and admin assignments\u{201d}; then try again."
            ),
        )
    }
}

/// Whether a scope is among those held; who may manage may read.
pub(super) fn held(scopes: &[String], scope: &str) -> bool {
    scopes.iter().any(|held| held == scope || *held == scope.replace(".read", ".manage"))
}

/// Refuses a credential that, since it was connected, has lost every role: Okta then shows an empty org with 200.
///
/// # Errors
/// [`Class::NoRoles`], and whatever a call can fail with.
pub(crate) async fn check_sight(
    client: &Client,
    roles: &OwnerRoles,
    subject: &Subject,
) -> Result<(), Problem> {
    if roles.types.as_ref().is_some_and(|types| !types.is_empty()) || roles.reads_org == Some(true) {
        return Ok(());
    }
    match client.page(&first_only(api::user::list().into_listing()), None).await {
        Ok(page) if page.items.is_empty() => Err(subject.no_roles()),
        Err(error @ (Error::TokenRejected(_) | Error::ClientRejected(_))) => Err(error.into()),
        _ => Ok(()),
    }
}

/// The roles of the token's owner or the service app. A missing permission is an answer too: they are unknown then, and
/// whether the org's settings may be read tells an administrator of the whole org from one of parts of it. A missing scope
/// is none: it says nothing about roles.
///
/// # Errors
/// Everything that is not an answer about permissions.
pub(crate) async fn read_roles(client: &Client, subject: &Subject) -> Result<OwnerRoles, Problem> {
    let scopes = subject.app().map(|app| app.scopes.clone());
    let listing = match subject {
        _ if subject.id().is_empty() => None,
        Subject::Owner(_) => Some(api::role_assignment::names_of_user(subject.id())),
        Subject::App { .. } => Some(api::role_assignment::of_client(subject.id())),
    };
    if let Some(list) = listing {
        match client.page(list.listing(), None).await {
            Ok(page) => return Ok(OwnerRoles { scopes, ..OwnerRoles::read(&page.items) }),
            Err(Error::MissingPermission(_) | Error::NotFound(_) | Error::NotLicensed(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let asks = scopes.as_ref().is_none_or(|scopes| held(scopes, "okta.orgs.read"));
    let reads_org = match client.get_one(api::org::get()).await {
        Ok(_) => Some(true),
        Err(Error::MissingPermission(_) | Error::NotFound(_) | Error::NotLicensed(_)) => {
            asks.then_some(false)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(OwnerRoles { reads_org, scopes, ..OwnerRoles::default() })
}
