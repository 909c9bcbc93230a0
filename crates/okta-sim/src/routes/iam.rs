//! `/api/v1/iam`: custom roles, standard roles, assignees. Lists are objects; `next` is in their body.

use serde_json::Value;

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::iam::{CustomRole, Holder, STANDARD_ROLES};
use crate::generate::ids::IdKind;
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/iam/roles", AdminRoles, roles),
    route!(POST "/api/v1/iam/roles", WriteRoles, create),
    route!(GET "/api/v1/iam/roles/{role}", AdminRoles, role),
    route!(PUT "/api/v1/iam/roles/{role}", WriteRoles, replace),
    route!(DELETE "/api/v1/iam/roles/{role}", WriteRoles, delete),
    route!(GET "/api/v1/iam/roles/{role}/permissions", AdminRoles, permissions),
    route!(GET "/api/v1/iam/roles/{role}/permissions/{permission}", AdminRoles, permission),
    route!(POST "/api/v1/iam/roles/{role}/permissions/{permission}", WriteRoles, add_permission),
    route!(DELETE "/api/v1/iam/roles/{role}/permissions/{permission}", WriteRoles, remove_permission),
    route!(GET "/api/v1/iam/assignees/users", Assignees, assignees),
];

/// IAM lists hold a hundred [spec: "more than 100"]; `limit` is honoured too, so that small orgs can be paged [inf].
pub(super) const SIZES: Sizes = Sizes::new(100, 1_000);

/// Writes a custom role as Okta sends it; `isCloneable` is not in the spec [rec].
pub(crate) fn write_role(out: &mut Out, view: View<'_>, role: &CustomRole, origin: &str) {
    let id = view.base.ids.encode(IdKind::CustomRole, role.n);
    out.object(|o| {
        o.text("id", &id);
        o.text("label", &role.label);
        o.flag("isCloneable", false);
        o.text("description", &role.description);
        o.time("created", role.created);
        o.time("lastUpdated", role.updated);
        o.object_at("_links", |o| {
            o.href("permissions", format_args!("{origin}/api/v1/iam/roles/{id}/permissions"));
            o.href("self", format_args!("{origin}/api/v1/iam/roles/{id}"));
        });
    });
}

/// A custom role by id or label.
pub(super) fn find_role<'v>(view: View<'v>, name: &str) -> Result<&'v CustomRole, Refusal> {
    let n = view.base.ids.decode(IdKind::CustomRole, name);
    let found = view.state.iam.roles.iter().find(|r| Some(r.n) == n || r.label == name);
    found.ok_or_else(|| Refusal::not_found(name, "CustomRole"))
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

fn write_permission(o: &mut Out, role: &CustomRole, permission: &str, url: &str) {
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

fn role_url(call: &Call<'_>, view: View<'_>, role: &CustomRole) -> String {
    format!("{}/api/v1/iam/roles/{}", call.origin, view.base.ids.encode(IdKind::CustomRole, role.n))
}

/// The permissions of a custom role; those of standard roles are not told [hound].
fn permissions(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let role = find_role(view, call.arg(0))?;
        let url = role_url(call, view, role);
        let mut out = Out::with_capacity(1_024);
        out.object(|o| {
            o.array_at("permissions", |o| {
                role.permissions.iter().for_each(|permission| write_permission(o, role, permission, &url));
            });
        });
        Ok(Reply::json(out.into_bytes()))
    })
}

fn permission(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (role, wanted) = (find_role(view, call.arg(0))?, call.arg(1));
        let held = role.permissions.iter().find(|p| *p == wanted);
        let held = held.ok_or_else(|| Refusal::not_found(wanted, "Permission"))?;
        let mut out = Out::with_capacity(512);
        write_permission(&mut out, role, held, &role_url(call, view, role));
        Ok(Reply::json(out.into_bytes()))
    })
}

/// A text of a body; empty when there is none.
pub(super) fn field<'b>(body: &'b Value, name: &str) -> &'b str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a list of a body.
pub(super) fn texts(body: &Value, name: &str) -> Vec<String> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn shown(call: &Call<'_>, n: u64) -> Answer {
    call.org.read(|view| {
        let role = view.state.iam.roles.iter().find(|r| r.n == n).ok_or_else(Refusal::internal)?;
        let mut out = Out::with_capacity(512);
        write_role(&mut out, view, role, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

fn numbered(call: &Call<'_>) -> Result<u64, Refusal> {
    call.org.read(|view| find_role(view, call.arg(0)).map(|role| role.n))
}

/// 200, not 201 [rec].
fn create(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let (label, description) = (field(&body, "label"), field(&body, "description"));
    let permissions = texts(&body, "permissions");
    let n = call.org.write(call.by(), |change| change.create_role(label, description, permissions))?;
    shown(call, n)
}

fn replace(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let n = numbered(call)?;
    let (label, description) = (field(&body, "label"), field(&body, "description"));
    call.org.write(call.by(), |change| change.update_role(n, label, description))?;
    shown(call, n)
}

fn delete(call: &Call<'_>) -> Answer {
    let n = numbered(call)?;
    call.org.write(call.by(), |change| change.delete_role(n))?;
    Ok(Reply::nothing())
}

/// 204 [rec].
fn set_permission(call: &Call<'_>, has: bool) -> Answer {
    let n = numbered(call)?;
    call.org.write(call.by(), |change| change.set_permission(n, call.arg(1), has))?;
    Ok(Reply::nothing())
}

fn add_permission(call: &Call<'_>) -> Answer {
    set_permission(call, true)
}

fn remove_permission(call: &Call<'_>) -> Answer {
    set_permission(call, false)
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
