//! Agent pools and their agents: what joins Okta with directories and servers of one's own.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right};

/// An agent pool.
pub const AGENT_POOL: Kind = Kind {
    code: KindCode(78),
    name: "agent_pool",
    title: "Agent pool",
    what: "The agents that join Okta with one directory or one kind of server.",
    status_at: Some("/operationalStatus"),
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "AD, LDAP, IWA, MFA, OPP, RUM or Radius.").faceted(),
        Column::text("disrupted_agents", "/disruptedAgents", "Agents that are disrupted.").typed(ColumnType::Integer),
        Column::text("inactive_agents", "/inactiveAgents", "Agents that are inactive.").typed(ColumnType::Integer),
    ],
    // Agents are objects of their own, and say at every reading when they were last heard of.
    volatile: &["/agents"],
    ..Kind::USUAL
};

/// An agent.
pub const AGENT: Kind = Kind {
    code: KindCode(79),
    name: "agent",
    title: "Agent",
    what: "A program on a server of one's own that joins Okta with a directory, checks passwords or provisions.",
    status_at: Some("/operationalStatus"),
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "AD, LDAP, IWA, MFA, OPP, RUM or Radius.").faceted(),
        Column::text("version", "/version", "Its version.").faceted(),
        Column::text("latest", "/isLatestGAedVersion", "Whether that is the latest version.").typed(ColumnType::Boolean),
        Column::text("hidden", "/isHidden", "Whether the Admin Console hides it.").typed(ColumnType::Boolean),
        Column::text("update_status", "/updateStatus", "How its last update went."),
        Column::text("last_connection", "/lastConnection", "When it was last heard of, in milliseconds since 1970.").typed(ColumnType::Integer),
    ],
    volatile: &["/lastConnection"],
    decides: &[("/poolId", Shape::Text)],
    ..Kind::USUAL
};

/// Agent → its pool.
pub const AGENT_OF_POOL: Relation = Relation {
    code: RelCode(76),
    name: "agent_of_pool",
    what: "The agent works in the pool.",
    from: &["agent"],
    to: &["agent_pool"],
    view: true,
    ..Relation::USUAL
};

const RIGHT: Right = Right {
    permission: Some("okta.agents.read"),
    console: "View agents",
    scope: "okta.agentPools.read",
    read_only_admin: true,
    evidence: Evidence::Practice,
};

static POOLS: Dataset = Dataset {
    name: "agent_pool",
    title: "Agent pools",
    used_for: "know what joins Okta with directories, and whether it works",
    without: "whether directory agents run, and on what, stays unknown",
    right: RIGHT,
    target: Target::Children(AGENT_POOL.code),
    parts: |_| vec![api::agent_pool::list().into_listing()],
    read: |item, scope, page| {
        object(&AGENT_POOL, &[], item, scope, page);
    },
    ..Dataset::USUAL
};

// The same call once more: what is embedded in one listing is complete and swept on its own.
static AGENTS: Dataset = Dataset {
    name: "agent",
    title: "Agents",
    used_for: "find old and disrupted agents, each a way into the directory",
    without: "old and disrupted agents stay out of sight",
    right: RIGHT,
    after: &["agent_pool"],
    target: Target::Children(AGENT.code),
    parts: |_| vec![api::agent_pool::agents().into_listing()],
    read: |item, scope, page| {
        let Some(agent) = object(&AGENT, &[AGENT_OF_POOL.code], item, scope, page) else { return };
        agent.out.extend(text(item, "/poolId").map(|pool| out(&AGENT_OF_POOL, &AGENT_POOL, pool)));
    },
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&AGENT_POOL, &AGENT],
    relations: &[&AGENT_OF_POOL],
    datasets: &[&POOLS, &AGENTS],
};
