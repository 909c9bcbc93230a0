//! Who calls: the token in the Authorization header, and what its owner's roles come to.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::Refusal;
use crate::generate::iam::{Holder, Role};
use crate::generate::ids::IdKind;
use crate::generate::people::Status;
use crate::oauth::{self, Shown};
use crate::org::view::View;
use crate::permissions::{Access, Data, Held, Product, access};

/// A caller with a credential that works.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Somebody with an API token.
    Token {
        /// The token's number.
        n: u64,
        /// The token's id (`00T…`), not its value.
        id: String,
        /// The token's owner.
        owner: u32,
    },
    /// A service app with an access token.
    Client {
        /// The app.
        app: u32,
        /// What the token may be used for.
        scopes: Arc<[String]>,
    },
}

impl Caller {
    /// The user who calls, if one does.
    pub fn owner(&self) -> Option<u32> {
        match self {
            Self::Token { owner, .. } => Some(*owner),
            Self::Client { .. } => None,
        }
    }

    /// Whose roles count.
    pub fn holder(&self) -> Holder {
        match self {
            Self::Token { owner, .. } => Holder::User(*owner),
            Self::Client { app, .. } => Holder::App(*app),
        }
    }

    /// What tells callers apart whose calls are counted: a client has one share, however many tokens it got.
    pub fn key(&self) -> u64 {
        match self {
            Self::Token { n, .. } => *n,
            Self::Client { app, .. } => 1 << 40 | u64::from(*app),
        }
    }
}

/// Finds the caller of an `Authorization` header and marks an API token as used.
/// Without a usable header 403 E0000005; with an API token that is unknown, revoked, unused for 30 days or whose owner is
/// gone or may not sign in, or an access token that doesn't do, 401 E0000011.
pub fn caller(
    view: View<'_>,
    oauth: &oauth::Server,
    header: Option<&str>,
    origin: &str,
    shown: Shown<'_>,
) -> Result<Caller, Refusal> {
    let header = header.ok_or_else(Refusal::invalid_session)?;
    if let Some((scheme, value)) = header.split_once(' ') {
        let bound = scheme.eq_ignore_ascii_case("DPoP");
        if bound || scheme.eq_ignore_ascii_case("Bearer") {
            let issued = oauth.check(view, value.trim(), bound, shown).map_err(|error| {
                // [inf] the header's words; api.md says that there is one.
                let scheme = if bound { "DPoP" } else { "Bearer" };
                Refusal::invalid_token().challenged(format!(
                    "{scheme} authorization_uri=\"{origin}/oauth2/v1/authorize\", realm=\"{origin}\", error=\"{error}\""
                ))
            })?;
            return Ok(Caller::Client { app: issued.app, scopes: issued.scopes });
        }
    }
    token(view, header, shown.now)
}

/// 403 E0000006 for a call whose scope the access token doesn't have; the header names it [inf: RFC 6750].
pub fn insufficient(origin: &str, path: &str, scope: &str) -> Refusal {
    Refusal::no_permission().challenged(format!(
        "Bearer authorization_uri=\"{origin}/oauth2/v1/authorize\", realm=\"{origin}\", scope=\"{scope}\", \
         error=\"insufficient_scope\", error_description=\"The access token provided does not contain the required \
         scopes.\", resource=\"{path}\""
    ))
}

fn token(view: View<'_>, header: &str, now: i64) -> Result<Caller, Refusal> {
    // Okta's Python SDK sends `SSWS00…` without a space, and works against Okta [sdk 3.4.6 configuration.py].
    let value = match header.split_at_checked(4) {
        Some((scheme, value)) if scheme.eq_ignore_ascii_case("SSWS") => value.trim(),
        _ => return Err(Refusal::invalid_session()),
    };
    if value.is_empty() {
        return Err(Refusal::invalid_session());
    }
    let token = view.state.tokens.iter().find(|t| t.value == value).ok_or_else(Refusal::invalid_token)?;
    // A suspended or locked owner's token is refused as a deactivated owner's is [inf].
    let owner_may = view.head(token.owner).is_some_and(|head| {
        !matches!(head.status, Status::Deprovisioned | Status::Suspended | Status::LockedOut | Status::Staged)
    });
    if token.revoked || token.expires_at() <= now || !owner_may {
        return Err(Refusal::invalid_token());
    }
    // Who calls the simulator calls from this machine, which no zone of an org holds. What Okta answers from outside a
    // token's zones is not recorded [inf].
    if token.zones.is_some() {
        return Err(Refusal::no_permission());
    }
    token.used.fetch_max(now, Ordering::Relaxed);
    Ok(Caller::Token { n: token.n, id: view.base.ids.encode(IdKind::Token, token.n), owner: token.owner })
}

/// What a user or a service app may see of a data set, by their roles as they are now.
pub fn rights(view: View<'_>, holder: Holder, data: Data) -> Access {
    let iam = &view.state.iam;
    let held: Vec<Held<'_>> = iam
        .assignments
        .iter()
        .filter(|a| match holder {
            Holder::User(user) => view.reaches(a.holder, user),
            app => a.holder == app,
        })
        .filter_map(|a| match a.role {
            Role::Standard(kind) => Some(Held::Standard { kind, targets: &a.targets }),
            Role::Custom { role, set } => Some(Held::Custom {
                permissions: &iam.roles.iter().find(|r| r.n == role)?.permissions,
                resources: &iam.sets.iter().find(|s| s.n == set)?.resources,
            }),
        })
        .collect();
    let licences = view.base.config.licences;
    access(data, &held, |product| match product {
        Product::ApiAccessManagement => licences.api_access_management,
        Product::IdentityEngine => licences.identity_engine,
        Product::IdentityGovernance => licences.governance,
    })
}
