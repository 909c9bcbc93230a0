//! Settings: what concerns the installation and those who use it. One file a page; the tabs lead from one to the next.

pub(crate) mod about;
pub(crate) mod account;
pub(crate) mod api_tokens;
pub(crate) mod audit;
pub(crate) mod audit_export;
pub(crate) mod feedback;
pub(super) mod grant;
pub(crate) mod invite;
pub(crate) mod member;
pub(crate) mod members;
pub(crate) mod provider;
mod provider_fields;

use transom_core::Role;

use super::page::Link;
use crate::{Error, Visit};

/// The pages of the settings that the visitor may see.
///
/// # Errors
/// [`Error::SignedOut`].
pub(super) fn tabs(visit: &Visit) -> Result<Vec<Link>, Error> {
    let who = visit.who()?;
    let (owner, admin) = (who.may_everywhere(Role::Owner), who.may_everywhere(Role::Admin));
    let all = [
        ("Integrations", "/settings/integrations", true),
        ("Members", "/settings/members", owner),
        ("Sign-in", "/settings/sign-in", owner),
        ("API tokens", "/settings/api-tokens", true),
        ("Audit log", "/settings/audit", admin),
        ("Help feedback", "/settings/feedback", owner),
        ("Your account", "/settings/account", true),
        ("About", "/settings/about", true),
    ];
    let of = |(title, href, may): (&'static str, &'static str, bool)| {
        may.then(|| Link { title, href: href.to_string(), current: visit.path.starts_with(href) })
    };
    Ok(all.into_iter().filter_map(of).collect())
}
