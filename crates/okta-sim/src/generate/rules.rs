//! Group rules: the departments' groups are filled by them.

use super::groups;
use super::layout::Layout;
use super::names::DEPARTMENTS;
use super::people::DAY;

/// A group rule's status, as Okta writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleStatus {
    /// It works.
    Active,
    /// Switched off.
    Inactive,
    /// It names a group or attribute that is gone.
    Invalid,
}

impl RuleStatus {
    /// As Okta writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Invalid => "INVALID",
        }
    }
}

/// A group rule.
#[derive(Debug, Clone)]
pub struct GroupRule {
    /// Number, for the id.
    pub n: u64,
    /// Name, at most 50 characters.
    pub name: String,
    /// Status.
    pub status: RuleStatus,
    /// Okta expression.
    pub expression: String,
    /// The attribute values it asks for: what the expression says, for the simulator's own use.
    pub wants: Vec<(&'static str, String)>,
    /// The groups it fills.
    pub groups: Vec<u32>,
    /// When created.
    pub created: i64,
    /// When last changed.
    pub last_updated: i64,
}

/// The rules at the beginning: one per department group, one switched off, one broken.
pub fn rules(seed: u64, as_of: i64, layout: &Layout) -> Vec<GroupRule> {
    let first = layout.first_department();
    let mut rules: Vec<GroupRule> = (0..layout.departments())
        .map(|nth| {
            let department = DEPARTMENTS[nth as usize % DEPARTMENTS.len()].0;
            let mut wants = vec![("department", department.to_owned())];
            if layout.departments() as usize > DEPARTMENTS.len() {
                wants.push(("costCenter", format!("CC{}", 1000 + nth)));
            }
            let terms: Vec<String> = wants.iter().map(|(k, v)| format!("user.{k}==\"{v}\"")).collect();
            let group = groups::group(seed, as_of, first + nth, layout, 0);
            GroupRule {
                n: u64::from(nth),
                name: format!("{} by department", group.name),
                status: RuleStatus::Active,
                expression: terms.join(" and "),
                wants,
                groups: vec![first + nth],
                created: group.created,
                last_updated: group.created,
            }
        })
        .collect();
    let n = rules.len() as u64;
    let old = |days: i64| as_of - days * DAY;
    rules.push(GroupRule {
        n,
        name: "Contractors (pilot)".into(),
        status: RuleStatus::Inactive,
        expression: "user.userType==\"Contractor\" AND !isMemberOfAnyGroup()".into(),
        wants: Vec::new(),
        groups: vec![first + layout.departments()],
        created: old(400),
        last_updated: old(200),
    });
    rules.push(GroupRule {
        n: n + 1,
        name: "Former subsidiary".into(),
        status: RuleStatus::Invalid,
        expression: "String.stringContains(user.subsidiary,\"Nordwind\")".into(),
        wants: Vec::new(),
        groups: vec![first],
        created: old(900),
        last_updated: old(700),
    });
    rules
}
