//! Group rules: who is put into which group by an expression.

use okta_client::api;
use transom_core::{Column, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::group::GROUP;
use super::user::USER;
use super::{Declares, object, out, texts};
use crate::dataset::{Dataset, Right, Sight};

/// A group rule.
pub const GROUP_RULE: Kind = Kind {
    code: KindCode(4),
    name: "group_rule",
    title: "Group rule",
    what: "A rule that puts the users its expression matches into groups.",
    columns: &[Column::text("expression", "/conditions/expression/value", "The condition, in Okta Expression Language.")],
    decides: &[("/actions/assignUserToGroups/groupIds", Shape::Texts), ("/conditions/people/users", Shape::Sides)],
    ..Kind::USUAL
};

/// Rule → group it fills.
pub const RULE_GROUP: Relation = Relation {
    code: RelCode(4),
    name: "rule_group",
    what: "The rule puts matching users into the group.",
    from: &["group_rule"],
    to: &["group"],
    view: true,
    ..Relation::USUAL
};

/// Rule → user it leaves out.
pub const RULE_EXCLUDES: Relation = Relation {
    code: RelCode(16),
    name: "rule_excludes",
    what: "The rule never applies to the user.",
    from: &["group_rule"],
    to: &["user"],
    view: true,
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "group_rule",
    title: "Group rules",
    used_for: "explain why somebody is in a group",
    without: "membership by rule can't be told from membership by hand",
    right: Right {
        permission: Some("okta.groups.read"),
        console: "View groups and their details",
        scope: "okta.groups.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(GROUP_RULE.code),
    parts: |_| vec![api::group_rule::list().into_listing()],
    read: |item, scope, page| {
        let Some(rule) = object(&GROUP_RULE, &[RULE_GROUP.code, RULE_EXCLUDES.code], item, scope, page) else { return };

        rule.out.extend(texts(item.pointer("/actions/assignUserToGroups/groupIds")).map(|group| out(&RULE_GROUP, &GROUP, group)));

        rule.out.extend(texts(item.pointer("/conditions/people/users/exclude")).map(|user| out(&RULE_EXCLUDES, &USER, user)));
    },
    again: Some(|id| api::group_rule::get(id).into_listing()),
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&GROUP_RULE], relations: &[&RULE_GROUP, &RULE_EXCLUDES], datasets: &[&DATASET] };
