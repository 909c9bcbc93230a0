//! From an error of Okta to the state of a data set.

use okta_client::Error;
use transom_core::CoverageState;

use super::OwnerRoles;
use crate::dataset::{Dataset, Sight, Tier};
use crate::problem::sentence;

/// What an error at the head of a listing means for the data set: its state and the reason people read. `roles` says what
/// the credential holds.
/// A rejected token is not a state of a data set; callers stop on it before.
pub fn state_of_error(dataset: &Dataset, error: &Error, roles: &OwnerRoles) -> (CoverageState, String) {
    match error {
        Error::MissingPermission(e) if e.scope.is_some() || roles.lacks_scope(dataset) => (
            CoverageState::NotPermitted,
            format!(
                "Okta answered {} ({}). The service app has no scope {}: grant it in the Admin Console under Applications > \
                 (the app) > Okta API Scopes.",
                e.status,
                e.code.as_deref().unwrap_or("no code"),
                e.scope.as_deref().unwrap_or(dataset.right.scope)
            ),
        ),
        Error::MissingPermission(e) => (
            CoverageState::NotPermitted,
            format!(
                "Okta answered {} ({}). It takes {}.",
                e.status,
                e.code.as_deref().unwrap_or("no code"),
                dataset.right.words()
            ),
        ),
        Error::NotLicensed(e) => (
            CoverageState::NotLicensed,
            format!(
                "Okta answered {} ({}): the org does not include this feature.",
                e.status,
                e.code.as_deref().unwrap_or("no code")
            ),
        ),
        other => (CoverageState::Partial, sentence(&other.to_string())),
    }
}

/// Why a data set is no better known than the one called `title` that it is listed over.
pub(crate) fn inherited(title: &str, state: CoverageState, reason: &str) -> String {
    format!("It rests on \u{201c}{title}\u{201d}, which is {}: {reason}", state.label().to_lowercase())
}

/// Whether nothing of a data set in this state can be read, so that neither can what is listed over it.
pub(crate) fn unreadable(state: CoverageState) -> bool {
    use CoverageState::{NeverCollected, NotLicensed, NotPermitted};
    matches!(state, NotPermitted | NotLicensed | NeverCollected)
}

/// Whether the state of a data set makes the connection *Connected, limited*. Seeing only one's own tokens does not: it
/// is what the least privilege shows, and coverage says it. Nor does what takes a right beyond the set-up, or what
/// nobody opted in to or asked for. A feature without licence is known not to be there.
pub fn is_limit(dataset: &str, state: CoverageState) -> bool {
    let declared = crate::entity::dataset(dataset);
    match state {
        CoverageState::Complete | CoverageState::NotLicensed => false,
        CoverageState::PartialByRight => !declared.is_some_and(|d| d.sight == Sight::Own),
        CoverageState::NotPermitted => declared.is_none_or(Dataset::in_setup),
        CoverageState::NeverCollected => {
            !declared.is_some_and(|d| d.opt_in.is_some() || d.tier == Tier::OnDemand)
        }
        CoverageState::Partial => true,
    }
}
