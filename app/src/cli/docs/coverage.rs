//! The coverage page: every data set with its right, its tier, its cost, and what is lost without it.

use std::fmt::Write;

use transom_core::Evidence;
use transom_engine::setup::{Grant, Model, features};

use super::manifest::{Entry, entries};
use super::{cell, quoted, right};

/// A tier's title and what it means.
const TIERS: &[(&str, &str, &str)] = &[
    ("core", "Core", "Read with every sync."),
    (
        "factors",
        "Factors",
        "A call a user, because Okta has none for all of them: read with every sync, after the core.",
    ),
    (
        "deep",
        "Deep",
        "Detail per object, read only where the listing says that it can exist, and more seldom.",
    ),
    ("on_demand", "On demand", "A call a user or so for what few need: read only when asked for."),
];

pub fn page() -> String {
    let entries = entries();
    let mut page = String::from(
        "# Coverage: what is read, with which right, and what is lost without it\n\n\
         Made from the declarations; do not edit. The same for programs: [coverage.json](coverage.json).\n\n\
         *How sure* is about the right: *recorded* in a real answer, *documented* by Okta, *practice* of a working \
         third-party collector, or *assumed*. Where no permission \
         of a custom role is known to open it, the standard role is named that does. *In Read Only Administrator* says whether that standard role includes it. \
         *Bucket* names the rate limit that its calls count against.\n",
    );
    for (tier, title, what) in TIERS {
        let mut of_tier = entries.iter().filter(|e| e.tier == *tier).peekable();
        if of_tier.peek().is_none() {
            continue;
        }
        let _ = write!(
            page,
            "\n## {title}\n\n{what}\n\n\
             | Data set | We use it to | Without it | Permission (console name) | OAuth scope | In Read Only Administrator | How sure | Bucket | Requests, at least |\n\
             |---|---|---|---|---|---|---|---|---|\n"
        );
        for entry in of_tier {
            row(entry, &mut page);
        }
    }
    limits(&entries, &mut page);
    setup(&mut page);
    page
}

fn row(e: &Entry, page: &mut String) {
    let _ = writeln!(
        page,
        "| {} (`{}`) | {} | {} | {} | `{}` | {} | {} | {} | {} |",
        e.title,
        e.name,
        cell(e.used_for),
        cell(e.without),
        cell(&right(e)),
        e.scope,
        if e.read_only_admin { "yes" } else { "no" },
        sure(e.evidence),
        quoted(&e.buckets()),
        cell(&e.cost()),
    );
}

pub fn sure(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Recorded => "recorded",
        Evidence::Documented => "documented",
        Evidence::Practice => "practice",
        Evidence::Assumed => "assumed",
    }
}

/// The rights of the usual set-up, and what they leave out.
fn setup(page: &mut String) {
    let model = Model::read();
    let names = |grants: &[Grant]| quoted(&grants.iter().map(|g| g.name).collect::<Vec<_>>());
    let members: Vec<_> = model.resources.iter().map(|m| m.console).collect();
    let _ = write!(
        page,
        "\n## What the set-up asks for\n\n\
         `transom setup` and the guide are made from the same declarations.\n\n\
         - Standard role: {}.\n\
         - Custom role with {}, on a resource set with {}.\n\
         - For a service app these scopes: {}.\n\n\
         | What it leaves out | It would take | |\n|---|---|---|\n",
        names(&model.roles),
        names(&model.permissions),
        members.join(" and "),
        names(&model.scopes),
    );
    for feature in features() {
        let how = match feature.permission {
            Some(_) => format!("`transom setup … --with {}`", feature.reason.dataset),
            None => feature.but.to_string(),
        };
        let _ = writeln!(
            page,
            "| {} (`{}`) | {} | {how} |",
            feature.reason.title, feature.reason.dataset, feature.right
        );
    }
}

/// Where a complete-looking answer is not all there is, or rests on what nobody has verified.
fn limits(entries: &[Entry], page: &mut String) {
    let seeing = |sight: &str| {
        let names: Vec<_> = entries.iter().filter(|e| e.sight == sight).map(|e| e.name).collect();
        quoted(&names)
    };
    let _ = write!(
        page,
        "\n## What an answer may leave out\n\n\
         Some answers are narrowed by the rights of the credential's owner without saying so; the coverage of an org \
         then reads *partial by right*.\n\n\
         - Group-scoped and custom admins see only what they administer: {}.\n\
         - Only the owner's own, unless the owner is a super admin: {}.\n",
        seeing("administered"),
        seeing("own"),
    );
    if entries.iter().any(|e| !e.assumed.is_empty()) {
        page.push_str("\n## What completeness rests on\n\nInferred and not verified; shown as *assumed* wherever coverage is shown.\n\n");
        for e in entries {
            for fact in e.assumed {
                let _ = writeln!(page, "- {} (`{}`): {fact}", e.title, e.name);
            }
        }
    }
}
