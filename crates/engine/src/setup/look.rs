//! What the org has of a set-up: reads only.

use futures_util::TryStreamExt;
use okta_client::{Client, Discovered, Error, List, Page, View, api};
use serde_json::Value;

use super::names::{Names, is_of};
use super::record::{Record, Thing};
use crate::{Class, Problem};

/// The org, and who looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Okta's id of the org.
    pub org_id: String,
    /// The origin that is called.
    pub origin: String,
    /// The partition of its Okta resource names: `okta` or `oktapreview`.
    pub partition: String,
    /// The login of whoever's credential looks.
    pub caller: String,
    /// Whether that is a Super Administrator.
    pub super_admin: bool,
    /// The custom role of the set-up, or the one that has its name.
    pub role: Option<Held>,
    /// The resource set.
    pub set: Option<Held>,
    /// The user.
    pub user: Option<User>,
    /// The service app, where one is wanted.
    pub app: Option<App>,
    /// The roles that the user or the app holds, through groups too.
    pub assignments: Vec<Assignment>,
    /// Whether the org makes every new service app a Super Administrator; unknown where that may not be read.
    pub makes_super: Option<bool>,
}

/// A role with its permissions, or a resource set with its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Okta's id.
    pub id: String,
    /// Its name.
    pub label: String,
    /// Whether this set-up made it.
    pub ours: bool,
    /// What it holds, and of each resource its id in the set.
    pub holds: Vec<(String, String)>,
}

/// The user of the set-up, or the one that has its login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Okta's id.
    pub id: String,
    /// Its login.
    pub login: String,
    /// Its status, verbatim.
    pub status: String,
    /// Whether this set-up made it.
    pub ours: bool,
}

/// The service app of the set-up, or the one that has its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Okta's id, which is its client id too.
    pub id: String,
    /// Its label.
    pub label: String,
    /// Its status, verbatim.
    pub status: String,
    /// Whether this set-up made it.
    pub ours: bool,
    /// The scopes granted to it, with the id of each grant; unknown where they may not be read.
    pub grants: Option<Vec<(String, String)>>,
}

/// A role that the user or the app holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Okta's id of it.
    pub id: String,
    /// `READ_ONLY_ADMIN`, `CUSTOM`, …
    pub kind: String,
    /// Its name, for people.
    pub label: String,
    /// Of a custom role: its id, and that of the resource set.
    pub custom: Option<(String, String)>,
    /// Whether the user has it through a group.
    pub inherited: bool,
}

/// Looks at the org.
///
/// # Errors
/// What a call can fail with; [`Class::MissingPermission`] where the credential may not read roles, and
/// [`Class::Unreadable`] where nothing in the org tells its partition.
pub(crate) async fn look(
    client: &Client,
    found: &Discovered,
    names: &Names,
    app_key: Option<&Value>,
    record: &Record,
) -> Result<Seen, Problem> {
    let (caller, held) = match client.client_id() {
        Some(id) => (id.to_string(), all(client, api::role_assignment::of_client(id)).await?),
        None => {
            let me = client.get_one(api::user::me()).await.map_err(told)?;
            let held = all(client, api::role_assignment::names_of_user(me.id())).await?;
            (me.login().unwrap_or_default().to_string(), held)
        }
    };
    let super_admin = held.iter().any(|a| text(a, "/type") == "SUPER_ADMIN");
    let partition = partition(client).await?;
    let role = match known(all(client, api::role::list()).await?, &names.role, Thing::Role, record) {
        Some((id, label, ours)) => {
            let permissions = all(client, api::role::permissions(&id)).await?;
            let holds = permissions.iter().map(|p| (text(p, "/label"), String::new())).collect();
            Some(Held { id, label, ours, holds })
        }
        None => None,
    };
    let sets = all(client, api::resource_set::list()).await?;
    let set = match known(sets, &names.set, Thing::ResourceSet, record) {
        Some((id, label, ours)) => {
            let resources = all(client, api::resource_set::resources(&id)).await?;
            let holds = resources.iter().map(|r| (text(r, "/orn"), text(r, "/id"))).collect();
            Some(Held { id, label, ours, holds })
        }
        None => None,
    };
    let (user, app) = match app_key {
        Some(key) => (None, app(client, &names.app, key, record).await?),
        None => (user(client, names, record).await?, None),
    };
    let assignments = match (&user, &app) {
        (Some(user), _) => all(client, api::role_assignment::names_of_user(&user.id)).await?,
        (None, Some(app)) => all(client, api::role_assignment::of_client(&app.id)).await?,
        (None, None) => Vec::new(),
    };
    let makes_super = match (app_key, &app) {
        (Some(_), None) => {
            may(client.get_one(api::org_setting::client_privileges()).await.map(|setting| setting.enabled()))?
                .flatten()
        }
        _ => None,
    };
    Ok(Seen {
        org_id: found.org_id.clone(),
        origin: found.origin.to_string(),
        partition,
        caller,
        super_admin,
        role,
        set,
        user,
        app,
        makes_super,
        assignments: assignments.iter().map(Assignment::read).collect(),
    })
}

impl Assignment {
    /// From Okta's document of it.
    pub(crate) fn read(doc: &Value) -> Self {
        let custom = (text(doc, "/role"), text(doc, "/resource-set"));
        Self {
            id: text(doc, "/id"),
            kind: text(doc, "/type"),
            label: text(doc, "/label"),
            custom: Some(custom).filter(|(role, set)| !role.is_empty() && !set.is_empty()),
            inherited: text(doc, "/assignmentType") == "GROUP",
        }
    }
}

/// Which of these roles or sets is the set-up's: by its recorded id, else by its mark, else by its name.
fn known(all: Vec<Value>, name: &str, thing: Thing, record: &Record) -> Option<(String, String, bool)> {
    let recorded = record.made(thing).map(|made| made.id.as_str());
    let by_id = all.iter().find(|d| Some(text(d, "/id").as_str()) == recorded);
    let by_mark = || all.iter().find(|d| is_of(&record.mark, &text(d, "/description")));
    let ours = by_id.or_else(by_mark);
    let found = ours.or_else(|| all.iter().find(|d| text(d, "/label") == name))?;
    Some((text(found, "/id"), text(found, "/label"), ours.is_some()))
}

/// The user, by the recorded id, else by login.
async fn user(client: &Client, names: &Names, record: &Record) -> Result<Option<User>, Problem> {
    let recorded = record.made(Thing::User).map(|made| made.id.as_str());
    for name in recorded.into_iter().chain([names.login.as_str()]) {
        match client.get_one(api::user::get(name)).await {
            Ok(user) => {
                let raw = user.into_raw();
                let id = text(&raw, "/id");
                let ours = recorded == Some(id.as_str()) || is_of(&record.mark, &text(&raw, MARKED));
                let (login, status) = (text(&raw, "/profile/login"), text(&raw, "/status"));
                return Ok(Some(User { id, login, status, ours }));
            }
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(told(error)),
        }
    }
    Ok(None)
}

/// The service app, by the recorded id, else by its key, else by its label.
async fn app(client: &Client, label: &str, key: &Value, record: &Record) -> Result<Option<App>, Problem> {
    let recorded = record.made(Thing::App).map(|made| made.id.as_str());
    let apps = all(client, api::app::beginning(label)).await?;
    let kid = text(key, "/kid");
    let has_key = |a: &&Value| {
        let keys = a.pointer("/settings/oauthClient/jwks/keys").and_then(Value::as_array);
        !kid.is_empty() && keys.into_iter().flatten().any(|k| text(k, "/kid") == kid)
    };
    let by_id = apps.iter().find(|a| Some(text(a, "/id").as_str()) == recorded);
    let ours = by_id.or_else(|| apps.iter().find(has_key));
    let Some(found) = ours.or_else(|| apps.iter().find(|a| text(a, "/label") == label)) else {
        return Ok(None);
    };
    let id = text(found, "/id");
    let page = client.page(api::app_grant::list(&id).listing(), None).await;
    let scopes =
        |page: Page| page.items.iter().map(|g| (text(g, "/scopeId"), text(g, "/id"))).collect::<Vec<_>>();
    let grants = may(page.map(scopes))?;
    Ok(Some(App {
        label: text(found, "/label"),
        status: text(found, "/status"),
        ours: ours.is_some(),
        id,
        grants,
    }))
}

/// An answer, or none where it may not be read. That there is none is an answer: 404 for an app without grants [hound].
fn may<T: Default>(answer: Result<T, Error>) -> Result<Option<T>, Problem> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(Some(T::default())),
        Err(Error::MissingPermission(_)) => Ok(None),
        Err(error) => Err(told(error)),
    }
}

/// Where a user carries the set-up's mark: an attribute of every profile that nothing else depends on.
pub(crate) const MARKED: &str = "/profile/title";

/// The partition, from any Okta resource name that the org shows: an administrator's, else an app's.
async fn partition(client: &Client) -> Result<String, Problem> {
    let of = |orn: String| orn.strip_prefix("orn:").and_then(|o| o.split(':').next()).map(str::to_string);
    for listing in [api::role_assignment::assignees().into_listing(), api::app::list().into_listing()] {
        let page = client.page(&listing, None).await.map_err(told)?;
        if let Some(found) = page.items.iter().map(|i| text(i, "/orn")).find_map(of) {
            return Ok(found);
        }
    }
    Err(Problem::new(
        Class::Unreadable,
        "The org does not tell the partition of its resource names.",
        "Neither its administrators nor its apps show an Okta resource name (orn), and the host name does not tell it.",
        "Follow the guide instead: transom setup guide",
    ))
}

/// Every item of a listing.
async fn all<T: View>(client: &Client, list: List<T>) -> Result<Vec<Value>, Problem> {
    client.stream(list).map_ok(View::into_raw).try_collect().await.map_err(told)
}

/// A refusal, told for whoever gave the one-time token.
pub(crate) fn told(error: Error) -> Problem {
    let problem = Problem::from(error);
    match problem.class {
        Class::MissingPermission => Problem {
            todo: "Give a token of a Super Administrator: only they may make administrators. Create it for this alone; \
                   it is revoked at the end."
                .to_string(),
            ..problem
        },
        Class::TokenRejected => Problem {
            todo: "Create a new token as a Super Administrator under Security > API > Tokens, and give that one."
                .to_string(),
            ..problem
        },
        _ => problem,
    }
}

pub(crate) fn text(doc: &Value, path: &str) -> String {
    doc.pointer(path).and_then(Value::as_str).unwrap_or_default().to_string()
}
