//! Administration at the beginning: standard and custom roles, resource sets, who holds what.

use super::apps;
use super::groups::ADMIN_GROUPS;
use super::layout::{BUILT_IN_GROUPS, Layout};
use super::people::{DAY, People, cast};
use crate::config::Config;

/// Who holds a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A user in person.
    User(u32),
    /// A group, and so its members.
    Group(u32),
    /// A service app.
    App(u32),
}

/// Which role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A standard role, by type.
    Standard(&'static str),
    /// A custom role (index of [`Iam::roles`]) on a resource set (index of [`Iam::sets`]).
    Custom {
        /// The role.
        role: u64,
        /// The resource set.
        set: u64,
    },
}

/// An app that a standard role is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppTarget {
    /// One instance.
    Instance(u32),
    /// All instances of a catalogue app, by its name.
    Catalogue(&'static str),
}

/// A role assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Number, for ids that are made of one.
    pub n: u64,
    /// Who.
    pub holder: Holder,
    /// What.
    pub role: Role,
    /// The groups it is limited to (standard roles); empty: all.
    pub targets: Vec<u32>,
    /// The apps it is limited to (standard roles); empty: all.
    pub apps: Vec<AppTarget>,
    /// Since when.
    pub created: i64,
}

/// What a resource of a resource set stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// All users.
    Users,
    /// All groups.
    Groups,
    /// One group.
    Group(u32),
    /// The users of one group.
    GroupMembers(u32),
    /// All apps.
    Apps,
    /// One app.
    App(u32),
    /// All authorization servers.
    AuthServers,
    /// All policies.
    Policies,
    /// All identity and access management resources.
    Iam,
    /// Something else that Okta has a name for: the place of its name in [`Iam::named`]. It is kept and shown; no data
    /// set asks for it.
    Named(u32),
}

/// A resource of a resource set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// Number, for the id.
    pub n: u64,
    /// What it stands for.
    pub target: Target,
    /// When it came into the set.
    pub created: i64,
}

/// A custom role.
#[derive(Debug, Clone)]
pub struct CustomRole {
    /// Number, for the id.
    pub n: u64,
    /// Unique label.
    pub label: String,
    /// Description.
    pub description: String,
    /// Permissions, e.g. `okta.iam.read`.
    pub permissions: Vec<String>,
    /// When created.
    pub created: i64,
    /// When last changed.
    pub updated: i64,
}

/// A resource set.
#[derive(Debug, Clone)]
pub struct ResourceSet {
    /// Number, for the id.
    pub n: u64,
    /// Unique label.
    pub label: String,
    /// Description.
    pub description: String,
    /// Resources.
    pub resources: Vec<Resource>,
    /// When created.
    pub created: i64,
    /// When last changed.
    pub updated: i64,
}

/// Everything about administration.
#[derive(Debug, Clone, Default)]
pub struct Iam {
    /// Custom roles.
    pub roles: Vec<CustomRole>,
    /// Resource sets.
    pub sets: Vec<ResourceSet>,
    /// Who holds what.
    pub assignments: Vec<Assignment>,
    /// The names (ORNs) of resources that [`Target`] has no word for.
    pub named: Vec<String>,
    /// The next number of an assignment, role, set or resource.
    pub next: u64,
}

/// The standard roles: type and the label Okta shows ([rec] for the first four, [spec] and [help] for the others).
pub const STANDARD_ROLES: &[(&str, &str)] = &[
    ("SUPER_ADMIN", "Super Administrator"),
    ("APP_ADMIN", "Application Administrator"),
    ("USER_ADMIN", "User Administrator"),
    ("GROUP_MEMBERSHIP_ADMIN", "Group Membership Administrator"),
    ("HELP_DESK_ADMIN", "Help Desk Administrator"),
    ("ORG_ADMIN", "Organizational Administrator"),
    ("READ_ONLY_ADMIN", "Read-only Administrator"),
    ("REPORT_ADMIN", "Report Administrator"),
    ("API_ACCESS_MANAGEMENT_ADMIN", "API Access Management Administrator"),
    ("WORKFLOWS_ADMIN", "Workflows Administrator"),
    ("ACCESS_REQUESTS_ADMIN", "Access Requests Administrator"),
    ("ACCESS_CERTIFICATIONS_ADMIN", "Access Certifications Administrator"),
];

/// A standard role's type as a static text, and its label.
pub fn standard_role(kind: &str) -> Option<(&'static str, &'static str)> {
    STANDARD_ROLES.iter().copied().find(|(known, _)| *known == kind)
}

/// The number of "Transom Read" among the custom roles and of its resource set among the sets.
pub const TRANSOM: u64 = 0;
/// The number of the role and set that reach too little.
pub const TOO_SMALL: u64 = 1;

impl Iam {
    /// Administration at the beginning.
    pub fn new(config: &Config, as_of: i64, people: &People, layout: &Layout) -> Self {
        let mut iam = Self { next: 100, ..Self::default() };
        let at = |days: i64| as_of - days * DAY;
        let first = layout.first_department();
        let role = |n, label: &str, description: &str, permissions: &[&str], created| CustomRole {
            n,
            label: label.into(),
            description: description.into(),
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
            created,
            updated: created,
        };
        iam.roles = vec![
            role(
                TRANSOM,
                "Transom Read",
                "Read access for the connected app",
                &["okta.iam.read", "okta.authzServers.read"],
                at(40),
            ),
            role(
                TOO_SMALL,
                "Scanner",
                "Vulnerability scanner",
                &["okta.users.read", "okta.groups.read"],
                at(300),
            ),
            role(
                2,
                "Group Gatekeeper",
                "Adds and removes members",
                &["okta.groups.members.manage", "okta.groups.read", "okta.users.groupMembership.manage"],
                at(500),
            ),
            role(
                3,
                "App Custodian",
                "Looks after business apps",
                &["okta.apps.assignment.manage", "okta.apps.manage", "okta.apps.clientCredentials.read"],
                at(620),
            ),
        ];
        let set = |n, label: &str, description: &str, targets: &[Target], created| ResourceSet {
            n,
            label: label.into(),
            description: description.into(),
            resources: (n * 100..).zip(targets).map(|(n, t)| Resource { n, target: *t, created }).collect(),
            created,
            updated: created,
        };
        iam.sets = vec![
            set(
                TRANSOM,
                "Transom Resources",
                "What the connected app may read",
                &[Target::Iam, Target::AuthServers],
                at(40),
            ),
            set(
                TOO_SMALL,
                "Scanner Scope",
                "One department",
                &[Target::Group(first), Target::GroupMembers(first)],
                at(300),
            ),
            set(2, "All people", "Users and groups", &[Target::Users, Target::Groups], at(500)),
            set(
                3,
                "Business apps",
                "Apps of the business",
                &[Target::App(2), Target::App(5), Target::App(6)],
                at(620),
            ),
        ];
        for (user, kind, days) in [
            (cast::SUPER_ADMIN, "SUPER_ADMIN", 2_000),
            (cast::BREAK_GLASS, "SUPER_ADMIN", 2_500),
            (cast::SVC_TRANSOM, "READ_ONLY_ADMIN", 40),
            (cast::SVC_REPORTS, "READ_ONLY_ADMIN", 800),
            (cast::ORG_ADMIN, "ORG_ADMIN", 1_200),
            (cast::HELP_DESK, "HELP_DESK_ADMIN", 700),
            (cast::APP_ADMIN, "APP_ADMIN", 450),
        ] {
            iam.grant(Holder::User(user), Role::Standard(kind), Vec::new(), at(days));
        }
        iam.grant(
            Holder::User(cast::GROUP_ADMIN),
            Role::Standard("USER_ADMIN"),
            vec![first, first + 1],
            at(330),
        );
        // Left from an earlier job: the org's administrator looks after two apps besides.
        iam.grant(Holder::User(cast::ORG_ADMIN), Role::Standard("APP_ADMIN"), Vec::new(), at(1_300));
        if let Some(assignment) = iam.assignments.last_mut() {
            assignment.apps = vec![AppTarget::Instance(5), AppTarget::Catalogue("slack")];
        }
        iam.grant(
            Holder::User(cast::SVC_TRANSOM),
            Role::Custom { role: TRANSOM, set: TRANSOM },
            Vec::new(),
            at(40),
        );
        iam.grant(
            Holder::User(cast::SVC_SMALL),
            Role::Custom { role: TOO_SMALL, set: TOO_SMALL },
            Vec::new(),
            at(300),
        );
        let more = config.shape.admins.saturating_sub(9);
        let kinds = [
            "HELP_DESK_ADMIN",
            "APP_ADMIN",
            "REPORT_ADMIN",
            "GROUP_MEMBERSHIP_ADMIN",
            "API_ACCESS_MANAGEMENT_ADMIN",
        ];
        for nth in 0..more {
            let user = people.nth_active(40 + nth as u32 * 7);
            iam.grant(
                Holder::User(user),
                Role::Standard(kinds[nth as usize % kinds.len()]),
                Vec::new(),
                at(100 + nth as i64),
            );
        }
        for nth in 0..config.shape.admin_groups as u32 {
            let role =
                standard_role(ADMIN_GROUPS[nth as usize].2).map_or("HELP_DESK_ADMIN", |(kind, _)| kind);
            iam.grant(
                Holder::Group(BUILT_IN_GROUPS + nth),
                Role::Standard(role),
                Vec::new(),
                at(600 + i64::from(nth)),
            );
        }
        // The first service app reads, as it should; the second may do nearly everything.
        let roles = [("READ_ONLY_ADMIN", None), ("ORG_ADMIN", Some(Role::Custom { role: 3, set: 3 }))];
        for (app, (kind, custom)) in apps::services(config).zip(roles) {
            iam.grant(Holder::App(app), Role::Standard(kind), Vec::new(), at(250));
            if let Some(custom) = custom {
                iam.grant(Holder::App(app), custom, Vec::new(), at(240));
            }
        }
        iam.grant(Holder::Group(BUILT_IN_GROUPS), Role::Custom { role: 2, set: 2 }, Vec::new(), at(500));
        iam
    }

    /// Adds an assignment and returns its number.
    pub fn grant(&mut self, holder: Holder, role: Role, targets: Vec<u32>, created: i64) -> u64 {
        self.next += 1;
        self.assignments.push(Assignment { n: self.next, holder, role, targets, apps: Vec::new(), created });
        self.next
    }
}
