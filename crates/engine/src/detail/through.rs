//! Through what a user has an app.

use std::collections::HashMap;

use transom_core::{EntityId, OrgId};
use transom_store::{Direction, EntityRow};

use crate::entity::app_group::{APP_GROUP, priority_of};
use crate::entity::app_user::{APP_USER, scope_of};
use crate::entity::group_member::GROUP_MEMBER;
use crate::entity::text;
use crate::{Engine, Problem};

pub use crate::entity::app_user::Scope;

/// Through what a user has an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// How Okta says the user is assigned.
    pub scope: Scope,
    /// Whether the assignment is active, by its own status.
    pub active: bool,
    /// The id of the group that Okta's document of the assignment names, where it names one.
    pub named: Option<String>,
    /// The user's groups that are assigned to the app, the first in priority first; those whose priority was not read last.
    /// A user who is assigned directly may have such groups as well. Where Okta says that the assignment comes through a
    /// group and none is here, the group or its members are not known.
    pub groups: Vec<ThroughGroup>,
}

/// A group of the user that is assigned to the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThroughGroup {
    /// The group.
    pub group: EntityRow,
    /// Its priority among the app's groups; the lower wins. `None`: not read yet.
    pub priority: Option<i32>,
}

impl Engine {
    /// Through what a user has each of `apps` (those of a page), in their order; `None` for an app that the user is not
    /// assigned to.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn through_what(
        &self,
        org: OrgId,
        user: EntityId,
        apps: &[EntityId],
    ) -> Result<Vec<Option<Through>>, Problem> {
        let store = &self.store;
        let assigned = store.edges_between(org, APP_USER.code, &[user], apps).await?;
        let assigned: HashMap<EntityId, i32> =
            assigned.into_iter().map(|(_, app, attr)| (app, attr)).collect();
        let groups = store.far_ends(org, GROUP_MEMBER.code, Direction::Out, &[user]).await?;
        let ids: Vec<EntityId> = groups.iter().map(|g| g.row.id).collect();
        let granted = store.edges_between(org, APP_GROUP.code, &ids, apps).await?;
        let mut all = Vec::with_capacity(apps.len());
        for app in apps {
            let Some(attr) = assigned.get(app) else {
                all.push(None);
                continue;
            };
            let (scope, active) = scope_of(*attr);
            let doc = match scope {
                Scope::Group => store.edge_doc(org, APP_USER.code, user, *app).await?,
                Scope::User | Scope::NotStated => None,
            };
            let named = doc.as_ref().and_then(|doc| text(doc, "/_links/group/href"));
            let named = named.and_then(|href| href.rsplit('/').next()).map(str::to_owned);
            let of = granted.iter().filter(|(_, to, _)| to == app);
            let group = |(group, _, attr): &(EntityId, EntityId, i32)| {
                let row = groups.iter().find(|g| g.row.id == *group)?.row.clone();
                Some(ThroughGroup { group: row, priority: priority_of(*attr) })
            };
            let mut groups: Vec<ThroughGroup> = of.filter_map(group).collect();
            groups.sort_by_key(|g| (g.priority.is_none(), g.priority, g.group.id));
            all.push(Some(Through { scope, active, named, groups }));
        }
        Ok(all)
    }
}
