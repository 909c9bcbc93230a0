//! Who is in which group and who has which app, as arithmetic.
//!
//! The people are shuffled once per *round*; within a round, groups are neighbouring intervals of the shuffled line, and
//! an app is an interval too: the groups that lie wholly inside it are assigned to it, and whoever else stands inside
//! is assigned in person. So both questions — who is in it, and what is this person in — are a permutation and a binary
//! search, at any size, from a table with one line per group and app.

use super::permutation::{Permutation, hash};
use crate::config::{Config, Spread};

/// How a person comes to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Assigned in person.
    Direct,
    /// Through this group.
    Group(u32),
}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    round: u32,
    start: u32,
    len: u32,
}

impl Span {
    fn end(self) -> u32 {
        self.start + self.len
    }
}

#[derive(Debug)]
struct Round {
    order: Permutation,
    /// Groups by start, none empty.
    groups: Vec<(Span, u32)>,
    /// Apps by start, none empty.
    apps: Vec<(Span, u32)>,
    longest_app: u32,
}

impl Round {
    fn group_at(&self, position: u32) -> Option<u32> {
        let next = self.groups.partition_point(|(span, _)| span.start <= position);
        let (span, group) = self.groups.get(next.checked_sub(1)?)?;
        (position < span.end()).then_some(*group)
    }
}

/// The arithmetic of memberships and assignments before anything was changed.
#[derive(Debug)]
pub struct Layout {
    /// The first person who takes part, and how many do.
    first: u32,
    people: u32,
    rounds: Vec<Round>,
    groups: Vec<Span>,
    apps: Vec<Span>,
    everyone_apps: Vec<u32>,
    first_department: u32,
    departments: u32,
    offices: u32,
}

/// Groups that exist in every org: `Everyone` and `Okta Administrators`.
pub const BUILT_IN_GROUPS: u32 = 2;
const ADMIN_GROUP_SIZE: u32 = 6;

impl Layout {
    /// Lays out `config`'s groups and apps over the people `first..first + people`.
    pub fn new(config: &Config, first: u32, people: u32) -> Self {
        let mut layout = Self {
            first,
            people,
            rounds: Vec::new(),
            groups: vec![Span::default(); config.groups as usize],
            apps: vec![Span::default(); config.apps as usize],
            everyone_apps: Vec::new(),
            first_department: BUILT_IN_GROUPS + config.shape.admin_groups as u32,
            departments: 0,
            offices: 0,
        };
        layout.place_groups(config);
        layout.place_apps(config);
        layout
    }

    fn place_groups(&mut self, config: &Config) {
        let admin_groups = BUILT_IN_GROUPS..BUILT_IN_GROUPS + config.shape.admin_groups as u32;
        let mut next = self.first_department;
        let ordinary = config.groups as u32 - next;
        let mean = (config.shape.members_per_group as u32).clamp(1, self.people);
        match config.shape.spread {
            Spread::Uniform => {
                let per_round = (self.people / mean).max(1);
                self.departments = per_round.min(ordinary);
                self.offices = per_round.min(ordinary - self.departments);
                for group in next..config.groups as u32 {
                    self.place(config.seed, group, mean, (group - next).is_multiple_of(per_round));
                }
            }
            Spread::Natural => {
                self.departments = (super::names::DEPARTMENTS.len() as u32).min(ordinary / 3);
                self.offices = (super::names::OFFICES.len() as u32).min(ordinary / 4);
                for count in [self.departments, self.offices] {
                    // Each half again as large as the next but one; together they hold everybody.
                    let weights: Vec<f64> = (0..count).map(|i| 0.8f64.powi(i as i32)).collect();
                    let total: f64 = weights.iter().sum();
                    let mut left = self.people;
                    for (i, weight) in weights.iter().enumerate() {
                        let share = (f64::from(self.people) * weight / total) as u32;
                        let size = if i + 1 == weights.len() { left } else { share.min(left) };
                        left -= size;
                        self.place(config.seed, next, size, i == 0);
                        next += 1;
                    }
                }
                for group in next..config.groups as u32 {
                    let chance = hash(config.seed, u64::from(group), 0x517e);
                    let size = match chance % 20 {
                        0 => 0,
                        1..=2 => mean * 4,
                        3..=7 => mean,
                        _ => 2 + (chance >> 8) as u32 % mean,
                    };
                    self.place(config.seed, group, size.min(self.people), group == next);
                }
            }
        }
        for (i, group) in admin_groups.enumerate() {
            self.place(config.seed, group, ADMIN_GROUP_SIZE.min(self.people), i == 0);
        }
        for round in &mut self.rounds {
            round.groups.sort_unstable_by_key(|(span, _)| span.start);
        }
    }

    fn place(&mut self, seed: u64, group: u32, len: u32, new_round: bool) {
        let used = self.rounds.last().and_then(|r| r.groups.last()).map_or(0, |(span, _)| span.end());
        if new_round || self.rounds.is_empty() || used + len > self.people {
            let order =
                Permutation::new(u64::from(self.people), hash(seed, self.rounds.len() as u64, 0x0bde));
            self.rounds.push(Round { order, groups: Vec::new(), apps: Vec::new(), longest_app: 0 });
            return self.put(group, 0, len);
        }
        self.put(group, used, len);
    }

    fn put(&mut self, group: u32, start: u32, len: u32) {
        let round = self.rounds.len() as u32 - 1;
        let span = Span { round, start, len };
        self.groups[group as usize] = span;
        if len > 0 {
            self.rounds[round as usize].groups.push((span, group));
        }
    }

    fn place_apps(&mut self, config: &Config) {
        let mean = (config.shape.users_per_app as u32).clamp(1, self.people);
        for app in 0..config.apps as u32 {
            let chance = hash(config.seed, u64::from(app), 0xa995);
            let natural = config.shape.spread == Spread::Natural;
            // Natural orgs begin with the console, the dashboard and the directory.
            if natural && app < 2 {
                continue;
            }
            if natural && (app == 3 || app == 4) {
                self.everyone_apps.push(app);
                continue;
            }
            let mut len = match (natural, chance % 12) {
                (false, _) => mean,
                (true, 0) => 0,
                (true, 1..=2) => mean * 3,
                (true, 3..=6) => mean,
                (true, _) => 1 + (chance >> 8) as u32 % mean,
            }
            .min(self.people);
            if len == 0 {
                continue;
            }
            let round_number = (chance >> 16) as usize % self.rounds.len();
            let round = &mut self.rounds[round_number];
            let fitting: usize = round.groups.partition_point(|(span, _)| span.start + len <= self.people);
            let start = match fitting {
                0 => self.people - len,
                n => round.groups[(chance >> 24) as usize % n].0.start,
            };
            if natural && chance.is_multiple_of(2) {
                // Half of the apps are given to groups only: end where the last whole group ends.
                let whole = round.groups.iter().rfind(|(g, _)| g.start >= start && g.end() <= start + len);
                len = whole.map_or(len, |(g, _)| g.end() - start);
            }
            let span = Span { round: round_number as u32, start, len };
            self.apps[app as usize] = span;
            round.apps.push((span, app));
            round.longest_app = round.longest_app.max(len);
        }
        for round in &mut self.rounds {
            round.apps.sort_unstable_by_key(|(span, app)| (span.start, *app));
        }
    }

    fn position(&self, round: u32, user: u32) -> Option<u32> {
        let place = user.checked_sub(self.first).filter(|p| *p < self.people)?;
        Some(self.rounds[round as usize].order.invert(u64::from(place)) as u32)
    }

    fn user_at(&self, round: u32, position: u32) -> u32 {
        self.first + self.rounds[round as usize].order.apply(u64::from(position)) as u32
    }

    /// The first group that stands for a department.
    pub fn first_department(&self) -> u32 {
        self.first_department
    }

    /// How many groups stand for departments; they come first after the built-in and admin groups.
    pub fn departments(&self) -> u32 {
        self.departments
    }

    /// How many groups stand for offices; they come after the departments.
    pub fn offices(&self) -> u32 {
        self.offices
    }

    /// How many members a group has.
    pub fn member_count(&self, group: u32) -> u32 {
        self.groups.get(group as usize).map_or(0, |span| span.len)
    }

    /// The `n`th member of a group; `n` must be below [`Self::member_count`].
    pub fn member(&self, group: u32, n: u32) -> u32 {
        let span = self.groups[group as usize];
        self.user_at(span.round, span.start + n)
    }

    /// Which member of the group the user is, if one.
    pub fn member_number(&self, group: u32, user: u32) -> Option<u32> {
        let span = self.groups.get(group as usize).filter(|span| span.len > 0)?;
        let position = self.position(span.round, user)?;
        position.checked_sub(span.start).filter(|n| *n < span.len)
    }

    /// The groups a user is in.
    pub fn groups_of(&self, user: u32) -> impl Iterator<Item = u32> + '_ {
        let rounds = 0..self.rounds.len() as u32;
        rounds.filter_map(move |k| self.rounds[k as usize].group_at(self.position(k, user)?))
    }

    /// The group of the first round (a department) or the second (an office) that a user is in.
    pub fn group_in_round(&self, round: u32, user: u32) -> Option<u32> {
        self.rounds.get(round as usize)?.group_at(self.position(round, user)?)
    }

    /// Who leads the user's department: its first member. Nobody leads that one.
    pub fn manager(&self, user: u32) -> Option<u32> {
        let manager = self.member(self.group_in_round(0, user)?, 0);
        Some(manager).filter(|manager| *manager != user)
    }

    /// The members of the user's department, the user among them.
    pub fn colleagues(&self, user: u32) -> impl Iterator<Item = u32> + '_ {
        let department = self.group_in_round(0, user);
        department
            .into_iter()
            .flat_map(move |group| (0..self.member_count(group)).map(move |n| self.member(group, n)))
    }

    /// How many users an app has.
    pub fn app_user_count(&self, app: u32) -> u32 {
        self.apps.get(app as usize).map_or(0, |span| span.len)
    }

    /// The `n`th user of an app; `n` must be below [`Self::app_user_count`].
    pub fn app_user(&self, app: u32, n: u32) -> u32 {
        let span = self.apps[app as usize];
        self.user_at(span.round, span.start + n)
    }

    /// Which user of the app this is, and how they come to it.
    pub fn app_user_number(&self, app: u32, user: u32) -> Option<(u32, Via)> {
        let span = *self.apps.get(app as usize).filter(|span| span.len > 0)?;
        let position = self.position(span.round, user)?;
        let n = position.checked_sub(span.start).filter(|n| *n < span.len)?;
        let group = self.rounds[span.round as usize].group_at(position);
        let whole = group.filter(|g| {
            let g = self.groups[*g as usize];
            g.start >= span.start && g.end() <= span.end()
        });
        Some((n, whole.map_or(Via::Direct, Via::Group)))
    }

    /// The apps a user has, not counting those for everyone.
    pub fn apps_of(&self, user: u32) -> impl Iterator<Item = u32> + '_ {
        self.rounds.iter().enumerate().flat_map(move |(k, round)| {
            let position = self.position(k as u32, user);
            let until = position.map_or(0, |p| round.apps.partition_point(|(span, _)| span.start <= p));
            let near =
                move |(span, app): &(Span, u32)| position.is_some_and(|p| p < span.end()).then_some(*app);
            let reach = position.map_or(0, |p| p.saturating_sub(round.longest_app));
            let from = round.apps.partition_point(|(span, _)| span.start < reach);
            round.apps[from.min(until)..until].iter().filter_map(near)
        })
    }

    /// The groups assigned to an app, not counting `Everyone`.
    pub fn groups_of_app(&self, app: u32) -> impl Iterator<Item = u32> + '_ {
        let span = self.apps.get(app as usize).copied().unwrap_or_default();
        let groups = &self.rounds[span.round as usize].groups;
        let from = groups.partition_point(|(g, _)| g.start < span.start);
        groups[from..].iter().take_while(move |(g, _)| g.end() <= span.end()).map(|(_, group)| *group)
    }

    /// The apps a group is assigned to.
    pub fn apps_of_group(&self, group: u32) -> impl Iterator<Item = u32> + '_ {
        let span = self.groups.get(group as usize).copied().unwrap_or_default();
        let round = &self.rounds[span.round as usize];
        let holds = move |(app_span, app): &(Span, u32)| {
            (span.len > 0 && app_span.start <= span.start && span.end() <= app_span.end()).then_some(*app)
        };
        let until = round.apps.partition_point(|(app_span, _)| app_span.start <= span.start);
        round.apps[..until].iter().filter_map(holds)
    }

    /// The apps that `Everyone` is assigned to.
    pub fn everyone_apps(&self) -> &[u32] {
        &self.everyone_apps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn check(config: &Config, people: u32) {
        let layout = Layout::new(config, 10, people);
        let (mut by_group, mut by_user) = (BTreeSet::new(), BTreeSet::new());
        for group in 0..config.groups as u32 {
            for n in 0..layout.member_count(group) {
                let user = layout.member(group, n);
                assert!((10..10 + people).contains(&user));
                assert_eq!(layout.member_number(group, user), Some(n));
                assert!(by_group.insert((group, user)), "nobody is twice in one group");
            }
        }
        let (mut by_app, mut apps_by_user) = (BTreeSet::new(), BTreeSet::new());
        for app in 0..config.apps as u32 {
            let groups: BTreeSet<u32> = layout.groups_of_app(app).collect();
            for n in 0..layout.app_user_count(app) {
                let user = layout.app_user(app, n);
                let (number, via) = layout.app_user_number(app, user).expect("a user of the app");
                assert_eq!(number, n);
                let through: Vec<u32> =
                    groups.iter().copied().filter(|g| layout.member_number(*g, user).is_some()).collect();
                match via {
                    Via::Group(g) => assert_eq!(through, vec![g]),
                    Via::Direct => assert_eq!(through, Vec::<u32>::new()),
                }
                assert!(by_app.insert((app, user)));
            }
            for group in groups {
                assert!(layout.apps_of_group(group).any(|a| a == app));
            }
        }
        for user in 0..people + 20 {
            by_user.extend(layout.groups_of(user).map(|g| (g, user)));
            apps_by_user.extend(layout.apps_of(user).map(|a| (a, user)));
        }
        assert_eq!(by_group, by_user, "both directions of membership agree");
        assert_eq!(by_app, apps_by_user, "both directions of assignment agree");
        assert!(!by_group.is_empty() && !by_app.is_empty());
    }

    #[test]
    fn both_directions_agree() {
        for seed in 0..4 {
            check(&Config { seed, ..Config::default() }, 470);
            check(
                &Config { seed, ..Config { users: 3_000, groups: 150, apps: 90, ..Config::r10k() } },
                2_870,
            );
        }
    }

    #[test]
    fn the_reference_org_has_the_stated_sizes() {
        let config = Config::r10k();
        let layout = Layout::new(&config, 12, 9_580);
        assert!((5..500).all(|g| layout.member_count(g) == 300));
        assert!((0..300).all(|a| layout.app_user_count(a) == 667));
    }
}
