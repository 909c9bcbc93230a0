//! `/api/v1/iam`: custom roles, resource sets, bindings, assignees. Lists are objects; `next` is in their body.

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::iam::{Assignment, CustomRole, Holder, ResourceSet, Role, STANDARD_ROLES, Target};
use crate::generate::ids::IdKind;
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/iam/roles", AdminRoles, roles),
    route!(GET "/api/v1/iam/roles/{role}", AdminRoles, role),
    route!(GET "/api/v1/iam/roles/{role}/permissions", AdminRoles, permissions),
    route!(GET "/api/v1/iam/resource-sets", ResourceSets, sets),
    route!(GET "/api/v1/iam/resource-sets/{set}", ResourceSets, set),
    route!(GET "/api/v1/iam/resource-sets/{set}/resources", ResourceSets, resources),
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings", ResourceSets, bindings),
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings/{role}", ResourceSets, binding),
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings/{role}/members", ResourceSets, members),
    route!(GET "/api/v1/iam/assignees/users", Assignees, assignees),
];

/// IAM lists hold a hundred [spec: "more than 100"]; `limit` is honoured too, so that small orgs can be paged [inf].
const SIZES: Sizes = Sizes::new(100, 1_000);

/// Writes a custom role as Okta sends it; `isCloneable` is not in the spec [rec].
pub(crate) fn write_role(out: &mut Out, view: View<'_>, role: &CustomRole, origin: &str) {
    let id = view.base.ids.encode(IdKind::CustomRole, role.n);
    out.object(|o| {
        o.text("id", &id);
        o.text("label", &role.label);
        o.flag("isCloneable", false);
        o.text("description", &role.description);
        o.time("created", role.created);
        o.time("lastUpdated", role.created);
        o.object_at("_links", |o| {
            o.href("permissions", format_args!("{origin}/api/v1/iam/roles/{id}/permissions"));
            o.href("self", format_args!("{origin}/api/v1/iam/roles/{id}"));
        });
    });
}

/// Writes a resource set as Okta sends it.
pub(crate) fn write_resource_set(out: &mut Out, view: View<'_>, set: &ResourceSet, origin: &str) {
    let id = view.base.ids.encode(IdKind::ResourceSet, set.n);
    out.object(|o| {
        o.text("id", &id);
        o.text("label", &set.label);
        o.text("description", &set.description);
        o.time("created", set.created);
        o.time("lastUpdated", set.created);
        o.object_at("_links", |o| {
            o.href("bindings", format_args!("{origin}/api/v1/iam/resource-sets/{id}/bindings"));
            o.href("self", format_args!("{origin}/api/v1/iam/resource-sets/{id}"));
            o.href("resources", format_args!("{origin}/api/v1/iam/resource-sets/{id}/resources"));
        });
    });
}

/// A resource's ORN, and its REST path where it has one [docs concepts/role-assignment; IAM resources have none].
fn resource(view: View<'_>, target: Target) -> (String, Option<String>) {
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
    }
}

/// Writes a resource of a resource set as Okta sends it.
pub(crate) fn write_resource(
    out: &mut Out,
    view: View<'_>,
    set: &ResourceSet,
    n: u64,
    target: Target,
    origin: &str,
) {
    let ids = &view.base.ids;
    let (id, set_id) = (ids.encode(IdKind::Resource, n), ids.encode(IdKind::ResourceSet, set.n));
    let (orn, path) = resource(view, target);
    out.object(|o| {
        o.text("id", &id);
        o.text("orn", &orn);
        o.time("created", set.created);
        o.time("lastUpdated", set.created);
        o.object_at("_links", |o| {
            if let Some(path) = path {
                o.href("self", format_args!("{origin}{path}"));
            }
            o.href("resource", format_args!("{origin}/api/v1/iam/resource-sets/{set_id}/resources/{id}"));
        });
    });
}

fn find_role<'v>(view: View<'v>, name: &str) -> Result<&'v CustomRole, Refusal> {
    let n = view.base.ids.decode(IdKind::CustomRole, name);
    let found = view.state.iam.roles.iter().find(|r| Some(r.n) == n || r.label == name);
    found.ok_or_else(|| Refusal::not_found(name, "CustomRole"))
}

fn find_set<'v>(view: View<'v>, name: &str) -> Result<&'v ResourceSet, Refusal> {
    let n = view.base.ids.decode(IdKind::ResourceSet, name);
    let found = view.state.iam.sets.iter().find(|s| Some(s.n) == n || s.label == name);
    found.ok_or_else(|| Refusal::not_found(name, "IAMPolicy"))
}

/// A custom role on a resource set, by their ids or labels.
pub(super) fn custom(view: View<'_>, role: &str, set: &str) -> Result<Role, Refusal> {
    Ok(Role::Custom { role: find_role(view, role)?.n, set: find_set(view, set)?.n })
}

fn roles(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let ids = &view.base.ids;
        let after = page.cursor(|id| ids.decode(IdKind::CustomRole, id).map(|n| n as u32))?;
        let roles = view.state.iam.roles.iter().filter(|r| after.is_none_or(|a| r.n > u64::from(a)));
        let id = |r: &&CustomRole| ids.encode(IdKind::CustomRole, r.n);
        page::envelope(
            call,
            "roles",
            &page,
            roles,
            id,
            |out, role| write_role(out, view, role, call.origin),
            None,
        )
    })
}

/// A custom role by id or label, or a standard role by type; 404 for one the org has no licence for [hound].
fn role(call: &Call<'_>) -> Answer {
    let name = call.arg(0);
    call.org.read(|view| {
        let mut out = Out::with_capacity(512);
        if let Some((kind, label)) = STANDARD_ROLES.iter().find(|(kind, _)| *kind == name) {
            let licences = view.base.config.licences;
            let licensed = match *kind {
                "WORKFLOWS_ADMIN" => licences.workflows,
                "ACCESS_REQUESTS_ADMIN" | "ACCESS_CERTIFICATIONS_ADMIN" => licences.governance,
                "API_ACCESS_MANAGEMENT_ADMIN" => licences.api_access_management,
                _ => true,
            };
            if !licensed {
                return Err(Refusal::not_found(name, "CustomRole"));
            }
            out.object(|o| {
                o.text("id", kind);
                o.text("label", label);
                o.text("description", label);
                o.time("created", 0);
                o.time("lastUpdated", 0);
                o.object_at("_links", |o| {
                    o.href("self", format_args!("{}/api/v1/iam/roles/{kind}", call.origin))
                });
            });
            return Ok(Reply::json(out.into_bytes()));
        }
        write_role(&mut out, view, find_role(view, name)?, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

/// The permissions of a custom role; those of standard roles are not told [hound].
fn permissions(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let role = find_role(view, call.arg(0))?;
        let url =
            format!("{}/api/v1/iam/roles/{}", call.origin, view.base.ids.encode(IdKind::CustomRole, role.n));
        let mut out = Out::with_capacity(1_024);
        out.object(|o| {
            o.array_at("permissions", |o| {
                for permission in &role.permissions {
                    o.object(|o| {
                        o.text("label", permission);
                        o.time("created", role.created);
                        o.time("lastUpdated", role.created);
                        o.null("conditions");
                        o.object_at("_links", |o| {
                            o.href("role", format_args!("{url}"));
                            o.href("self", format_args!("{url}/permissions/{permission}"));
                        });
                    });
                }
            });
        });
        Ok(Reply::json(out.into_bytes()))
    })
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

fn set_url(call: &Call<'_>, view: View<'_>, set: &ResourceSet) -> String {
    format!("{}/api/v1/iam/resource-sets/{}", call.origin, view.base.ids.encode(IdKind::ResourceSet, set.n))
}

fn resources(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let (set, ids) = (find_set(view, call.arg(0))?, &view.base.ids);
        let after = page.cursor(|id| ids.decode(IdKind::Resource, id).map(|n| n as u32))?;
        let resources = set.resources.iter().filter(|(n, _)| after.is_none_or(|a| *n > u64::from(a)));
        let id = |r: &&(u64, Target)| ids.encode(IdKind::Resource, r.0);
        let write = |out: &mut Out, r: &&(u64, Target)| write_resource(out, view, set, r.0, r.1, call.origin);
        let link = Some(("resource-set", set_url(call, view, set)));
        page::envelope(call, "resources", &page, resources, id, write, link)
    })
}

/// The roles that are bound to a set, each once.
fn bound(view: View<'_>, set: u64) -> Vec<u64> {
    let mut roles: Vec<u64> = Vec::new();
    for assignment in &view.state.iam.assignments {
        match assignment.role {
            Role::Custom { role, set: s } if s == set && !roles.contains(&role) => roles.push(role),
            _ => {}
        }
    }
    roles.sort_unstable();
    roles
}

fn bindings(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let (set, ids) = (find_set(view, call.arg(0))?, &view.base.ids);
        let after = page.cursor(|id| ids.decode(IdKind::CustomRole, id).map(|n| n as u32))?;
        let roles = bound(view, set.n).into_iter().filter(|n| after.is_none_or(|a| *n > u64::from(a)));
        let url = set_url(call, view, set);
        let id = |n: &u64| ids.encode(IdKind::CustomRole, *n);
        let write = |out: &mut Out, n: &u64| {
            let id = ids.encode(IdKind::CustomRole, *n);
            out.object(|o| {
                o.text("id", &id);
                o.object_at("_links", |o| {
                    o.href("self", format_args!("{}/api/v1/iam/roles/{id}", call.origin));
                    o.href("members", format_args!("{url}/bindings/{id}/members"));
                });
            });
        };
        page::envelope(call, "roles", &page, roles, id, write, Some(("resource-set", url.clone())))
    })
}

fn find_binding<'v>(call: &Call<'_>, view: View<'v>) -> Result<(&'v ResourceSet, &'v CustomRole), Refusal> {
    let (set, role) = (find_set(view, call.arg(0))?, find_role(view, call.arg(1))?);
    if bound(view, set.n).contains(&role.n) {
        Ok((set, role))
    } else {
        Err(Refusal::not_found(call.arg(1), "RoleBinding"))
    }
}

fn binding(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (set, role) = find_binding(call, view)?;
        let (url, id) = (set_url(call, view, set), view.base.ids.encode(IdKind::CustomRole, role.n));
        let mut out = Out::with_capacity(512);
        out.object(|o| {
            o.text("id", &id);
            o.object_at("_links", |o| {
                o.href("self", format_args!("{url}/bindings/{id}"));
                o.href("resource-set", format_args!("{url}"));
                o.href("members", format_args!("{url}/bindings/{id}/members"));
            });
        });
        Ok(Reply::json(out.into_bytes()))
    })
}

/// Writes a member of a binding as Okta sends it; clients are named as role assignments name them [inf].
pub(crate) fn write_binding_member(out: &mut Out, view: View<'_>, assignment: &Assignment, origin: &str) {
    out.object(|o| {
        o.text("id", &view.base.ids.encode(IdKind::Binding, assignment.n));
        o.time("created", assignment.created);
        o.time("lastUpdated", assignment.created);
        o.object_at("_links", |o| match assignment.holder {
            Holder::User(user) => {
                o.href("self", format_args!("{origin}/api/v1/users/{}", view.user_id(user)))
            }
            Holder::Group(group) => {
                o.href("self", format_args!("{origin}/api/v1/groups/{}", view.group_id(group)))
            }
            Holder::App(app) => {
                o.href("self", format_args!("{origin}/oauth2/v1/clients/{}", view.app_id(app)))
            }
        });
    });
}

fn members(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let (set, role) = find_binding(call, view)?;
        let ids = &view.base.ids;
        let after = page.cursor(|id| ids.decode(IdKind::Binding, id).map(|n| n as u32))?;
        let of_binding = Role::Custom { role: role.n, set: set.n };
        let members = view.state.iam.assignments.iter().filter(|a| a.role == of_binding);
        let members = members.filter(|a| after.is_none_or(|after| a.n > u64::from(after)));
        let id = |a: &&Assignment| ids.encode(IdKind::Binding, a.n);
        let write = |out: &mut Out, a: &&Assignment| write_binding_member(out, view, a, call.origin);
        let url = format!("{}/bindings/{}", set_url(call, view, set), ids.encode(IdKind::CustomRole, role.n));
        page::envelope(call, "members", &page, members, id, write, Some(("binding", url)))
    })
}

/// Users with a role of their own. Those who have one only through a group are not listed [inf: the spec says "users
/// with role assignments"; the console lists groups apart].
fn assignees(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let after = page.cursor(|id| view.user_by_id(id))?.map(|user| view.place(user));
        let mut places: Vec<u32> = Vec::new();
        for assignment in &view.state.iam.assignments {
            if let Holder::User(user) = assignment.holder {
                places.push(view.place(user));
            }
        }
        places.sort_unstable();
        places.dedup();
        let users = places
            .into_iter()
            .filter(|place| after.is_none_or(|a| *place > a))
            .map(|place| view.at_place(place));
        let users = users.filter(|user| view.is_live(*user));
        let write = |out: &mut Out, user: &u32| {
            let id = view.user_id(*user);
            out.object(|o| {
                o.text("id", &id);
                o.plain("orn", format_args!("orn:okta:directory:{}:users:{id}", view.base.org_id));
                o.object_at("_links", |o| {
                    o.href("roles", format_args!("{}/api/v1/users/{id}/roles", call.origin));
                    o.href("self", format_args!("{}/api/v1/users/{id}", call.origin));
                });
            });
        };
        page::envelope(call, "value", &page, users, |user| view.user_id(*user), write, None)
    })
}
