//! Signing in by the provider: on the way there, and what becomes of whoever comes back.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use transom_core::Role;
use transom_store::{Admission, Attempt, Person, Provider, Purpose};

use super::page::Link;
use super::settings::{self, grant};
use super::sign_in::{begin_as, local};
use super::{Answer, Form, Page, Query, Section, go, render};
use crate::oidc::{self, Arrival, Refusal, Returned};
use crate::{Error, Visit};

/// The page that leads on to the provider. A form must not be answered with a redirect to a stranger: browsers refuse
/// that by our own policy (`form-action 'self'`), which stays as strict as it is.
#[derive(Template)]
#[template(path = "pages/leaving.html")]
struct Leaving {
    page: Page,
    label: String,
    to: String,
}

#[derive(Template)]
#[template(path = "pages/provider_test.html")]
struct Tested {
    page: Page,
    tabs: Vec<Link>,
    label: String,
    claim: String,
    person: Person,
    groups: Option<Vec<String>>,
    /// Role and orgs by the groups.
    granted: Option<(&'static str, String)>,
    /// Whom this identity is linked to.
    linked: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// Leaves to sign in.
pub(crate) async fn leave(visit: Visit, Form(Next { next }): Form<Next>) -> Answer {
    let attempt = visit.app.store().count_departure(&visit.address.to_string()).await?;
    if let Attempt::Refused { until } = attempt {
        return Err(Error::TooMany((until - visit.app.now()).max(0).unsigned_abs() / 1_000));
    }
    on_the_way(&visit, Purpose::SignIn, local(&next)).await
}

/// Leaves to see whether what an owner set works.
pub(crate) async fn test(visit: Visit) -> Answer {
    on_the_way(&visit, Purpose::Test, "/settings/sign-in").await
}

/// The page that leads on to the provider, and what for.
pub(super) async fn on_the_way(visit: &Visit, purpose: Purpose, next: &str) -> Answer {
    let (label, to) = oidc::set_out(visit, purpose, next).await?;
    let page = Page::outside(visit, format!("On to {label}"));
    render(&Leaving { page, label, to: to.into() })
}

/// Comes back.
pub(crate) async fn arrive(visit: Visit, Query(returned): Query<Returned>) -> Answer {
    let arrival = oidc::arrive(&visit, returned).await?;
    match arrival.purpose {
        Purpose::SignIn => sign_in(&visit, &arrival).await,
        Purpose::Link => {
            let (who, person) = (visit.who()?, &arrival.person);
            visit.app.store().link_identity(who.account, &person.issuer, &person.subject, &who.actor).await?;
            Ok(go(&arrival.next))
        }
        Purpose::Test => tested(&visit, arrival).await,
    }
}

async fn sign_in(visit: &Visit, Arrival { provider, person, next, .. }: &Arrival) -> Answer {
    let refusal = match visit.app.store().admit(person).await {
        Ok(Admission::Member(account)) => {
            return begin_as(visit, &account, &format!("oidc:{}", account.login), next).await;
        }
        Ok(Admission::Disabled) => Refusal::new(
            "disabled",
            "Your account is disabled.",
            format!("{} knows you, and an owner has disabled your account here.", provider.label),
            "Ask an owner.",
        ),
        Ok(Admission::Stranger) => stranger(provider, person),
        Ok(Admission::NoLonger) => Refusal::new(
            "no_group",
            "You are no longer let in.",
            format!(
                "Your account here came of a group at {}, and none of your groups is given a role now.",
                provider.label
            ),
            "Ask an owner which group is let in, and whoever looks after it there to add you.",
        ),
        Err(transom_store::Error::LoginTaken { login }) => Refusal::new(
            "login_taken",
            "There is another account with your e-mail address.",
            format!(
                "{login} is a member who is not linked to you at {}. An e-mail address alone lets nobody in.",
                provider.label
            ),
            link_first(provider, "If that account is yours"),
        ),
        Err(error) => return Err(error.into()),
    };
    Err(oidc::refuse(visit, Some(person), refusal).await)
}

fn stranger(provider: &Provider, person: &Person) -> Refusal {
    Refusal::new(
        "stranger",
        "You are not a member here.",
        format!(
            "{} knows you as {}, and here no account is linked to that, nor is any of your groups given a role.",
            provider.label, person.login
        ),
        link_first(provider, "If you have an account here"),
    )
}

/// The way of a member who is not linked yet: there is one while passwords are on.
fn link_first(provider: &Provider, whose: &str) -> String {
    if provider.required {
        return "Ask an owner.".to_string();
    }
    format!("{whose}, sign in with its password and link it under Your account. Otherwise ask an owner.")
}

async fn tested(visit: &Visit, arrival: Arrival) -> Result<Response, Error> {
    // It tells of accounts; somebody may have ceased to be an owner on the way.
    if !visit.who()?.may_everywhere(Role::Owner) {
        return Err(Error::Forbidden(Role::Owner));
    }
    let store = visit.app.store();
    let person = arrival.person;
    let accounts = store.accounts().await?;
    let same = |subject: &(String, String)| subject.0 == person.issuer && subject.1 == person.subject;
    let linked = accounts.into_iter().find(|a| a.subject.as_ref().is_some_and(same)).map(|a| a.login);
    let orgs = store.orgs().await?;
    let granted = person.granted.as_ref().map(|(role, reach)| (role.label(), grant::told(reach, &orgs)));
    let mut tabs = settings::tabs(visit)?;
    for tab in &mut tabs {
        tab.current = tab.href == "/settings/sign-in";
    }
    render(&Tested {
        page: Page::new(visit, "The test went well", Section::Settings).await?,
        tabs,
        label: arrival.provider.label,
        claim: arrival.provider.groups_claim,
        groups: arrival.groups,
        person,
        granted,
        linked,
    })
}
