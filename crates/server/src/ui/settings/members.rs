//! Settings › Members: who may sign in, as what; whom an owner invited; who asks to connect.

use askama::Template;
use axum::extract::Path;
use transom_core::{Reach, Role};
use transom_store::{AccessRequest, Account, Org, RequestState};

use super::super::page::Link;
use super::super::{Answer, Form, Moment, Page, Section, State, go, render};
use super::grant::{self, Grant};
use crate::auth::access;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/members.html")]
struct Members {
    page: Page,
    tabs: Vec<Link>,
    says: String,
    members: Vec<Member>,
    invitations: Vec<Invited>,
    requests: Vec<Asked>,
    granted: Vec<Asked>,
    roles: [Role; 4],
}

/// Somebody with an account.
struct Member {
    id: i64,
    name: String,
    login: String,
    role: &'static str,
    reach: String,
    since: Moment,
    state: State,
    you: bool,
}

/// Somebody who has not come yet.
struct Invited {
    id: i64,
    login: String,
    role: &'static str,
    reach: String,
    expires: Moment,
}

/// Somebody who asks to connect an integration, or was granted it.
struct Asked {
    id: i64,
    name: String,
    login: String,
    role: &'static str,
    reach: String,
    note: String,
    at: Moment,
    grant: Grant,
}

/// The state of an account.
pub(super) fn state(account: &Account) -> State {
    match account.disabled {
        Some(_) => State { tone: "off", label: "Disabled" },
        None => State { tone: "ok", label: "Active" },
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let who = visit.who()?;
    let (store, now) = (visit.app.store(), visit.app.now());
    let page = Page::new(&visit, "Members", Section::Settings).await?;
    let (orgs, accounts) = (store.orgs().await?, store.accounts().await?);
    let requests = store.access_requests().await?;
    let with = |state| {
        let all = requests.iter().filter(move |r| r.state == state);
        all.filter_map(|r| asked(r, &accounts, &orgs, now)).collect::<Vec<_>>()
    };
    let invitations: Vec<Invited> = store
        .invitations()
        .await?
        .into_iter()
        .map(|i| Invited {
            id: i.id,
            login: i.login,
            role: i.role.label(),
            reach: grant::told(&i.reach, &orgs),
            expires: Moment::new(i.expires, now),
        })
        .collect();
    let open = with(RequestState::Open);
    render(&Members {
        says: says(accounts.len(), invitations.len(), open.len()),
        tabs: super::tabs(&visit)?,
        granted: with(RequestState::Granted),
        requests: open,
        invitations,
        members: accounts
            .iter()
            .map(|a| Member {
                id: a.id,
                name: a.name.clone(),
                login: a.login.clone(),
                role: a.role.label(),
                reach: grant::told(&a.reach, &orgs),
                since: Moment::new(a.created, now),
                state: state(a),
                you: a.id == who.account,
            })
            .collect(),
        roles: Role::ALL,
        page,
    })
}

fn says(members: usize, invited: usize, asking: usize) -> String {
    let mut text = if members == 1 { "1 member".to_string() } else { format!("{members} members") };
    if invited > 0 {
        text.push_str(&format!(", {invited} invited"));
    }
    match asking {
        0 => text.push('.'),
        1 => text.push_str(". 1 asks for access."),
        n => text.push_str(&format!(". {n} ask for access.")),
    }
    text
}

fn asked(request: &AccessRequest, accounts: &[Account], orgs: &[Org], now: i64) -> Option<Asked> {
    let account = accounts.iter().find(|a| a.id == request.account)?;
    Some(Asked {
        id: request.id,
        name: account.name.clone(),
        login: account.login.clone(),
        role: account.role.label(),
        reach: grant::told(&account.reach, orgs),
        note: request.note.clone(),
        at: Moment::new(request.decided_at.unwrap_or(request.created), now),
        grant: Grant::new(Role::Owner, &Reach::All, orgs, account.role, &account.reach),
    })
}

/// Grants a request, with the role and the orgs that the member then has.
pub(crate) async fn grant(
    visit: Visit,
    Path(id): Path<i64>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let chosen = grant::chosen(&fields, Role::Owner, &Reach::All).map_err(Error::Unreadable)?;
    access::grant(&visit, id, Some(chosen)).await?;
    Ok(go("/settings/members"))
}

/// Declines a request.
pub(crate) async fn decline(visit: Visit, Path(id): Path<i64>) -> Answer {
    decide(&visit, id, RequestState::Declined).await
}

/// Takes back what was granted.
pub(crate) async fn revoke(visit: Visit, Path(id): Path<i64>) -> Answer {
    decide(&visit, id, RequestState::Revoked).await
}

async fn decide(visit: &Visit, id: i64, state: RequestState) -> Answer {
    access::decide(visit, id, state).await?;
    Ok(go("/settings/members"))
}
