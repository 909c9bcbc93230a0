//! A data set: what is listed together, completes together, and is answered for together in the coverage table.

use okta_client::Listing;
use serde_json::Value;
use transom_core::{EntityId, Evidence, KindCode, PageRecord};
use transom_store::{Selector, Target};

use crate::area::Area;

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
    /// The data set for each of whose objects every parent has one listing: their Okta ids are in [`Scope::per`]. It must
    /// list a kind without parents, few of it, and stand in `after`.
    pub per: Option<&'static str>,
    /// Which parents are listed before the others.
    pub first: Option<First>,
    /// Other ways to read it. The planner chooses by what they cost; this declaration itself is the usual way.
    pub routes: &'static [Route],
    /// Data sets that must have been read before this one can start.
    pub after: &'static [&'static str],
    /// Data sets that are better read first. They are waited for where the run reads them, whatever comes of them: it is an
    /// order, and says nothing of what may be read.
    pub awaits: &'static [&'static str],
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
            permission: None,
            console: "",
            scope: "",
            read_only_admin: false,
            evidence: Evidence::Assumed,
        },
        tier: Tier::Core,
        over: Over::Org,
        per: None,
        first: None,
        routes: &[],
        after: &[],
        awaits: &[],
        target: Target::None,
        parts: |_| Vec::new(),
        read: |_, _, _| {},
        again: None,
        none: |_| false,
        sight: Sight::All,
        assumed: &[],
        opt_in: None,
    };

    /// The kind whose objects it lists.
    pub fn lists(&self) -> Option<KindCode> {
        match self.target {
            Target::Children(kind) => Some(kind),
            Target::Into(_) | Target::From(_) | Target::None => None,
        }
    }

    /// Whether the set-up that Transom asks for brings it: its own right, and what it is listed over. What takes more is not
    /// missing where it is not permitted: it was never asked for.
    pub fn in_setup(&self) -> bool {
        let bases = match self.over {
            Over::Org => &[],
            Over::Each(_) => self.after,
        };
        self.right.in_setup()
            && bases.iter().filter_map(|name| crate::entity::dataset(name)).all(Self::in_setup)
    }

    /// What people call this way of reading it: `by group`, `by user and linked object`, or `of the org`.
    pub fn route(&self) -> String {
        match self.over {
            Over::Org => "of the org".to_string(),
            Over::Each(selector) => {
                let kind = crate::entity::catalogue().kind(selector.kind()).map_or("parent", |k| k.name);
                let each: Vec<String> =
                    std::iter::once(kind).chain(self.per).map(|name| name.replace('_', " ")).collect();
                format!("by {}", each.join(" and "))
            }
        }
    }
}

/// Parents to be listed before the others, for what matters most.
#[derive(Debug, Clone, Copy)]
pub struct First {
    /// Those parents, among all that the data set is listed over.
    pub selector: Selector,
    /// Data sets that tell which they are, or are worth more than all this. They are waited for where the run reads
    /// them, whatever comes of them.
    pub after: &'static [&'static str],
}

/// Another way to read a data set.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The data set as this way reads it: over what, what its sweep is about, its listings. Its name is the data set's
    /// where it yields the same; where it yields less it has one of its own, as both ways may be of one run.
    pub reading: &'static Dataset,
    /// What comes of it.
    pub yields: Yields,
}

/// What a way of reading yields of what its data set declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Yields {
    /// All of it.
    Documents,
    /// The edges without their documents: a first answer. It adds and never sweeps, and the data set stays partial
    /// until it has been read whole.
    Edges,
}

/// How a data set's calls are spread over time, so that completeness does not cost a call an object at every sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Tier {
    /// All of them, in the order in which they are read.
    pub const ALL: [Self; 4] = [Self::Core, Self::Factors, Self::Deep, Self::OnDemand];

    /// The word people type and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Factors => "factors",
            Self::Deep => "deep",
            Self::OnDemand => "on demand",
        }
    }

    /// When it is read, for people.
    pub fn when(self) -> &'static str {
        match self {
            Self::Core => "with every sync",
            Self::Factors => "with every sync, privileged users first",
            Self::Deep => "once a day",
            Self::OnDemand => "when asked for",
        }
    }
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
    /// The permission of a custom role; `None` where none is known to open it, so that a standard role must.
    pub permission: Option<&'static str>,
    /// Its name in the Admin Console; without a permission, the name of the least standard role that opens it.
    pub console: &'static str,
    /// The OAuth 2.0 scope of a service app.
    pub scope: &'static str,
    /// Whether Read Only Administrator includes it.
    pub read_only_admin: bool,
    /// How sure we are.
    pub evidence: Evidence,
}

impl Right {
    /// The area that Okta's own grouping, the scope, puts it in.
    ///
    /// # Panics
    /// Never for a declared data set: a test goes through all of them.
    pub fn area(&self) -> Area {
        Area::of_scope(self.scope).expect("a test goes through the scopes of all declarations")
    }

    /// The right as people read it: “View policies” (okta.policies.read), which Read Only Administrator includes.
    pub fn words(&self) -> String {
        let console = self.console;
        match self.permission {
            Some(name) if self.read_only_admin => {
                format!("\u{201c}{console}\u{201d} ({name}), which Read Only Administrator includes")
            }
            Some(name) => format!("\u{201c}{console}\u{201d} ({name})"),
            None => {
                format!("the standard role {console}; no permission of a custom role is known to open it")
            }
        }
    }

    /// Whether the set-up that Transom asks for brings it.
    fn in_setup(&self) -> bool {
        crate::setup::brings(self)
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
    /// The number on the parent's edge, where its selector is [`Selector::Marked`].
    pub mark: Option<i32>,
    /// The Okta id of the parent's own parent, where it has one.
    pub above: Option<&'a str>,
    /// The parent's document, where it was selected by what its document shows and a listing is at hand.
    pub doc: Option<&'a Value>,
    /// The Okta ids of the objects that the data set's [`per`](Dataset::per) lists, in one order for a whole run.
    pub per: &'a [&'a str],
    /// The Okta id of the org, as its metadata gives it.
    pub org: &'a str,
    /// Which of the data set's parts an item came from.
    pub part: i16,
}

impl<'a> Scope<'a> {
    /// The org itself, `org` being its Okta id.
    pub fn of_org(org: &'a str) -> Self {
        let (okta_id, status, mark, above, doc, per) = ("", None, None, None, None, &[]);
        Self { id: EntityId::ROOT, okta_id, status, mark, above, doc, per, org, part: 0 }
    }

    /// The one of [`per`](Self::per) that the part is about.
    pub fn per_of_part(&self) -> Option<&'a str> {
        usize::try_from(self.part).ok().and_then(|part| self.per.get(part)).copied()
    }
}

impl Scope<'static> {
    /// Any parent, of any org: to see which calls a declaration makes.
    pub fn any() -> Self {
        Self { id: EntityId(1), okta_id: "x", per: &["x"], ..Self::of_org("x") }
    }
}
