//! A token: from where it works, what else its owner has, how much of the limits it takes.

use super::{Facts, Finding, Severity, list};

pub(super) fn audit(facts: &Facts<'_>) -> Vec<Finding> {
    let tokens = facts.asked.tokens.as_deref().unwrap_or_default();
    let mut out = Vec::new();
    // With several, one that works from anywhere is enough to say so where all do: ours is among them.
    if !tokens.is_empty() && tokens.iter().all(|token| token.network == "ANYWHERE") {
        let text = "The token works from any network, so who steals it can use it from anywhere.";
        let todo = "Limit it to the network zone of this machine, in the Admin Console under Security > API > Tokens.";
        out.push(Finding::new("token_any_network", Severity::Low, "It works from any network", text, todo));
    }
    if tokens.len() > 1 {
        let names: Vec<&str> = tokens.iter().map(|token| token.name.as_str()).collect();
        let text = format!(
            "{} has {} API tokens: {}. Each is another way in with the same roles, and Okta does not tell which of them is in \
             use here.",
            facts.named(),
            tokens.len(),
            list(&names)
        );
        let todo = "Revoke those that nobody uses, in the Admin Console under Security > API > Tokens.";
        out.push(Finding::new("other_tokens", Severity::Low, "Its owner has other tokens", text, todo));
    }
    match facts.asked.share {
        Some(share) if share > 50 => {
            let text = format!(
                "Okta lets it use {share} % of each of the org's rate limits, where half is usual: less is left for others when \
                 it is busy."
            );
            let todo = "Lower it in the Admin Console, in the token's or the app's rate limit settings; or have Transom use less: \
                        transom org limit.";
            out.push(Finding::new(
                "share_above_half",
                Severity::Low,
                "It may use most of the limits",
                text,
                todo,
            ));
        }
        Some(share) if share < 20 => {
            let text = format!(
                "Okta lets it use {share} % of each of the org's rate limits, where half is usual: syncs take longer for it."
            );
            let todo = "Raise it in the Admin Console, in the token's or the app's rate limit settings.";
            out.push(Finding::new(
                "share_small",
                Severity::Low,
                "It may use little of the limits",
                text,
                todo,
            ));
        }
        _ => {}
    }
    out
}
