//! The orders of lists.

use transom_core::KindCode;

use crate::{Error, Result, Store};

/// What a list is sorted by; the dense id decides between equals. Entities that have no such value come last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The name, lower-cased; the id where there is none. With a prefix: what begins so, of the names,
    /// logins and searched columns of each.
    #[default]
    Name,
    /// The login, lower-cased. Top-level kinds only, or the children of one parent, as the two that follow.
    Login,
    /// The status, then the name.
    Status,
    /// When Okta says it was created.
    Created,
    /// When Okta says it was last changed.
    Updated,
}

impl Sort {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Name, Self::Login, Self::Status, Self::Created, Self::Updated];

    /// The word for it in addresses: `name`, `login`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Login => "login",
            Self::Status => "status",
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == word)
    }

    /// The column that may have no value.
    pub(crate) fn may_lack(self) -> Option<&'static str> {
        match self {
            Self::Name => None,
            Self::Login => Some("e.login_key"),
            Self::Status => Some("e.status"),
            Self::Created => Some("e.created"),
            Self::Updated => Some("e.updated"),
        }
    }

    /// The texts and the number it sorts by, among those that have a value or lack it.
    pub(crate) fn keys(self, none: bool) -> (&'static [&'static str], Option<&'static str>) {
        match (self, none) {
            (Self::Name, _) | (Self::Status, true) => (&["e.name_key"], None),
            (Self::Status, false) => (&["e.status", "e.name_key"], None),
            (Self::Login, false) => (&["e.login_key"], None),
            (Self::Created, false) => (&[], Some("e.created")),
            (Self::Updated, false) => (&[], Some("e.updated")),
            (Self::Login | Self::Created | Self::Updated, true) => (&[], None),
        }
    }

    /// The index in this order.
    pub(crate) fn index(self) -> &'static str {
        match self {
            Self::Name => "entity_name",
            Self::Login => "entity_login",
            Self::Status => "entity_status",
            Self::Created => "entity_created",
            Self::Updated => "entity_updated",
        }
    }
}

impl Store {
    /// What a kind can be sorted by.
    pub fn sorts(&self, kind: KindCode, under_parent: bool) -> Vec<Sort> {
        let Some(kind) = self.catalogue.kind(kind) else { return vec![Sort::Name] };
        let indexed = under_parent || kind.parents.is_empty();
        let has = |sort: &Sort| match sort {
            Sort::Name => true,
            Sort::Login => kind.login_at.is_some() && indexed,
            Sort::Status => kind.status_at.is_some(),
            Sort::Created => kind.created_at.is_some() && indexed,
            Sort::Updated => kind.updated_at.is_some() && indexed,
        };
        Sort::ALL.into_iter().filter(has).collect()
    }

    /// Refuses an order that a kind has not.
    pub(crate) fn can_sort(&self, kind: KindCode, sort: Sort, under_parent: bool) -> Result<()> {
        let can = self.sorts(kind, under_parent);
        if can.contains(&sort) {
            return Ok(());
        }
        let why = if self.sorts(kind, true).contains(&sort) {
            ", unless those of one parent are listed"
        } else {
            ", which it has not"
        };
        let can = can.into_iter().map(Sort::as_str).collect::<Vec<_>>().join(", ");
        let kind = self.catalogue.kind(kind).map_or("", |k| k.name);
        Err(Error::Sort { kind, sort: sort.as_str(), why, can })
    }
}
