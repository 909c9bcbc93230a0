//! The people of the org before anything was changed: every field is computed from the person's number.
//!
//! Numbers: first the *cast* (the named owners of tokens and roles), then ordinary people, then those who left.
//! The order in which they are listed, and their ids, follow the date they were created: see [`People::order`].

use std::borrow::Cow;

use super::layout::Layout;
use super::names::{DEPARTMENTS, FIRST, LAST, OFFICES, ascii};
use super::permutation::{Permutation, hash};
use super::{realms, user_types};
use crate::config::Config;

/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;

macro_rules! statuses {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// A user's status, in Okta's words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Status { $(#[doc = $text] $name),* }

        impl Status {
            /// Every status.
            pub const ALL: &[Status] = &[$(Status::$name),*];
            /// As Okta writes it.
            pub fn as_str(self) -> &'static str {
                match self { $(Status::$name => $text),* }
            }
        }
    };
}

statuses! {
    Active = "ACTIVE", Provisioned = "PROVISIONED", Staged = "STAGED", Suspended = "SUSPENDED",
    LockedOut = "LOCKED_OUT", PasswordExpired = "PASSWORD_EXPIRED", Recovery = "RECOVERY",
    Deprovisioned = "DEPROVISIONED",
}

/// A user's status and dates: what filters look at without making up the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The status.
    pub status: Status,
    /// When the user was created.
    pub created: i64,
    /// When activated, if ever.
    pub activated: Option<i64>,
    /// When the status changed last.
    pub status_changed: Option<i64>,
    /// When the user last signed in.
    pub last_login: Option<i64>,
    /// When the user object last changed.
    pub last_updated: i64,
    /// When the password was last changed.
    pub password_changed: Option<i64>,
}

/// A profile attribute's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// A text.
    Text(Cow<'static, str>),
    /// Anything else, as JSON.
    Json(String),
    /// Declared and empty.
    Null,
}

impl Attribute {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Attribute::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A user with everything.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Status and dates.
    pub head: Head,
    /// The profile's attributes in the order Okta sends them.
    pub profile: Vec<(Cow<'static, str>, Attribute)>,
    /// Credentials come from Active Directory rather than Okta.
    pub from_directory: bool,
}

impl User {
    /// A profile attribute that is a text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.profile.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.text())
    }

    /// Sets a profile attribute, in its place or at the end.
    pub fn set(&mut self, name: &str, value: Attribute) {
        match self.profile.iter_mut().find(|(key, _)| key == name) {
            Some((_, slot)) => *slot = value,
            None => self.profile.push((Cow::Owned(name.to_owned()), value)),
        }
    }

    /// The login; every user has one.
    pub fn login(&self) -> &str {
        self.get("login").unwrap_or_default()
    }

    /// First and last name, as the System Log shows them.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.get("firstName").unwrap_or_default(), self.get("lastName").unwrap_or_default())
    }
}

/// The owners of tokens and roles that every org has. Their last names are in no list, so nobody shares their login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CastMember {
    /// First name.
    pub first: &'static str,
    /// Last name.
    pub last: &'static str,
    /// What stands before the `@`.
    pub local: &'static str,
    /// Title.
    pub title: &'static str,
    /// A machine's account rather than a person's.
    pub service: bool,
}

/// The cast's places: indexes into [`CAST`] and at the same time user numbers.
pub mod cast {
    /// Owns the super admin's token.
    pub const SUPER_ADMIN: u32 = 0;
    /// The service user the set-up guide makes: read-only plus the custom role.
    pub const SVC_TRANSOM: u32 = 1;
    /// A read-only service user without the custom role.
    pub const SVC_REPORTS: u32 = 2;
    /// Somebody without any admin role.
    pub const NO_ROLE: u32 = 3;
    /// A group administrator, for two groups only.
    pub const GROUP_ADMIN: u32 = 4;
    /// An organization administrator.
    pub const ORG_ADMIN: u32 = 5;
    /// A service user whose custom role reaches too little.
    pub const SVC_SMALL: u32 = 6;
    /// The break-glass super admin.
    pub const BREAK_GLASS: u32 = 7;
    /// A help desk administrator.
    pub const HELP_DESK: u32 = 8;
    /// An application administrator.
    pub const APP_ADMIN: u32 = 9;
}

/// See [`cast`].
pub const CAST: &[CastMember] = &[
    CastMember {
        first: "Maya",
        last: "Whitfield",
        local: "maya.whitfield",
        title: "Identity Engineer",
        service: false,
    },
    CastMember {
        first: "Transom",
        last: "Service",
        local: "svc-transom",
        title: "Service account",
        service: true,
    },
    CastMember {
        first: "Reports",
        last: "Service",
        local: "svc-reports",
        title: "Service account",
        service: true,
    },
    CastMember {
        first: "Noah",
        last: "Haugen",
        local: "noah.haugen",
        title: "Account Executive",
        service: false,
    },
    CastMember {
        first: "Ines",
        last: "Vandermeer",
        local: "ines.vandermeer",
        title: "IT Support Technician",
        service: false,
    },
    CastMember {
        first: "Olumide",
        last: "Okonkwo",
        local: "olumide.okonkwo",
        title: "Systems Administrator",
        service: false,
    },
    CastMember {
        first: "Scanner",
        last: "Service",
        local: "svc-scanner",
        title: "Service account",
        service: true,
    },
    CastMember {
        first: "Break",
        last: "Glass",
        local: "break-glass",
        title: "Emergency account",
        service: true,
    },
    CastMember {
        first: "Hana",
        last: "Mizushima",
        local: "hana.mizushima",
        title: "IT Support Technician",
        service: false,
    },
    CastMember {
        first: "Pedro",
        last: "Albuquerque",
        local: "pedro.albuquerque",
        title: "Systems Administrator",
        service: false,
    },
];

/// The org's e-mail domains.
pub const DOMAINS: [&str; 2] = ["acme.example", "acme-europe.example"];

/// The people before any change.
#[derive(Debug)]
pub struct People {
    seed: u64,
    count: u32,
    live: u32,
    as_of: i64,
    order: Permutation,
    names: Permutation,
}

impl People {
    /// The people of `config`, with the past ending at `as_of`.
    pub fn new(config: &Config, as_of: i64) -> Self {
        let count = config.users as u32;
        Self {
            seed: config.seed,
            count,
            // About 4 % have left.
            live: count - (count / 25).max(1),
            as_of,
            order: Permutation::new(config.users, hash(config.seed, 1, 0x05e9)),
            names: Permutation::new((FIRST.len() * LAST.len()) as u64, hash(config.seed, 2, 0x05e9)),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The ordinary people who are still there: numbers `CAST.len()..live()`.
    pub fn live(&self) -> u32 {
        self.live
    }

    /// The user who is `place`th in listings (and whose id stands for `place`).
    pub fn at_place(&self, place: u32) -> u32 {
        self.order.apply(u64::from(place)) as u32
    }

    /// The place of a user in listings.
    pub fn place(&self, user: u32) -> u32 {
        self.order.invert(u64::from(user)) as u32
    }

    fn chance(&self, user: u32, about: u64) -> u64 {
        hash(self.seed, u64::from(user), about)
    }

    fn status(&self, user: u32) -> Status {
        if user < CAST.len() as u32 {
            return Status::Active;
        }
        if user >= self.live {
            return Status::Deprovisioned;
        }
        // The first few show every status, so that the smallest org has them all.
        let nth = (user - CAST.len() as u32) as usize;
        if nth < Status::ALL.len() - 1 {
            return Status::ALL[nth];
        }
        match self.chance(user, 10) % 1000 {
            0..15 => Status::Provisioned,
            15..25 => Status::Staged,
            25..40 => Status::Suspended,
            40..48 => Status::LockedOut,
            48..65 => Status::PasswordExpired,
            65..72 => Status::Recovery,
            _ => Status::Active,
        }
    }

    /// Status and dates of a user; `user` must be below [`Self::count`].
    pub fn head(&self, user: u32) -> Head {
        let status = self.status(user);
        let founded = self.as_of - 8 * 365 * DAY;
        let recent = self.as_of - 2 * DAY;
        let share = f64::from(self.place(user)) / f64::from(self.count);
        let seconds = |chance: u64, span: i64| (chance % (span.max(1000) as u64) / 1000 * 1000) as i64;
        let created = founded + ((recent - founded) as f64 * share) as i64 / 1000 * 1000;
        let between = |from: i64, about: u64| from + seconds(self.chance(user, about), self.as_of - from);
        let activated = (status != Status::Staged)
            .then(|| (created + seconds(self.chance(user, 11), 3 * DAY)).min(recent));
        let since = activated.unwrap_or(created);
        let status_changed = match status {
            Status::Active | Status::Provisioned => activated,
            Status::Staged => None,
            _ => Some(between(since, 12)),
        };
        let signed_in = !matches!(status, Status::Staged | Status::Provisioned)
            && !self.chance(user, 13).is_multiple_of(50);
        let last_login = signed_in.then(|| match status {
            Status::Active | Status::PasswordExpired => {
                let chance = self.chance(user, 14);
                let ago = match chance % 100 {
                    0..86 => seconds(chance >> 8, 14 * DAY),
                    86..94 => seconds(chance >> 8, 90 * DAY),
                    _ => 90 * DAY + seconds(chance >> 8, 300 * DAY),
                };
                (self.as_of - ago).max(since)
            }
            _ => since + seconds(self.chance(user, 14), status_changed.unwrap_or(self.as_of) - since),
        });
        let password_changed = (!matches!(status, Status::Staged | Status::Provisioned)).then(|| {
            since
                + seconds(
                    self.chance(user, 15),
                    status_changed.unwrap_or(since).max(self.as_of - 400 * DAY) - since,
                )
        });
        let updated = if self.chance(user, 16).is_multiple_of(3) { between(since, 17) } else { since };
        let last_updated = updated.max(status_changed.unwrap_or(since));
        Head { status, created, activated, status_changed, last_login, last_updated, password_changed }
    }

    /// First name, last name, and how often the pair occurred before.
    fn name(&self, user: u32) -> (&'static str, &'static str, u64) {
        let pairs = (FIRST.len() * LAST.len()) as u64;
        let pair = self.names.apply(u64::from(user) % pairs) as usize;
        (FIRST[pair / LAST.len()], LAST[pair % LAST.len()], u64::from(user) / pairs)
    }

    /// What a user signs in with.
    pub fn login(&self, user: u32) -> String {
        if let Some(member) = CAST.get(user as usize) {
            return format!("{}@{}", member.local, DOMAINS[0]);
        }
        let (first, last, again) = self.name(user);
        let domain = DOMAINS[usize::from(self.chance(user, 20).is_multiple_of(5))];
        let number = if again == 0 { String::new() } else { (again + 1).to_string() };
        format!("{}.{}{number}@{domain}", ascii(first), ascii(last))
    }

    /// The user who had this login at the beginning, found by undoing how it was made.
    pub fn by_login(&self, login: &str) -> Option<u32> {
        let login = login.to_ascii_lowercase();
        let (local, _) = login.split_once('@')?;
        if let Some(member) = CAST.iter().position(|m| m.local == local) {
            return Some(member as u32).filter(|user| self.login(*user) == login);
        }
        let (first, rest) = local.split_once('.')?;
        let last = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        let again: u64 = if last.len() == rest.len() {
            0
        } else {
            rest[last.len()..].parse::<u64>().ok()?.checked_sub(1)?
        };
        let first = FIRST.iter().position(|name| ascii(name) == first)?;
        let last = LAST.iter().position(|name| ascii(name) == last)?;
        let pairs = (FIRST.len() * LAST.len()) as u64;
        let user = self.names.invert((first * LAST.len() + last) as u64) + again.checked_mul(pairs)?;
        let user = u32::try_from(user).ok().filter(|user| *user < self.count)?;
        (self.login(user) == login).then_some(user)
    }

    /// Everything about a user; `layout` says in which department and office.
    pub fn user(&self, user: u32, layout: &Layout) -> User {
        let head = self.head(user);
        let login = self.login(user);
        let mut profile: Vec<(Cow<'static, str>, Attribute)> = Vec::with_capacity(24);
        let text = |t: &'static str| Attribute::Text(Cow::Borrowed(t));
        let owned = |t: String| Attribute::Text(Cow::Owned(t));
        let mut put = |key: &'static str, value: Attribute| profile.push((Cow::Borrowed(key), value));
        let chance = self.chance(user, 30);
        let phone = format!("+1555{:07}", chance % 10_000_000);
        let member = CAST.get(user as usize);
        let (first, last) =
            member.map_or_else(|| (self.name(user).0, self.name(user).1), |m| (m.first, m.last));
        put("firstName", text(first));
        put("lastName", text(last));
        put(
            "mobilePhone",
            if member.is_none() && chance.is_multiple_of(3) { owned(phone) } else { Attribute::Null },
        );
        put(
            "secondEmail",
            if chance.is_multiple_of(11) {
                owned(format!("{}@mail.example", ascii(last)))
            } else {
                Attribute::Null
            },
        );
        if let Some(member) = member {
            put("title", text(member.title));
            put("department", text(if member.service { "Automation" } else { "IT" }));
            put("userType", text(if member.service { "Service" } else { "Employee" }));
            if !member.service {
                put("displayName", owned(format!("{first} {last}")));
                put("employeeNumber", owned(format!("E{:06}", 100_000 + user)));
            }
        } else {
            let department = layout.group_in_round(0, user);
            let nth = department.map(|g| g - layout.first_department());
            let (name, division, titles) = nth.map_or(("Executive", "Corporate", &["Director"][..]), |n| {
                let (name, division, titles) = DEPARTMENTS[n as usize % DEPARTMENTS.len()];
                (name, division, titles)
            });
            let office = layout.group_in_round(1, user).map_or(chance >> 40, u64::from);
            let (city, country, zone, locale) = OFFICES[office as usize % OFFICES.len()];
            let contractor = self.contractor(user);
            put("displayName", owned(format!("{first} {last}")));
            put("title", text(titles[(chance >> 24) as usize % titles.len()]));
            put("department", text(name));
            put("division", text(division));
            put("costCenter", owned(format!("CC{}", 1000 + nth.unwrap_or(999))));
            put("organization", text("Acme Corp"));
            put("userType", text(if contractor { "Contractor" } else { "Employee" }));
            put(
                "employeeNumber",
                owned(format!("{}{:06}", if contractor { 'C' } else { 'E' }, 100_000 + self.place(user))),
            );
            put("city", text(city));
            put("countryCode", text(country));
            put("timezone", text(zone));
            put("preferredLanguage", text(&locale[..2]));
            if let Some(boss) = layout.manager(user) {
                let (first, last, _) = self.name(boss);
                put("manager", owned(format!("{first} {last}")));
                put("managerId", owned(self.login(boss)));
            }
            // Attributes the org added itself: a number, a list, a date, a truth value.
            if contractor {
                put(
                    "contractEnd",
                    owned(
                        crate::json::time(self.as_of + (chance >> 12) as i64 % (300 * DAY))[..10].to_owned(),
                    ),
                );
                put("agencyCodes", Attribute::Json(format!("[\"AG{}\",\"X1\"]", chance % 40)));
            }
            put("badgeNumber", Attribute::Json((20_000 + user).to_string()));
            put("remote", Attribute::Json(chance.is_multiple_of(4).to_string()));
        }
        put("login", owned(login.clone()));
        put("email", owned(login));
        User { head, profile, from_directory: member.is_none() && chance % 5 == 1 }
    }

    /// The number of a user's type.
    pub fn user_type(&self, user: u32) -> u64 {
        match CAST.get(user as usize) {
            Some(member) if member.service => user_types::SERVICE,
            None if user < self.count && self.contractor(user) => user_types::CONTRACTOR,
            _ => user_types::DEFAULT,
        }
    }

    /// The number of a user's realm: half of the contractors are with partners.
    pub fn realm(&self, user: u32) -> u64 {
        let partner =
            self.user_type(user) == user_types::CONTRACTOR && self.chance(user, 32).is_multiple_of(2);
        if partner { realms::PARTNERS } else { realms::DEFAULT }
    }

    fn contractor(&self, user: u32) -> bool {
        self.chance(user, 31).is_multiple_of(9)
    }

    /// The `nth` ordinary user who is active, counting round in small orgs: stories pick their people with it.
    pub fn nth_active(&self, nth: u32) -> u32 {
        // Not all of a million need be looked at to find a few.
        let some = CAST.len() as u32 + Status::ALL.len() as u32..self.live.min(1_000);
        let active: Vec<u32> = some.filter(|user| self.status(*user) == Status::Active).collect();
        active.get(nth as usize % active.len().max(1)).copied().unwrap_or(cast::NO_ROLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    fn people(users: u64) -> (People, Layout) {
        let config = Config { users, ..Config::default() };
        let people = People::new(&config, 1_790_000_000_000);
        let layout = Layout::new(&config, CAST.len() as u32, people.live() - CAST.len() as u32);
        (people, layout)
    }

    #[test]
    fn logins_can_be_undone_and_are_unique() {
        let (small, _) = people(500);
        let logins: HashSet<String> = (0..500).map(|u| small.login(u)).collect();
        assert_eq!(logins.len(), 500);
        let (large, _) = people(1_000_000);
        for user in (0..10).chain((0..1_000_000).step_by(7_919)) {
            assert_eq!(large.by_login(&large.login(user)), Some(user), "{}", large.login(user));
        }
        for nobody in
            ["", "x", "a.b@acme.example", "maya.whitfield@other.example", "noah.smith1@acme.example"]
        {
            assert_eq!(small.by_login(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn dates_agree_with_the_status() {
        let (people, layout) = people(2_000);
        let mut seen = BTreeSet::new();
        for user in 0..2_000 {
            let head = people.user(user, &layout).head;
            seen.insert(head.status.as_str());
            assert!(head.last_updated >= head.created && head.last_updated < 1_790_000_000_000, "{head:?}");
            assert!(head.activated.is_none_or(|t| t >= head.created));
            assert!(
                head.last_login
                    .is_none_or(|t| head.activated.is_some_and(|a| t >= a) && t <= 1_790_000_000_000),
                "{head:?}"
            );
            assert_eq!(head.status == Status::Staged, head.activated.is_none());
            if matches!(head.status, Status::Staged | Status::Provisioned) {
                assert_eq!((head.last_login, head.password_changed), (None, None));
            }
        }
        assert_eq!(seen.len(), Status::ALL.len());
    }

    #[test]
    fn everybody_is_in_a_department_and_knows_it() {
        let (people, layout) = people(500);
        let user = people.user(200, &layout);
        let group = layout.group_in_round(0, 200).expect("a department");
        let (name, ..) = DEPARTMENTS[(group - layout.first_department()) as usize];
        assert_eq!(user.get("department"), Some(name));
    }
}
