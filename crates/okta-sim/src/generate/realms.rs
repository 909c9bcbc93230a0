//! Realms, and the assignments that put users into them.

use super::people::DAY;

/// A realm.
#[derive(Debug, Clone)]
pub struct Realm {
    /// Number, for the id.
    pub n: u64,
    /// Name.
    pub name: &'static str,
    /// `DEFAULT` or `PARTNER`.
    pub kind: &'static str,
    /// Domains its users' names must be of.
    pub domains: &'static [&'static str],
    /// When created.
    pub created: i64,
}

/// The realm of those who are in no other.
pub const DEFAULT: u64 = 0;
/// The realm of partners.
pub const PARTNERS: u64 = 1;

/// The realms at the beginning.
pub fn realms(as_of: i64) -> Vec<Realm> {
    let realm =
        |n, name, kind, domains, days: i64| Realm { n, name, kind, domains, created: as_of - days * DAY };
    vec![
        realm(DEFAULT, "Default Realm", "DEFAULT", &[], 2_920),
        realm(PARTNERS, "Partners", "PARTNER", &["acme.example", "acme-europe.example"], 380),
        realm(2, "Acquisition 2024", "DEFAULT", &[], 300),
    ]
}

/// A realm assignment.
#[derive(Debug, Clone)]
pub struct RealmAssignment {
    /// Number, for the id.
    pub n: u64,
    /// Name.
    pub name: &'static str,
    /// ACTIVE, else INACTIVE.
    pub active: bool,
    /// Lower comes first.
    pub priority: i64,
    /// Whom it is for, in Okta's expression language.
    pub expression: &'static str,
    /// The realm it puts them into.
    pub realm: u64,
    /// When created.
    pub created: i64,
}

/// The realm assignments at the beginning; the last is for whom no other fits.
pub fn assignments(as_of: i64) -> Vec<RealmAssignment> {
    let assignment = |n, name, active, priority, expression, realm, days: i64| RealmAssignment {
        n,
        name,
        active,
        priority,
        expression,
        realm,
        created: as_of - days * DAY,
    };
    vec![
        assignment(0, "Agencies", true, 0, "user.profile.userType == \"Contractor\"", PARTNERS, 380),
        assignment(1, "Acquired people", false, 1, "user.profile.organization == \"Initech\"", 2, 300),
        assignment(2, "Catch-all", true, 499, "true", DEFAULT, 380),
    ]
}
