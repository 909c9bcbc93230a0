//! `/api/v1/groups`: groups, their members and apps.

use serde_json::{Value, json};

use super::apps::app_json;
use super::users::{Form, write_user};
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::groups::{Group, GroupType};
use crate::generate::iam::Holder;
use crate::generate::ids::IdKind;
use crate::generate::owners::Owner;
use crate::json::{Out, time};
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::permissions::Access;
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found, Op};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/groups", Groups, list),
    route!(POST "/api/v1/groups", WriteGroups, create),
    route!(GET "/api/v1/groups/{id}", Groups, get),
    route!(PUT "/api/v1/groups/{id}", WriteGroups, replace),
    route!(DELETE "/api/v1/groups/{id}", WriteGroups, delete),
    route!(GET "/api/v1/groups/{id}/users", GroupMembers, members),
    route!(PUT "/api/v1/groups/{id}/users/{userId}", WriteMembership, add_member),
    route!(DELETE "/api/v1/groups/{id}/users/{userId}", WriteMembership, remove_member),
    route!(GET "/api/v1/groups/{id}/apps", GroupApps, apps),
    route!(GET "/api/v1/groups/{id}/owners", GroupOwners, owners),
];

/// What `expand` asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expand {
    stats: bool,
    app: bool,
}

/// Writes a group as Okta sends it; nothing when it is gone.
pub(crate) fn write_group(out: &mut Out, view: View<'_>, number: u32, expand: Expand, origin: &str) {
    let Some(group) = view.group(number) else { return };
    let id = view.group_id(number);
    let source = group.source.map(|app| (app, view.app_id(app)));
    out.object(|o| {
        o.text("id", &id);
        o.time("created", group.created);
        o.time("lastUpdated", group.last_updated);
        o.time("lastMembershipUpdated", group.last_membership_updated);
        o.array_at("objectClass", |o| {
            o.text_value(if group.kind == GroupType::App {
                "okta:windows_security_principal"
            } else {
                "okta:user_group"
            });
        });
        o.text("type", group.kind.as_str());
        o.object_at("profile", |o| {
            o.text("name", &group.name);
            // [rec] groups made without a description have null.
            o.maybe_text("description", Some(group.description.as_str()).filter(|d| !d.is_empty()));
            if group.kind == GroupType::App {
                o.text("groupType", "Security");
                o.text("groupScope", "Global");
                o.text("samAccountName", &group.name);
                o.plain(
                    "objectSid",
                    format_args!("S-1-5-21-1004336348-1177238915-682003330-{}", 1_000 + number),
                );
                o.text("windowsDomainQualifiedName", &format!("ACME\\{}", group.name));
                o.text("dn", &format!("CN={},OU=Groups,DC=acme,DC=example", group.name));
            }
        });
        if let Some((_, app)) = &source {
            o.object_at("source", |o| o.text("id", app));
        }
        if expand.stats || expand.app {
            o.object_at("_embedded", |o| {
                if expand.stats {
                    o.object_at("stats", |o| {
                        o.number("usersCount", view.member_count(number) as i64);
                        o.number("appsCount", view.apps_of_group(number).len() as i64);
                        o.number("groupPushMappingsCount", 0);
                        let holds = |a: &crate::generate::iam::Assignment| a.holder == Holder::Group(number);
                        o.flag("hasAdminPrivilege", view.state.iam.assignments.iter().any(holds));
                        o.object_at("_links", |o| {
                            o.href("self", format_args!("{origin}/api/v1/groups/{id}/stats"))
                        });
                    });
                }
                if let Some((app, id)) = source.as_ref().filter(|_| expand.app) {
                    let app = view.app(*app);
                    o.object_at("app", |o| {
                        o.text("id", id);
                        o.maybe_text("name", app.as_ref().map(|a| a.entry.name));
                        o.maybe_text("label", app.as_ref().map(|a| a.label.as_str()));
                        o.maybe_text("signOnMode", app.as_ref().and_then(|a| a.entry.mode.sign_on_mode()));
                    });
                }
            });
        }
        o.object_at("_links", |o| {
            o.array_at("logo", |o| {
                for (name, file) in [("medium", "okta-medium.png"), ("large", "okta-large.png")] {
                    o.object(|o| {
                        o.text("name", name);
                        o.plain("href", format_args!("{origin}/assets/img/logos/groups/odyssey/{file}"));
                        o.text("type", "image/png");
                    });
                }
            });
            o.href("owners", format_args!("{origin}/api/v1/groups/{id}/owners"));
            o.href("users", format_args!("{origin}/api/v1/groups/{id}/users"));
            o.href("apps", format_args!("{origin}/api/v1/groups/{id}/apps"));
            if let Some((_, app)) = &source {
                o.href("source", format_args!("{origin}/api/v1/apps/{app}"));
            }
        });
    });
}

fn attribute<'g>(
    path: &str,
    group: &'g Group,
    id: &dyn Fn() -> String,
    source: &dyn Fn() -> Option<String>,
) -> Found<'g> {
    match path {
        "id" => Found::Text(id().into()),
        "type" => Found::Text(group.kind.as_str().into()),
        "created" => Found::Time(group.created),
        "lastUpdated" => Found::Time(group.last_updated),
        "lastMembershipUpdated" => Found::Time(group.last_membership_updated),
        "source.id" => source().map_or(Found::Nothing, |id| Found::Text(id.into())),
        "profile.name" | "profile.samAccountName" => Found::Text(group.name.as_str().into()),
        "profile.description" if !group.description.is_empty() => {
            Found::Text(group.description.as_str().into())
        }
        _ => Found::Nothing,
    }
}

fn expression(call: &Call<'_>) -> Result<Option<Expression>, Refusal> {
    let (filter, search) = (call.query.get("filter"), call.query.get("search"));
    if filter.is_some() && search.is_some() {
        return Err(Refusal::search_and_filter());
    }
    let parsed = filter.or(search).map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    if let (Some(parsed), Some(_)) = (&parsed, filter) {
        for (path, op) in parsed.tests() {
            let times = matches!(path, "lastUpdated" | "lastMembershipUpdated");
            let ok = matches!(path, "id" | "type") && op == Op::Eq
                || times && matches!(op, Op::Eq | Op::Gt | Op::Ge | Op::Lt | Op::Le);
            if !ok {
                return Err(Refusal::bad_search(format!(
                    "The attribute '{path}' can't be filtered this way."
                )));
            }
        }
    }
    Ok(parsed)
}

fn list(call: &Call<'_>) -> Answer {
    // [rec] without `limit` the answer's own link says 10000.
    let page = Page::of(call, Sizes::new(10_000, 10_000));
    let expression = expression(call)?;
    let wanted = call.query.get("expand").unwrap_or_default();
    let expand =
        Expand { stats: wanted.split(',').any(|w| w == "stats"), app: wanted.split(',').any(|w| w == "app") };
    if call.access == Access::Empty {
        return Ok(page::with_links(call, &page, None, Reply::json(b"[]".to_vec())));
    }
    let query = call.query.get("q").map(str::to_lowercase);
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::Group, id).map(|n| n as u32))?;
        let groups = (after.map_or(0, |n| n + 1)..view.group_numbers()).filter(|number| {
            let Some(group) = view.group(*number).filter(|_| call.sees_group(*number)) else { return false };
            let id = || view.group_id(*number);
            let source = || group.source.map(|app| view.app_id(app));
            expression.as_ref().is_none_or(|e| e.holds(&|path| attribute(path, &group, &id, &source)))
                && query.as_ref().is_none_or(|q| group.name.to_lowercase().starts_with(q.as_str()))
        });
        let write = |out: &mut Out, group: &u32| write_group(out, view, *group, expand, call.origin);
        if query.is_some() {
            // [rec] answers to `q` carry no Link header at all.
            let (body, _) = page::array(&page, groups, |group| view.group_id(*group), write);
            return Ok(Reply::json(body));
        }
        page::list(call, &page, groups, |group| view.group_id(*group), write)
    })
}

/// The group of the path; 404 when there is none.
pub(super) fn of_path(call: &Call<'_>, view: View<'_>) -> Result<u32, Refusal> {
    view.find_group(call.arg(0)).ok_or_else(|| Refusal::not_found(call.arg(0), "UserGroup"))
}

/// The same, refused when the caller may not see it.
fn visible(call: &Call<'_>, view: View<'_>) -> Result<u32, Refusal> {
    let group = of_path(call, view)?;
    if call.sees_group(group) { Ok(group) } else { Err(Refusal::no_permission()) }
}

fn one(view: View<'_>, group: u32, origin: &str) -> Answer {
    let mut out = Out::with_capacity(2_048);
    write_group(&mut out, view, group, Expand::default(), origin);
    Ok(Reply::json(out.into_bytes()))
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| one(view, visible(call, view)?, call.origin))
}

fn members(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(1_000, 1_000));
    call.org.read(|view| {
        let group = visible(call, view)?;
        let after = page.cursor(|id| view.user_by_id(id))?;
        let users = view.members(group, after).filter_map(|number| Some((number, view.user(number)?)));
        page::list(
            call,
            &page,
            users,
            |(number, _)| view.user_id(*number),
            |out, (number, user)| {
                write_user(out, view, *number, user, Form::List, call.origin);
            },
        )
    })
}

fn apps(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    call.org.read(|view| {
        let group = visible(call, view)?;
        let after = page.cursor(|id| view.base.ids.decode(IdKind::App, id).map(|n| n as u32))?;
        let apps = view.apps_of_group(group).into_iter().filter(|app| after.is_none_or(|a| *app > a));
        page::list(
            call,
            &page,
            apps,
            |app| view.app_id(*app),
            |out, app| {
                out.raw_value(&app_json(view, *app, call.origin).to_string());
            },
        )
    })
}

/// An owner as Okta sends it; the time is not as elsewhere [rec].
fn owner_json(view: View<'_>, group: u32, owner: Owner) -> Value {
    let (id, kind, name) = match owner {
        Owner::User(user) => {
            let name = view.user(user).map(|u| u.display_name());
            (view.user_id(user), "USER", name)
        }
        Owner::Group(owner) => (view.group_id(owner), "GROUP", view.group(owner).map(|g| g.name.clone())),
    };
    let changed = view.group(group).map_or(0, |g| g.last_updated);
    json!({
        "id": id, "type": kind, "resolved": true, "originId": null, "originType": "OKTA_DIRECTORY",
        "displayName": name, "lastUpdated": time(changed).replace('T', " ").replace(".000Z", ".0"),
    })
}

fn owners(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(1_000, 1_000));
    call.org.read(|view| {
        let group = visible(call, view)?;
        let owners = view.owners(group).into_iter().map(|owner| owner_json(view, group, owner));
        let id = |owner: &Value| owner["id"].as_str().unwrap_or_default().to_owned();
        let mut left: Vec<Value> = owners.collect();
        if let Some(after) = &page.after {
            let at = left.iter().position(|owner| id(owner) == *after).ok_or_else(Refusal::bad_cursor)?;
            left.drain(..=at);
        }
        page::list(call, &page, left.into_iter(), id, |out, owner| out.raw_value(&owner.to_string()))
    })
}

/// Name and description of a body; 400 without a name.
fn profile(body: &Value) -> Result<(String, String), Refusal> {
    let text =
        |name: &str| body.pointer(&format!("/profile/{name}")).and_then(Value::as_str).unwrap_or_default();
    match text("name") {
        "" => Err(Refusal::validation("name", "name: The field cannot be left blank")),
        name => Ok((name.to_owned(), text("description").to_owned())),
    }
}

fn create(call: &Call<'_>) -> Answer {
    let (name, description) = profile(&call.json()?)?;
    let group = call.org.write(call.by(), |change| change.create_group(&name, &description))?;
    call.org.read(|view| one(view, group, call.origin))
}

fn replace(call: &Call<'_>) -> Answer {
    let (name, description) = profile(&call.json()?)?;
    let group = call.org.read(|view| visible(call, view))?;
    call.org.write(call.by(), |change| change.update_group(group, &name, &description))?;
    call.org.read(|view| one(view, group, call.origin))
}

fn delete(call: &Call<'_>) -> Answer {
    let group = call.org.read(|view| visible(call, view))?;
    call.org.write(call.by(), |change| change.delete_group(group))?;
    Ok(Reply::nothing())
}

fn member(call: &Call<'_>) -> Result<(u32, u32), Refusal> {
    call.org.read(|view| {
        let group = visible(call, view)?;
        let user = view.find_user(call.arg(1)).ok_or_else(|| Refusal::not_found(call.arg(1), "User"))?;
        Ok((group, user))
    })
}

fn add_member(call: &Call<'_>) -> Answer {
    let (group, user) = member(call)?;
    call.org.write(call.by(), |change| change.add_member(group, user))?;
    Ok(Reply::nothing())
}

fn remove_member(call: &Call<'_>) -> Answer {
    let (group, user) = member(call)?;
    call.org.write(call.by(), |change| change.remove_member(group, user))?;
    Ok(Reply::nothing())
}
