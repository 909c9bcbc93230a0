//! Who calls: the token in the Authorization header, and what its owner's roles come to.

use std::sync::atomic::Ordering;

use crate::error::Refusal;
use crate::generate::iam::Role;
use crate::generate::ids::IdKind;
use crate::generate::people::Status;
use crate::org::view::View;
use crate::permissions::{Access, Data, Held, Product, access};

/// A caller with a token that works.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token's number.
    pub token: u64,
    /// The token's id (`00T…`), not its value.
    pub token_id: String,
    /// The token's owner.
    pub owner: u32,
}

/// Finds the caller of an `Authorization` header and marks the token as used.
/// Without a usable header 403 E0000005; with a token that is unknown, revoked, unused for 30 days or whose owner is
/// gone or may not sign in 401 E0000011.
pub fn caller(view: View<'_>, header: Option<&str>, now: i64) -> Result<Caller, Refusal> {
    let header = header.ok_or_else(Refusal::invalid_session)?;
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
    Ok(Caller { token: token.n, token_id: view.base.ids.encode(IdKind::Token, token.n), owner: token.owner })
}

/// What an owner may see of a data set, by their roles as they are now.
pub fn rights(view: View<'_>, owner: u32, data: Data) -> Access {
    let iam = &view.state.iam;
    let held: Vec<Held<'_>> = iam
        .assignments
        .iter()
        .filter(|a| view.reaches(a.holder, owner))
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
