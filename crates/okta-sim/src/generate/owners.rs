//! Who owns a group, as arithmetic: some have no owner, some one or two people, some a group.

use super::groups::GroupType;
use super::layout::{BUILT_IN_GROUPS, Layout};
use super::permutation::hash;

/// Who owns a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A user.
    User(u32),
    /// A group, and so its members.
    Group(u32),
}

/// The owners of a group at the beginning. Only groups made in Okta have some.
pub fn owners(seed: u64, group: u32, kind: GroupType, layout: &Layout) -> Vec<Owner> {
    let members = layout.member_count(group);
    if kind != GroupType::Okta || members == 0 {
        return Vec::new();
    }
    let chance = hash(seed, u64::from(group), 0x0e1);
    let member = |n: u64| Owner::User(layout.member(group, (n % u64::from(members)) as u32));
    match chance % 10 {
        0..=3 => Vec::new(),
        4..=6 => vec![member(chance >> 8)],
        7..=8 => {
            let mut two = vec![member(0), member(chance >> 8)];
            two.dedup();
            two
        }
        _ if group != BUILT_IN_GROUPS => vec![Owner::Group(BUILT_IN_GROUPS)],
        _ => vec![member(0)],
    }
}
