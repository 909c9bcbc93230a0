//! Whose the credential is.

use super::{Facts, Finding, Severity, list};

pub(super) fn audit(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(owner) = facts.who else { return Vec::new() };
    match &facts.known.made {
        Some((id, _)) if *id == owner.id => Vec::new(),
        Some((_, name)) => vec![not_the_dedicated(facts, name)],
        // Nobody told us; then the profile has to.
        None if facts.app.is_none() && facts.asked.signs.len() >= 2 => vec![a_person(facts)],
        None => Vec::new(),
    }
}

fn not_the_dedicated(facts: &Facts<'_>, made: &str) -> Finding {
    let what = if facts.app.is_some() { "key" } else { "token" };
    let text = format!(
        "transom setup made {made} for this org, and the {what} in use is that of {}. What set-up grants and takes back has no \
         hold on it.",
        facts.named()
    );
    let todo = format!("Rotate the connection to the credential of {made}.");
    Finding::new("owner_not_dedicated", Severity::Medium, "It is not the one that set-up made", text, todo)
}

fn a_person(facts: &Facts<'_>) -> Finding {
    let text = format!(
        "{} looks like a person: the profile has {}. The token has all that the person has, changes with their roles, and dies \
         when the account is deactivated.",
        facts.named(),
        list(&facts.asked.signs)
    );
    let todo = "Use a dedicated user, or a service app: transom setup makes either.";
    Finding::new("owner_looks_human", Severity::Medium, "Its owner looks like a person", text, todo).assumed()
}
