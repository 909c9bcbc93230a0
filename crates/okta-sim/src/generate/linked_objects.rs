//! Linked objects: the relations between users that the org defined, and who is linked to whom, as arithmetic that goes
//! both ways.

use super::layout::Layout;
use super::people::People;
use super::user_types;

/// A relation between users: both sides' names and titles, and who is linked.
#[derive(Debug, Clone, Copy)]
pub struct LinkedObject {
    /// Name and title of the one.
    pub primary: (&'static str, &'static str),
    /// Name and title of the many.
    pub associated: (&'static str, &'static str),
    tie: Tie,
}

/// Who is linked to whom.
#[derive(Debug, Clone, Copy)]
enum Tie {
    /// The people of a department to the one who leads it, as their profiles say.
    Department,
    /// Contractors to the employee whose number begins their sixteen. Those who left keep theirs [inf].
    Sixteen,
}

/// The linked objects of the org.
pub const LINKED_OBJECTS: &[LinkedObject] = &[
    LinkedObject {
        primary: ("manager", "Manager"),
        associated: ("subordinate", "Subordinate"),
        tie: Tie::Department,
    },
    LinkedObject { primary: ("sponsor", "Sponsor"), associated: ("guest", "Guest"), tie: Tie::Sixteen },
];

impl LinkedObject {
    /// The user's primary in this relation at the beginning: one at most.
    pub fn primary_of(&self, user: u32, people: &People, layout: &Layout) -> Option<u32> {
        match self.tie {
            Tie::Department => layout.manager(user),
            Tie::Sixteen => {
                let is_contractor = |user| people.user_type(user) == user_types::CONTRACTOR;
                let sponsor = user - user % 16;
                (user < people.count() && is_contractor(user) && !is_contractor(sponsor)).then_some(sponsor)
            }
        }
    }

    /// Those whose primary the user is at the beginning.
    pub fn associated_of(&self, user: u32, people: &People, layout: &Layout) -> Vec<u32> {
        let all: Vec<u32> = match self.tie {
            Tie::Department => layout.colleagues(user).collect(),
            Tie::Sixteen => (user..people.count().min(user.saturating_add(16))).collect(),
        };
        all.into_iter().filter(|other| self.primary_of(*other, people, layout) == Some(user)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::generate::people::CAST;

    #[test]
    fn both_ends_say_the_same() {
        let config = Config { users: 500, ..Config::default() };
        let people = People::new(&config, 1_790_000_000_000);
        let layout = Layout::new(&config, CAST.len() as u32, people.live() - CAST.len() as u32);
        for linked in LINKED_OBJECTS {
            let primary = |user| Some((linked.primary_of(user, &people, &layout)?, user));
            let mut by_primary: Vec<(u32, u32)> = (0..500).filter_map(primary).collect();
            let associated = |user| {
                linked.associated_of(user, &people, &layout).into_iter().map(move |other| (user, other))
            };
            let mut by_associated: Vec<(u32, u32)> = (0..500).flat_map(associated).collect();
            by_primary.sort_unstable();
            by_associated.sort_unstable();
            assert_eq!(by_primary, by_associated, "{}", linked.primary.0);
            assert!(by_primary.len() > 20, "{}: {}", linked.primary.0, by_primary.len());
            assert!(by_primary.iter().all(|(one, other)| one != other), "nobody is their own");
        }
    }
}
