//! Settings › Sign-in: the OpenID provider by which members sign in, what its groups are given, and whether passwords are
//! taken beside it.

use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;
use transom_core::{Reach, Role};
use transom_store::{Mapping, Provider};

use super::super::page::Link;
use super::super::{Answer, Form, Page, Query, Section, go, render};
use super::grant::{self, Grant};
use super::provider_fields::{Faults, Fields, Given, LONGEST, asked, faults};
use crate::{Error, Visit, oidc};

const HERE: &str = "/settings/sign-in";
#[derive(Template)]
#[template(path = "pages/provider.html")]
struct SignIn {
    page: Page,
    tabs: Vec<Link>,
    says: String,
    redirect: String,
    fields: Fields,
    faults: Faults,
    /// Whether there is a provider: then its secret need not be entered again.
    set: bool,
    saved: Option<&'static str>,
    groups: Vec<Row>,
    /// A form that was sent and can't be, for a group.
    group: String,
    group_fault: Option<String>,
    grant: Grant,
    /// Whether the visitor's own account is linked at this provider.
    linked: bool,
}

impl SignIn {
    fn issuer_hint(&self) -> String {
        let hint = "Okta itself, https://acme.okta.com, one of its authorization servers, \
                    https://acme.okta.com/oauth2/default, or any other OpenID provider. It is asked when you save.";
        let more = match self.groups.is_empty() {
            true => "",
            false => " Another issuer takes back what the groups below are given: its groups are others.",
        };
        format!("{hint}{more}")
    }
}

/// What a group is given.
struct Row {
    group: String,
    role: &'static str,
    reach: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Saved {
    saved: String,
}

pub(crate) async fn show(visit: Visit, Query(Saved { saved }): Query<Saved>) -> Answer {
    let mut shown = page(&visit).await?;
    shown.saved = match saved.as_str() {
        "provider" => Some("The provider is saved. Test it before others use it."),
        "removed" => Some("The provider is removed. Members sign in by password."),
        _ => None,
    };
    render(&shown)
}

async fn page(visit: &Visit) -> Result<SignIn, Error> {
    let store = visit.app.store();
    let (provider, orgs) = (store.provider().await?, store.orgs().await?);
    let own = store.account(visit.who()?.account).await?;
    let linked = provider.as_ref().is_some_and(|p| own.subject.is_some_and(|(issuer, _)| issuer == p.issuer));
    let says = match &provider {
        None => {
            "Members sign in by password. A provider such as Okta can do that in place of it.".to_string()
        }
        Some(p) if p.required => format!("Members sign in with {}. Passwords are off.", p.label),
        Some(p) => format!("Members sign in with {}, or by password.", p.label),
    };
    let row = |m: &Mapping| Row {
        group: m.group.clone(),
        role: m.role.label(),
        reach: grant::told(&m.reach, &orgs),
    };
    Ok(SignIn {
        page: Page::new(visit, "Sign-in", Section::Settings).await?,
        tabs: super::tabs(visit)?,
        says,
        redirect: oidc::redirect_uri(visit.site()),
        set: provider.is_some(),
        groups: provider.iter().flat_map(|p| &p.mappings).map(row).collect(),
        fields: provider.map_or_else(
            || Fields {
                label: "Okta".to_string(),
                scopes: "openid profile email groups".to_string(),
                groups_claim: "groups".to_string(),
                ..Fields::default()
            },
            Fields::from,
        ),
        faults: Faults::default(),
        saved: None,
        group: String::new(),
        group_fault: None,
        grant: Grant::new(Role::Owner, &Reach::All, &orgs, Role::Viewer, &Reach::All),
        linked,
    })
}

/// The page again, because of what is wrong.
fn wrong(shown: &SignIn) -> Answer {
    let mut response = render(shown)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// Looks at the fields, asks the provider who it is, and keeps it.
pub(crate) async fn save(visit: Visit, Form(given): Form<Given>) -> Answer {
    let mut shown = page(&visit).await?;
    let secret = given.secret();
    shown.fields = Fields::from(&given);
    shown.faults = faults(&shown.fields, secret.as_ref());
    if shown.faults.issuer.is_none() {
        match asked(&visit, &shown.fields.issuer).await {
            Ok(issuer) => shown.fields.issuer = issuer,
            Err(fault) => shown.faults.issuer = Some(fault),
        }
    }
    if shown.faults.issuer.is_none()
        && shown.fields.required
        && !an_owner_is_linked(&visit, &shown.fields.issuer).await?
    {
        shown.faults.required = Some(
            "No owner is linked to this provider yet, so nobody who decides could come in. Save without this, link your \
             account under Your account, then tick it."
                .to_string(),
        );
    }
    if !shown.faults.none() {
        return wrong(&shown);
    }
    let fields = &shown.fields;
    let provider = Provider {
        label: fields.label.clone(),
        issuer: fields.issuer.clone(),
        client_id: fields.client_id.clone(),
        scopes: fields.scopes.clone(),
        groups_claim: fields.groups_claim.clone(),
        required: fields.required,
        mappings: Vec::new(),
    };
    match visit.app.store().set_provider(&provider, secret.as_ref(), &visit.who()?.actor).await {
        Ok(()) => Ok(go(&format!("{HERE}?saved=provider"))),
        Err(error @ transom_store::Error::SecretMissing) => {
            shown.faults.secret = Some(error.to_string());
            wrong(&shown)
        }
        Err(error) => Err(error.into()),
    }
}

async fn an_owner_is_linked(visit: &Visit, issuer: &str) -> Result<bool, Error> {
    let accounts = visit.app.store().accounts().await?;
    Ok(accounts.iter().any(|a| {
        a.role == Role::Owner && a.disabled.is_none() && a.subject.as_ref().is_some_and(|(i, _)| i == issuer)
    }))
}

/// Gives a group a role.
pub(crate) async fn map(visit: Visit, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    let mut shown = page(&visit).await?;
    if !shown.set {
        return Err(Error::NotFound);
    }
    let group = grant::value(&fields, "group").to_string();
    let chosen = match grant::chosen(&fields, Role::Owner, &Reach::All) {
        _ if group.is_empty() || group.len() > LONGEST => {
            Err("Group: expected its name as the provider writes it, to the letter.".to_string())
        }
        chosen => chosen,
    };
    let (role, reach) = match chosen {
        Ok(chosen) => chosen,
        Err(fault) => {
            (shown.group, shown.group_fault) = (group, Some(fault));
            return wrong(&shown);
        }
    };
    visit.app.store().map_group(&Mapping { group, role, reach }, &visit.who()?.actor).await?;
    Ok(go(&format!("{HERE}#groups")))
}

/// Takes a group's role back.
pub(crate) async fn unmap(visit: Visit, Form(fields): Form<Vec<(String, String)>>) -> Answer {
    visit.app.store().unmap_group(grant::value(&fields, "group"), &visit.who()?.actor).await?;
    Ok(go(&format!("{HERE}#groups")))
}

/// Removes the provider: passwords are taken again.
pub(crate) async fn remove(visit: Visit) -> Answer {
    visit.app.store().remove_provider(&visit.who()?.actor).await?;
    Ok(go(&format!("{HERE}?saved=removed")))
}
