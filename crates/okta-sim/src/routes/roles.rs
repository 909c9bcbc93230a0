//! Admin roles of users, groups and service apps: `/api/v1/users/{id}/roles`, `/api/v1/groups/{id}/roles`,
//! `/oauth2/v1/clients/{id}/roles`.

use serde_json::Value;

use super::groups::{Expand, write_group};
use super::users::visible;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::catalogue::Mode;
use crate::generate::iam::{AppTarget, Assignment, Holder, Role, standard_role};
use crate::generate::ids::IdKind;
use crate::json::Out;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/users/{id}/roles", UserRoles, all),
    route!(GET "/api/v1/users/{id}/roles/{roleId}", UserRoles, single),
    route!(POST "/api/v1/users/{id}/roles", WriteRoles, grant),
    route!(DELETE "/api/v1/users/{id}/roles/{roleId}", WriteRoles, take),
    route!(GET "/api/v1/groups/{id}/roles", GroupRoles, all),
    route!(GET "/api/v1/groups/{id}/roles/{roleId}", GroupRoles, single),
    route!(POST "/api/v1/groups/{id}/roles", WriteRoles, grant),
    route!(DELETE "/api/v1/groups/{id}/roles/{roleId}", WriteRoles, take),
    route!(GET "/oauth2/v1/clients/{id}/roles", ClientRoles, all),
    route!(GET "/oauth2/v1/clients/{id}/roles/{roleId}", ClientRoles, single),
    route!(POST "/oauth2/v1/clients/{id}/roles", WriteRoles, grant),
    route!(DELETE "/oauth2/v1/clients/{id}/roles/{roleId}", WriteRoles, take),
];

/// The id of an assignment as its holder shows it: base32 of the type for most, `ra1…` for super admins [rec],
/// `irb…` for custom roles, `gra…` for what a user has through a group [spec example].
fn assignment_id(view: View<'_>, assignment: &Assignment, inherited: bool) -> String {
    let ids = &view.base.ids;
    match assignment.role {
        Role::Custom { .. } => ids.encode(IdKind::Binding, assignment.n),
        Role::Standard(_) if inherited => ids.encode(IdKind::GroupAssignment, assignment.n),
        Role::Standard("SUPER_ADMIN") => ids.encode(IdKind::SuperAssignment, assignment.n),
        Role::Standard(kind) => base32(kind),
    }
}

/// RFC 4648 base32 without padding.
fn base32(text: &str) -> String {
    let mut out = String::new();
    for block in text.as_bytes().chunks(5) {
        let bits =
            block.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - block.len()));
        for place in 0..(block.len() * 8).div_ceil(5) {
            out.push(char::from(
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (35 - 5 * place) & 31) as usize],
            ));
        }
    }
    out
}

/// What `expand` asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Targets {
    groups: bool,
    apps: bool,
}

impl Targets {
    /// Both.
    pub(crate) const ALL: Self = Self { groups: true, apps: true };

    fn of(call: &Call<'_>) -> Self {
        let wanted = call.query.get("expand").unwrap_or_default();
        let asks = |name: &str| wanted.split(',').any(|w| w.trim() == name);
        Self { groups: asks("targets/groups"), apps: asks("targets/catalog/apps") }
    }

    fn any(self) -> bool {
        self.groups || self.apps
    }
}

/// Writes what a standard role is limited to: groups whole; apps as [rec] the calls for them do, an instance by name and
/// id, a catalogue app by name.
fn write_targets(o: &mut Out, view: View<'_>, assignment: &Assignment, expand: Targets, origin: &str) {
    if expand.groups {
        o.array_at("groups", |o| {
            let groups = assignment.targets.iter().filter(|group| view.group(**group).is_some());
            groups.for_each(|group| write_group(o, view, *group, Expand::default(), origin));
        });
    }
    if expand.apps {
        o.object_at("catalog", |o| {
            o.array_at("apps", |o| {
                assignment.apps.iter().for_each(|app| write_app_target(o, view, *app, origin))
            });
        });
    }
}

fn write_app_target(o: &mut Out, view: View<'_>, target: AppTarget, origin: &str) {
    match target {
        AppTarget::Instance(app) => {
            let Some(found) = view.app(app) else { return };
            let id = view.app_id(app);
            o.object(|o| {
                o.text("name", found.entry.name);
                o.text("status", if found.active { "ACTIVE" } else { "INACTIVE" });
                o.text("id", &id);
                o.object_at("_links", |o| o.href("self", format_args!("{origin}/api/v1/apps/{id}")));
            });
        }
        AppTarget::Catalogue(name) => o.object(|o| {
            o.text("name", name);
            o.text("displayName", name);
            o.text("status", "ACTIVE");
            o.object_at("_links", |o| o.href("self", format_args!("{origin}/api/v1/catalog/apps/{name}")));
        }),
    }
}

/// Writes an assignment as Okta sends it below its holder, or below a user who has it through a group.
pub(crate) fn write_assignment(
    out: &mut Out,
    view: View<'_>,
    assignment: &Assignment,
    inherited: bool,
    expand: Targets,
    origin: &str,
) {
    let ids = &view.base.ids;
    let id = assignment_id(view, assignment, inherited);
    out.object(|o| {
        o.text("id", &id);
        match assignment.role {
            Role::Standard(kind) => {
                o.text("label", standard_role(kind).map_or(kind, |(_, label)| label));
                o.text("type", kind);
            }
            Role::Custom { role, set } => {
                let label = view.state.iam.roles.iter().find(|r| r.n == role).map_or("", |r| &r.label);
                o.text("role", &ids.encode(IdKind::CustomRole, role));
                o.text("label", label);
                o.text("type", "CUSTOM");
                o.text("resource-set", &ids.encode(IdKind::ResourceSet, set));
            }
        }
        o.text("status", "ACTIVE");
        o.time("created", assignment.created);
        o.time("lastUpdated", assignment.created);
        o.text(
            "assignmentType",
            match assignment.holder {
                Holder::User(_) => "USER",
                Holder::Group(_) => "GROUP",
                Holder::App(_) => "CLIENT",
            },
        );
        if expand.any() && matches!(assignment.role, Role::Standard(_)) {
            o.object_at("_embedded", |o| {
                o.object_at("targets", |o| write_targets(o, view, assignment, expand, origin));
            });
        }
        o.object_at("_links", |o| {
            match assignment.holder {
                Holder::User(user) => {
                    o.href("assignee", format_args!("{origin}/api/v1/users/{}", view.user_id(user)))
                }
                Holder::Group(group) => {
                    o.href("assignee", format_args!("{origin}/api/v1/groups/{}", view.group_id(group)));
                }
                Holder::App(app) => {
                    o.href("assignee", format_args!("{origin}/oauth2/v1/clients/{}", view.app_id(app)));
                }
            }
            if let Role::Custom { role, set } = assignment.role {
                let (role, set) =
                    (ids.encode(IdKind::CustomRole, role), ids.encode(IdKind::ResourceSet, set));
                let sets = format!("{origin}/api/v1/iam/resource-sets/{set}");
                o.href("resource-set", format_args!("{sets}"));
                o.href("member", format_args!("{sets}/bindings/{role}/members/{id}"));
                o.href("role", format_args!("{origin}/api/v1/iam/roles/{role}"));
                o.href("permissions", format_args!("{origin}/api/v1/iam/roles/{role}/permissions"));
            }
        });
    });
}

/// The assignments of a holder; a user's include those of their groups.
fn of<'v>(view: View<'v>, holder: Holder) -> impl Iterator<Item = (&'v Assignment, bool)> {
    view.state.iam.assignments.iter().filter_map(move |a| match holder {
        Holder::User(user) => view.reaches(a.holder, user).then_some((a, a.holder != holder)),
        Holder::Group(_) | Holder::App(_) => (a.holder == holder).then_some((a, false)),
    })
}

fn list(call: &Call<'_>, view: View<'_>, holder: Holder) -> Answer {
    let mut out = Out::with_capacity(1_024);
    out.array(|out| {
        of(view, holder).for_each(|(a, inherited)| {
            write_assignment(out, view, a, inherited, Targets::of(call), call.origin)
        });
    });
    Ok(Reply::json(out.into_bytes()))
}

fn one(call: &Call<'_>, view: View<'_>, holder: Holder) -> Answer {
    let wanted = call.arg(1);
    let found = of(view, holder).find(|(a, inherited)| assignment_id(view, a, *inherited) == wanted);
    let (assignment, inherited) = found.ok_or_else(|| Refusal::not_found(wanted, "RoleAssignment"))?;
    let mut out = Out::with_capacity(512);
    write_assignment(&mut out, view, assignment, inherited, Targets::default(), call.origin);
    Ok(Reply::json(out.into_bytes()))
}

fn holder(call: &Call<'_>, view: View<'_>) -> Result<Holder, Refusal> {
    if call.path.starts_with("/api/v1/groups/") {
        return super::groups::of_path(call, view).map(Holder::Group);
    }
    if call.path.starts_with("/oauth2/v1/clients/") {
        // Other clients have a user whose rights they act by [inf].
        let app = view.find_app(call.arg(0));
        let service = |app: &u32| view.app(*app).is_some_and(|a| a.entry.mode == Mode::Service);
        let app = app.filter(service).ok_or_else(|| Refusal::not_found(call.arg(0), "PublicClientApp"));
        return app.map(Holder::App);
    }
    visible(call, view).map(Holder::User)
}

fn all(call: &Call<'_>) -> Answer {
    call.org.read(|view| list(call, view, holder(call, view)?))
}

fn single(call: &Call<'_>) -> Answer {
    call.org.read(|view| one(call, view, holder(call, view)?))
}

/// `{"type":"…"}` or `{"type":"CUSTOM","role":"cr0…","resource-set":"iam…"}`; 201 [rec].
fn grant(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (holder, role) = call.org.read(|view| {
        let role = match field("type") {
            "CUSTOM" => super::bindings::custom(view, field("role"), field("resource-set"))?,
            kind => Role::Standard(
                standard_role(kind)
                    .ok_or_else(|| {
                        Refusal::validation("type", format!("type: there is no role type {kind}"))
                    })?
                    .0,
            ),
        };
        Ok((holder(call, view)?, role))
    })?;
    let n = call.org.write(call.by(), |change| change.grant(holder, role))?;
    call.org.read(|view| {
        let assignment =
            view.state.iam.assignments.iter().find(|a| a.n == n).ok_or_else(Refusal::internal)?;
        let mut out = Out::with_capacity(512);
        write_assignment(&mut out, view, assignment, false, Targets::default(), call.origin);
        Ok(Reply::json(out.into_bytes()).with_status(201))
    })
}

fn take(call: &Call<'_>) -> Answer {
    let wanted = call.arg(1);
    let n = call.org.read(|view| {
        let holder = holder(call, view)?;
        let mut own = view.state.iam.assignments.iter().filter(|a| a.holder == holder);
        let found = own.find(|a| assignment_id(view, a, false) == wanted);
        found.map(|a| a.n).ok_or_else(|| Refusal::not_found(wanted, "RoleAssignment"))
    })?;
    call.org.write(call.by(), |change| change.take(n))?;
    Ok(Reply::nothing())
}

#[cfg(test)]
mod tests {
    use super::base32;

    #[test]
    fn assignment_ids_are_as_recorded() {
        for (kind, id) in [
            ("APP_ADMIN", "IFIFAX2BIRGUSTQ"),
            ("HELP_DESK_ADMIN", "JBCUYUC7IRCVGS27IFCE2SKO"),
            ("USER_ADMIN", "KVJUKUS7IFCE2SKO"),
            ("GROUP_MEMBERSHIP_ADMIN", "I5JE6VKQL5GUKTKCIVJFGSCJKBPUCRCNJFHA"),
        ] {
            assert_eq!(base32(kind), id);
        }
    }
}
