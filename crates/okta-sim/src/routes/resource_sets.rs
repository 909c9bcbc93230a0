//! `/api/v1/iam/resource-sets`: resource sets and what they hold.

use super::iam::{SIZES, field, texts};
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::iam::{Resource, ResourceSet, Target};
use crate::generate::ids::IdKind;
use crate::json::Out;
use crate::org::change::Wanted;
use crate::org::view::View;
use crate::page::{self, Page};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/iam/resource-sets", ResourceSets, sets),
    route!(POST "/api/v1/iam/resource-sets", WriteRoles, create),
    route!(GET "/api/v1/iam/resource-sets/{set}", ResourceSets, set),
    route!(PUT "/api/v1/iam/resource-sets/{set}", WriteRoles, replace),
    route!(DELETE "/api/v1/iam/resource-sets/{set}", WriteRoles, delete),
    route!(GET "/api/v1/iam/resource-sets/{set}/resources", ResourceSets, resources),
    route!(POST "/api/v1/iam/resource-sets/{set}/resources", WriteRoles, add_resource),
    route!(PATCH "/api/v1/iam/resource-sets/{set}/resources", WriteRoles, add_resources),
    route!(GET "/api/v1/iam/resource-sets/{set}/resources/{resource}", ResourceSets, resource),
    route!(DELETE "/api/v1/iam/resource-sets/{set}/resources/{resource}", WriteRoles, remove_resource),
];

/// Writes a resource set as Okta sends it.
pub(crate) fn write_resource_set(out: &mut Out, view: View<'_>, set: &ResourceSet, origin: &str) {
    let id = view.base.ids.encode(IdKind::ResourceSet, set.n);
    out.object(|o| {
        o.text("id", &id);
        o.text("label", &set.label);
        o.text("description", &set.description);
        o.time("created", set.created);
        o.time("lastUpdated", set.updated);
        o.object_at("_links", |o| {
            o.href("bindings", format_args!("{origin}/api/v1/iam/resource-sets/{id}/bindings"));
            o.href("self", format_args!("{origin}/api/v1/iam/resource-sets/{id}"));
            o.href("resources", format_args!("{origin}/api/v1/iam/resource-sets/{id}/resources"));
        });
    });
}

/// A resource's ORN, and its REST path where it has one [docs concepts/role-assignment; IAM resources have none].
fn named(view: View<'_>, target: Target) -> (String, Option<String>) {
    let org = &view.base.org_id;
    let path = |path: String| Some(format!("/api/v1/{path}"));
    match target {
        Target::Users => (format!("orn:okta:directory:{org}:users"), path("users".into())),
        Target::Groups => (format!("orn:okta:directory:{org}:groups"), path("groups".into())),
        Target::Group(group) => {
            let id = view.group_id(group);
            (format!("orn:okta:directory:{org}:groups:{id}"), path(format!("groups/{id}")))
        }
        Target::GroupMembers(group) => {
            let id = view.group_id(group);
            (
                format!("orn:okta:directory:{org}:groups:{id}:contained_resources"),
                path(format!("groups/{id}/users")),
            )
        }
        Target::Apps => (format!("orn:okta:idp:{org}:apps"), path("apps".into())),
        Target::App(app) => {
            let id = view.app_id(app);
            let orn = view.app(app).map_or_else(String::new, |a| a.orn(&id, org));
            (orn, path(format!("apps/{id}")))
        }
        Target::AuthServers => {
            (format!("orn:okta:idp:{org}:authorization_servers"), path("authorizationServers".into()))
        }
        Target::Policies => (format!("orn:okta:idp:{org}:policies"), path("policies".into())),
        Target::Iam => (format!("orn:okta:iam:{org}:contained_resources"), None),
        Target::Named(at) => (view.state.iam.named.get(at as usize).cloned().unwrap_or_default(), None),
    }
}

/// Writes a resource of a resource set as Okta sends it.
pub(crate) fn write_resource(
    out: &mut Out,
    view: View<'_>,
    set: &ResourceSet,
    resource: &Resource,
    origin: &str,
) {
    let ids = &view.base.ids;
    let (id, set_id) = (ids.encode(IdKind::Resource, resource.n), ids.encode(IdKind::ResourceSet, set.n));
    let (orn, path) = named(view, resource.target);
    out.object(|o| {
        o.text("id", &id);
        o.text("orn", &orn);
        o.time("created", resource.created);
        o.time("lastUpdated", resource.created);
        o.object_at("_links", |o| {
            if let Some(path) = path {
                o.href("self", format_args!("{origin}{path}"));
            }
            o.href("resource", format_args!("{origin}/api/v1/iam/resource-sets/{set_id}/resources/{id}"));
        });
    });
}

/// A resource set by id or label.
pub(super) fn find_set<'v>(view: View<'v>, name: &str) -> Result<&'v ResourceSet, Refusal> {
    let n = view.base.ids.decode(IdKind::ResourceSet, name);
    let found = view.state.iam.sets.iter().find(|s| Some(s.n) == n || s.label == name);
    found.ok_or_else(|| Refusal::not_found(name, "IAMPolicy"))
}

fn sets(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let ids = &view.base.ids;
        let after = page.cursor(|id| ids.decode(IdKind::ResourceSet, id).map(|n| n as u32))?;
        let sets = view.state.iam.sets.iter().filter(|s| after.is_none_or(|a| s.n > u64::from(a)));
        let id = |s: &&ResourceSet| ids.encode(IdKind::ResourceSet, s.n);
        let write = |out: &mut Out, set: &&ResourceSet| write_resource_set(out, view, set, call.origin);
        page::envelope(call, "resource-sets", &page, sets, id, write, None)
    })
}

fn set(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let mut out = Out::with_capacity(512);
        write_resource_set(&mut out, view, find_set(view, call.arg(0))?, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

/// A set's own URL.
pub(super) fn set_url(call: &Call<'_>, view: View<'_>, set: &ResourceSet) -> String {
    format!("{}/api/v1/iam/resource-sets/{}", call.origin, view.base.ids.encode(IdKind::ResourceSet, set.n))
}

fn resources(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let (set, ids) = (find_set(view, call.arg(0))?, &view.base.ids);
        let after = page.cursor(|id| ids.decode(IdKind::Resource, id).map(|n| n as u32))?;
        let resources = set.resources.iter().filter(|r| after.is_none_or(|a| r.n > u64::from(a)));
        let id = |r: &&Resource| ids.encode(IdKind::Resource, r.n);
        let write = |out: &mut Out, r: &&Resource| write_resource(out, view, set, r, call.origin);
        let link = Some(("resource-set", set_url(call, view, set)));
        page::envelope(call, "resources", &page, resources, id, write, link)
    })
}

/// What a resource's ORN or REST URL stands for; 400 for what is neither, or of another org [inf]. Other ORNs of this
/// org are kept by name: Okta has more resources than data sets here ask for.
fn wanted(view: View<'_>, text: &str) -> Result<Wanted, Refusal> {
    let unknown = || Refusal::validation("resources", format!("resources: Invalid resource: {text}"));
    let group = |id: &str| view.find_group(id).ok_or_else(unknown);
    let app = |id: &str| view.find_app(id).ok_or_else(unknown);
    let target = if let Some(orn) = text.strip_prefix("orn:") {
        let parts: Vec<&str> = orn.split(':').collect();
        let ["okta", service, org, rest @ ..] = parts.as_slice() else { return Err(unknown()) };
        if *org != view.base.org_id || rest.is_empty() || rest.iter().any(|part| part.is_empty()) {
            return Err(unknown());
        }
        match (*service, rest) {
            ("directory", ["users"]) => Target::Users,
            ("directory", ["groups"]) => Target::Groups,
            ("directory", ["groups", id]) => Target::Group(group(id)?),
            ("directory", ["groups", id, "contained_resources"]) => Target::GroupMembers(group(id)?),
            ("idp", ["apps"]) => Target::Apps,
            ("idp", ["apps", _, id]) => Target::App(app(id)?),
            ("idp", ["authorization_servers"]) => Target::AuthServers,
            ("idp", ["policies"]) => Target::Policies,
            ("iam", ["contained_resources"]) => Target::Iam,
            ("directory" | "idp" | "iam" | "workflow" | "support" | "governance", _) => {
                return Ok(Wanted::Named(text.to_owned()));
            }
            _ => return Err(unknown()),
        }
    } else {
        let after = text.split_once("://").and_then(|(_, after)| after.split_once("/api/v1/"));
        let path: Vec<&str> = after.map(|(_, path)| path.split('/').collect()).unwrap_or_default();
        match path.as_slice() {
            ["users"] => Target::Users,
            ["groups"] => Target::Groups,
            ["groups", id] => Target::Group(group(id)?),
            ["groups", id, "users"] => Target::GroupMembers(group(id)?),
            ["apps"] => Target::Apps,
            ["apps", id] => Target::App(app(id)?),
            ["authorizationServers"] => Target::AuthServers,
            ["policies"] => Target::Policies,
            _ => return Err(unknown()),
        }
    };
    Ok(Wanted::Target(target))
}

fn all_wanted(view: View<'_>, texts: &[String]) -> Result<Vec<Wanted>, Refusal> {
    texts.iter().map(|text| wanted(view, text)).collect()
}

fn numbered(call: &Call<'_>) -> Result<u64, Refusal> {
    call.org.read(|view| find_set(view, call.arg(0)).map(|set| set.n))
}

fn shown(call: &Call<'_>, n: u64) -> Answer {
    call.org.read(|view| {
        let set = view.state.iam.sets.iter().find(|s| s.n == n).ok_or_else(Refusal::internal)?;
        let mut out = Out::with_capacity(512);
        write_resource_set(&mut out, view, set, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

/// 200, not 201 [rec].
fn create(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let (label, description) = (field(&body, "label"), field(&body, "description"));
    let n = call.org.write(call.by(), |change| {
        // [rec] a missing label is told before the resources are looked at.
        let resources = if label.is_empty() {
            Vec::new()
        } else {
            all_wanted(change.view(), &texts(&body, "resources"))?
        };
        change.create_set(label, description, resources)
    })?;
    shown(call, n)
}

/// Label and description; the resources stay [spec].
fn replace(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let n = numbered(call)?;
    let (label, description) = (field(&body, "label"), field(&body, "description"));
    call.org.write(call.by(), |change| change.update_set(n, label, description))?;
    shown(call, n)
}

fn delete(call: &Call<'_>) -> Answer {
    let n = numbered(call)?;
    call.org.write(call.by(), |change| change.delete_set(n))?;
    Ok(Reply::nothing())
}

/// `{"additions":[…]}`; answers with the set [rec].
fn add_resources(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let n = numbered(call)?;
    call.org.write(call.by(), |change| {
        let additions = all_wanted(change.view(), &texts(&body, "additions"))?;
        change.add_resources(n, additions)
    })?;
    shown(call, n)
}

fn one(call: &Call<'_>, view: View<'_>, set: &ResourceSet, n: Option<u64>, name: &str) -> Answer {
    let found = set.resources.iter().find(|r| Some(r.n) == n);
    let resource = found.ok_or_else(|| Refusal::not_found(name, "IAMResource"))?;
    let mut out = Out::with_capacity(512);
    write_resource(&mut out, view, set, resource, call.origin);
    Ok(Reply::json(out.into_bytes()))
}

/// `{"resourceOrnOrUrl","conditions"}`; answers with the resource [spec]. Conditions are not kept.
fn add_resource(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let n = numbered(call)?;
    let added = call.org.write(call.by(), |change| {
        let resource = wanted(change.view(), field(&body, "resourceOrnOrUrl"))?;
        change.add_resources(n, vec![resource])
    })?;
    call.org.read(|view| one(call, view, find_set(view, call.arg(0))?, added, ""))
}

fn resource(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::Resource, call.arg(1));
        one(call, view, find_set(view, call.arg(0))?, n, call.arg(1))
    })
}

fn remove_resource(call: &Call<'_>) -> Answer {
    let (set, resource) = call.org.read(|view| {
        let set = find_set(view, call.arg(0))?;
        let n = view.base.ids.decode(IdKind::Resource, call.arg(1));
        Ok((set.n, n.ok_or_else(|| Refusal::not_found(call.arg(1), "IAMResource"))?))
    })?;
    call.org.write(call.by(), |change| change.remove_resource(set, resource))?;
    Ok(Reply::nothing())
}
