//! Settings › API tokens: for programs. Each can do no more than who made it; its secret is shown once.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use secrecy::ExposeSecret;
use transom_core::{Reach, Role};
use transom_store::{ApiToken, NewApiToken};

use super::super::page::Link;
use super::super::{Answer, Form, Moment, Page, Section, State, go, render};
use super::grant::{self, Grant};
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/api_tokens.html")]
struct Tokens {
    page: Page,
    tabs: Vec<Link>,
    says: String,
    rows: Vec<Row>,
    everybodys: bool,
    grant: Grant,
    name: String,
    days: Vec<(u16, bool)>,
    fault: Option<String>,
    name_fault: Option<String>,
    /// A new token's name and its secret, on the one page that ever shows it.
    made: Option<(String, String)>,
}

struct Row {
    id: i64,
    name: String,
    role: &'static str,
    reach: String,
    maker: String,
    used: Option<Moment>,
    expires: Moment,
    state: State,
    live: bool,
}

/// For how many days a token can be made.
const DAYS: [u16; 4] = [7, 30, 90, 365];
/// The usual one of them.
const USUAL: u16 = 90;
/// A day in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1_000;
/// The most characters of a name.
pub(crate) const LONGEST: usize = 80;

async fn page(visit: &Visit, role: Role, reach: &Reach) -> Result<Tokens, Error> {
    let who = visit.who()?;
    let (store, now) = (visit.app.store(), visit.app.now());
    let orgs = visit.orgs().await?;
    let accounts = store.accounts().await?;
    let everybodys = who.may_everywhere(Role::Owner);
    let tokens = store.api_tokens().await?;
    let rows: Vec<Row> = tokens
        .into_iter()
        .filter(|t| everybodys || t.account == who.account)
        .map(|t| {
            let state = state(&t, now);
            Row {
                id: t.id,
                role: t.role.label(),
                reach: grant::told(&t.reach, &orgs),
                maker: accounts.iter().find(|a| a.id == t.account).map_or(String::new(), |a| a.login.clone()),
                used: t.used.map(|at| Moment::new(at, now)),
                expires: Moment::new(t.expires, now),
                live: state.tone == "ok",
                state,
                name: t.name,
            }
        })
        .collect();
    let live = rows.iter().filter(|r| r.live).count();
    Ok(Tokens {
        says: match live {
            0 => "No program has access.".to_string(),
            1 => "1 token can be used.".to_string(),
            n => format!("{n} tokens can be used."),
        },
        page: Page::new(visit, "API tokens", Section::Settings).await?,
        tabs: super::tabs(visit)?,
        rows,
        everybodys,
        grant: Grant::new(who.role, &who.reach, &orgs, role, reach),
        name: String::new(),
        days: DAYS.map(|d| (d, d == USUAL)).into(),
        fault: None,
        name_fault: None,
        made: None,
    })
}

fn state(token: &ApiToken, now: i64) -> State {
    match token.revoked {
        Some(_) => State { tone: "off", label: "Revoked" },
        None if token.expires <= now => State { tone: "off", label: "Expired" },
        None => State { tone: "ok", label: "Active" },
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let reach = visit.who()?.reach.clone();
    render(&page(&visit, Role::Viewer, &reach).await?)
}

/// Makes a token and shows its secret.
pub(crate) async fn create(visit: Visit, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    let who = visit.who()?;
    let name = grant::value(&fields, "name").to_string();
    let chosen = grant::chosen(&fields, who.role, &who.reach);
    let days = grant::value(&fields, "days").parse().ok().filter(|d| DAYS.contains(d));
    let name_fault = match name.chars().count() {
        0 => Some("Say what it is for.".to_string()),
        n if n > LONGEST => Some(format!("Use at most {LONGEST} characters.")),
        _ => None,
    };
    let (fault, made) = match (chosen, days, name_fault.is_none()) {
        (Err(fault), _, _) => (Some(fault), None),
        (_, None, _) => (Some("Choose for how long.".to_string()), None),
        (Ok(_), _, false) => (None, None),
        (Ok((role, reach)), Some(days), true) => {
            let expires = visit.app.now() + i64::from(days) * DAY;
            let new = NewApiToken { name: name.clone(), role, reach, expires };
            let (token, secret) = visit.app.store().create_api_token(new, who.account, &who.actor).await?;
            (None, Some((token.name, secret.expose_secret().to_string())))
        }
    };
    let mut shown = page(&visit, Role::Viewer, &who.reach).await?;
    if made.is_some() {
        shown.made = made;
        return render(&shown);
    }
    (shown.fault, shown.name_fault, shown.name) = (fault, name_fault, name);
    let mut response = render(&shown)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// Revokes a token: one's own, or any as an owner. Another's looks like none.
pub(crate) async fn revoke(visit: Visit, Path(id): Path<i64>) -> Answer {
    let who = visit.who()?;
    let store = visit.app.store();
    let token = store.api_tokens().await?.into_iter().find(|t| t.id == id && t.revoked.is_none());
    if !token.is_some_and(|t| t.account == who.account || who.may_everywhere(Role::Owner)) {
        return Err(Error::NotFound);
    }
    store.revoke_api_token(id, &who.actor).await?;
    Ok(go("/settings/api-tokens"))
}
