//! Settings › Members › one of them: role and orgs, disabling, removing.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use transom_core::{Reach, Role};
use transom_engine::Problem;
use transom_store::Account;

use super::super::page::Link;
use super::super::trouble::Told;
use super::super::{Answer, Form, Moment, Page, Section, State, go, render};
use super::grant::{self, Grant};
use super::members;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/member.html")]
struct Member {
    page: Page,
    tabs: Vec<Link>,
    here: String,
    name: String,
    login: String,
    reach: String,
    role: Role,
    state: State,
    since: Moment,
    disabled: bool,
    /// How they sign in.
    ways: String,
    mapped: bool,
    you: bool,
    grant: Grant,
    trouble: Option<Told>,
    fault: Option<String>,
}

pub(crate) async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let account = account(&visit, id).await?;
    page(&visit, &account, None, None).await
}

async fn account(visit: &Visit, id: i64) -> Result<Account, Error> {
    match visit.app.store().account(id).await {
        Err(transom_store::Error::NotFound { .. }) => Err(Error::NotFound),
        other => Ok(other?),
    }
}

async fn page(visit: &Visit, account: &Account, trouble: Option<Told>, fault: Option<String>) -> Answer {
    let orgs = visit.app.store().orgs().await?;
    let page = Page::new(visit, account.name.clone(), Section::Settings).await?;
    render(&Member {
        tabs: super::tabs(visit)?,
        here: format!("/settings/members/{}", account.id),
        name: account.name.clone(),
        login: account.login.clone(),
        reach: grant::told(&account.reach, &orgs),
        role: account.role,
        state: members::state(account),
        since: Moment::new(account.created, visit.app.now()),
        disabled: account.disabled.is_some(),
        ways: ways(account),
        mapped: account.mapped,
        you: account.id == visit.who()?.account,
        grant: Grant::new(Role::Owner, &Reach::All, &orgs, account.role, &account.reach),
        trouble,
        fault,
        page,
    })
}

fn ways(account: &Account) -> String {
    let password = account.password.as_ref().map(|_| "Password".to_string());
    let provider = account.subject.as_ref().map(|(issuer, subject)| format!("{subject} at {issuer}"));
    let all: Vec<String> = password.into_iter().chain(provider).collect();
    if all.is_empty() { "Nothing yet".to_string() } else { all.join(", ") }
}

/// What the store answered: the page again where it refuses, with its word.
async fn done(visit: &Visit, id: i64, outcome: transom_store::Result<()>, next: &str) -> Answer {
    let Err(error) = outcome else { return Ok(go(next)) };
    if !matches!(error, transom_store::Error::LastOwner { .. } | transom_store::Error::OwnerOfSome) {
        return Err(error.into());
    }
    let told = Told::from(&Problem::from(error));
    let mut response = page(visit, &account(visit, id).await?, Some(told), None).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

/// Gives another role, or other orgs.
pub(crate) async fn role(
    visit: Visit,
    Path(id): Path<i64>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let actor = &visit.who()?.actor;
    let (role, reach) = match grant::chosen(&fields, Role::Owner, &Reach::All) {
        Ok(chosen) => chosen,
        Err(fault) => {
            let mut response = page(&visit, &account(&visit, id).await?, None, Some(fault)).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let outcome = visit.app.store().set_role(id, role, &reach, actor).await;
    done(&visit, id, outcome, "/settings/members").await
}

/// Keeps the account from being used.
pub(crate) async fn disable(visit: Visit, Path(id): Path<i64>) -> Answer {
    let outcome = visit.app.store().set_disabled(id, true, &visit.who()?.actor).await;
    done(&visit, id, outcome, &format!("/settings/members/{id}")).await
}

/// Lets it be used again.
pub(crate) async fn enable(visit: Visit, Path(id): Path<i64>) -> Answer {
    let outcome = visit.app.store().set_disabled(id, false, &visit.who()?.actor).await;
    done(&visit, id, outcome, &format!("/settings/members/{id}")).await
}

/// Removes it.
pub(crate) async fn remove(visit: Visit, Path(id): Path<i64>) -> Answer {
    let outcome = visit.app.store().remove_account(id, &visit.who()?.actor).await;
    done(&visit, id, outcome, "/settings/members").await
}
