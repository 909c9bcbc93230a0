//! A data set: what is listed together, completes together, and is answered for together in the coverage table.

use okta_client::Listing;
use serde_json::Value;
use transom_core::{EntityId, Evidence, PageRecord};
use transom_store::{Selector, Target};

/// The declaration of a data set.
#[derive(Debug)]
pub struct Dataset {
    /// The name people type and coverage carries, snake_case: `group_member`.
    pub name: &'static str,
    /// What people read: `Group members`.
    pub title: &'static str,
    /// What Transom does with it. Shown beside the permission that it needs.
    pub used_for: &'static str,
    /// What is lost without it.
    pub without: &'static str,
    /// The right it takes to read it.
    pub right: Right,
    /// When it is read: with every sync, at its own slower cadence, or only when asked for.
    pub tier: Tier,
    /// Over what it is listed.
    pub over: Over,
    /// Data sets that must have been read before this one can start.
    pub after: &'static [&'static str],
    /// What the listing is complete about, and so what a sweep may remove.
    pub target: Target,
    /// The listings that together make the data set, for one parent (or for the org).
    pub parts: fn(&Scope<'_>) -> Vec<Listing>,
    /// Turns one listed item into objects, edges, or an odd record.
    pub read: fn(&Value, &Scope<'_>, &mut PageRecord),
    /// Reads one object again by its id, where Okta has such a call: sweep candidates and stubs go through it.
    pub again: Option<fn(&str) -> Listing>,
    /// Answers of a single part that mean "there is none here" rather than "it failed".
    pub none: fn(&okta_client::Error) -> bool,
    /// Whose rights narrow a 200 answer silently.
    pub sight: Sight,
    /// Inferred facts this data set's completeness rests on, one sentence each.
    pub assumed: &'static [&'static str],
    /// What an admin has to have said yes to, where reading is not a matter of course.
    pub opt_in: Option<&'static OptIn>,
}

/// Consent to read something that is not read as a matter of course.
#[derive(Debug)]
pub struct OptIn {
    /// The name under `opt_in` in the connection's settings, snake_case.
    pub setting: &'static str,
    /// Why it is not read unasked, and how to ask for it; the coverage's reason.
    pub why: &'static str,
}

/// Where a connection's settings keep what was opted in to.
pub const OPT_IN: &str = "opt_in";

impl OptIn {
    /// Whether a connection with these settings has opted in.
    pub fn given(&self, settings: &Value) -> bool {
        settings.get(OPT_IN).and_then(|all| all.get(self.setting)) == Some(&Value::Bool(true))
    }
}

impl Dataset {
    /// What most data sets share; a declaration fills in the rest with `..Dataset::USUAL`.
    pub const USUAL: Self = Self {
        name: "",
        title: "",
        used_for: "",
        without: "",
        right: Right {
            permission: "",
            console: "",
            scope: "",
            read_only_admin: false,
            evidence: Evidence::Assumed,
        },
        tier: Tier::Core,
        over: Over::Org,
        after: &[],
        target: Target::None,
        parts: |_| Vec::new(),
        read: |_, _, _| {},
        again: None,
        none: |_| false,
        sight: Sight::All,
        assumed: &[],
        opt_in: None,
    };
}

/// How a data set's calls are spread over time, so that completeness does not cost a call an object at every sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Who, what, which role, which policy: read with every sync.
    Core,
    /// What takes a call a user, because no bulk call exists: read with every sync, after the core.
    Factors,
    /// Detail per object, read only where the listing says that it can exist, and more seldom.
    Deep,
    /// A call a user or so for what few need: read only when asked for.
    OnDemand,
}

/// Over what a data set is listed.
#[derive(Debug, Clone, Copy)]
pub enum Over {
    /// Once for the org.
    Org,
    /// Once for each of the selected entities.
    Each(Selector),
}

/// The right to read a data set, in Okta's words.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// The custom-role permission.
    pub permission: &'static str,
    /// Its name in the Admin Console.
    pub console: &'static str,
    /// The OAuth 2.0 scope of a service app.
    pub scope: &'static str,
    /// Whether Read Only Administrator includes it.
    pub read_only_admin: bool,
    /// How sure we are.
    pub evidence: Evidence,
}

impl Right {
    /// Whether the set-up that Transom asks for brings it: Read Only Administrator and the custom role with
    /// `okta.iam.read`. What takes more is not missing where it is not permitted: it was never asked for.
    pub fn in_setup(&self) -> bool {
        self.read_only_admin || self.permission == "okta.iam.read"
    }
}

/// Whether a 200 answer shows everything, by the rights of the credential's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everything or an error.
    All,
    /// Group-scoped and custom admins see only what they administer.
    Administered,
    /// Only the owner's own, unless the owner is a super admin.
    Own,
}

/// The parent a listing runs for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The parent's dense id; [`EntityId::ROOT`] for the org.
    pub id: EntityId,
    /// The parent's Okta id; empty for the org.
    pub okta_id: &'a str,
    /// The parent's status, verbatim, where it has one.
    pub status: Option<&'a str>,
    /// The Okta id of the parent's own parent, where it has one.
    pub above: Option<&'a str>,
    /// The parent's document, where it was selected by what its document shows and a listing is at hand.
    pub doc: Option<&'a Value>,
    /// The Okta id of the org, as its metadata gives it.
    pub org: &'a str,
    /// Which of the data set's parts an item came from.
    pub part: i16,
}

impl<'a> Scope<'a> {
    /// The org itself, `org` being its Okta id.
    pub fn of_org(org: &'a str) -> Self {
        Self { id: EntityId::ROOT, okta_id: "", status: None, above: None, doc: None, org, part: 0 }
    }
}
