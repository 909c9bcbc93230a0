//! `/orgs/{org}/views/{kind}`: views of a list that somebody gave a name. A view is a link: what it holds is the query of the
//! list's address.
//!
//! Programs save and delete them by the same functions.

use axum::extract::Path;
use serde::Deserialize;
use transom_core::{Kind, Role};
use transom_store::{NewView, Org, SavedView, Sort, VIEWS};

use super::asked::Asked;
use super::page::{kind_path, org_path};
use super::{Answer, Form, go};
use crate::{Connection, Error, Visit};

/// The views of a list, as its page shows them.
pub(super) struct Views {
    pub links: Vec<Link>,
    /// What the page is asked for, as a view would keep it; empty where that is the whole list.
    pub query: String,
    /// Where a view of this page is saved, or deleted where it is one that the visitor may delete: their own, or a shared
    /// one of somebody else.
    pub save: String,
    pub delete: Option<Delete>,
    /// Whether the visitor may save it for everybody.
    pub may_share: bool,
}

/// A view that can be deleted.
pub(super) struct Delete {
    pub action: String,
    pub own: bool,
}

/// A view.
pub(super) struct Link {
    pub name: String,
    pub href: String,
    pub current: bool,
    pub shared: bool,
}

impl Views {
    /// The views of the list that is asked for.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn of(visit: &Visit, org: &Org, asked: &Asked) -> Result<Self, Error> {
        let who = visit.who()?;
        let (here, query) = (kind_path(org.id, asked.kind), asked.view());
        let save = path(org, asked.kind);
        let saved = visit.app.store().saved_views(who.account, org.id, asked.kind.name).await?;
        let may_share = who.may(Role::Admin, org.id);
        let deletable = saved.iter().filter(|v| v.query == query && (v.own || (v.shared && may_share)));
        Ok(Self {
            delete: deletable
                .max_by_key(|view| view.own)
                .map(|view| Delete { action: format!("{save}/{}/delete", view.id), own: view.own }),
            links: saved
                .into_iter()
                .map(|view| Link {
                    href: address(&here, &view.query),
                    current: view.query == query,
                    name: view.name,
                    shared: view.shared,
                })
                .collect(),
            may_share,
            query,
            save,
        })
    }
}

fn path(org: &Org, kind: &Kind) -> String {
    org_path(org.id, &format!("/views/{}", kind.name))
}

fn address(list: &str, query: &str) -> String {
    if query.is_empty() { list.to_string() } else { format!("{list}?{query}") }
}

/// A view to save.
#[derive(Debug, Deserialize)]
pub(crate) struct New {
    name: String,
    query: String,
    shared: Option<String>,
}

/// The longest name of a view.
const NAME: usize = 60;
/// The longest query of a view: more than any list's page makes.
const QUERY: usize = 4_000;

/// Saves a view for whoever visits, and by leave for everybody who may see the org.
pub(crate) async fn save(
    visit: Visit,
    Connection(org): Connection,
    Path((_, kind)): Path<(String, String)>,
    Form(New { name, query, shared }): Form<New>,
) -> Answer {
    let asked = Asked::read(visit.kind(&kind)?, &query)?;
    let view = keep(&visit, &org, &asked, &name, shared.is_some()).await?;
    Ok(go(&address(&kind_path(org.id, asked.kind), &view.query)))
}

/// Saves what is asked for as a view of whoever visits, and by leave for everybody who may see the org.
pub(crate) async fn keep(
    visit: &Visit,
    org: &Org,
    asked: &Asked,
    name: &str,
    shared: bool,
) -> Result<SavedView, Error> {
    let (who, store, kind) = (visit.who()?, visit.app.store(), asked.kind);
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(Error::Unreadable(format!("The name of a view: expected 1 to {NAME} characters.")));
    }
    let query = asked.view();
    if query.len() > QUERY {
        return Err(Error::Unreadable("A view can’t hold so many conditions.".to_string()));
    }
    let sorts = store.sorts(kind.code, false);
    if !sorts.contains(&asked.sort) {
        let (sort, have) = (asked.sort.as_str(), sorts.into_iter().map(Sort::as_str).collect::<Vec<_>>());
        return Err(Error::Unreadable(format!(
            "sort: this list has no order by {sort}. Expected one of {}.",
            have.join(", ")
        )));
    }
    if shared && !who.may(Role::Admin, org.id) {
        return Err(Error::Forbidden(Role::Admin));
    }
    leaves_shared(visit, org, kind, |view| view.name == name).await?;
    let view = NewView { account: who.account, org: org.id, kind: kind.name, name, query: &query, shared };
    store.save_view(view, &who.actor).await?.ok_or_else(|| {
        Error::Unreadable(format!(
            "You keep {VIEWS} views of this list, which is as many as there can be. Delete one first."
        ))
    })
}

/// Deletes a view.
pub(crate) async fn delete(
    visit: Visit,
    Connection(org): Connection,
    Path((_, kind, view)): Path<(String, String, String)>,
) -> Answer {
    let kind = visit.kind(&kind)?;
    forget(&visit, &org, kind, view.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(go(&kind_path(org.id, kind)))
}

/// A token that may not share views leaves alone what its account shares: others use it.
async fn leaves_shared(
    visit: &Visit,
    org: &Org,
    kind: &Kind,
    is_it: impl Fn(&SavedView) -> bool,
) -> Result<(), Error> {
    let who = visit.who()?;
    if who.token_expires.is_none() || who.may(Role::Admin, org.id) {
        return Ok(());
    }
    let views = visit.app.store().saved_views(who.account, org.id, kind.name).await?;
    match views.iter().any(|view| view.own && view.shared && is_it(view)) {
        true => Err(Error::Forbidden(Role::Admin)),
        false => Ok(()),
    }
}

/// Deletes a view of whoever visits; who may share views may delete shared ones of others.
pub(crate) async fn forget(visit: &Visit, org: &Org, kind: &Kind, view: i64) -> Result<(), Error> {
    let who = visit.who()?;
    leaves_shared(visit, org, kind, |seen| seen.id == view).await?;
    let (any_shared, of) = (who.may(Role::Admin, org.id), (org.id, kind.name));
    match visit.app.store().delete_view(view, who.account, any_shared, of, &who.actor).await {
        Ok(()) => Ok(()),
        Err(transom_store::Error::NotFound { .. }) => Err(Error::NotFound),
        Err(error) => Err(error.into()),
    }
}
