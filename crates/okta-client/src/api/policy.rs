//! Policies and their rules.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A policy. Real ones have `_links` and `_embedded`, which the spec leaves out in part [rec].
    Policy {
        /// `00p…` or `rst…`.
        id: id "/id",
        /// What it decides.
        kind: [PolicyType] "/type",
        /// Name.
        name: text "/name",
        /// Description.
        description: text "/description",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// 1 goes first.
        priority: number "/priority",
        /// Made by Okta; cannot be deactivated.
        system: flag "/system",
        /// Whom it applies to; null for all.
        conditions: value "/conditions",
        /// What it sets, for kinds that set it here rather than in rules.
        settings: value "/settings",
        /// Its rules, as a URL.
        rules_href: text "/_links/rules/href",
        /// Groups it applies to.
        group_ids: texts "/conditions/people/groups/include",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// A rule of a policy.
    PolicyRule {
        /// `0pr…` or `rul…`.
        id: id "/id",
        /// What it decides: the policy's type, but `SIGN_ON` for `OKTA_SIGN_ON`.
        kind: text "/type",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// 1 (0 in some kinds) goes first.
        priority: number "/priority",
        /// Made by Okta; the last one that always matches.
        system: flag "/system",
        /// When it matches.
        conditions: value "/conditions",
        /// What it does then.
        actions: value "/actions",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// That a policy applies to a resource. What it applies to stands in the links.
    PolicyMapping {
        /// The mapping; Okta's example shows the policy's id here, and the mapping's own in `_links.self` [spec].
        id: id "/id",
        /// The mapping, as a URL.
        href: text "/_links/self/href",
        /// The app it applies to, as a URL.
        app_href: text "/_links/application/href",
        /// The policy, as a URL.
        policy_href: text "/_links/policy/href",
    }
}

open_enum! {
    /// What a policy decides: every value of the spec.
    PolicyType {
        /// Who may get into an app, and how (authentication policies; Identity Engine).
        AccessPolicy = "ACCESS_POLICY",
        /// What happens when someone's risk changes (Identity Threat Protection).
        EntityRisk = "ENTITY_RISK",
        /// Which identity provider to send people to.
        IdpDiscovery = "IDP_DISCOVERY",
        /// Which authenticators to enrol.
        MfaEnroll = "MFA_ENROLL",
        /// Sessions, and sign-in to Okta itself (global session policy).
        OktaSignOn = "OKTA_SIGN_ON",
        /// Passwords and their recovery.
        Password = "PASSWORD",
        /// What is checked again during a session.
        PostAuthSession = "POST_AUTH_SESSION",
        /// Self-service registration.
        ProfileEnrollment = "PROFILE_ENROLLMENT",
        /// What devices report.
        DeviceSignalCollection = "DEVICE_SIGNAL_COLLECTION",
        /// What counts as a session gone wrong.
        SessionViolationDetection = "SESSION_VIOLATION_DETECTION",
        /// Updates of Okta Verify.
        ClientUpdate = "CLIENT_UPDATE",
        /// Where claims about identities come from.
        IdentityClaimSourcing = "IDENTITY_CLAIM_SOURCING",
    }
}

/// Every policy of one type; the type is required (400 `E0000028` without [docs]), and a type the org does not have
/// answers 400 [hound].
///
/// Not sent a page size: the spec gives it as text without bounds. Bucket `policies`. Permission `okta.policies.read`
/// [inf], scope `okta.policies.read` [spec]. [rec]
#[must_use]
pub fn list(kind: &PolicyType) -> List<Policy> {
    Listing::new("/api/v1/policies", &[], Items::Array).query("type", kind.as_str()).of()
}

/// One policy.
///
/// Bucket `policies`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(policy_id: &str) -> List<Policy> {
    Listing::new("/api/v1/policies/{policyId}", &[policy_id], Items::One).of()
}

/// A policy's rules.
///
/// Bucket `policies`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn rules(policy_id: &str) -> List<PolicyRule> {
    Listing::new("/api/v1/policies/{policyId}/rules", &[policy_id], Items::Array).of()
}

/// What a policy applies to.
///
/// Not paged [spec]. Bucket `policies`. Permission and scope as [`list`]. Only an empty answer was recorded.
#[must_use]
pub fn mappings(policy_id: &str) -> List<PolicyMapping> {
    Listing::new("/api/v1/policies/{policyId}/mappings", &[policy_id], Items::Array).of()
}
