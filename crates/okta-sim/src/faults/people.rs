//! Whom faults may do something to without ending a client's connection: nobody who owns a token or holds a role.

use super::dice::Dice;
use super::set::Met;
use crate::generate::iam::Holder;
use crate::generate::people::CAST;
use crate::org::Org;
use crate::reply::Reply;

/// Tries before there is nobody.
const TRIES: u32 = 64;

/// An ordinary user, by id.
pub(super) struct User(pub String);

/// A group without a role, by id.
pub(super) struct Group(pub String);

/// An app, by id.
pub(super) struct App(pub String);

/// Whom and what a change in the middle of a sync is about, and the chance that decides which change it is.
pub(super) struct Affected {
    pub user: User,
    pub group: Group,
    pub app: App,
    pub dice: Dice,
}

impl Affected {
    /// Once in a while, when something has been read well for the first time; `None` otherwise, and where nobody is left.
    pub fn mid_sync(met: &Met<'_>, reply: &Reply) -> Option<Self> {
        if !met.reads() || reply.status != 200 || !met.strikes(25, 1) {
            return None;
        }
        let (org, mut dice) = (met.org, met.dice());
        let (user, group, app) =
            (User::any(org, &mut dice), Group::any(org, &mut dice), App::any(org, &mut dice));
        Some(Self { user: user?, group: group?, app: app?, dice })
    }
}

impl User {
    pub fn any(org: &Org, dice: &mut Dice) -> Option<Self> {
        org.read(|view| {
            let last = u64::from(view.places()).checked_sub(1)?;
            let mut some = (0..TRIES).map(|_| view.at_place(dice.between(0, last) as u32));
            let user = some.find(|user| {
                let plain = *user as usize >= CAST.len() && view.is_live(*user) && !view.holds_role(*user);
                plain && !view.state.tokens.iter().any(|token| token.owner == *user)
            })?;
            Some(Self(view.user_id(user)))
        })
    }
}

impl Group {
    pub fn any(org: &Org, dice: &mut Dice) -> Option<Self> {
        org.read(|view| {
            let last = u64::from(view.group_numbers()).checked_sub(1)?;
            let mut some = (0..TRIES).map(|_| dice.between(0, last) as u32);
            let group = some.find(|group| {
                let holds = view.state.iam.assignments.iter().any(|a| a.holder == Holder::Group(*group));
                view.group(*group).is_some() && !holds
            })?;
            Some(Self(view.group_id(group)))
        })
    }

    /// One of its first members.
    pub fn member(&self, org: &Org, dice: &mut Dice) -> Option<User> {
        org.read(|view| {
            let members: Vec<u32> = view.members(view.find_group(&self.0)?, None).take(50).collect();
            (!members.is_empty()).then(|| User(view.user_id(dice.pick(&members))))
        })
    }
}

impl App {
    pub fn any(org: &Org, dice: &mut Dice) -> Option<Self> {
        org.read(|view| {
            let last = u64::from(view.app_numbers()).checked_sub(1)?;
            let mut some = (0..TRIES).map(|_| dice.between(0, last) as u32);
            Some(Self(view.app_id(some.find(|app| view.app(*app).is_some())?)))
        })
    }

    /// One of its first users.
    pub fn user(&self, org: &Org, dice: &mut Dice) -> Option<User> {
        org.read(|view| {
            let users: Vec<u32> = view.app_users(view.find_app(&self.0)?, None).take(50).collect();
            (!users.is_empty()).then(|| User(view.user_id(dice.pick(&users))))
        })
    }
}
