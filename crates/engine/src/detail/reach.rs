//! How far an admin role reaches that somebody holds.

use transom_core::{EntityId, OrgId};
use transom_store::{Direction, EntityRow, ListFilter, Paging};

use crate::entity::resource_set::{RESOURCE, RESOURCE_TARGET};
use crate::entity::role_assignment::{
    ASSIGNMENT_RESOURCE_SET, ASSIGNMENT_ROLE, ASSIGNMENT_TARGET_APP, ASSIGNMENT_TARGET_GROUP,
    ROLE_ASSIGNMENT, catalogue_targets,
};
use crate::entity::text;
use crate::{Engine, Problem};

/// How far a role assignment reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// A standard role without targets: everything of its sort in the org.
    Org,
    /// A standard role that is limited to these.
    Targets {
        /// Groups.
        groups: Vec<EntityRow>,
        /// App instances.
        apps: Vec<EntityRow>,
        /// Names of catalogue apps: every instance there is or will be.
        catalogue: Vec<String>,
    },
    /// A custom role, on a resource set.
    ResourceSet {
        /// The set.
        set: EntityRow,
        /// What is in it, by name.
        resources: Vec<ReachedResource>,
        /// Whether the set holds more than are listed here.
        more: bool,
    },
    /// A custom role whose resource set is not in the copy.
    NotKnown,
}

/// A member of a resource set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedResource {
    /// The member; its name is an Okta resource name or an address.
    pub resource: EntityRow,
    /// The group or app it names, and whether what that contains is meant rather than itself; `None` for all of a sort, or
    /// what is not in the copy.
    pub target: Option<(EntityRow, bool)>,
}

/// Members of a resource set shown at once.
const RESOURCES: u32 = 200;

impl Engine {
    /// The role that an assignment grants (`None`: not in the copy) and how far it reaches; `None` where there is no such
    /// assignment.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn reach(
        &self,
        org: OrgId,
        assignment: EntityId,
    ) -> Result<Option<(Option<EntityRow>, Reach)>, Problem> {
        let store = &self.store;
        let found = store.entity_by_id(org, assignment).await?;
        let Some(found) = found.filter(|e| e.row.kind == ROLE_ASSIGNMENT.code) else { return Ok(None) };
        let ends = async |relation: &transom_core::Relation| {
            let found = store.far_ends(org, relation.code, Direction::Out, &[assignment]).await;
            found.map(|ends| ends.into_iter().map(|end| end.row).collect::<Vec<_>>())
        };
        let role = ends(&ASSIGNMENT_ROLE).await?.pop();
        if text(&found.doc, "/type") == Some("CUSTOM") {
            let Some(set) = ends(&ASSIGNMENT_RESOURCE_SET).await?.pop() else {
                return Ok(Some((role, Reach::NotKnown)));
            };
            let filter = ListFilter { parent: Some(set.id), ..ListFilter::default() };
            let page = store.list(org, RESOURCE.code, &filter, &Paging::by_name(None, RESOURCES)).await?;
            let ids: Vec<EntityId> = page.rows.iter().map(|row| row.id).collect();
            let targets = store.far_ends(org, RESOURCE_TARGET.code, Direction::Out, &ids).await?;
            let reached = |resource: EntityRow| {
                let target = targets.iter().find(|t| t.of == resource.id);
                ReachedResource { target: target.map(|t| (t.row.clone(), t.attr == 1)), resource }
            };
            let resources = page.rows.into_iter().map(reached).collect();
            return Ok(Some((role, Reach::ResourceSet { set, resources, more: page.next.is_some() })));
        }
        let (groups, apps) = (ends(&ASSIGNMENT_TARGET_GROUP).await?, ends(&ASSIGNMENT_TARGET_APP).await?);
        let catalogue: Vec<String> = catalogue_targets(&found.doc).map(str::to_owned).collect();
        // What the document limits it to counts, also where that is not in the copy.
        let reach = if groups.is_empty() && apps.is_empty() && catalogue.is_empty() && !is_limited(&found.doc)
        {
            Reach::Org
        } else {
            Reach::Targets { groups, apps, catalogue }
        };
        Ok(Some((role, reach)))
    }
}

/// Whether the document of a standard role's assignment names any target.
fn is_limited(assignment: &serde_json::Value) -> bool {
    ["/_embedded/targets/groups", "/_embedded/targets/catalog/apps"].iter().any(|path| {
        assignment.pointer(path).and_then(serde_json::Value::as_array).is_some_and(|a| !a.is_empty())
    })
}
