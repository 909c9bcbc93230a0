//! Saved views of lists: what a list is asked for, under a name.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use transom_core::{Kind, OrgId};
use transom_store::SavedView;
use url::form_urlencoded::{Serializer, parse};
use utoipa::ToSchema;

use super::entity::{conditions, order};
use super::{Answer, At, Body, Items, Page, Params, Time};
use crate::ui::asked::{Asked, Field, IS};
use crate::ui::saved_view::{forget, keep};
use crate::{Connection, Error, Visit};

/// A saved view of the list of a kind: what the list is to be asked for. `list` is the address that asks for just that.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct View {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What names begin with; null where that does not matter.
    pub q: Option<String>,
    /// The conditions, `FACET=VALUE`.
    #[serde(rename = "where")]
    pub facets: Vec<String>,
    /// What it is sorted by; null for the name.
    pub sort: Option<String>,
    /// The columns that the page of the list shows, by name; null where nobody chose.
    pub columns: Option<Vec<String>>,
    /// Whether everybody who may see the org sees it.
    pub shared: bool,
    /// Whether it is of the account that made this token.
    pub own: bool,
    /// When it was saved first.
    pub created: Time,
    /// The address of the list as this view asks for it.
    pub list: String,
}

impl View {
    fn new(org: OrgId, kind: &Kind, view: SavedView) -> Self {
        let (mut q, mut facets, mut sort, mut columns) = (None, Vec::new(), None, None::<Vec<String>>);
        // Not judged: what a release knows no more, the list itself says.
        for (name, value) in parse(view.query.as_bytes()) {
            match name.as_ref() {
                "q" => q = Some(value.into_owned()),
                "sort" => sort = Some(value.into_owned()),
                "col" => columns
                    .get_or_insert_default()
                    .extend(Some(value.into_owned()).filter(|name| !name.is_empty())),
                name => facets.extend(name.strip_prefix(IS).map(|facet| format!("{facet}={value}"))),
            }
        }
        let mut query = Serializer::new(String::new());
        query.extend_pairs(q.iter().map(|q| ("q", q)));
        query.extend_pairs(facets.iter().map(|facet| ("where", facet)));
        query.extend_pairs(sort.iter().map(|sort| ("sort", sort)));
        let query = Some(query.finish()).filter(|query| !query.is_empty());
        let query = query.map_or(String::new(), |query| format!("?{query}"));
        Self {
            list: format!("/api/v1/orgs/{}/entities/{}{query}", org.0, kind.name),
            id: view.id,
            name: view.name,
            q,
            facets,
            sort,
            columns,
            shared: view.shared,
            own: view.own,
            created: view.created.into(),
        }
    }
}

/// List saved views
///
/// The views of a kind's list, by name: those of the account that made this token, and those that are shared.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/views/{kind}", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind"), Page),
    responses((status = OK, body = Items<View>)))]
pub(crate) async fn list(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind)): At<(i64, String)>,
    Params(page): Params<Page>,
) -> Answer<Items<View>> {
    let (who, kind, (after, limit)) = (visit.who()?, visit.kind(&kind)?, page.read()?);
    let store = visit.app.store();
    let found = store.saved_views_page(who.account, org.id, kind.name, after, limit).await?;
    Ok(Items::page(found, |view| View::new(org.id, kind, view)))
}

/// A view to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewView {
    /// Its name. A view of the same name is replaced, where it is of the same account.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// What names, logins or other searched columns begin with.
    #[serde(default)]
    q: String,
    /// The conditions, as the list takes them: `FACET=VALUE`.
    #[serde(rename = "where", default)]
    facets: Vec<String>,
    /// What it is sorted by, as the list takes it; the name where absent.
    sort: Option<String>,
    /// The columns that the page of the list shows, by name; the usual ones where absent.
    columns: Option<Vec<String>>,
    /// Whether everybody who may see the org sees it, which takes the role Admin for the org.
    #[serde(default)]
    shared: bool,
}

/// Save a view
///
/// Keeps what a list is asked for under a name, for the account that made this token.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/views/{kind}", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind")),
    request_body = NewView, responses((status = OK, body = View)))]
pub(crate) async fn save(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind)): At<(i64, String)>,
    Body(new): Body<NewView>,
) -> Answer<View> {
    let kind = visit.kind(&kind)?;
    let (sort, descending) = order(new.sort.as_deref()).map_err(Error::Unreadable)?;
    let columns =
        new.columns.map(|names| names.iter().map(|name| column(kind, name)).collect::<Result<_, _>>());
    let asked = Asked {
        text: new.q.trim().to_string(),
        facets: conditions(kind, &new.facets).map_err(Error::Unreadable)?,
        sort,
        descending,
        columns: columns.transpose()?,
        ..Asked::all(kind)
    };
    let view = keep(&visit, &org, &asked, &new.name, new.shared).await?;
    Ok(Json(View::new(org.id, kind, view)))
}

fn column(kind: &'static Kind, name: &str) -> Result<Field, Error> {
    Field::named(kind, name).ok_or_else(|| {
        let have: Vec<&str> = Field::all(kind).into_iter().map(Field::name).collect();
        Error::Unreadable(format!("columns: there is no {name} here. Expected some of {}.", have.join(", ")))
    })
}

/// Delete a view
///
/// Deletes a view of the account that made this token; with the role Admin for the org also a shared one of others.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/views/{kind}/{view}", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind"),
        ("view" = i64, Path, description = "The view's number")), responses((status = NO_CONTENT)))]
pub(crate) async fn delete(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind, view)): At<(i64, String, i64)>,
) -> Result<StatusCode, Error> {
    forget(&visit, &org, visit.kind(&kind)?, view).await?;
    Ok(StatusCode::NO_CONTENT)
}
