//! What a set-up made in an org, to be verified or taken down.

use askama::Template;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use transom_core::{ConnectionState, OrgId};
use transom_engine::Problem;
use transom_engine::connection::{by_app, find};
use transom_engine::setup::{Record, Thing};
use transom_store::Org;

use super::{HERE, Which, one_time, some, watch};
use crate::Visit;
use crate::job::Chosen;
use crate::ui::trouble::Told;
use crate::ui::{Answer, Form, Page, Query, Section, go, render};

#[derive(Template)]
#[template(path = "pages/setup_made.html")]
struct MadePage {
    page: Page,
    domain: String,
    trouble: Option<Told>,
    /// What is typed to confirm.
    host: String,
    made: Vec<(&'static str, String, String)>,
    empty: bool,
    connection: Option<String>,
    /// The number of the connection that its service app would read for.
    over: Option<i64>,
    /// What becomes of the credential that this connection has by now.
    old: Option<&'static str>,
    /// Whether the connection reads by what would be removed.
    uses: bool,
    /// Whether the key of its service app is here, and no connection reads by it.
    has_key: bool,
    keep: bool,
    faults: Faults,
}

#[derive(Debug, Default)]
struct Faults {
    token: Option<String>,
    confirm: Option<String>,
}

/// What is known of the set-up of an org.
struct Known {
    host: String,
    record: Record,
    has_key: bool,
    org: Option<Org>,
}

/// The domain in a query.
pub(super) fn domain(typed: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("domain", typed).finish()
}

/// Where what was made is looked at.
pub(super) fn path(typed: &str) -> String {
    format!("{HERE}/made?{}", domain(typed))
}

async fn known(visit: &Visit, domain: &str) -> Result<Known, Problem> {
    let engine = &visit.app.engine;
    let found = find(domain, None, &engine.http, engine.allow_loopback, &|_| ()).await?;
    let origin = found.origin.to_string();
    let record = engine.setup_record(&found.org_id).await?;
    Ok(Known {
        has_key: engine.has_setup_key(&found.org_id, &record).await?,
        record,
        org: engine.connection_of(&found.org_id, &origin).await?,
        host: origin.split_once("://").map_or(origin.clone(), |(_, host)| host.to_string()),
    })
}

async fn page(
    visit: &Visit,
    domain: String,
    known: Result<Known, Problem>,
    keep: bool,
    faults: Faults,
) -> Answer {
    let page = Page::new(visit, "What was set up", Section::Settings).await?;
    let nothing = || Known { host: String::new(), record: Record::default(), has_key: false, org: None };
    let (known, trouble) = match known {
        Ok(known) => (known, None),
        Err(problem) => (nothing(), Some(watch::told(&problem))),
    };
    let record = &known.record;
    let reader = record.made(Thing::User).or(record.made(Thing::App)).map(|m| m.id.as_str());
    let uses = known.org.as_ref().is_some_and(|org| {
        let at = |path: &str| org.settings.pointer(path).and_then(|v| v.as_str());
        reader.is_some()
            && [at("/verification/owner/id"), at("/verification/app/client_id")].contains(&reader)
    });
    let connected = known.org.as_ref().filter(|o| o.state != ConnectionState::NotConnected);
    render(&MadePage {
        page,
        domain,
        trouble,
        made: record
            .made
            .iter()
            .map(|(thing, made)| (thing.title(), record.name_of(*thing).unwrap_or_default(), made.id.clone()))
            .collect(),
        empty: record.is_empty(),
        connection: connected.map(|org| org.label.clone()),
        old: connected.map(|org| watch::old(by_app(org))),
        over: known.org.as_ref().map(|org| org.id.0),
        host: known.host,
        uses,
        has_key: known.has_key,
        keep,
        faults,
    })
}

/// What is recorded. The org is asked who it is, nothing else.
pub(crate) async fn show(visit: Visit, Query(which): Query<Which>) -> Answer {
    let domain = which.domain.trim().to_string();
    if domain.is_empty() {
        return Ok(go(HERE));
    }
    let known = known(&visit, &domain).await;
    page(&visit, domain, known, false, Faults::default()).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    domain: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct As {
    domain: String,
    #[serde(default)]
    label: String,
    /// The connection that the page named; none where it named none.
    over: Option<i64>,
    /// Where less is to be read: what its page's address calls the set-up whose page showed what is lost.
    #[serde(default)]
    accept: Option<String>,
}

/// Connects by its service app. Where that reads less, consent is to what a page showed.
pub(crate) async fn connect(visit: Visit, Form(given): Form<As>) -> Answer {
    let who = visit.who()?;
    let domain = given.domain.trim().to_string();
    let over = given.over.map(OrgId);
    let label = some(&given.label);
    let agreed = given.accept.map_or_else(|| Ok(Box::default()), |id| watch::shown(&visit, &id))?;
    let chosen = Chosen { domain, label, over, agreed, ..Chosen::default() };
    let engine = visit.app.engine_as(&who.actor);
    let job = visit.app.jobs.connect_setup(&visit.app, engine, chosen, who.clone())?;
    Ok(go(&watch::path(&job.id)))
}

/// Verifies it by its connection.
pub(crate) async fn verify(visit: Visit, Form(of): Form<Of>) -> Answer {
    let who = visit.who()?;
    let chosen = Chosen { domain: of.domain.trim().to_string(), ..Chosen::default() };
    let engine = visit.app.engine_as(&who.actor);
    let job = visit.app.jobs.prove(engine, chosen, who.account)?;
    Ok(go(&watch::path(&job.id)))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    domain: String,
    confirm: String,
    token: SecretString,
    #[serde(default)]
    keep: Option<String>,
}

/// Takes it down.
pub(crate) async fn teardown(visit: Visit, Form(given): Form<Decision>) -> Answer {
    let who = visit.who()?;
    let domain = given.domain.trim().to_string();
    let (token, keep) = (one_time(&given.token), given.keep.is_some());
    let known = known(&visit, &domain).await;
    let right = known.as_ref().is_ok_and(|k| k.host == given.confirm.trim());
    let token = match token {
        Ok(token) if right => token,
        token => {
            let faults = Faults {
                token: token.err().map(str::to_string),
                confirm: (!right)
                    .then(|| "This is not the address of the org. Nothing was done.".to_string()),
            };
            let mut response = page(&visit, domain, known, keep, faults).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let chosen = Chosen { domain, keep_token: keep, ..Chosen::default() };
    let engine = visit.app.engine_as(&who.actor);
    let job = visit.app.jobs.take_down(&visit.app, engine, chosen, token, who.account)?;
    Ok(go(&watch::path(&job.id)))
}
