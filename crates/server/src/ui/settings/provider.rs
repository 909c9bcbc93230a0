//! Settings › Sign-in: the OpenID provider by which members sign in, what its groups are given, and whether passwords are
//! taken beside it.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use transom_core::{Reach, Role};
use transom_store::{Mapping, Provider};
use url::Url;

use super::super::page::Link;
use super::super::{Answer, Form, Page, Section, go, render};
use super::grant::{self, Grant};
use crate::{Error, Visit, oidc};

const HERE: &str = "/settings/sign-in";
/// The most characters of a field.
const LONGEST: usize = 500;
/// The most characters of the label, which stands on a button.
const LONGEST_LABEL: usize = 40;

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

/// What a group is given.
struct Row {
    group: String,
    role: &'static str,
    reach: String,
}

/// The fields as they are typed; never the secret.
#[derive(Debug, Default)]
struct Fields {
    label: String,
    issuer: String,
    client_id: String,
    scopes: String,
    groups_claim: String,
    required: bool,
}

/// What is wrong with a field, in a sentence.
#[derive(Debug, Default)]
struct Faults {
    label: Option<String>,
    issuer: Option<String>,
    client_id: Option<String>,
    secret: Option<String>,
    scopes: Option<String>,
    groups_claim: Option<String>,
    required: Option<String>,
}

impl Faults {
    fn none(&self) -> bool {
        let all = [
            &self.label,
            &self.issuer,
            &self.client_id,
            &self.secret,
            &self.scopes,
            &self.groups_claim,
            &self.required,
        ];
        all.into_iter().all(Option::is_none)
    }
}

impl From<Provider> for Fields {
    fn from(provider: Provider) -> Self {
        let Provider { label, issuer, client_id, scopes, groups_claim, required, mappings: _ } = provider;
        Self { label, issuer, client_id, scopes, groups_claim, required }
    }
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

#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    label: String,
    issuer: String,
    client_id: String,
    client_secret: SecretString,
    scopes: String,
    groups_claim: String,
    #[serde(default)]
    required: String,
}

/// Looks at the fields, asks the provider who it is, and keeps it.
pub(crate) async fn save(visit: Visit, Form(given): Form<Given>) -> Answer {
    let mut shown = page(&visit).await?;
    let secret = given.client_secret.expose_secret().trim();
    let secret = (!secret.is_empty()).then(|| SecretString::from(secret));
    shown.fields = Fields {
        label: given.label.trim().to_string(),
        issuer: given.issuer.trim().to_string(),
        client_id: given.client_id.trim().to_string(),
        scopes: given.scopes.split_whitespace().collect::<Vec<_>>().join(" "),
        groups_claim: given.groups_claim.trim().to_string(),
        required: given.required == "1",
    };
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

fn faults(fields: &Fields, secret: Option<&SecretString>) -> Faults {
    let one_word = |text: &str, example: &str| {
        let fits = !text.is_empty()
            && text.len() <= LONGEST
            && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        (!fits).then(|| format!("Expected one word of up to {LONGEST} characters, such as {example}."))
    };
    let label = fields.label.chars().count();
    let has_openid = fields.scopes.split(' ').any(|s| s == "openid");
    let fits = |secret: &&SecretString| {
        let text = secret.expose_secret();
        text.len() <= LONGEST && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    Faults {
        label: (label == 0 || label > LONGEST_LABEL)
            .then(|| format!("Expected up to {LONGEST_LABEL} characters, such as Okta. They stand on the button.")),
        client_id: one_word(&fields.client_id, "0oa1b2c3d4"),
        secret: secret.filter(|s| !fits(s)).map(|_| {
            format!("Expected one word of up to {LONGEST} characters. Copy the secret alone, as the provider shows it.")
        }),
        scopes: (!has_openid || fields.scopes.len() > LONGEST)
            .then(|| "Expected openid among words with spaces between, such as openid profile email groups.".to_string()),
        groups_claim: one_word(&fields.groups_claim, "groups"),
        ..Faults::default()
    }
}

/// The issuer as the provider that was typed writes it; a sentence where none answers.
async fn asked(visit: &Visit, typed: &str) -> Result<String, String> {
    const EXPECTED: &str =
        "Expected an address such as https://acme.okta.com or https://acme.okta.com/oauth2/default.";
    let typed = if typed.contains("://") { typed.to_string() } else { format!("https://{typed}") };
    let url = Url::parse(&typed).map_err(|_| EXPECTED.to_string())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let by_tls = url.scheme() == "https" || !visit.site().secure && oidc::on_this_machine(&url);
    if url.host_str().is_none() || !plain || !by_tls || typed.len() > LONGEST {
        return Err(EXPECTED.to_string());
    }
    let bare = typed.trim_end_matches('/').trim_end_matches("/.well-known/openid-configuration");
    match oidc::discover(&visit.app, bare, true).await {
        Ok(_) => Ok(bare.to_string()),
        // Some write themselves with a slash at the end.
        Err(refusal) if refusal.word == "issuer" => {
            let with_slash = format!("{bare}/");
            oidc::discover(&visit.app, &with_slash, true)
                .await
                .map(|_| with_slash)
                .map_err(|_| refusal.line())
        }
        Err(refusal) => Err(refusal.line()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_names_what_was_expected() {
        let fields = |label: &str, client: &str, scopes: &str, claim: &str| Fields {
            label: label.into(),
            client_id: client.into(),
            scopes: scopes.into(),
            groups_claim: claim.into(),
            ..Fields::default()
        };
        let good = fields("Okta", "0oa1", "openid email", "groups");
        assert!(faults(&good, Some(&"s3cret".into())).none() && faults(&good, None).none());
        let bad = faults(&fields("", "0oa 1", "profile", ""), Some(&"two words".into()));
        assert!(bad.label.is_some_and(|f| f.contains("such as Okta")));
        assert!(bad.client_id.is_some_and(|f| f.contains("0oa")));
        assert!(bad.scopes.is_some_and(|f| f.contains("Expected openid")));
        assert!(bad.groups_claim.is_some() && bad.secret.is_some_and(|f| !f.contains("two words")));
    }
}
