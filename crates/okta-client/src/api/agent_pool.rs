//! Agent pools: the agents that join Okta with directories and servers of one's own.

use crate::listing::{Items, List, Listing, PageSize};
use crate::view::{open_enum, view};

view! {
    /// An agent pool with its agents [spec]; every recorded list is empty.
    AgentPool {
        /// The id of the directory's app instance, `0oa…` [inf].
        id: id "/id",
        /// Name.
        name: text "/name",
        /// What its agents do.
        kind: [AgentType] "/type",
        /// `OPERATIONAL`, `DEGRADED`, `DISRUPTED` or `INACTIVE`.
        operational_status: text "/operationalStatus",
        /// Agents that are disrupted.
        disrupted_agents: number "/disruptedAgents",
        /// Agents that are inactive.
        inactive_agents: number "/inactiveAgents",
        /// The agents.
        agents: list "/agents",
    }
}

view! {
    /// An agent of a pool [spec].
    Agent {
        /// The agent's id.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Its pool.
        pool_id: text "/poolId",
        /// What it does.
        kind: [AgentType] "/type",
        /// `OPERATIONAL`, `DEGRADED`, `DISRUPTED` or `INACTIVE`.
        operational_status: text "/operationalStatus",
        /// Its version.
        version: text "/version",
        /// Whether that is the latest.
        is_latest: flag "/isLatestGAedVersion",
        /// When it was last heard of, in milliseconds since 1970.
        last_connection: number "/lastConnection",
    }
}

open_enum! {
    /// Kinds of agents [spec].
    AgentType {
        /// Active Directory.
        Ad = "AD",
        /// Desktop single sign-on.
        Iwa = "IWA",
        /// LDAP.
        Ldap = "LDAP",
        /// Windows credential provider and ADFS.
        Mfa = "MFA",
        /// On-premises provisioning.
        Opp = "OPP",
        /// RSA.
        Rum = "RUM",
        /// RADIUS.
        Radius = "Radius",
    }
}

/// Every agent pool.
///
/// Page of 5 for each kind of agents / no most → 200 [spec: `limitPerPoolType`]. Bucket `agentPools`. Permission
/// `okta.agents.read` [docs]; read-only administrators see them [hound]; scope `okta.agentPools.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<AgentPool> {
    pools(Items::Array).of()
}

/// Every agent, from the same call.
///
/// As [`list`].
#[must_use]
pub fn agents() -> List<Agent> {
    pools(Items::Within("agents")).of()
}

fn pools(items: Items) -> Listing {
    let mut listing = Listing::new("/api/v1/agentPools", &[], items);
    listing.page_size = Some(PageSize { param: "limitPerPoolType", ask: 200, floor: 5 });
    listing
}
