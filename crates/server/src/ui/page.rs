//! What every page has around its content.

use transom_core::{ConnectionState, EntityId, Kind, OrgId};
use transom_store::Org;

use super::{Moment, State, help, owner};
use crate::{Error, Visit, Who, assets};

/// The part of the app that a page belongs to, as the rail shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// What the org looks like.
    Overview,
    /// What is in it.
    Inventory,
    /// Integrations, members, sign-in, …
    Settings,
    /// The book.
    Help,
    /// A page outside of all.
    Elsewhere,
}

/// A link of the rail.
#[derive(Debug)]
pub(crate) struct Link {
    pub title: &'static str,
    pub href: String,
    pub current: bool,
}

/// The org a page is about.
#[derive(Debug)]
pub(crate) struct OrgOfPage {
    pub id: OrgId,
    pub label: String,
    pub state: State,
    /// When something of it was last read.
    pub fresh: Option<Moment>,
    /// What is wrong with the connection: shown on every page of the org.
    pub trouble: Option<Trouble>,
}

/// Something wrong with a connection.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub tone: &'static str,
    pub what: String,
    pub why: String,
}

/// An org in the switcher.
#[derive(Debug)]
pub(crate) struct OrgLink {
    pub href: String,
    pub label: String,
    pub state: State,
    pub current: bool,
}

/// Whom people ask, as an owner set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Support {
    pub href: String,
    pub text: String,
}

/// The setting that holds it: an e-mail address or a link.
pub(crate) const SUPPORT: &str = "support.address";

impl Support {
    /// What was typed as an e-mail address, or as a link by TLS; `None` for anything else.
    pub fn read(typed: &str) -> Option<Self> {
        if owner::is_address(typed) {
            return Some(Self { href: format!("mailto:{typed}"), text: typed.to_string() });
        }
        let url = url::Url::parse(typed).ok().filter(|url| url.scheme() == "https")?;
        let host = url.host_str()?.to_string();
        Some(Self { href: url.into(), text: host })
    }
}

/// Orgs that the switcher shows; Integrations has all.
const SWITCHER: usize = 30;

/// What the layout needs: every page's template has one called `page`.
#[derive(Debug)]
pub(crate) struct Page {
    pub title: String,
    pub csrf: String,
    pub path: String,
    pub theme: Option<&'static str>,
    pub who: Option<Who>,
    pub org: Option<OrgOfPage>,
    /// The org that the rail leads to: the page's own, or the first.
    pub at: Option<(String, bool)>,
    pub orgs: Vec<OrgLink>,
    pub links: Vec<Link>,
    pub support: Option<Support>,
    /// Seconds after which a browser without script loads the page again; set while something goes on. By its own
    /// address without the fragment: to one with a fragment a browser would only scroll.
    pub refresh: Option<u32>,
}

impl Page {
    /// The layout of a page of the installation.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn new(visit: &Visit, title: impl Into<String>, section: Section) -> Result<Self, Error> {
        let orgs = visit.orgs().await?;
        let first = orgs.first().cloned();
        // Without an org of its own a page keeps the way back to the first.
        let mut page = Self::of(visit, title, section, &orgs, None, first.as_ref());
        page.org = None;
        page.support = support(visit).await?;
        Ok(page)
    }

    /// The layout of a page about `org`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn of_org(
        visit: &Visit,
        org: &Org,
        title: impl Into<String>,
        section: Section,
    ) -> Result<Self, Error> {
        let orgs = visit.orgs().await?;
        let fresh = super::fresh(visit, org.id).await?;
        let mut page = Self::of(visit, title, section, &orgs, fresh, Some(org));
        page.support = support(visit).await?;
        Ok(page)
    }

    /// The layout of a page for somebody who is not signed in, or of which nothing is known.
    pub fn outside(visit: &Visit, title: impl Into<String>) -> Self {
        let mut page = Self::of(visit, title, Section::Elsewhere, &[], None, None);
        page.who = None;
        page
    }

    /// The layout of a page of which the visitor is known and nothing else.
    pub fn bare(visit: &Visit, title: impl Into<String>, section: Section) -> Self {
        Self::of(visit, title, section, &[], None, None)
    }

    fn of(
        visit: &Visit,
        title: impl Into<String>,
        section: Section,
        orgs: &[Org],
        fresh: Option<Moment>,
        org: Option<&Org>,
    ) -> Self {
        let link = |title, of, href: String| Link { title, current: section == of, href };
        let mut links = Vec::new();
        if let Some(org) = org {
            links.push(link("Overview", Section::Overview, org_path(org.id, "")));
            links.push(link("Inventory", Section::Inventory, org_path(org.id, "/inventory")));
        }
        links.push(link("Settings", Section::Settings, "/settings/integrations".to_string()));
        links.push(link("Help", Section::Help, help::matter::of(&visit.path)));
        Self {
            title: title.into(),
            csrf: visit.csrf(),
            path: visit.path.clone(),
            theme: visit.theme,
            who: visit.who.clone(),
            orgs: orgs
                .iter()
                .take(SWITCHER)
                .map(|o| OrgLink {
                    href: org_path(o.id, ""),
                    label: o.label.clone(),
                    state: o.state.into(),
                    current: org.is_some_and(|org| org.id == o.id),
                })
                .collect(),
            org: org.map(|org| OrgOfPage {
                id: org.id,
                label: org.label.clone(),
                state: org.state.into(),
                fresh,
                trouble: trouble(org),
            }),
            at: org.map(|org| (org.label.clone(), org.simulator)),
            links,
            support: None,
            refresh: None,
        }
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::path(name)
    }
}

async fn support(visit: &Visit) -> Result<Option<Support>, Error> {
    Ok(Support::read(&visit.app.store().setting::<String>(SUPPORT).await?))
}

/// The address of a page of an org.
pub(crate) fn org_path(org: OrgId, rest: &str) -> String {
    format!("/orgs/{}{rest}", org.0)
}

/// The address of a kind's list.
pub(crate) fn kind_path(org: OrgId, kind: &Kind) -> String {
    org_path(org, &format!("/inventory/{}", kind.name))
}

/// The address of an object: it stays while the org's data is kept. Okta's id in its place leads there, too.
pub(crate) fn object_path(org: OrgId, kind: &Kind, id: EntityId) -> String {
    org_path(org, &format!("/inventory/{}/{}", kind.name, id.0))
}

fn trouble(org: &Org) -> Option<Trouble> {
    let (tone, what) = match org.state {
        ConnectionState::Failed => ("bad", format!("The connection to {} has failed.", org.label)),
        ConnectionState::Paused => ("warn", format!("{} is paused.", org.label)),
        ConnectionState::NotConnected => ("info", format!("{} is not connected.", org.label)),
        _ => return None,
    };
    Some(Trouble { tone, what, why: org.state_reason.clone() })
}

#[cfg(test)]
mod tests {
    use super::Support;

    #[test]
    fn support_is_an_address_or_a_link_by_tls() {
        let href = |typed: &str| Support::read(typed).map(|s| s.href);
        assert_eq!(href("help@acme.example").as_deref(), Some("mailto:help@acme.example"));
        assert_eq!(href("https://acme.example/chat").as_deref(), Some("https://acme.example/chat"));
        for wrong in ["", "help", "javascript:alert(1)", "http://acme.example", "data:text/html,x"] {
            assert_eq!(href(wrong), None, "{wrong}");
        }
    }
}
