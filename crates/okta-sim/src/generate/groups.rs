//! The groups of the org before anything was changed.

use super::layout::Layout;
use super::names::{DEPARTMENTS, OFFICES, PURPOSES, TEAMS};
use super::people::DAY;
use super::permutation::hash;

/// What kind of group it is, in Okta's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupType {
    /// Kept by Okta: `Everyone`, `Okta Administrators`.
    BuiltIn,
    /// Kept in Okta by hand or by rules.
    Okta,
    /// Imported from an app, here Active Directory; changed only there.
    App,
}

impl GroupType {
    /// As Okta writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "BUILT_IN",
            Self::Okta => "OKTA_GROUP",
            Self::App => "APP_GROUP",
        }
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its type.
    pub kind: GroupType,
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// The app it comes from, for [`GroupType::App`].
    pub source: Option<u32>,
    /// When it was created.
    pub created: i64,
    /// When its profile last changed.
    pub last_updated: i64,
    /// When its members last changed.
    pub last_membership_updated: i64,
}

/// The number of `Everyone`.
pub const EVERYONE: u32 = 0;
/// The number of `Okta Administrators`, whose members are those with an admin role.
pub const OKTA_ADMINISTRATORS: u32 = 1;
/// Names, descriptions and roles of the groups that carry an admin role; as many as the shape asks for exist.
pub const ADMIN_GROUPS: [(&str, &str, &str); 6] = [
    ("IT Help Desk", "First line support", "HELP_DESK_ADMIN"),
    ("App Owners", "Owners of business applications", "APP_ADMIN"),
    ("Identity Auditors", "Internal audit, read-only", "READ_ONLY_ADMIN"),
    ("Joiners and Leavers", "People operations", "USER_ADMIN"),
    ("Platform Operations", "Runs the platform", "ORG_ADMIN"),
    ("Access Reporting", "Access reviews", "REPORT_ADMIN"),
];

/// The `group`th group as it was at the beginning. `directory` is the number of the Active Directory app.
pub fn group(seed: u64, as_of: i64, group: u32, layout: &Layout, directory: u32) -> Group {
    let chance = hash(seed, u64::from(group), 0x6909);
    let age = |days: u64| as_of - (days as i64) * DAY - (chance % 86_400) as i64 * 1000;
    let created = age(30 + chance % 2_500);
    let last_updated = if chance.is_multiple_of(3) { age(chance >> 10 & 0x1f).max(created) } else { created };
    let last_membership_updated = age(chance >> 16 & 0x3f).max(created);
    let mut made = Group {
        kind: GroupType::Okta,
        name: String::new(),
        description: String::new(),
        source: None,
        created,
        last_updated,
        last_membership_updated,
    };
    let first = layout.first_department();
    let nth = group.wrapping_sub(first);
    if group == EVERYONE {
        made.kind = GroupType::BuiltIn;
        made.created = as_of - 8 * 365 * DAY;
        made.last_updated = made.created;
        (made.name, made.description) = ("Everyone".into(), "All users in your organization".into());
    } else if group == OKTA_ADMINISTRATORS {
        made.kind = GroupType::BuiltIn;
        made.created = as_of - 8 * 365 * DAY;
        made.last_updated = made.created;
        made.name = "Okta Administrators".into();
        made.description =
            "Okta manages this group, which contains all administrators in your organization.".into();
    } else if group < first {
        let (name, description, _) = ADMIN_GROUPS[(group - super::layout::BUILT_IN_GROUPS) as usize];
        (made.name, made.description) = (name.into(), description.into());
    } else if nth < layout.departments() {
        let (department, ..) = DEPARTMENTS[nth as usize % DEPARTMENTS.len()];
        made.name = match nth as usize / DEPARTMENTS.len() {
            0 => department.into(),
            again => format!("{department} {}", again + 1),
        };
        made.description = format!("Everyone in {}, by rule", made.name);
    } else if nth < layout.departments() + layout.offices() {
        let n = (nth - layout.departments()) as usize;
        let (city, country, ..) = OFFICES[group as usize % OFFICES.len()];
        made.name = match n / OFFICES.len() {
            0 => format!("Office {city}"),
            again => format!("Office {city} {}", again + 1),
        };
        made.description = format!("People based in {city}, {country}");
    } else {
        let n = (nth - layout.departments() - layout.offices()) as usize;
        let team = TEAMS[n % TEAMS.len()];
        let (purpose, description) = PURPOSES[n / TEAMS.len() % PURPOSES.len()];
        let again = n / (TEAMS.len() * PURPOSES.len());
        let number = if again == 0 { String::new() } else { format!(" {}", again + 1) };
        if chance.is_multiple_of(6) {
            made.kind = GroupType::App;
            made.source = Some(directory);
            made.name = format!("GG-{team}-{purpose}{number}").replace(' ', "-");
            made.description = format!("acme.example/Groups/GG-{team}");
        } else {
            made.name = format!("{purpose} {team}{number}");
            made.description =
                if chance.is_multiple_of(4) { String::new() } else { format!("{description} {team}") };
        }
    }
    made
}
