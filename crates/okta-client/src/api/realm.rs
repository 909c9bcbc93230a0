//! Realms, which part an org's users, and the assignments that put users into them.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A realm.
    Realm {
        /// `guo…`.
        id: id "/id",
        /// Name.
        name: text "/profile/name",
        /// `PARTNER` or `DEFAULT`; older answers lack it [rec].
        kind: text "/profile/realmType",
        /// Domains that its users' names must be of.
        domains: texts "/profile/domains",
        /// Whether users are in it where nothing else is said.
        is_default: flag "/isDefault",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// A rule that puts the users of a profile source into a realm.
    RealmAssignment {
        /// `rul…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// Lower comes first.
        priority: number "/priority",
        /// The one for whom no other fits.
        is_default: flag "/isDefault",
        /// The app the users come from.
        profile_source_id: text "/conditions/profileSourceId",
        /// Which of its users, in Okta's expression language.
        expression: text "/conditions/expression/value",
        /// Where it puts them.
        realm_id: text "/actions/assignUserToRealm/realmId",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every realm. An org without the product answers 401 `E0000015`
/// ([`Error::NotLicensed`](crate::Error::NotLicensed)) [inf: as recorded for other products].
///
/// Page 200 / 200 → 200 [spec]. Bucket `realms`. Permission `okta.realms.read` [hound: read-only administrators have
/// it], scope `okta.realms.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Realm> {
    Listing::new("/api/v1/realms", &[], Items::Array).limit(200, 25).of()
}

/// One realm.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(realm_id: &str) -> List<Realm> {
    Listing::new("/api/v1/realms/{realmId}", &[realm_id], Items::One).of()
}

/// Every realm assignment; never recorded by itself.
///
/// Page 20 / 200 → 200 [spec]. Bucket `realm-assignments` [inf]. Permission as [`list`] [inf], scope
/// `okta.realmAssignments.read` [spec].
#[must_use]
pub fn assignments() -> List<RealmAssignment> {
    Listing::new("/api/v1/realm-assignments", &[], Items::Array).limit(200, 25).of()
}

/// One realm assignment.
///
/// Bucket, permission and scope as [`assignments`] [spec].
#[must_use]
pub fn assignment(assignment_id: &str) -> List<RealmAssignment> {
    Listing::new("/api/v1/realm-assignments/{assignmentId}", &[assignment_id], Items::One).of()
}
