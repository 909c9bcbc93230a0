//! The one permission model: which rights a credential needs for what is read with it, made from the declarations of the
//! data sets. The guide, Terraform, the script, the plan, coverage and the documents are all made from it.

use serde::{Deserialize, Serialize};
use transom_core::Evidence;

use super::feature::{features, no_feature};
use crate::area::Area;
use crate::dataset::{Dataset, Right};
use crate::entity::{dataset, datasets};
use crate::{Class, Problem};

/// The standard role that reads nearly everything: its type.
pub const READ_ONLY_ADMIN: &str = "READ_ONLY_ADMIN";
/// Its name in the Admin Console.
pub const READ_ONLY_ADMINISTRATOR: &str = "Read Only Administrator";

/// Permissions that the custom role gets although Read Only Administrator is documented to bring them: how far that role
/// goes there rests on Okta's help pages alone, and what it opens is of the first importance.
const BESIDES: &[&str] = &["okta.authzServers.read"];
/// What is lost without one of them.
const BESIDES_WITHOUT: &str = "only Okta's help pages say that Read Only Administrator shows it";

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// To read the org: Read Only Administrator, and a custom role for what it leaves out.
    Read,
    /// The same, and what else becomes visible with a further right, chosen feature by feature.
    Deeper,
    /// To act. Reserved: actions will use a credential of their own, with the least rights of each.
    Act,
}

impl Profile {
    /// What it is, in a sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::Read => "Reads the org, and can change nothing in it.",
            Self::Deeper => "Reads the org and what was chosen besides, and can change nothing in it.",
            Self::Act => {
                "Reserved: actions will use a credential of their own, with the least rights of each."
            }
        }
    }
}

/// What a resource set can hold whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// All authorization servers.
    AuthorizationServers,
    /// All identity and access management resources: roles, resource sets, and who holds them.
    Iam,
    /// All users.
    Users,
}

impl Resource {
    /// Its name in the Admin Console.
    pub fn console(self) -> &'static str {
        match self {
            Self::AuthorizationServers => "All Authorization Servers",
            Self::Iam => "All Identity and Access Management resources",
            Self::Users => "All users",
        }
    }

    /// What follows the org's id in its Okta resource name, and the service before it [docs concepts/role-assignment; for
    /// IAM resources, which that page leaves out, as seen in a real org by OktaHound].
    pub fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::AuthorizationServers => ("idp", "authorization_servers"),
            Self::Iam => ("iam", "contained_resources"),
            Self::Users => ("directory", "users"),
        }
    }

    /// Its Okta resource name in an org. Partition and id are read from the org: host names tell neither.
    pub fn orn(self, partition: &str, org_id: &str) -> String {
        let (service, kind) = self.place();
        format!("orn:{partition}:{service}:{org_id}:{kind}")
    }

    /// Whether an Okta resource name names all of it.
    pub fn is(self, orn: &str) -> bool {
        parts(orn) == Some(self.place())
    }

    /// Whether an Okta resource name names all of it, or one of it.
    pub fn covers(self, orn: &str) -> bool {
        let (service, kind) = self.place();
        parts(orn).is_some_and(|(s, k)| {
            s == service && k.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    }
}

/// The service of an Okta resource name, and what follows the org's id.
fn parts(orn: &str) -> Option<(&str, &str)> {
    let mut parts = orn.strip_prefix("orn:")?.splitn(4, ':');
    let (_partition, service, _org) = (parts.next()?, parts.next()?, parts.next()?);
    Some((service, parts.next()?))
}

/// The resources that a permission has to be held on to reach all there is; nothing where we do not know.
pub(crate) fn resources_of(permission: &str) -> &'static [Resource] {
    match permission {
        "okta.iam.read" => &[Resource::Iam],
        "okta.authzServers.read" => &[Resource::AuthorizationServers],
        "okta.users.apitokens.read" => &[Resource::Users],
        _ => &[],
    }
}

/// Why a right is there: a data set that takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The data set's name.
    pub dataset: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What Transom does with it.
    pub used_for: &'static str,
    /// What is lost without it.
    pub without: &'static str,
    /// How sure it is that this right opens it.
    pub evidence: Evidence,
}

impl From<&Dataset> for Reason {
    fn from(d: &Dataset) -> Self {
        Self {
            dataset: d.name,
            title: d.title,
            used_for: d.used_for,
            without: d.without,
            evidence: d.right.evidence,
        }
    }
}

/// A right, and why it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Its name in the API: a permission, a role's type, a scope.
    pub name: &'static str,
    /// Its name in the Admin Console.
    pub console: &'static str,
    /// The data sets that take it.
    pub reasons: Vec<Reason>,
}

/// A member of the resource set, and the permissions that are held on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// What it is.
    pub resource: Resource,
    /// Its name in the Admin Console.
    pub console: &'static str,
    /// The permissions that need it.
    pub permissions: Vec<&'static str>,
}

/// The rights of a credential, each with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Model {
    /// What the credential is for.
    pub profile: Profile,
    /// Standard roles, by type.
    pub roles: Vec<Grant>,
    /// The permissions of the custom role.
    pub permissions: Vec<Grant>,
    /// The members of the resource set that the custom role is held on.
    pub resources: Vec<Member>,
    /// The OAuth 2.0 scopes that a service app would be granted.
    pub scopes: Vec<Grant>,
    /// What was chosen beyond the profile *Read*, by data set.
    pub with: Vec<&'static str>,
}

/// A right as people read it: what is one standard role in Okta is told area by area, as it opens so much that nobody
/// would read it in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// What it is used for, each once.
    pub used_for: Vec<&'static str>,
    /// What is lost without it, each once.
    pub without: Vec<&'static str>,
}

/// Whether the profile *Read* brings a right: Read Only Administrator has it, or the custom role gets it, which takes
/// permissions that can change nothing.
pub(crate) fn brings(right: &Right) -> bool {
    right.read_only_admin || right.permission.is_some_and(reads)
}

/// Whether a permission can change nothing. Okta names them by what they allow.
pub(crate) fn reads(permission: &str) -> bool {
    permission.ends_with(".read")
}

impl Model {
    /// The profile *Read*.
    pub fn read() -> Self {
        let mut model = Self::of(datasets().filter(|d| d.in_setup() && d.opt_in.is_none()));
        model.profile = Profile::Read;
        // A scope to read opens nothing that no role opens, and can change nothing: a service app is granted all of them, so
        // that the roles alone decide.
        model.scopes = Self::of(datasets()).scopes;
        model
    }

    /// The profile *Read*, and these data sets beyond it.
    ///
    /// # Errors
    /// [`Class::Name`] for a name that is none of [`features`], or one that can't be chosen.
    pub fn with(names: &[String]) -> Result<Self, Problem> {
        let mut model = Self::read();
        for name in names {
            let found = features().into_iter().find(|f| f.reason.dataset == name);
            let Some(feature) = found else { return Err(no_feature(name)) };
            let Some(permission) = feature.permission else {
                return Err(Problem::new(
                    Class::Name,
                    format!("{} can't be read by this credential.", feature.reason.title),
                    format!("It takes {}. {}", feature.right, feature.but),
                    "Leave it out.",
                ));
            };
            let console = dataset(feature.reason.dataset).map_or("", |d| d.right.console);
            put(&mut model.permissions, permission, console, feature.reason);
            model.profile = Profile::Deeper;
            model.with.push(feature.reason.dataset);
        }
        model.complete();
        Ok(model)
    }

    /// The rights that these data sets take: standard role and custom role for a user, scopes for a service app.
    pub fn of<'a>(chosen: impl Iterator<Item = &'a Dataset>) -> Self {
        let mut model = Self {
            profile: Profile::Deeper,
            roles: Vec::new(),
            permissions: Vec::new(),
            resources: Vec::new(),
            scopes: Vec::new(),
            with: Vec::new(),
        };
        for d in chosen {
            let reason = Reason::from(d);
            put(&mut model.scopes, d.right.scope, "", reason);
            if d.right.read_only_admin {
                put(&mut model.roles, READ_ONLY_ADMIN, READ_ONLY_ADMINISTRATOR, reason);
            }
            let besides = |permission: &&str| !d.right.read_only_admin || BESIDES.contains(permission);
            if let Some(permission) = d.right.permission.filter(|p| reads(p)).filter(besides) {
                let without = if d.right.read_only_admin { BESIDES_WITHOUT } else { reason.without };
                put(&mut model.permissions, permission, d.right.console, Reason { without, ..reason });
            }
        }
        model.complete();
        model
    }

    /// Brings the resource set in line with the permissions, and all in order.
    fn complete(&mut self) {
        self.permissions.sort_by_key(|g| g.name);
        self.scopes.sort_by_key(|g| g.name);
        let mut members: Vec<Member> = Vec::new();
        for grant in &self.permissions {
            for resource in resources_of(grant.name).iter().copied() {
                match members.iter_mut().find(|m| m.resource == resource) {
                    Some(member) => member.permissions.push(grant.name),
                    None => members.push(Member {
                        resource,
                        console: resource.console(),
                        permissions: vec![grant.name],
                    }),
                }
            }
        }
        members.sort_by_key(|m| m.resource);
        self.resources = members;
    }

    /// Its rights as people read them: the permissions of the custom role, then the standard role by area, without what the
    /// custom role brings anyway.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut add = |name: String, reason: &Reason| {
            let at = rows.iter().position(|r| r.name == name).unwrap_or_else(|| {
                rows.push(Row { name, used_for: Vec::new(), without: Vec::new() });
                rows.len() - 1
            });
            let Some(row) = rows.get_mut(at) else { return };
            for (list, text) in [(&mut row.used_for, reason.used_for), (&mut row.without, reason.without)] {
                if !list.contains(&text) && !text.is_empty() {
                    list.push(text);
                }
            }
        };
        for grant in &self.permissions {
            grant.reasons.iter().for_each(|reason| add(grant.console.to_string(), reason));
        }
        let brought = |reason: &&Reason| {
            !self.permissions.iter().flat_map(|g| &g.reasons).any(|r| r.dataset == reason.dataset)
        };
        for grant in &self.roles {
            let reasons = grant.reasons.iter().filter(brought);
            let areas = reasons.filter_map(|r| Some((dataset(r.dataset)?.right.area(), r)));
            let mut areas: Vec<(Area, &Reason)> = areas.collect();
            areas.sort_by_key(|(area, _)| *area);
            areas.iter().for_each(|(area, r)| add(format!("{} · {}", grant.console, area.title()), r));
        }
        rows
    }

    /// The names of the custom role's permissions.
    pub fn permission_names(&self) -> Vec<&'static str> {
        self.permissions.iter().map(|g| g.name).collect()
    }

    /// The names of the scopes.
    pub fn scope_names(&self) -> Vec<&'static str> {
        self.scopes.iter().map(|g| g.name).collect()
    }

    /// The Okta resource names of the set's members in an org.
    pub fn orns(&self, partition: &str, org_id: &str) -> Vec<String> {
        self.resources.iter().map(|m| m.resource.orn(partition, org_id)).collect()
    }
}

fn put(grants: &mut Vec<Grant>, name: &'static str, console: &'static str, reason: Reason) {
    match grants.iter_mut().find(|g| g.name == name) {
        Some(grant) => grant.reasons.push(reason),
        None => grants.push(Grant { name, console, reasons: vec![reason] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Okta's permissions, as its Terraform provider's documentation of `okta_admin_role_custom` and the table of
    /// concepts/role-assignment list those that read.
    const CATALOGUE: &[&str] = &[
        "okta.apps.read",
        "okta.authzServers.read",
        "okta.customizations.read",
        "okta.devices.read",
        "okta.directories.read",
        "okta.groups.read",
        "okta.iam.read",
        "okta.identityProviders.read",
        "okta.users.apitokens.read",
        "okta.users.read",
        "okta.workflows.read",
    ];

    fn names(grants: &[Grant]) -> Vec<&str> {
        grants.iter().map(|g| g.name).collect()
    }

    #[test]
    fn read_is_what_the_article_asks_for() {
        let model = Model::read();
        assert_eq!(model.profile, Profile::Read);
        assert_eq!(names(&model.roles), ["READ_ONLY_ADMIN"]);
        assert_eq!(names(&model.permissions), ["okta.authzServers.read", "okta.iam.read"]);
        let consoles: Vec<&str> = model.permissions.iter().map(|g| g.console).collect();
        assert_eq!(consoles, ["View authorization server", "View roles, resources, and admin assignments"]);
        let members: Vec<&str> = model.resources.iter().map(|m| m.console).collect();
        assert_eq!(members, ["All Authorization Servers", "All Identity and Access Management resources"]);
        let all = model.roles.iter().chain(&model.permissions).chain(&model.scopes);
        for grant in all {
            assert!(!grant.reasons.is_empty(), "{} has no reason", grant.name);
            assert!(grant.reasons.iter().all(|r| !r.used_for.is_empty() && !r.without.is_empty()));
        }
        let orns = model.orns("oktapreview", "00o1");
        assert_eq!(
            orns,
            [
                "orn:oktapreview:idp:00o1:authorization_servers",
                "orn:oktapreview:iam:00o1:contained_resources"
            ]
        );
    }

    #[test]
    fn every_data_set_is_read_or_needs_a_further_right() {
        let model = Model::read();
        let granted = model.roles.iter().chain(&model.permissions);
        let read: Vec<&str> = granted.flat_map(|g| &g.reasons).map(|r| r.dataset).collect();
        let beyond: Vec<&str> = features().iter().map(|f| f.reason.dataset).collect();
        for d in datasets().filter(|d| d.opt_in.is_none()) {
            let deeper = beyond.contains(&d.name);
            // What is listed over something beyond comes with it.
            let base = d.after.iter().any(|name| beyond.contains(name)) && !read.contains(&d.name);
            assert!(read.contains(&d.name) || deeper || base, "{} is in neither", d.name);
        }
    }

    #[test]
    fn every_permission_is_in_okta_s_catalogue() {
        let model = Model::with(&["api_token".to_string()]).expect("can be chosen");
        for grant in &model.permissions {
            assert!(CATALOGUE.contains(&grant.name), "{} is no permission of Okta's", grant.name);
        }
    }
}
