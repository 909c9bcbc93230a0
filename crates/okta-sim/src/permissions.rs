//! The one table of rights: who gets what answer from which data set.
//!
//! Marks of evidence: `Rec` recorded from real orgs, `Docs` Okta's documentation or help pages, `Hound` what
//! SpecterOps' OktaHound found in practice, `Inf` our inference. The table is data so that tests walk it and the
//! documentation prints it.

use crate::generate::iam::{Resource, Target};

/// What a route reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the data sets; what each means stands in the table's rows")]
pub enum Data {
    Org,
    Users,
    UserGroups,
    UserApps,
    Factors,
    UserRoles,
    Groups,
    GroupMembers,
    GroupApps,
    GroupRoles,
    GroupRules,
    Apps,
    AppUsers,
    AppGroups,
    AppFeatures,
    AppKeys,
    AppSecrets,
    AppGrants,
    AppTokens,
    GroupPush,
    ClientRoles,
    Mappings,
    ApiServices,
    PrincipalRateLimits,
    AdminRoles,
    StandardRoles,
    ResourceSets,
    Assignees,
    AuthServers,
    Policies,
    ApiTokens,
    Zones,
    Authenticators,
    Idps,
    Behaviors,
    ThreatInsight,
    Lockout,
    AuthenticatorSettings,
    TrustedOrigins,
    SecurityEvents,
    Captchas,
    UserTypes,
    Schemas,
    LinkedObjects,
    LinkedUsers,
    Realms,
    RealmAssignments,
    Devices,
    DeviceAssurances,
    GroupOwners,
    UserGrants,
    Logs,
    EventHooks,
    InlineHooks,
    LogStreams,
    AgentPools,
    Brands,
    Domains,
    Features,
    OrgSettings,
    SupportAccess,
    RateLimits,
    WriteUsers,
    WriteLifecycle,
    WriteFactors,
    WriteSessions,
    WriteGroups,
    WriteMembership,
    WriteAssignment,
    WriteApps,
    WriteAppGrants,
    WriteRoles,
    WriteTokens,
    WriteOrgSettings,
    OwnToken,
}

/// What the caller may see of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Everything.
    All,
    /// What belongs to the groups the role is limited to; everything when it is limited to none.
    Targets,
    /// What is the caller's own.
    Own,
    /// 200 with an empty list.
    Empty,
    /// 403 E0000006.
    Deny,
}

/// A product without which a data set answers 401 E0000015.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// API Access Management.
    ApiAccessManagement,
    /// Identity Engine.
    IdentityEngine,
    /// Okta Identity Governance.
    IdentityGovernance,
}

/// Where a row's knowledge comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Recorded from real orgs.
    Rec,
    /// Okta's documentation or help pages.
    Docs,
    /// SpecterOps' OktaHound.
    Hound,
    /// Inferred.
    Inf,
}

/// What a custom role's resource set must hold for a permission to reach a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Users: all, or those of some groups.
    Users,
    /// Groups: all, or some.
    Groups,
    /// Apps: all.
    Apps,
    /// All authorization servers.
    AuthServers,
    /// All identity and access management resources.
    Iam,
    /// All policies.
    Policies,
    /// Any resource at all.
    Anything,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The data set.
    pub data: Data,
    /// In words.
    pub what: &'static str,
    /// What somebody without any admin role gets.
    pub nobody: Grant,
    /// What the standard roles get; a role that is not named gets what `nobody` gets, or 403 where that is
    /// [`Grant::Empty`] for a role that can't read the set. SUPER_ADMIN always gets everything.
    pub roles: &'static [(&'static str, Grant)],
    /// The permissions of a custom role any of which opens it, and what the resource set must hold.
    pub permissions: &'static [&'static str],
    /// See [`Needs`].
    pub needs: Needs,
    /// The product it needs.
    pub product: Option<Product>,
    /// How sure.
    pub evidence: Evidence,
    /// From where.
    pub source: &'static str,
}

use Evidence::{Docs, Hound, Inf};
use Grant::{All, Deny, Empty, Own, Targets};

const ORG: &str = "ORG_ADMIN";
const APP: &str = "APP_ADMIN";
const USER: &str = "USER_ADMIN";
const HELP: &str = "HELP_DESK_ADMIN";
const MEMBERS: &str = "GROUP_MEMBERSHIP_ADMIN";
const READ: &str = "READ_ONLY_ADMIN";
const REPORT: &str = "REPORT_ADMIN";
const API: &str = "API_ACCESS_MANAGEMENT_ADMIN";

const PEOPLE: &[(&str, Grant)] = &[
    (ORG, All),
    (APP, All),
    (USER, Targets),
    (HELP, Targets),
    (MEMBERS, Targets),
    (READ, All),
    (REPORT, All),
    (API, All),
];
const SUPER_ONLY: &[(&str, Grant)] = &[];

#[expect(clippy::too_many_arguments, reason = "one argument per column of the table")]
const fn row(
    data: Data,
    what: &'static str,
    nobody: Grant,
    roles: &'static [(&'static str, Grant)],
    permissions: &'static [&'static str],
    needs: Needs,
    evidence: Evidence,
    source: &'static str,
) -> Row {
    Row { data, what, nobody, roles, permissions, needs, product: None, evidence, source }
}

/// The table.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(Data::Org, "The org's own settings", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Docs, "help: read-only sees Okta settings"),
    row(Data::Users, "Users", Empty, PEOPLE, &["okta.users.read", "okta.users.manage"], Needs::Users, Docs, "baton docs: 200 [] without a role; help: comparison table; scope of group admins documented"),
    row(Data::UserGroups, "A user's groups", Own, PEOPLE, &["okta.users.read", "okta.users.manage"], Needs::Users, Inf, "as users"),
    row(Data::UserApps, "A user's dashboard tiles", Own, PEOPLE, &["okta.users.read", "okta.users.manage"], Needs::Users, Inf, "as users"),
    row(Data::Factors, "A user's factors", Own, &[(ORG, All), (USER, Targets), (HELP, Targets), (READ, All)], &["okta.users.read", "okta.users.manage"], Needs::Users, Hound, "read with READ_ONLY_ADMIN in practice"),
    row(Data::UserRoles, "A user's admin roles", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Docs, "help: view administrators = Super only; OktaHound: okta.iam.read on all IAM resources opens it"),
    row(Data::Groups, "Groups", Empty, &[(ORG, All), (APP, All), (USER, Targets), (HELP, Targets), (MEMBERS, Targets), (READ, All), (REPORT, All), (API, All)], &["okta.groups.read", "okta.groups.manage"], Needs::Groups, Docs, "baton docs; help: comparison table"),
    row(Data::GroupMembers, "A group's members", Deny, PEOPLE, &["okta.groups.read", "okta.groups.manage", "okta.groups.members.manage"], Needs::Groups, Inf, "as groups"),
    row(Data::GroupApps, "A group's apps", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.groups.read", "okta.groups.manage"], Needs::Groups, Inf, "as groups, for those who read apps"),
    row(Data::GroupRoles, "A group's admin roles", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Docs, "as a user's admin roles"),
    row(Data::GroupRules, "Group rules", Deny, &[(ORG, All), (READ, All)], &["okta.groups.read", "okta.groups.manage"], Needs::Groups, Inf, "help: rules are seen by those who manage or read all groups"),
    row(Data::Apps, "Apps", Empty, &[(ORG, All), (APP, All), (READ, All), (API, All)], &["okta.apps.read", "okta.apps.manage"], Needs::Apps, Docs, "baton docs; help: read-only views apps"),
    row(Data::AppUsers, "An app's users", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.read", "okta.apps.manage", "okta.apps.assignment.manage"], Needs::Apps, Inf, "as apps"),
    row(Data::AppGroups, "An app's groups", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.read", "okta.apps.manage", "okta.apps.assignment.manage"], Needs::Apps, Inf, "as apps"),
    row(Data::AppFeatures, "An app's provisioning features", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.read", "okta.apps.manage"], Needs::Apps, Inf, "as apps"),
    row(Data::AppKeys, "An app's public keys", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.read", "okta.apps.manage", "okta.apps.clientCredentials.read"], Needs::Apps, Inf, "as apps"),
    row(Data::AppSecrets, "An OAuth client's secrets, in clear", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.manage", "okta.apps.clientCredentials.read"], Needs::Apps, Hound, "apps.clientCredentials.read in its list for READ_ONLY_ADMIN"),
    row(Data::AppGrants, "Scopes granted to an app", Deny, SUPER_ONLY, &[], Needs::Apps, Hound, "Super Administrator in practice, and Okta support question 0D5KZ00001ZNRgb0AH"),
    row(Data::AppTokens, "An app's refresh tokens", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.read", "okta.apps.manage"], Needs::Apps, Inf, "as apps"),
    row(Data::GroupPush, "An app's group push mappings", Deny, &[(ORG, All), (APP, All), (READ, All)], &["okta.apps.read", "okta.apps.manage"], Needs::Apps, Inf, "as apps"),
    row(Data::ClientRoles, "A service app's admin roles", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Docs, "as a user's admin roles"),
    row(Data::Mappings, "Profile mappings", Deny, &[(ORG, All), (APP, All), (READ, All)], &[], Needs::Apps, Inf, "as apps: the Profile Editor is seen by those who see apps"),
    row(Data::ApiServices, "API service integrations", Deny, &[(ORG, All)], &[], Needs::Apps, Inf, "api.md lists them as uncertain for read-only; the cautious side"),
    row(Data::PrincipalRateLimits, "Principals' shares of the rate limits", Deny, &[(ORG, All)], &[], Needs::Anything, Inf, "api.md lists them as uncertain for read-only; the cautious side"),
    row(Data::AdminRoles, "Custom admin roles and their permissions", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Docs, "permission table; OktaHound Roadmap"),
    row(Data::StandardRoles, "Standard admin roles", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Hound, "GET /iam/roles/{TYPE}; 404 when not licensed"),
    row(Data::ResourceSets, "Resource sets, resources, bindings, members", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Docs, "permission table"),
    row(Data::Assignees, "Users with admin roles", Deny, SUPER_ONLY, &["okta.iam.read"], Needs::Iam, Docs, "as a user's admin roles"),
    Row { product: Some(Product::ApiAccessManagement), ..row(Data::AuthServers, "Authorization servers", Deny, &[(ORG, All), (READ, All), (API, All)], &["okta.authzServers.read", "okta.authzServers.manage"], Needs::AuthServers, Docs, "help: 4 roles incl. read-only; 401 E0000015 without the product [rec for other features]") },
    row(Data::Policies, "Policies and their rules", Deny, &[(ORG, All), (READ, All), (APP, All)], &["okta.policies.read", "okta.policies.manage"], Needs::Policies, Hound, "policies.read in its list for READ_ONLY_ADMIN"),
    row(Data::ApiTokens, "API tokens", Own, &[(ORG, All), (READ, Own)], &["okta.users.apitokens.read", "okta.users.apitokens.manage"], Needs::Users, Hound, "users.apitokens.read for read-only is self only"),
    row(Data::Zones, "Network zones", Deny, &[(ORG, All), (READ, All)], &["okta.networkZones.read", "okta.networkZones.manage"], Needs::Anything, Inf, "api.md lists zones as uncertain for read-only; help says Okta settings are viewed"),
    Row { product: Some(Product::IdentityEngine), ..row(Data::Authenticators, "Authenticators and their methods", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as zones: help says Okta settings are viewed; no custom permission is documented; 401 on Classic inferred from the spec's SKU") },
    row(Data::Idps, "Identity providers and their keys", Deny, &[(ORG, All), (READ, All)], &["okta.identityProviders.read", "okta.identityProviders.manage"], Needs::Anything, Inf, "api.md lists idps as uncertain for read-only; idps is in OktaHound's tested scopes; the ORN identity_provider is in Okta's list"),
    row(Data::Behaviors, "Behaviors", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as zones"),
    row(Data::ThreatInsight, "ThreatInsight's setting", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as zones; api.md lists it as uncertain for read-only"),
    row(Data::Lockout, "Lockout settings", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as the org's own settings, whose scope it has"),
    Row { product: Some(Product::IdentityEngine), ..row(Data::AuthenticatorSettings, "Authenticator settings of attack protection", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as the org's own settings, whose scope it has; 401 on Classic inferred from the spec's SKU") },
    row(Data::TrustedOrigins, "Trusted origins", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as zones"),
    Row { product: Some(Product::IdentityEngine), ..row(Data::SecurityEvents, "Security events providers", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as zones; the spec lists a 401") },
    Row { product: Some(Product::IdentityEngine), ..row(Data::Captchas, "CAPTCHAs", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "as zones; 401 on Classic inferred from the spec's SKU") },
    row(Data::UserTypes, "User types", Deny, &[(ORG, All), (READ, All)], &["okta.userTypes.read", "okta.userTypes.manage"], Needs::Users, Hound, "userTypes.read in its list for READ_ONLY_ADMIN"),
    row(Data::Schemas, "Schemas of users and groups", Deny, &[(ORG, All), (APP, All), (API, All)], &["okta.apps.manage"], Needs::Apps, Docs, "spec: x-okta-iam-admin-roles and -permissions of these operations; read-only is not among them"),
    row(Data::LinkedObjects, "Definitions of linked objects", Deny, &[(ORG, All), (APP, All), (API, All)], &["okta.apps.manage"], Needs::Apps, Docs, "spec: x-okta-iam-admin-roles and -permissions of these operations; read-only is not among them"),
    row(Data::LinkedUsers, "Whom a user is linked to", Deny, &[(ORG, All), (READ, All)], &["okta.users.read", "okta.users.manage"], Needs::Users, Inf, "spec: scope okta.users.read, no role or permission named; as what users granted"),
    Row { product: Some(Product::IdentityGovernance), ..row(Data::Realms, "Realms", Deny, &[(ORG, All), (READ, All)], &["okta.realms.read", "okta.realms.manage"], Needs::Users, Hound, "realms.read in its list for READ_ONLY_ADMIN; needs a licence [api.md], which answer an org without it gives is inferred") },
    Row { product: Some(Product::IdentityGovernance), ..row(Data::RealmAssignments, "Realm assignments", Deny, &[(ORG, All), (READ, All)], &["okta.realms.read", "okta.realms.manage"], Needs::Users, Inf, "as realms") },
    row(Data::Devices, "Devices and their users", Deny, &[(ORG, All), (READ, All)], &["okta.devices.read", "okta.devices.manage"], Needs::Users, Hound, "devices.read in its list for READ_ONLY_ADMIN; help: device details"),
    row(Data::DeviceAssurances, "Device assurance policies", Deny, &[(ORG, All), (READ, All)], &["okta.policies.read", "okta.policies.manage"], Needs::Policies, Inf, "as the policies that name them"),
    Row { product: Some(Product::IdentityGovernance), ..row(Data::GroupOwners, "A group's owners", Deny, &[(ORG, All), (READ, All)], &["okta.groups.read", "okta.groups.manage"], Needs::Groups, Inf, "as groups; which answer an org without the licence gives is inferred") },
    row(Data::UserGrants, "What a user granted clients", Deny, &[(ORG, All), (READ, All)], &["okta.users.read", "okta.users.manage"], Needs::Users, Inf, "api.md lists them as uncertain for read-only; as users"),
    row(Data::Logs, "System Log", Deny, &[(ORG, All), (APP, All), (USER, All), (HELP, All), (READ, All), (REPORT, All), (API, All)], &["okta.logs.read"], Needs::Anything, Docs, "help: System Log; logs.read [hound]"),
    row(Data::EventHooks, "Event hooks", Deny, &[(ORG, All), (READ, All)], &["okta.eventhooks.read", "okta.eventhooks.manage"], Needs::Anything, Hound, "eventhooks.read in its list for READ_ONLY_ADMIN; docs: hooks-best-practices for the permissions"),
    row(Data::InlineHooks, "Inline hooks", Deny, &[(ORG, All), (READ, All)], &["okta.inlinehooks.read", "okta.inlinehooks.manage"], Needs::Anything, Hound, "inlinehooks.read in its list for READ_ONLY_ADMIN; docs: hooks-best-practices for the permissions"),
    row(Data::LogStreams, "Log streams", Deny, SUPER_ONLY, &[], Needs::Anything, Docs, "help: Manage log streaming = Super only"),
    row(Data::AgentPools, "Agent pools and their agents", Deny, &[(ORG, All), (READ, All)], &["okta.agents.read", "okta.agents.manage"], Needs::Anything, Hound, "read with READ_ONLY_ADMIN in practice; docs: permissions for the permission"),
    row(Data::Brands, "Brands", Deny, &[(ORG, All), (READ, All)], &["okta.customizations.read", "okta.customizations.manage"], Needs::Anything, Docs, "help: read-only sees Okta settings (themes, logo); customizations in OktaHound's list"),
    row(Data::Domains, "Domains and e-mail domains", Deny, &[(ORG, All), (READ, All)], &["okta.customizations.read", "okta.customizations.manage"], Needs::Anything, Inf, "as brands"),
    row(Data::Features, "Features", Deny, &[(ORG, All)], &[], Needs::Anything, Inf, "api.md lists features as uncertain for read-only"),
    row(Data::OrgSettings, "Client privileges, third-party admins, preferences", Deny, &[(ORG, All), (READ, All)], &[], Needs::Anything, Inf, "the scope of the org's settings; the spec names no role for these as it does for support access"),
    row(Data::SupportAccess, "Okta Support access", Deny, SUPER_ONLY, &[], Needs::Anything, Docs, "spec: x-okta-iam-admin-roles SUPER_ADMIN"),
    row(Data::RateLimits, "Rate-limit settings", Deny, &[(ORG, All)], &[], Needs::Anything, Inf, "not documented; settings that admins of the org change"),
    row(Data::WriteUsers, "Create, change, delete users", Deny, &[(ORG, All), (USER, Targets)], &["okta.users.manage", "okta.users.create"], Needs::Users, Docs, "permission table"),
    row(Data::WriteLifecycle, "Suspend, unsuspend, deactivate, activate, unlock", Deny, &[(ORG, All), (USER, Targets), (HELP, Targets)], &["okta.users.manage", "okta.users.lifecycle.manage", "okta.users.lifecycle.suspend", "okta.users.lifecycle.unsuspend", "okta.users.lifecycle.deactivate", "okta.users.lifecycle.activate", "okta.users.lifecycle.unlock"], Needs::Users, Docs, "permission table; one of the lifecycle permissions opens all here [inf]"),
    row(Data::WriteFactors, "Reset factors", Deny, &[(ORG, All), (USER, Targets), (HELP, Targets)], &["okta.users.manage", "okta.users.credentials.manage", "okta.users.credentials.resetFactors"], Needs::Users, Docs, "permission table"),
    row(Data::WriteSessions, "End sessions", Deny, &[(ORG, All), (USER, Targets), (HELP, Targets)], &["okta.users.manage", "okta.users.lifecycle.clearSessions"], Needs::Users, Docs, "permission table"),
    row(Data::WriteGroups, "Create and delete groups", Deny, &[(ORG, All), (USER, Targets)], &["okta.groups.manage", "okta.groups.create"], Needs::Groups, Docs, "permission table"),
    row(Data::WriteMembership, "Add and remove members", Deny, &[(ORG, All), (USER, Targets), (MEMBERS, Targets)], &["okta.groups.manage", "okta.groups.members.manage"], Needs::Groups, Docs, "permission table"),
    row(Data::WriteAssignment, "Assign and unassign apps", Deny, &[(ORG, All), (APP, All)], &["okta.apps.manage", "okta.apps.assignment.manage"], Needs::Apps, Docs, "permission table"),
    row(Data::WriteApps, "Create, activate, deactivate and delete apps", Deny, &[(ORG, All), (APP, All)], &["okta.apps.manage"], Needs::Apps, Docs, "permission table"),
    row(Data::WriteAppGrants, "Grant scopes to an app", Deny, SUPER_ONLY, &[], Needs::Apps, Docs, "docs implement-oauth-for-okta-serviceapp: a super admin grants scopes"),
    row(Data::WriteRoles, "Give and take admin roles; custom roles, resource sets, bindings", Deny, SUPER_ONLY, &[], Needs::Iam, Docs, "help: add and remove administrators = Super only"),
    row(Data::WriteTokens, "Revoke API tokens", Own, &[(ORG, All), (READ, Own)], &["okta.users.apitokens.manage"], Needs::Users, Hound, "users.apitokens.manage for read-only is self only"),
    row(Data::WriteOrgSettings, "What makes administrators by itself", Deny, SUPER_ONLY, &[], Needs::Anything, Inf, "it decides who becomes a super admin"),
    row(Data::OwnToken, "Revoke the token of the call", All, &[(ORG, All), (APP, All), (USER, All), (HELP, All), (MEMBERS, All), (READ, All), (REPORT, All), (API, All)], &[], Needs::Anything, Docs, "spec: DELETE /api-tokens/current needs no permission"),
];

/// The row of a data set.
pub fn row_of(data: Data) -> &'static Row {
    TABLE.iter().find(|row| row.data == data).unwrap_or(&TABLE[0])
}

/// A role as the table needs it: what it is and what it is limited to.
#[derive(Debug, Clone)]
pub enum Held<'a> {
    /// A standard role with its group targets.
    Standard {
        /// Type.
        kind: &'static str,
        /// Groups it is limited to; empty: none.
        targets: &'a [u32],
    },
    /// A custom role's permissions on a resource set's resources.
    Custom {
        /// Permissions.
        permissions: &'a [String],
        /// Resources.
        resources: &'a [Resource],
    },
}

/// What a caller may see, all roles together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    All,
    /// Only these groups and the users in them.
    Groups(Vec<u32>),
    /// Only the caller's own.
    Own,
    /// Nothing, politely.
    Empty,
    /// 403.
    Denied,
    /// 401 E0000015.
    Unlicensed,
}

/// What roles together may see of a data set. `licensed` says whether the org has the product.
pub fn access(data: Data, held: &[Held<'_>], licensed: impl Fn(Product) -> bool) -> Access {
    let row = row_of(data);
    if row.product.is_some_and(|product| !licensed(product)) {
        return Access::Unlicensed;
    }
    let mut groups: Vec<u32> = Vec::new();
    let mut best = row.nobody;
    let mut limited = false;
    for role in held {
        match role {
            Held::Standard { kind: "SUPER_ADMIN", .. } => return Access::All,
            Held::Standard { kind, targets } => {
                match row.roles.iter().find(|(known, _)| known == kind).map(|(_, g)| *g) {
                    Some(All) => return Access::All,
                    Some(Targets) if targets.is_empty() => return Access::All,
                    Some(Targets) => {
                        limited = true;
                        groups.extend_from_slice(targets);
                    }
                    Some(Own) => best = Own,
                    _ => {}
                }
            }
            Held::Custom { permissions, resources } => {
                if !permissions.iter().any(|p| row.permissions.contains(&p.as_str())) {
                    continue;
                }
                match reach(row.needs, resources) {
                    Access::All => return Access::All,
                    Access::Groups(some) => {
                        limited = true;
                        groups.extend(some);
                    }
                    _ => {}
                }
            }
        }
    }
    if limited {
        groups.sort_unstable();
        groups.dedup();
        return Access::Groups(groups);
    }
    match best {
        Own => Access::Own,
        // An admin of another kind is told so; only somebody without any role gets the empty list.
        Empty if held.is_empty() => Access::Empty,
        All => Access::All,
        _ => Access::Denied,
    }
}

fn reach(needs: Needs, resources: &[Resource]) -> Access {
    let has = |wanted: Target| resources.iter().any(|r| r.target == wanted);
    let whole = match needs {
        Needs::Users => has(Target::Users),
        Needs::Groups => has(Target::Groups),
        Needs::Apps => has(Target::Apps),
        Needs::AuthServers => has(Target::AuthServers),
        Needs::Iam => has(Target::Iam),
        Needs::Policies => has(Target::Policies),
        Needs::Anything => !resources.is_empty(),
    };
    if whole {
        return Access::All;
    }
    let some: Vec<u32> = resources
        .iter()
        .filter_map(|resource| match (needs, resource.target) {
            (Needs::Users, Target::GroupMembers(group)) | (Needs::Groups, Target::Group(group)) => {
                Some(group)
            }
            _ => None,
        })
        .collect();
    if some.is_empty() { Access::Denied } else { Access::Groups(some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_set_has_one_row_with_a_source() {
        for row in TABLE {
            assert_eq!(TABLE.iter().filter(|r| r.data == row.data).count(), 1, "{:?}", row.data);
            assert!(!row.source.is_empty() && !row.what.is_empty());
        }
        assert_eq!(row_of(Data::OwnToken).data, Data::OwnToken);
    }

    #[test]
    fn roles_add_up() {
        let read = Held::Standard { kind: "READ_ONLY_ADMIN", targets: &[] };
        let permissions = ["okta.iam.read".to_owned()];
        let only = |target| [Resource { n: 0, target, created: 0 }];
        let (iam, servers) = (only(Target::Iam), only(Target::AuthServers));
        let iam = Held::Custom { permissions: &permissions, resources: &iam };
        let elsewhere = Held::Custom { permissions: &permissions, resources: &servers };
        let group = Held::Standard { kind: "USER_ADMIN", targets: &[7, 3] };
        let yes = |_: Product| true;
        assert_eq!(access(Data::UserRoles, std::slice::from_ref(&read), yes), Access::Denied);
        assert_eq!(access(Data::UserRoles, &[read.clone(), iam], yes), Access::All);
        assert_eq!(access(Data::UserRoles, &[read.clone(), elsewhere], yes), Access::Denied);
        assert_eq!(access(Data::Users, std::slice::from_ref(&group), yes), Access::Groups(vec![3, 7]));
        assert_eq!(access(Data::Users, &[group, read.clone()], yes), Access::All);
        assert_eq!(access(Data::Users, &[], yes), Access::Empty);
        assert_eq!(access(Data::ApiTokens, std::slice::from_ref(&read), yes), Access::Own);
        assert_eq!(access(Data::AuthServers, &[read], |_| false), Access::Unlicensed);
    }
}
