//! Rights that are needed and missing, and what that costs.

use transom_core::{CoverageState, Evidence};

use super::{Facts, Finding, Lack, Severity, list};
use crate::dataset::{Over, Right};
use crate::setup::{READ_ONLY_ADMIN, READ_ONLY_ADMINISTRATOR, Resource, resources_of};

/// The permission that shows admin roles, one's own among them.
const IAM: &str = "okta.iam.read";

pub(super) fn audit(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.app.is_none() && facts.who.is_none() && !facts.reads {
        return vec![refused()];
    }
    let refused: Vec<&Lack> = facts.lacks.iter().filter(|l| l.state == CoverageState::NotPermitted).collect();
    let mut by_right: Vec<(&Right, Vec<&Lack>)> = Vec::new();
    for lack in &refused {
        let cause = cause(lack, &refused);
        if cause.scope {
            continue;
        }
        let right = &cause.dataset.right;
        match by_right.iter_mut().find(|(known, _)| about(known) == about(right)) {
            Some((_, lacks)) => lacks.push(lack),
            None => by_right.push((right, vec![lack])),
        }
    }
    let mut out: Vec<Finding> = by_right.iter().map(|(right, lacks)| missing(facts, right, lacks)).collect();
    out.extend(in_part(facts));
    out.extend(too_small(facts));
    if facts.roles.types.is_none() && !out.iter().any(|finding| finding.about == IAM) {
        let text = format!(
            "The admin roles of {} can't be read, so whether it holds more than it needs stays unknown.",
            facts.named()
        );
        let todo = "Give it a custom role with \u{201c}View roles, resources, and admin assignments\u{201d} on All Identity and \
                    Access Management resources; a service app needs the scope okta.roles.read besides.";
        out.push(Finding::new("roles_unreadable", Severity::Medium, "Its roles can't be read", text, todo));
    }
    out
}

/// Not even the owner can be read.
fn refused() -> Finding {
    Finding::new(
        "refused_everywhere",
        Severity::High,
        "Okta refuses every call",
        "Okta knows the token and answers 403 to every call, even to the question whose it is. So it answers, we take it, \
         where a token is limited to a network zone that this machine is not in.",
        "In the Admin Console under Security > API > Tokens see which zone the token works from, and add this machine's \
         address, or that of its proxy, to it.",
    )
    .assumed()
}

/// The data set for whose sake this one is refused: what is listed over another can't be read where that can't.
fn cause<'a>(lack: &'a Lack, refused: &[&'a Lack]) -> &'a Lack {
    let own = about(&lack.dataset.right);
    // Its own right is known to be missing where something is refused for that alone.
    if refused.iter().any(|l| base(l, refused).is_none() && about(&l.dataset.right) == own) {
        return lack;
    }
    base(lack, refused).map_or(lack, |base| cause(base, refused))
}

/// What a data set is listed over, where that is refused.
fn base<'a>(lack: &Lack, refused: &[&'a Lack]) -> Option<&'a Lack> {
    let over = matches!(lack.dataset.over, Over::Each(_));
    refused.iter().find(|base| over && lack.dataset.after.contains(&base.dataset.name)).copied()
}

/// The most names in a sentence.
const SHOWN: usize = 10;

/// Names, the first of them where there are many.
fn some(titles: &[&str]) -> String {
    match titles.get(..SHOWN) {
        Some(first) if titles.len() > SHOWN => {
            format!("{} data sets, among them {}", titles.len(), list(first))
        }
        _ => list(titles),
    }
}

/// What a right is known by here: all that Read Only Administrator opens is one.
fn about(right: &Right) -> &'static str {
    match right.permission {
        _ if right.read_only_admin => READ_ONLY_ADMIN,
        Some(permission) => permission,
        None => right.console,
    }
}

fn missing(facts: &Facts<'_>, right: &Right, lacks: &[&Lack]) -> Finding {
    let about = about(right);
    let titles: Vec<&str> = lacks.iter().map(|l| l.dataset.title).collect();
    let mut lost: Vec<&str> = Vec::new();
    for lack in lacks {
        if !lack.dataset.without.is_empty() && !lost.contains(&lack.dataset.without) {
            lost.push(lack.dataset.without);
        }
    }
    let mut text = format!("Okta refuses {}.", some(&titles));
    if !lost.is_empty() {
        let more = if lost.len() > SHOWN { "; what else, stands with each data set" } else { "" };
        let lost: Vec<&str> = lost.into_iter().take(SHOWN).collect();
        text = format!("{text} Without it {}{more}.", lost.join("; "));
    }
    if about == IAM && facts.roles.types.is_none() {
        text.push_str(
            " Its own roles can't be read either, so whether it holds more than it needs stays unknown.",
        );
    }
    let (who, place) = (facts.named(), facts.place());
    let standard = about == READ_ONLY_ADMIN;
    let (severity, name, todo) = if standard {
        let todo = if facts.roles.holds(READ_ONLY_ADMIN) == Some(true) {
            format!("{who} holds it and is refused all the same: ask Okta which role opens this in the org.")
        } else {
            format!("In the Admin Console {place} give {who} the standard role {READ_ONLY_ADMINISTRATOR}.")
        };
        (Severity::High, READ_ONLY_ADMINISTRATOR, todo)
    } else {
        let on: Vec<&str> = resources_of(about).iter().map(|r| r.console()).collect();
        let on = if on.is_empty() { String::new() } else { format!(" on {}", list(&on)) };
        let todo = format!(
            "In the Admin Console {place} give {who} a custom role with \u{201c}{}\u{201d}{on}.",
            right.console
        );
        (Severity::Medium, right.console, todo)
    };
    let finding =
        Finding::new("right_missing", severity, format!("Missing: {name}"), text, todo).about(about);
    let inferred = lacks.iter().all(|lack| lack.evidence() == Evidence::Assumed);
    if inferred { finding.assumed() } else { finding }
}

/// An administrator of parts.
fn in_part(facts: &Facts<'_>) -> Option<Finding> {
    let parts = facts.lacks.iter().filter(|l| l.state == CoverageState::PartialByRight);
    let titles: Vec<&str> = parts.map(|l| l.dataset.title).collect();
    if titles.is_empty() {
        return None;
    }
    let (who, place) = (facts.named(), facts.place());
    let limited = facts.asked.held.iter().flatten().find(|held| held.targets > 0);
    let todo = format!(
        "In the Admin Console {place} give {who} the standard role {READ_ONLY_ADMINISTRATOR}, which is limited to nothing."
    );
    let lost = format!(
        "{} are read in part, and what is left out can't be told from what is not there.",
        list(&titles)
    );
    Some(match (limited, &facts.roles.types) {
        (Some(held), _) => {
            let text = format!(
                "{who} is {} of {} groups or apps alone, and Okta shows it only what belongs to those. {lost}",
                held.label, held.targets
            );
            Finding::new("scoped_admin", Severity::High, "It administers parts of the org", text, todo)
        }
        (None, Some(types)) => {
            let holds = if types.is_empty() { "no role".to_string() } else { facts.roles.labels.join(", ") };
            let text = format!("{who} holds {holds}, which does not show the whole org. {lost}");
            Finding::new("scoped_admin", Severity::High, "It sees parts of the org", text, todo)
        }
        (None, None) => {
            let text = format!(
                "{who} may read neither its own roles nor the org's settings, as every administrator of the whole org may: it \
                 is taken to administer parts of it. {lost}"
            );
            Finding::new("scoped_admin", Severity::High, "It administers parts of the org", text, todo)
                .assumed()
        }
    })
}

/// Permissions of the set-up that are held on less than they reach.
fn too_small(facts: &Facts<'_>) -> Vec<Finding> {
    let custom = || {
        facts
            .asked
            .held
            .iter()
            .flatten()
            .filter_map(|h| Some((h.permissions.as_ref()?, h.resources.as_ref()?, h)))
    };
    let mut out = Vec::new();
    for (permissions, resources, held) in custom() {
        let wanted = permissions.iter().flat_map(|p| resources_of(p)).copied();
        let mut short: Vec<Resource> =
            wanted.filter(|resource| !resources.iter().any(|orn| resource.is(orn))).collect();
        // Two roles may share the work.
        short.retain(|want| {
            !custom().any(|(may, on, _)| {
                may.iter().any(|p| resources_of(p).contains(want)) && on.iter().any(|orn| want.is(orn))
            })
        });
        short.sort();
        short.dedup();
        if short.is_empty() {
            continue;
        }
        let lacking: Vec<&str> = short.iter().map(|resource| resource.console()).collect();
        let text = format!(
            "The role {} is held on a resource set without {}, so that what it permits reaches only a part, or nothing.",
            held.label,
            list(&lacking)
        );
        let todo = format!(
            "In the Admin Console under Security > Administrators > Resources add {} to that resource set.",
            list(&lacking)
        );
        out.push(
            Finding::new(
                "resource_set_too_small",
                Severity::Medium,
                "Its resource set holds too little",
                text,
                todo,
            )
            .about(&held.label),
        );
    }
    out
}
