//! Settings › Members › Invite: an owner chooses role and orgs, and gets a link to hand on, once.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use secrecy::ExposeSecret;
use transom_core::{Reach, Role};

use super::super::page::Link;
use super::super::{Answer, Form, Page, Section, go, owner, render};
use super::grant::{self, Grant};
use crate::Visit;

#[derive(Template)]
#[template(path = "pages/invite.html")]
struct Invite {
    page: Page,
    tabs: Vec<Link>,
    login: String,
    grant: Grant,
    fault: Option<String>,
    login_fault: Option<String>,
    /// The link, on the one page that ever shows it.
    link: Option<String>,
}

async fn page(visit: &Visit, login: String, role: Role, reach: &Reach) -> Result<Invite, crate::Error> {
    let orgs = visit.app.store().orgs().await?;
    Ok(Invite {
        page: Page::new(visit, "Invite a member", Section::Settings).await?,
        tabs: super::tabs(visit)?,
        login,
        grant: Grant::new(Role::Owner, &Reach::All, &orgs, role, reach),
        fault: None,
        login_fault: None,
        link: None,
    })
}

pub(crate) async fn form(visit: Visit) -> Answer {
    render(&page(&visit, String::new(), Role::Viewer, &Reach::All).await?)
}

/// Makes the link and shows it.
pub(crate) async fn submit(visit: Visit, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    let login = grant::value(&fields, "login").to_string();
    let chosen = grant::chosen(&fields, Role::Owner, &Reach::All);
    let (role, reach) = chosen.clone().unwrap_or((Role::Viewer, Reach::All));
    let mut shown = page(&visit, login.clone(), role, &reach).await?;
    shown.fault = chosen.err();
    if !owner::is_address(&login) {
        shown.login_fault = Some("Expected an e-mail address, such as ada@acme.com.".to_string());
    }
    if shown.fault.is_none() && shown.login_fault.is_none() {
        if let Some(provider) = visit.app.store().provider().await?.filter(|p| p.required) {
            shown.login_fault = Some(format!(
                "Passwords are off, so a link would let nobody in. Members come by {}: give one of their groups a role \
                 under Sign-in.",
                provider.label
            ));
            let mut response = render(&shown)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
        match visit.app.store().invite(&login, role, &reach, &visit.who()?.actor).await {
            Ok(token) => {
                shown.link = Some(format!("{}/invitation/{}", visit.site().origin, token.expose_secret()));
                return render(&shown);
            }
            Err(transom_store::Error::LoginTaken { login }) => {
                shown.login_fault = Some(format!("{login} is a member already."));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut response = render(&shown)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// Takes an invitation back.
pub(crate) async fn withdraw(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.app.store().withdraw_invitation(id, &visit.who()?.actor).await?;
    Ok(go("/settings/members"))
}
