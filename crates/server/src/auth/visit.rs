//! A request as handlers see it: who visits, and from where.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use transom_core::{Kind, Millis, OrgId, Reach, Role};
use transom_store::Org;

use super::csrf;
use crate::app::App;
use crate::{Error, Site};

/// Who visits: a person or a program that may do something here.
#[derive(Debug, Clone)]
pub struct Who {
    /// The account's number; of a program, that of the account that made its token.
    pub account: i64,
    /// What to call them.
    pub name: String,
    /// The e-mail address, or the token's name.
    pub login: String,
    /// Of a program: when its token expires.
    pub token_expires: Option<Millis>,
    /// The role.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
    /// How the audit log names them.
    pub actor: String,
}

impl Who {
    /// Whether they may what takes `role` for `org`.
    pub fn may(&self, role: Role, org: OrgId) -> bool {
        self.role >= role && self.reach.covers(org)
    }

    /// Whether they may what takes `role` for the whole installation.
    pub fn may_everywhere(&self, role: Role) -> bool {
        self.role >= role && self.reach == Reach::All
    }
}

/// A request on its way through the guard, and what handlers need to know of it.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The server's state.
    pub app: App,
    /// Who visits; `None` on pages that need nobody.
    pub who: Option<Who>,
    /// Path and query.
    pub path: String,
    /// `light` or `dark`, where the visitor chose.
    pub theme: Option<&'static str>,
    /// From where.
    pub address: IpAddr,
    /// What the log calls this request.
    pub request: Arc<str>,
    pub(super) secret: String,
}

/// Differs from page to page.
static PAGES: AtomicU64 = AtomicU64::new(1);

impl Visit {
    /// The value of the hidden field `csrf` of a form: another for every page.
    pub fn csrf(&self) -> String {
        let page = PAGES.fetch_add(1, Ordering::Relaxed);
        csrf::mark(&self.secret, &format!("{page:x}{:x}", self.app.now()))
    }

    /// Something that only requests of this browser's session, or of its visit before one, come with: told for one purpose,
    /// it gives nothing away for another.
    pub(crate) fn bound(&self, purpose: &str) -> String {
        let digest =
            Sha256::new().chain_update(purpose).chain_update(".").chain_update(&self.secret).finalize();
        BASE64_URL_SAFE_NO_PAD.encode(digest)
    }

    /// Who visits, on routes that need somebody.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub fn who(&self) -> Result<&Who, Error> {
        self.who.as_ref().ok_or(Error::SignedOut)
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.app.site
    }

    /// The kind that an address names.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn kind(&self, name: &str) -> Result<&'static Kind, Error> {
        self.app.store().catalogue().kind_named(name).ok_or(Error::NotFound)
    }

    /// The connections that the visitor may see, by label.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn orgs(&self) -> Result<Vec<Org>, Error> {
        let mut orgs = self.app.store().orgs().await?;
        orgs.retain(|org| self.who.as_ref().is_some_and(|w| w.reach.covers(org.id)));
        Ok(orgs)
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or_else(|| Error::Internal("a route without guard".to_string()))
    }
}

/// The connection that a route's address names. The guard has seen that the visitor may see it.
#[derive(Debug, Clone)]
pub struct Connection(pub Org);

impl FromRequestParts<App> for Connection {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let org = parts.extensions.get::<Self>().cloned();
        org.ok_or_else(|| Error::Internal("a route of an org that is not declared as one".to_string()))
    }
}

/// The address of the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub IpAddr);

impl Default for Peer {
    /// Requests that no listener took in come from this process.
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}
