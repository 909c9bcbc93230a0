//! Settings › Integrations: what can be connected, and what is.

use askama::Template;
use serde::Deserialize;
use transom_core::{CoverageState, Role};
use transom_engine::sync::dataset_summaries;
use transom_store::{AccessRequest, Org, RequestState};

use super::page::{Link, org_path};
use super::{Answer, Form, Moment, Page, Query, Section, State, go, render, settings};
use crate::auth::access;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/integrations.html")]
struct Integrations {
    page: Page,
    tabs: Vec<Link>,
    says: String,
    connections: Vec<Row>,
    drafts: Vec<DraftRow>,
    search: String,
    categories: Vec<(&'static str, bool)>,
    found: Vec<Entry>,
    may_decide: bool,
}

/// A connected org.
struct Row {
    href: String,
    label: String,
    origin: String,
    simulator: bool,
    state: State,
    fresh: Option<Moment>,
    coverage: String,
}

/// A connection that somebody began to describe.
struct DraftRow {
    id: i64,
    title: String,
    created: Moment,
}

/// An integration of the catalogue.
struct Entry {
    name: &'static str,
    what: &'static str,
    category: &'static str,
    connect: &'static str,
    connected: usize,
    may: bool,
    by_invitation: bool,
    request: Option<AccessRequest>,
}

impl Entry {
    fn asked(&self) -> &'static str {
        match self.request.as_ref().map(|r| r.state) {
            Some(RequestState::Open) => "You asked for access; an owner decides.",
            Some(RequestState::Declined) => "An owner declined your request.",
            Some(RequestState::Revoked) => "An owner took your access back.",
            Some(RequestState::Granted) | None => "",
        }
    }

    fn is_open(&self) -> bool {
        self.request.as_ref().is_some_and(|r| r.state == RequestState::Open)
    }
}

/// What this release can connect.
const CATALOGUE: &[(&str, &str, &str, &str)] = &[(
    "Okta",
    "Users, groups, apps, factors, roles and policies, with a credential that can only read.",
    "Identity",
    "/settings/integrations/okta/connect",
)];

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
}

pub(crate) async fn show(visit: Visit, Query(search): Query<Search>) -> Answer {
    let who = visit.who()?;
    let store = visit.app.store();
    let page = Page::new(&visit, "Integrations", Section::Settings).await?;
    let orgs = visit.orgs().await?;
    let mut connections = Vec::with_capacity(orgs.len());
    for org in &orgs {
        connections.push(row(&visit, org).await?);
    }
    let may = visit.may_connect().await?;
    let drafts = if may { store.drafts().await? } else { Vec::new() };
    let now = visit.app.now();
    let by_invitation = access::by_invitation(&visit).await?;
    let request = store.access_request(access::OKTA, who.account).await?;
    let wanted = search.q.trim().to_lowercase();
    let found = CATALOGUE
        .iter()
        .filter(|(name, what, category, _)| {
            (search.category.is_empty() || search.category == *category)
                && [name, what].iter().any(|text| text.to_lowercase().contains(&wanted))
        })
        .map(|(name, what, category, connect)| Entry {
            name,
            what,
            category,
            connect,
            connected: orgs.len(),
            may,
            by_invitation,
            request: request.clone(),
        })
        .collect();
    let says = match orgs.len() {
        0 => "Nothing is connected yet.".to_string(),
        1 => "1 org is connected.".to_string(),
        n => format!("{n} orgs are connected."),
    };
    render(&Integrations {
        tabs: settings::tabs(&visit)?,
        says,
        connections,
        drafts: drafts
            .into_iter()
            .map(|d| {
                let text = |name: &str| d.fields.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                let parts: Vec<&str> =
                    [text("label"), text("domain")].into_iter().filter(|t| !t.is_empty()).collect();
                DraftRow { id: d.id, title: parts.join(" · "), created: Moment::new(d.created, now) }
            })
            .collect(),
        categories: vec![("Identity", search.category == "Identity")],
        search: search.q,
        found,
        may_decide: who.may_everywhere(Role::Owner),
        page,
    })
}

async fn row(visit: &Visit, org: &Org) -> Result<Row, Error> {
    let coverage = visit.app.engine().coverage(org.id).await?;
    let fresh = super::fresh(visit, org.id).await?;
    let all = dataset_summaries(&coverage);
    let whole = all.iter().filter(|d| d.coverage.state == CoverageState::Complete).count();
    Ok(Row {
        href: org_path(org.id, "/connection"),
        label: org.label.clone(),
        origin: org.origin.clone(),
        simulator: org.simulator,
        state: org.state.into(),
        coverage: if fresh.is_some() { format!("{whole} of {} data sets", all.len()) } else { String::new() },
        fresh,
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Note {
    #[serde(default)]
    note: String,
}

/// A member asks to be allowed to connect.
pub(crate) async fn request(visit: Visit, Form(Note { note }): Form<Note>) -> Answer {
    let note: String = note.chars().take(access::NOTE).collect();
    access::ask(&visit, &note).await?;
    Ok(go("/settings/integrations"))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Invitation {
    #[serde(default)]
    only: Option<String>,
}

/// An owner decides whether admins may connect by themselves.
pub(crate) async fn invitation(visit: Visit, Form(Invitation { only }): Form<Invitation>) -> Answer {
    access::set_by_invitation(&visit, only.is_some()).await?;
    Ok(go("/settings/integrations"))
}
