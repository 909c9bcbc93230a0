//! The org as it is now: the beginning with the changes laid over it. Everything that answers or changes looks here.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::state::State;
use crate::generate::Base;
use crate::generate::apps::{self, App, Around};
use crate::generate::factors::{self, Factor};
use crate::generate::groups::{self, EVERYONE, Group, OKTA_ADMINISTRATORS};
use crate::generate::iam::Holder;
use crate::generate::ids::IdKind;
use crate::generate::layout::Via;
use crate::generate::linked_objects::{LINKED_OBJECTS, LinkedObject};
use crate::generate::owners::{self, Owner};
use crate::generate::people::{Head, Status, User};
use crate::generate::policies::{APP_ACCESS, PROFILE_ENROLMENT};

/// Users' numbers, one after the other.
pub type Users<'a> = Box<dyn Iterator<Item = u32> + 'a>;

/// A look at the org.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The beginning.
    pub base: &'a Base,
    /// The changes.
    pub state: &'a State,
}

impl<'a> View<'a> {
    // --- users ---------------------------------------------------------------------------------------------------

    /// How many places in listings there are, deleted users' included.
    pub fn places(&self) -> u32 {
        self.base.people.count() + self.state.created_users
    }

    /// The user at a place of listings, whether or not they still exist.
    pub fn at_place(&self, place: u32) -> u32 {
        if place < self.base.people.count() { self.base.people.at_place(place) } else { place }
    }

    /// A user's place in listings.
    pub fn place(&self, user: u32) -> u32 {
        if user < self.base.people.count() { self.base.people.place(user) } else { user }
    }

    /// A user's id.
    pub fn user_id(&self, user: u32) -> String {
        self.base.ids.encode(IdKind::User, u64::from(self.place(user)))
    }

    /// The user behind an id, whether or not they still exist.
    pub fn user_by_id(&self, id: &str) -> Option<u32> {
        let place = self.base.ids.decode(IdKind::User, id)?;
        (place < u64::from(self.places())).then(|| self.at_place(place as u32))
    }

    /// Status and dates; `None` when there is no such user (any more).
    pub fn head(&self, user: u32) -> Option<Cow<'a, Head>> {
        match self.state.users.get(&user) {
            Some(changed) => changed.as_ref().map(|u| Cow::Borrowed(&u.head)),
            None => (user < self.base.people.count()).then(|| Cow::Owned(self.base.people.head(user))),
        }
    }

    /// Everything about a user; `None` when there is no such user (any more).
    pub fn user(&self, user: u32) -> Option<Cow<'a, User>> {
        match self.state.users.get(&user) {
            Some(changed) => changed.as_ref().map(Cow::Borrowed),
            None => {
                let base = self.base;
                (user < base.people.count()).then(|| Cow::Owned(base.people.user(user, &base.layout)))
            }
        }
    }

    /// A user as `search` shows them at `now`: changes younger than the lag are not seen.
    pub fn user_in_search(&self, user: u32, now: i64) -> Option<Cow<'a, User>> {
        match self.state.shadows.get(&user) {
            Some(shadow) if now - shadow.since < self.base.config.search_lag.as_millis() as i64 => {
                shadow.was.as_ref().map(Cow::Borrowed)
            }
            _ => self.user(user),
        }
    }

    /// Exists and is not deprovisioned.
    pub fn is_live(&self, user: u32) -> bool {
        if self.state.users.is_empty() {
            return user < self.base.people.live();
        }
        match self.state.users.get(&user) {
            Some(changed) => changed.as_ref().is_some_and(|u| u.head.status != Status::Deprovisioned),
            None => user < self.base.people.live(),
        }
    }

    /// The user with an id or a login.
    pub fn find_user(&self, id_or_login: &str) -> Option<u32> {
        let by_login = || {
            let login = id_or_login.to_lowercase();
            let user =
                self.state.logins.get(&login).copied().or_else(|| self.base.people.by_login(&login))?;
            // A login of the beginning may have been given up since.
            self.user(user).filter(|u| u.login().eq_ignore_ascii_case(&login)).map(|_| user)
        };
        let user = self.user_by_id(id_or_login).or_else(by_login)?;
        self.head(user).map(|_| user)
    }

    /// A user's factors.
    pub fn factors(&self, user: u32) -> Vec<Factor> {
        let removed = self.state.factors_removed.get(&user).copied().unwrap_or(0);
        let Some(now) = self.head(user).filter(|h| h.status != Status::Deprovisioned) else {
            return Vec::new();
        };
        if user >= self.base.people.count() || now.activated.is_none() {
            return Vec::new();
        }
        let mut factors = factors::factors(&self.base.config, user, &self.base.people.head(user));
        factors.retain(|f| removed >> f.slot & 1 == 0);
        factors
    }

    /// The user's primary in a relation, where both are still there [inf: who is deleted is linked to nobody].
    pub fn primary_of(&self, linked: &LinkedObject, user: u32) -> Option<u32> {
        let base = self.base;
        let primary = linked.primary_of(user, &base.people, &base.layout)?;
        (self.head(user).is_some() && self.head(primary).is_some()).then_some(primary)
    }

    /// Those who have the user for their primary in a relation, by their place in listings.
    pub fn associated_of(&self, linked: &LinkedObject, user: u32) -> Vec<u32> {
        let base = self.base;
        let mut all = linked.associated_of(user, &base.people, &base.layout);
        all.retain(|other| self.primary_of(linked, *other).is_some());
        all.sort_by_key(|other| self.place(*other));
        all
    }

    /// Every link: the user, the relation, the user's primary in it.
    pub fn links(&self) -> impl Iterator<Item = (u32, &'static LinkedObject, u32)> + use<'a> {
        let view = *self;
        (0..view.places()).map(move |place| view.at_place(place)).flat_map(move |user| {
            LINKED_OBJECTS
                .iter()
                .filter_map(move |linked| Some((user, linked, view.primary_of(linked, user)?)))
        })
    }

    /// The id of a user's realm.
    pub fn realm_id(&self, user: u32) -> String {
        self.base.ids.encode(IdKind::Realm, self.base.people.realm(user))
    }

    // --- groups --------------------------------------------------------------------------------------------------

    /// How many numbers of groups there are, deleted ones included.
    pub fn group_numbers(&self) -> u32 {
        self.base.config.groups as u32 + self.state.created_groups
    }

    /// A group's id.
    pub fn group_id(&self, group: u32) -> String {
        self.base.ids.encode(IdKind::Group, u64::from(group))
    }

    /// A group; `None` when there is no such group (any more).
    pub fn group(&self, group: u32) -> Option<Cow<'a, Group>> {
        match self.state.groups.get(&group) {
            Some(changed) => changed.as_ref().map(Cow::Borrowed),
            None => {
                (u64::from(group) < self.base.config.groups).then(|| Cow::Owned(self.group_at_first(group)))
            }
        }
    }

    /// A group as it was at the beginning.
    pub fn group_at_first(&self, group: u32) -> Group {
        let base = self.base;
        groups::group(base.config.seed, base.as_of, group, &base.layout, base.directory)
    }

    fn group_exists(&self, group: u32) -> bool {
        match self.state.groups.get(&group) {
            Some(changed) => changed.is_some(),
            None => u64::from(group) < self.base.config.groups,
        }
    }

    /// The group with an id.
    pub fn find_group(&self, id: &str) -> Option<u32> {
        let n = self.base.ids.decode(IdKind::Group, id)?;
        u32::try_from(n).ok().filter(|group| self.group_exists(*group))
    }

    /// Whether the user is a member of the group.
    pub fn is_member(&self, group: u32, user: u32) -> bool {
        match group {
            EVERYONE => self.is_live(user),
            OKTA_ADMINISTRATORS => self.is_live(user) && self.holds_role(user),
            _ if !self.group_exists(group) => false,
            _ => {
                let joined = self.state.joined.get(&group).is_some_and(|set| set.contains(&user));
                let left = || self.state.left.get(&group).is_some_and(|set| set.contains(&user));
                joined || (self.base.layout.member_number(group, user).is_some() && !left())
            }
        }
    }

    /// The members of a group after one of them, in a stable order.
    pub fn members(&self, group: u32, after: Option<u32>) -> Users<'a> {
        let view = *self;
        match group {
            EVERYONE => {
                let from = after.map_or(0, |user| view.place(user) + 1);
                Box::new(
                    (from..view.places()).map(move |p| view.at_place(p)).filter(move |u| view.is_live(*u)),
                )
            }
            OKTA_ADMINISTRATORS => {
                let admins: BTreeSet<u32> = view.admins();
                Box::new(
                    admins
                        .into_iter()
                        .filter(move |user| view.is_live(*user) && after.is_none_or(|a| *user > a)),
                )
            }
            _ => {
                let layout = &view.base.layout;
                let number = after.map(|user| layout.member_number(group, user));
                let from = match number {
                    None => 0,
                    Some(Some(n)) => n + 1,
                    Some(None) => layout.member_count(group),
                };
                let left = view.state.left.get(&group);
                let first = (from..layout.member_count(group))
                    .map(move |n| layout.member(group, n))
                    .filter(move |user| left.is_none_or(|set| !set.contains(user)));
                let added_after = after.filter(|_| number == Some(None)).map_or(0, |user| user + 1);
                let joined =
                    view.state.joined.get(&group).into_iter().flat_map(move |set| set.range(added_after..));
                Box::new(first.chain(joined.copied()))
            }
        }
    }

    /// How many members a group has.
    pub fn member_count(&self, group: u32) -> u64 {
        match group {
            EVERYONE => (i64::from(self.base.people.live()) + self.state.live_change) as u64,
            OKTA_ADMINISTRATORS => self.members(group, None).count() as u64,
            _ => {
                let joined = self.state.joined.get(&group).map_or(0, BTreeSet::len) as u64;
                let left = self.state.left.get(&group).map_or(0, |set| set.len()) as u64;
                u64::from(self.base.layout.member_count(group)) + joined - left
            }
        }
    }

    /// The groups a user is in, by number.
    pub fn groups_of(&self, user: u32) -> BTreeSet<u32> {
        if !self.is_live(user) {
            return BTreeSet::new();
        }
        let mut groups: BTreeSet<u32> = self.base.layout.groups_of(user).collect();
        groups.extend([EVERYONE, OKTA_ADMINISTRATORS]);
        groups.extend(self.state.joined_by_user.get(&user).into_iter().flatten());
        groups.retain(|group| self.is_member(*group, user));
        groups
    }

    // --- apps ----------------------------------------------------------------------------------------------------

    /// How many numbers of apps there are, deleted ones included.
    pub fn app_numbers(&self) -> u32 {
        self.base.config.apps as u32 + self.state.created_apps
    }

    /// An app's id.
    pub fn app_id(&self, app: u32) -> String {
        self.base.ids.encode(IdKind::App, u64::from(app))
    }

    /// An app; `None` when there is no such app (any more).
    pub fn app(&self, app: u32) -> Option<Cow<'a, App>> {
        match self.state.apps.get(&app) {
            Some(changed) => changed.as_ref().map(Cow::Borrowed),
            None => (u64::from(app) < self.base.config.apps)
                .then(|| Cow::Owned(apps::app(&self.base.config, self.base.as_of, app))),
        }
    }

    /// The owners of a group who are still there.
    pub fn owners(&self, group: u32) -> Vec<Owner> {
        let Some(found) = self.group(group).filter(|_| u64::from(group) < self.base.config.groups) else {
            return Vec::new();
        };
        let mut owners = owners::owners(self.base.config.seed, group, found.kind, &self.base.layout);
        owners.retain(|owner| match owner {
            Owner::User(user) => self.head(*user).is_some(),
            Owner::Group(group) => self.group(*group).is_some(),
        });
        owners
    }

    fn app_exists(&self, app: u32) -> bool {
        match self.state.apps.get(&app) {
            Some(changed) => changed.is_some(),
            None => u64::from(app) < self.base.config.apps,
        }
    }

    /// The app with an id.
    pub fn find_app(&self, id: &str) -> Option<u32> {
        let n = self.base.ids.decode(IdKind::App, id)?;
        u32::try_from(n).ok().filter(|app| self.app_exists(*app))
    }

    /// What apps' JSON needs around it.
    pub fn around<'o>(&self, origin: &'o str, policies: &'o (String, String)) -> Around<'o>
    where
        'a: 'o,
    {
        let base = self.base;
        Around {
            ids: &base.ids,
            origin,
            org: &base.org_id,
            access_policy: &policies.0,
            profile_enrolment: &policies.1,
            seed: base.config.seed,
        }
    }

    /// The ids of the access and profile enrolment policies of apps.
    pub fn app_policies(&self) -> (String, String) {
        let id = |n| self.base.ids.encode(IdKind::RichPolicy, n);
        (id(APP_ACCESS), id(PROFILE_ENROLMENT))
    }

    /// Whether a group is assigned to an app.
    pub fn is_assigned(&self, app: u32, group: u32) -> bool {
        if !self.group_exists(group) || !self.app_exists(app) {
            return false;
        }
        let removed = || self.state.app_groups_removed.contains(&(app, group));
        let at_first = || {
            let layout = &self.base.layout;
            (group == EVERYONE && layout.everyone_apps().contains(&app))
                || layout.groups_of_app(app).any(|g| g == group)
        };
        self.state.app_groups_added.iter().any(|(a, g, _)| (*a, *g) == (app, group))
            || (at_first() && !removed())
    }

    /// The groups assigned to an app, first the ones with the highest priority.
    pub fn groups_of_app(&self, app: u32) -> Vec<u32> {
        let layout = &self.base.layout;
        let everyone = layout.everyone_apps().contains(&app).then_some(EVERYONE);
        let mut groups: Vec<u32> = everyone.into_iter().chain(layout.groups_of_app(app)).collect();
        groups.retain(|g| self.group_exists(*g) && !self.state.app_groups_removed.contains(&(app, *g)));
        let added = self.state.app_groups_added.iter().filter(|(a, ..)| *a == app).map(|(_, g, _)| *g);
        groups.extend(added.filter(|g| self.group_exists(*g)));
        groups
    }

    /// The apps a group is assigned to, by number.
    pub fn apps_of_group(&self, group: u32) -> BTreeSet<u32> {
        let layout = &self.base.layout;
        let mut apps: BTreeSet<u32> = layout.apps_of_group(group).collect();
        if group == EVERYONE {
            apps.extend(layout.everyone_apps());
        }
        apps.extend(self.state.app_groups_added.iter().filter(|(_, g, _)| *g == group).map(|(a, ..)| *a));
        apps.retain(|app| self.is_assigned(*app, group));
        apps
    }

    /// How a user comes to an app; `None` when not at all. Assigned in person wins over assigned through a group.
    pub fn via(&self, app: u32, user: u32) -> Option<Via> {
        if !self.is_live(user) || !self.app_exists(app) {
            return None;
        }
        if self.state.granted.get(&app).is_some_and(|set| set.contains(&user)) {
            return Some(Via::Direct);
        }
        match self.base.layout.app_user_number(app, user) {
            Some((_, Via::Direct))
                if !self.state.withdrawn.get(&app).is_some_and(|set| set.contains(&user)) =>
            {
                return Some(Via::Direct);
            }
            Some((_, Via::Group(group))) if self.is_member(group, user) && self.is_assigned(app, group) => {
                return Some(Via::Group(group));
            }
            _ => {}
        }
        // Without changes to memberships or assignments nothing but Everyone is left to find.
        let changed = !self.state.joined.is_empty() || !self.state.app_groups_added.is_empty();
        if changed || self.base.layout.everyone_apps().contains(&app) {
            return self.groups_of_app(app).into_iter().find(|g| self.is_member(*g, user)).map(Via::Group);
        }
        None
    }

    /// The users of an app after one of them, in a stable order.
    pub fn app_users(&self, app: u32, after: Option<u32>) -> Users<'a> {
        let (view, layout) = (*self, &self.base.layout);
        let groups = view.groups_of_app(app);
        if groups.contains(&EVERYONE) {
            return view.members(EVERYONE, after);
        }
        let number = after.map(|user| layout.app_user_number(app, user));
        let from = match number {
            None => 0,
            Some(Some((n, _))) => n + 1,
            Some(None) => layout.app_user_count(app),
        };
        let first = (from..layout.app_user_count(app))
            .map(move |n| layout.app_user(app, n))
            .filter(move |user| view.via(app, *user).is_some());
        let mut more: BTreeSet<u32> = view.state.granted.get(&app).cloned().unwrap_or_default();
        for group in groups {
            if view.state.app_groups_added.iter().any(|(a, g, _)| (*a, *g) == (app, group)) {
                more.extend(view.members(group, None));
            } else {
                more.extend(view.state.joined.get(&group).into_iter().flatten());
            }
        }
        let more_after = after.filter(|_| number == Some(None));
        let more = more.into_iter().filter(move |user| {
            more_after.is_none_or(|a| *user > a)
                && layout.app_user_number(app, *user).is_none()
                && view.via(app, *user).is_some()
        });
        Box::new(first.chain(more))
    }

    /// The apps a user has, by number.
    pub fn apps_of(&self, user: u32) -> BTreeSet<u32> {
        let layout = &self.base.layout;
        let mut apps: BTreeSet<u32> =
            layout.apps_of(user).chain(layout.everyone_apps().iter().copied()).collect();
        apps.extend(self.state.granted_by_user.get(&user).into_iter().flatten());
        for group in self.state.joined_by_user.get(&user).into_iter().flatten() {
            apps.extend(self.apps_of_group(*group));
        }
        apps.extend(self.state.app_groups_added.iter().map(|(app, ..)| *app));
        apps.retain(|app| self.via(*app, user).is_some());
        apps
    }

    // --- administration ------------------------------------------------------------------------------------------

    /// Whether the user has an admin role, in person or through a group.
    pub fn holds_role(&self, user: u32) -> bool {
        self.state.iam.assignments.iter().any(|a| self.reaches(a.holder, user))
    }

    /// Whether an assignment's holder is the user or a group the user is in.
    pub fn reaches(&self, holder: Holder, user: u32) -> bool {
        match holder {
            Holder::User(u) => u == user,
            Holder::App(_) | Holder::Group(OKTA_ADMINISTRATORS) => false,
            Holder::Group(group) => self.is_member(group, user),
        }
    }

    /// Everybody with an admin role, in person or through a group.
    fn admins(&self) -> BTreeSet<u32> {
        let holders = self.state.iam.assignments.iter().map(|a| a.holder);
        holders
            .flat_map(|holder| -> Users<'a> {
                match holder {
                    Holder::User(user) => Box::new(std::iter::once(user)),
                    Holder::App(_) | Holder::Group(OKTA_ADMINISTRATORS) => Box::new(std::iter::empty()),
                    Holder::Group(group) => self.members(group, None),
                }
            })
            .collect()
    }
}
