//! Why a user is in a group, as far as the copy tells.

use std::collections::HashSet;

use transom_core::{EntityId, OrgId};
use transom_store::{Direction, EntityRow};

use crate::entity::group::{GROUP, GROUP_SOURCE};
use crate::entity::group_rule::{RULE_EXCLUDES, RULE_GROUP};
use crate::{Engine, Problem};

/// Why a user is in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The group and its members are imported from an app [spec, `GroupType`]; the app, where it is known.
    ImportedFrom(Option<EntityRow>),
    /// Okta itself decides who is in it, as with Everyone [spec, `GroupType`].
    BuiltIn,
    /// One of these active rules targets the group and does not leave the user out. Whether its condition fits the user was
    /// not evaluated, and somebody may have added the user by hand.
    PossiblyByRule(Vec<EntityRow>),
    /// No active rule explains it: by hand, by an app or the API, or by a rule that is gone or that we may not see.
    NotKnown,
}

impl Engine {
    /// Why a user is in each of `groups` (those of a page), in their order. That the user is in them is taken as given.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn why_in_groups(
        &self,
        org: OrgId,
        user: EntityId,
        groups: &[EntityId],
    ) -> Result<Vec<Why>, Problem> {
        let store = &self.store;
        let types = store.values(org, GROUP.code, groups, &["type"]).await?;
        let mut sources = store.far_ends(org, GROUP_SOURCE.code, Direction::Out, groups).await?;
        let excluding = store.far_ends(org, RULE_EXCLUDES.code, Direction::In, &[user]).await?;
        let excluding: HashSet<EntityId> = excluding.into_iter().map(|rule| rule.row.id).collect();
        let mut rules = store.far_ends(org, RULE_GROUP.code, Direction::In, groups).await?;
        rules
            .retain(|rule| rule.row.status.as_deref() == Some("ACTIVE") && !excluding.contains(&rule.row.id));
        let mut why = |(group, values): (&EntityId, Vec<serde_json::Value>)| match values
            .first()
            .and_then(|t| t.as_str())
        {
            Some("APP_GROUP") => {
                let source = sources.iter().position(|s| s.of == *group).map(|n| sources.swap_remove(n).row);
                Why::ImportedFrom(source)
            }
            Some("BUILT_IN") => Why::BuiltIn,
            _ => {
                let by: Vec<EntityRow> =
                    rules.iter().filter(|rule| rule.of == *group).map(|rule| rule.row.clone()).collect();
                if by.is_empty() { Why::NotKnown } else { Why::PossiblyByRule(by) }
            }
        };
        Ok(groups.iter().zip(types).map(&mut why).collect())
    }
}
