//! From an error of Okta to the state of a data set.

use okta_client::Error;
use transom_core::CoverageState;

use crate::dataset::Dataset;

/// What an error at the head of a listing means for the data set: its state and the reason people read.
/// A rejected token is not a state of a data set; callers stop on it before.
pub fn state_of_error(dataset: &Dataset, error: &Error) -> (CoverageState, String) {
    match error {
        Error::MissingPermission(e) => (
            CoverageState::NotPermitted,
            format!(
                "Okta answered {} ({}). It takes \u{201c}{}\u{201d} ({}){}.",
                e.status,
                e.code.as_deref().unwrap_or("no code"),
                dataset.right.console,
                dataset.right.permission,
                if dataset.right.read_only_admin { ", which Read Only Administrator includes" } else { "" }
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
        other => (CoverageState::Partial, format!("{other}.")),
    }
}
