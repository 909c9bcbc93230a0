//! `/api/v1/iam/resource-sets/{set}/bindings`: who holds which custom role on a resource set.

use super::iam::{SIZES, field, find_role, texts};
use super::resource_sets::{find_set, set_url};
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::catalogue::Mode;
use crate::generate::iam::{Assignment, CustomRole, Holder, ResourceSet, Role};
use crate::generate::ids::IdKind;
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings", ResourceSets, bindings),
    route!(POST "/api/v1/iam/resource-sets/{set}/bindings", WriteRoles, bind),
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings/{role}", ResourceSets, binding),
    route!(DELETE "/api/v1/iam/resource-sets/{set}/bindings/{role}", WriteRoles, unbind),
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings/{role}/members", ResourceSets, members),
    route!(PATCH "/api/v1/iam/resource-sets/{set}/bindings/{role}/members", WriteRoles, add_members),
    route!(GET "/api/v1/iam/resource-sets/{set}/bindings/{role}/members/{member}", ResourceSets, member),
    route!(DELETE "/api/v1/iam/resource-sets/{set}/bindings/{role}/members/{member}", WriteRoles, remove_member),
];

/// A custom role on a resource set, by their ids or labels.
pub(crate) fn custom(view: View<'_>, role: &str, set: &str) -> Result<Role, Refusal> {
    Ok(Role::Custom { role: find_role(view, role)?.n, set: find_set(view, set)?.n })
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

/// The member of the path; 404 when there is none.
fn find_member<'v>(call: &Call<'_>, view: View<'v>) -> Result<&'v Assignment, Refusal> {
    let (set, role) = find_binding(call, view)?;
    let (bound, n) =
        (Role::Custom { role: role.n, set: set.n }, view.base.ids.decode(IdKind::Binding, call.arg(2)));
    let found = view.state.iam.assignments.iter().find(|a| a.role == bound && Some(a.n) == n);
    found.ok_or_else(|| Refusal::not_found(call.arg(2), "RoleAssignment"))
}

fn member(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let mut out = Out::with_capacity(256);
        write_binding_member(&mut out, view, find_member(call, view)?, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

/// Whom a member's URL names: a user, a group, or a service app as its role assignments name it.
fn holder(view: View<'_>, url: &str) -> Result<Holder, Refusal> {
    let unknown = || Refusal::validation("members", format!("members: Invalid member: {url}"));
    let path: Vec<&str> = url.split('/').skip(3).collect();
    let found = match path.as_slice() {
        ["api", "v1", "users", id] => view.find_user(id).map(Holder::User),
        ["api", "v1", "groups", id] => view.find_group(id).map(Holder::Group),
        ["oauth2", "v1", "clients", id] => {
            let app = view.find_app(id);
            app.filter(|a| view.app(*a).is_some_and(|a| a.entry.mode == Mode::Service)).map(Holder::App)
        }
        _ => None,
    };
    found.ok_or_else(unknown)
}

/// Members by URL; 400 when there is none [inf].
fn holders(view: View<'_>, urls: &[String]) -> Result<Vec<Holder>, Refusal> {
    if urls.is_empty() {
        return Err(Refusal::validation("members", "members: Members must be specified"));
    }
    urls.iter().map(|url| holder(view, url)).collect()
}

/// What changes to bindings answer: links alone [spec].
fn edited(call: &Call<'_>, set: u64, role: u64) -> Answer {
    call.org.read(|view| {
        let ids = &view.base.ids;
        let url =
            format!("{}/api/v1/iam/resource-sets/{}", call.origin, ids.encode(IdKind::ResourceSet, set));
        let mut out = Out::with_capacity(512);
        out.object(|o| {
            o.object_at("_links", |o| {
                o.href("self", format_args!("{url}/bindings/{}", ids.encode(IdKind::CustomRole, role)));
                o.href("bindings", format_args!("{url}/bindings"));
                o.href("resource-set", format_args!("{url}"));
            });
        });
        Ok(Reply::json(out.into_bytes()))
    })
}

/// `{"role","members":[URL,…]}`; an unknown role is 404 `(CustomRole)` [rec].
fn bind(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let (set, role) = call.org.write(call.by(), |change| {
        let view = change.view();
        let set = find_set(view, call.arg(0))?.n;
        let role = find_role(view, field(&body, "role"))?.n;
        let members = holders(view, &texts(&body, "members"))?;
        change.bind(set, role, &members)?;
        Ok((set, role))
    })?;
    edited(call, set, role)
}

fn add_members(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let (set, role) = call.org.write(call.by(), |change| {
        let view = change.view();
        let (set, role) = find_binding(call, view).map(|(set, role)| (set.n, role.n))?;
        let members = holders(view, &texts(&body, "additions"))?;
        change.bind(set, role, &members)?;
        Ok((set, role))
    })?;
    edited(call, set, role)
}

fn unbind(call: &Call<'_>) -> Answer {
    let (set, role) = call.org.read(|view| find_binding(call, view).map(|(set, role)| (set.n, role.n)))?;
    call.org.write(call.by(), |change| change.unbind(set, role))?;
    Ok(Reply::nothing())
}

fn remove_member(call: &Call<'_>) -> Answer {
    let n = call.org.read(|view| find_member(call, view).map(|a| a.n))?;
    call.org.write(call.by(), |change| change.take(n))?;
    Ok(Reply::nothing())
}
