//! What a person or a program may do, and for which orgs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::OrgId;

/// What an account or an API token may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Approves and applies actions.
    Responder,
    /// Makes and looks after connections.
    Admin,
    /// Decides about members and the installation.
    Owner,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Admin, Self::Owner];

    /// The word people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Responder => "Responder",
            Self::Admin => "Admin",
            Self::Owner => "Owner",
        }
    }

    /// What the role may do, in a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::Viewer => "Reads everything of its orgs.",
            Self::Responder => {
                "Reads. Approving and applying actions will be its part; this version has none yet."
            }
            Self::Admin => "Reads, connects orgs, and looks after connections.",
            Self::Owner => "All that, and decides about members, sign-in and settings.",
        }
    }

    /// The word stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role stored as `text`; `None` for another word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// The orgs that a role holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every org, also those connected later, and the installation itself.
    All,
    /// These orgs and nothing else.
    Orgs(BTreeSet<OrgId>),
}

impl Reach {
    /// Whether it holds for `org`.
    pub fn covers(&self, org: OrgId) -> bool {
        match self {
            Self::All => true,
            Self::Orgs(orgs) => orgs.contains(&org),
        }
    }

    /// What is in both.
    pub fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, reach) | (reach, Self::All) => reach.clone(),
            (Self::Orgs(a), Self::Orgs(b)) => Self::Orgs(a & b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_grow_and_are_read_as_written() {
        assert!(Role::ALL.is_sorted());
        assert!(Role::ALL.iter().all(|r| Role::parse(r.as_str()) == Some(*r)));
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn a_reach_of_some_orgs_covers_no_other() {
        let some = Reach::Orgs([OrgId(2)].into());
        assert!(some.covers(OrgId(2)) && !some.covers(OrgId(3)) && Reach::All.covers(OrgId(3)));
        let more = Reach::Orgs([OrgId(2), OrgId(4)].into());
        assert_eq!((some.within(&Reach::All), Reach::All.within(&more)), (some.clone(), more.clone()));
        assert_eq!(some.within(&more), some);
        let text = serde_json::to_string(&some).expect("writes");
        assert_eq!(serde_json::from_str::<Reach>(&text).expect("reads"), some);
    }
}
