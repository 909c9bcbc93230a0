//! Connect Okta: the guide, the form, and the verification, on one page.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use transom_engine::connection::Connect as Given;

use super::credential::{Choice, Typed};
use super::guide::Guide;
use super::help::{Ask, GUIDE};
use super::page::org_path;
use super::verification::View;
use super::{Answer, Form, Page, Query, Section, go, render};
use crate::job::Phase;
use crate::{Error, Visit};

pub(super) const HERE: &str = "/settings/integrations/okta/connect";

#[derive(Template)]
#[template(path = "pages/connect.html")]
struct Connect {
    page: Page,
    guide: Guide,
    domain: String,
    label: String,
    credential: Choice,
    view: Option<View>,
    saves: bool,
    ask: Ask,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    job: Option<String>,
    draft: Option<i64>,
}

/// The page; with `job`, as far as that verification is.
pub(crate) async fn show(visit: Visit, Query(which): Query<Which>) -> Answer {
    let who = visit.who()?;
    let mut page = Page::new(&visit, "Connect Okta", Section::Settings).await?;
    let ask = Ask::about(&visit, GUIDE).await?;
    if let Some(id) = which.job {
        let Some(job) = visit.app.jobs.verifying(&id, who.account) else {
            // Older than a quarter of an hour: the key it held is forgotten.
            return Ok(go(HERE));
        };
        let (found, phase) = job.seen();
        if matches!(phase, Phase::Running) {
            page.refresh = Some(2);
        }
        let saves = matches!(phase, Phase::Verified(_));
        // While it runs as well: what stands beside a field is not loaded again at its end.
        let holds = !matches!(phase, Phase::Failed(_));
        let credential = Choice::of(job.client_id.as_deref()).verified(holds);
        let by_app = credential.by_app;
        return render(&Connect {
            guide: Guide::of(&found, &phase, by_app),
            domain: job.domain.clone(),
            label: job.label.clone(),
            credential,
            view: Some(View { save: saves.then_some(id), ..View::of(&found, &phase, by_app) }),
            saves,
            page,
            ask,
        });
    }
    let draft = match which.draft {
        Some(id) => visit.app.store().draft(id).await?.map(|d| d.fields).unwrap_or_default(),
        None => json!({}),
    };
    let text = |name: &str| draft.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_string();
    let (domain, label) = (text("domain"), text("label"));
    let client_id = draft.get("client_id").and_then(|v| v.as_str());
    let (guide, credential) = (Guide::unseen(), Choice::of(client_id));
    render(&Connect { page, guide, domain, label, credential, view: None, saves: false, ask })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Fields {
    domain: String,
    label: String,
    #[serde(flatten)]
    credential: Typed,
    #[serde(default)]
    draft: Option<String>,
}

/// Begins to verify, or keeps a draft: without token and private key, which are kept only once they are verified.
pub(crate) async fn submit(visit: Visit, Form(given): Form<Fields>) -> Answer {
    let who = visit.who()?;
    let (domain, label) = (given.domain.trim().to_string(), given.label.trim().to_string());
    if given.draft.is_some() {
        let choice = given.credential.choice();
        let client_id = choice.by_app.then_some(choice.client_id);
        let fields =
            json!({ "domain": shortened(&domain), "label": shortened(&label), "client_id": client_id });
        visit.app.store().save_draft("okta", who.account, &fields, &who.actor).await?;
        return Ok(go("/settings/integrations"));
    }
    let credential = match given.credential.read() {
        Ok(credential) => credential,
        Err(credential) => {
            let page = Page::new(&visit, "Connect Okta", Section::Settings).await?;
            let (guide, ask) = (Guide::unseen(), Ask::about(&visit, GUIDE).await?);
            let form = Connect { page, guide, domain, label, credential, view: None, saves: false, ask };
            let mut response = render(&form)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let label = (!label.is_empty()).then_some(label);
    let given = Given { domain, okta_host: None, label, credential };
    let job = visit.app.jobs.verify(visit.app.engine_as(&who.actor), given, who.account)?;
    Ok(go(&format!("{HERE}?job={}#verification", job.id)))
}

/// What stands in the form when what was verified is saved.
#[derive(Debug, Deserialize)]
pub(crate) struct Whole {
    domain: Option<String>,
    label: Option<String>,
    #[serde(flatten)]
    credential: Typed,
}

/// Saves what was verified, and reads the org for the first time.
pub(crate) async fn save(visit: Visit, Path(id): Path<String>, Form(typed): Form<Whole>) -> Answer {
    let who = visit.who()?;
    let job = visit.app.jobs.verifying(&id, who.account).ok_or(Error::NotFound)?;
    // What was verified is saved; with another domain or credential it has to be verified first.
    let Whole { domain, label, credential } = typed;
    if domain.as_ref().is_some_and(|d| d.trim() != job.domain)
        || !credential.repeats(job.client_id.as_deref())
    {
        let domain = domain.unwrap_or_else(|| job.domain.clone());
        let given = Fields { domain, label: label.unwrap_or_default(), credential, draft: None };
        return submit(visit, Form(given)).await;
    }
    let Some(mut checked) = job.take() else { return Ok(go(HERE)) };
    if let Some(label) = label {
        checked.call(&label);
    }
    let engine = visit.app.engine_as(&who.actor);
    let connected = match engine.keep(&checked).await {
        Ok(connected) => connected,
        Err(problem) => {
            // Such as a label that is taken: it can be saved by another.
            job.hold(checked);
            return Err(problem.into());
        }
    };
    visit.app.jobs.forget(&id);
    let path = org_path(connected.org.id, "/connection");
    visit.app.jobs.begin_reading(&visit.app, &engine, who, connected.org).await?;
    Ok(go(&path))
}

/// Throws a draft away.
pub(crate) async fn delete_draft(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.app.store().delete_draft(id, &visit.who()?.actor).await?;
    Ok(go("/settings/integrations"))
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}
