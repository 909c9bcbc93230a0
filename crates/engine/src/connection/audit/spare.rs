//! Rights in excess, and how to take them away.

use super::{Facts, Finding, Severity, list};
use crate::setup::{Model, READ_ONLY_ADMIN, READ_ONLY_ADMINISTRATOR, features, reads, resources_of};

const SUPER_ADMIN: &str = "SUPER_ADMIN";

pub(super) fn audit(facts: &Facts<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    if facts.roles.holds(SUPER_ADMIN) == Some(true) {
        out.push(super_admin(facts));
    }
    out.extend(standard(facts));
    for held in facts.asked.held.iter().flatten() {
        let Some(permissions) = &held.permissions else { continue };
        let used = useful();
        let spare: Vec<&str> = permissions.iter().map(String::as_str).filter(|p| !used.contains(p)).collect();
        if !spare.is_empty() {
            let changes = spare.iter().any(|permission| !reads(permission));
            let (severity, why) = if changes {
                (Severity::Medium, "with some of it the credential can change the org")
            } else {
                (Severity::Low, "nothing that Transom reads takes it")
            };
            let text = format!("The role {} permits {} besides; {why}.", held.label, list(&spare));
            let todo = format!(
                "In the Admin Console under Security > Administrators > Roles > {} take it out; or make a role for Transom \
                 alone, where others hold this one too.",
                held.label
            );
            let title = "Its custom role permits more than reading takes";
            out.push(Finding::new("permission_in_excess", severity, title, text, todo).about(&held.label));
        }
        let Some(resources) = &held.resources else { continue };
        let needed: Vec<_> = permissions.iter().flat_map(|p| resources_of(p)).collect();
        let wide = |orn: &&str| !needed.iter().any(|resource| resource.covers(orn));
        let wide: Vec<&str> = resources.iter().map(String::as_str).filter(wide).collect();
        // What a permission beyond the set-up reaches, nobody here knows; that permission is the finding then.
        if !wide.is_empty() && spare.is_empty() {
            let text = format!(
                "The resource set of the role {} holds {} besides, which nothing that the role permits needs.",
                held.label,
                list(&wide)
            );
            let todo = "In the Admin Console under Security > Administrators > Resources take it out of that resource set.";
            let title = "Its resource set holds more than reading takes";
            out.push(
                Finding::new("resource_set_too_wide", Severity::Low, title, text, todo).about(&held.label),
            );
        }
    }
    out
}

/// The permissions that something is read with: those of the set-up, and those that can be chosen besides.
fn useful() -> Vec<&'static str> {
    let chosen = features().into_iter().filter_map(|feature| feature.permission);
    Model::read().permission_names().into_iter().chain(chosen).collect()
}

fn super_admin(facts: &Facts<'_>) -> Finding {
    let what = if facts.app.is_some() { "it" } else { "this token" };
    let text = format!(
        "{} is a Super Administrator, so who has {what} can change everything. Transom only reads: {READ_ONLY_ADMINISTRATOR} \
         and a custom role with \u{201c}View roles, resources, and admin assignments\u{201d} are enough.",
        facts.named()
    );
    let todo = if facts.app.is_some() {
        "Take the role from it; where the org makes new service apps administrators by itself (Settings > Account > Public \
         client app admins), switch that off."
    } else {
        "Let transom setup make a dedicated user or a service app, and rotate its credential in."
    };
    Finding::new("owner_super_admin", Severity::High, "It is a Super Administrator", text, todo)
}

/// Standard roles besides Read Only Administrator, one by one where they can be told apart.
fn standard(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(types) = &facts.roles.types else { return Vec::new() };
    let spare = types.iter().filter(|t| ![READ_ONLY_ADMIN, SUPER_ADMIN, "CUSTOM"].contains(&t.as_str()));
    let finding = |kind: &String| {
        let held = facts.asked.held.iter().flatten().find(|held| held.kind == *kind);
        let label = held.map_or(kind.as_str(), |held| held.label.as_str());
        let text = format!(
            "{} holds {label} ({kind}), which can change the org or sees what nobody needs for reading. Transom only reads.",
            facts.named()
        );
        let todo = match held {
            Some(held) if held.by_group => {
                format!("It holds the role through a group: take {} out of that group.", facts.named())
            }
            _ => format!("In the Admin Console {} take the role from {}.", facts.place(), facts.named()),
        };
        Finding::new(
            "role_in_excess",
            Severity::Medium,
            format!("More than reading takes: {label}"),
            text,
            todo,
        )
        .about(kind)
    };
    spare.map(finding).collect()
}
