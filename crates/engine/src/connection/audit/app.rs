//! A service app: its scopes, its key, its access tokens.

use transom_core::Millis;

use super::{Facts, Finding, Severity, list};
use crate::connection::read_scopes;

const DAY: Millis = 86_400_000;

/// Days after which a key should be replaced. Okta sets none; a year is our choice.
const KEY_DAYS: Millis = 365;

pub(super) fn audit(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(app) = facts.app else { return Vec::new() };
    let mut out = Vec::new();
    if !app.missing.is_empty() {
        let lost = facts.lacks.iter().filter(|lack| lack.scope).map(|lack| lack.dataset.title);
        let lost: Vec<&str> = lost.collect();
        let cost = if lost.is_empty() { String::new() } else { format!(" Out of reach: {}.", list(&lost)) };
        let text =
            format!("The service app lacks scopes that reading takes: {}.{cost}", app.missing.join(", "));
        let todo = "Grant them in the Admin Console under Applications > (the app) > Okta API Scopes.";
        out.push(Finding::new("scopes_missing", Severity::Medium, "Scopes are missing", text, todo));
    }
    let wanted = read_scopes();
    let granted = facts.asked.granted.as_deref().unwrap_or(&app.scopes);
    let spare: Vec<&str> =
        granted.iter().map(String::as_str).filter(|s| !wanted.iter().any(|w| w == s)).collect();
    if !spare.is_empty() {
        let changes = spare.iter().any(|scope| scope.ends_with(".manage"));
        let severity = if changes { Severity::Medium } else { Severity::Low };
        let text = format!("The service app was granted {}, which nothing is read with.", list(&spare));
        let todo = "Revoke them in the Admin Console under Applications > (the app) > Okta API Scopes.";
        out.push(Finding::new("scopes_unused", severity, "Scopes are granted and not used", text, todo));
    }
    if !app.bound {
        let text = "The service app's access tokens are not bound to a key (DPoP is off), so that a stolen one works anywhere \
                    for up to an hour.";
        let todo = "Require Demonstrating Proof of Possession in the app's general settings.";
        out.push(Finding::new("dpop_off", Severity::Low, "DPoP is off", text, todo));
    }
    if let Some(days) =
        facts.asked.key_since.map(|since| (facts.known.now - since) / DAY).filter(|d| *d > KEY_DAYS)
    {
        let text = format!(
            "The service app's key was registered {days} days ago. The longer a key is in use, the more copies of \
                            it there may be."
        );
        let todo = "Add a key on the app's page, rotate the connection to it, and delete the old one.";
        out.push(Finding::new("key_old", Severity::Low, "Its key is old", text, todo));
    }
    out
}
