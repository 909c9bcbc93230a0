//! Rules that put users into groups.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A group rule.
    GroupRule {
        /// `0pr…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Whether it works.
        status: [GroupRuleStatus] "/status",
        /// The condition, in Okta's expression language.
        expression: text "/conditions/expression/value",
        /// Users it leaves alone.
        excluded_user_ids: texts "/conditions/people/users/exclude",
        /// Groups it puts users into.
        group_ids: texts "/actions/assignUserToGroups/groupIds",
        /// Whether all those groups still exist; not in the spec [rec].
        all_groups_valid: flag "/allGroupsValid",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// State of a group rule [spec].
    GroupRuleStatus {
        Active = "ACTIVE",
        Inactive = "INACTIVE",
        /// Its condition or a group no longer exists.
        Invalid = "INVALID",
    }
}

/// Every group rule.
///
/// Page 50 / 200 → 200 [spec]. Bucket `groups`. Permission `okta.groups.read` [inf], scope `okta.groups.read` [spec].
/// [rec]
#[must_use]
pub fn list() -> List<GroupRule> {
    Listing::new("/api/v1/groups/rules", &[], Items::Array).limit(200, 25).of()
}

/// One group rule.
///
/// Permission and scope as [`list`] [spec].
#[must_use]
pub fn get(rule_id: &str) -> List<GroupRule> {
    Listing::new("/api/v1/groups/rules/{groupRuleId}", &[rule_id], Items::One).of()
}
