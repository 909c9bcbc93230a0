//! `/api/v1/apps`: apps and the groups assigned to them.

use serde_json::{Value, json};

use super::app_users::app_user_value;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::permutation::hash;
use crate::generate::policies::access_policy;
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::permissions::Access;
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/apps", Apps, list),
    route!(POST "/api/v1/apps", WriteApps, create),
    route!(GET "/api/v1/apps/{id}", Apps, get),
    route!(DELETE "/api/v1/apps/{id}", WriteApps, delete),
    route!(POST "/api/v1/apps/{id}/lifecycle/activate", WriteApps, activate),
    route!(POST "/api/v1/apps/{id}/lifecycle/deactivate", WriteApps, deactivate),
    route!(GET "/api/v1/apps/{id}/groups", AppGroups, groups),
    route!(GET "/api/v1/apps/{id}/groups/{groupId}", AppGroups, group),
    route!(PUT "/api/v1/apps/{id}/groups/{groupId}", WriteAssignment, add_group),
    route!(DELETE "/api/v1/apps/{id}/groups/{groupId}", WriteAssignment, remove_group),
];

/// An app as Okta sends it; null when it is gone.
pub(crate) fn app_json(view: View<'_>, number: u32, origin: &str) -> Value {
    let Some(app) = view.app(number) else { return Value::Null };
    let mut policies = view.app_policies();
    policies.0 = view.base.ids.encode(IdKind::RichPolicy, access_policy(app.entry));
    app.json(number, view.around(origin, &policies))
}

/// Writes a group's assignment to an app as Okta sends it.
pub(crate) fn write_app_group(
    out: &mut Out,
    view: View<'_>,
    app: u32,
    group: u32,
    priority: usize,
    origin: &str,
) {
    let (app_id, group_id) = (view.app_id(app), view.group_id(group));
    let added =
        view.state.app_groups_added.iter().find(|(a, g, _)| (*a, *g) == (app, group)).map(|(.., at)| *at);
    let since = added.unwrap_or_else(|| {
        let (app, group) =
            (view.app(app).map_or(0, |a| a.created), view.group(group).map_or(0, |g| g.created));
        app.max(group)
    });
    out.object(|o| {
        o.text("id", &group_id);
        o.time("lastUpdated", since);
        o.number("priority", priority as i64);
        o.object_at("profile", |_| {});
        o.object_at("_links", |o| {
            o.href("app", format_args!("{origin}/api/v1/apps/{app_id}"));
            o.href("self", format_args!("{origin}/api/v1/apps/{app_id}/groups/{group_id}"));
            o.href("group", format_args!("{origin}/api/v1/groups/{group_id}"));
        });
    });
}

/// Filters that Okta knows for apps [docs apps]; there is none for lastUpdated.
const FILTERABLE: &[&str] = &["id", "status", "name", "user.id", "group.id", "credentials.signing.kid"];

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    let filter = call.query.get("filter").map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    if let Some((path, _)) =
        filter.iter().flat_map(Expression::tests).find(|(path, _)| !FILTERABLE.contains(path))
    {
        return Err(Refusal::bad_search(format!("The attribute '{path}' can't be filtered.")));
    }
    let query = call.query.get("q").map(str::to_lowercase);
    if call.access == Access::Empty {
        return Ok(page::with_links(call, &page, None, Reply::json(b"[]".to_vec())));
    }
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::App, id).map(|n| n as u32))?;
        let embedded =
            call.query.get("expand").and_then(|e| e.strip_prefix("user/")).and_then(|id| view.find_user(id));
        let apps = (after.map_or(0, |n| n + 1)..view.app_numbers()).filter(|number| {
            let Some(app) = view.app(*number) else { return false };
            let get = |path: &str| match path {
                "id" => Found::Text(view.app_id(*number).into()),
                "status" => Found::Text(if app.active { "ACTIVE" } else { "INACTIVE" }.into()),
                "name" => Found::Text(app.entry.name.into()),
                "group.id" => {
                    Found::Many(view.groups_of_app(*number).iter().map(|g| view.group_id(*g)).collect())
                }
                "user.id" => Found::Many(wanted_users(&filter, view, *number)),
                _ => Found::Nothing,
            };
            let starts = |q: &String| {
                app.label.to_lowercase().starts_with(q) || app.entry.name.starts_with(q.as_str())
            };
            filter.as_ref().is_none_or(|f| f.holds(&get)) && query.as_ref().is_none_or(starts)
        });
        page::list(
            call,
            &page,
            apps,
            |app| view.app_id(*app),
            |out, app| {
                let mut json = app_json(view, *app, call.origin);
                if let Some(user) = embedded.filter(|user| view.via(*app, *user).is_some()) {
                    json["_embedded"] = json!({"user": app_user_value(view, *app, user, call.origin)});
                }
                out.raw_value(&json.to_string());
            },
        )
    })
}

/// Of the users a filter names, those who have the app: an app may have a million others.
fn wanted_users(filter: &Option<Expression>, view: View<'_>, app: u32) -> Vec<String> {
    fn values(e: &Expression, found: &mut Vec<String>) {
        match e {
            Expression::And(a, b) | Expression::Or(a, b) => [a, b].into_iter().for_each(|e| values(e, found)),
            Expression::Not(e) => values(e, found),
            Expression::Test { path, value, .. } if path == "user.id" => found.push(value.clone()),
            Expression::Test { .. } => {}
        }
    }
    let mut named = Vec::new();
    filter.iter().for_each(|e| values(e, &mut named));
    named.retain(|id| view.find_user(id).is_some_and(|user| view.via(app, user).is_some()));
    named
}

/// The app of the path; 404 when there is none.
pub(super) fn of_path(call: &Call<'_>, view: View<'_>) -> Result<u32, Refusal> {
    let found = view.find_app(call.arg(0)).ok_or_else(|| Refusal::not_found(call.arg(0), "AppInstance"));
    if call.access == Access::Empty { Err(Refusal::no_permission()) } else { found }
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&app_json(view, of_path(call, view)?, call.origin))))
}

/// Makes a service app; `activate` is true unless said otherwise [spec]. 200 [rec].
fn create(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let active = call.query.get("activate") != Some("false");
    let app = call.org.write(call.by(), |change| change.create_service(&body, active))?;
    call.org.read(|view| Ok(Reply::value(&app_json(view, app, call.origin))))
}

fn groups(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    call.org.read(|view| {
        let app = of_path(call, view)?;
        let groups = view.groups_of_app(app);
        let after = page.cursor(|id| view.base.ids.decode(IdKind::Group, id).map(|n| n as u32))?;
        let from = match after {
            None => 0,
            Some(after) => groups.iter().position(|g| *g == after).ok_or_else(Refusal::bad_cursor)? + 1,
        };
        let numbered = groups.iter().enumerate().skip(from);
        page::list(
            call,
            &page,
            numbered,
            |(_, group)| view.group_id(**group),
            |out, (n, group)| {
                write_app_group(out, view, app, **group, *n, call.origin);
            },
        )
    })
}

fn group(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let app = of_path(call, view)?;
        let wanted = view.find_group(call.arg(1));
        let found = view.groups_of_app(app).into_iter().enumerate().find(|(_, g)| Some(*g) == wanted);
        let (n, group) = found.ok_or_else(|| Refusal::not_found(call.arg(1), "UserGroup"))?;
        let mut out = Out::with_capacity(512);
        write_app_group(&mut out, view, app, group, n, call.origin);
        Ok(Reply::json(out.into_bytes()))
    })
}

fn pair(call: &Call<'_>) -> Result<(u32, u32), Refusal> {
    call.org.read(|view| {
        let group =
            view.find_group(call.arg(1)).ok_or_else(|| Refusal::not_found(call.arg(1), "UserGroup"))?;
        Ok((of_path(call, view)?, group))
    })
}

fn add_group(call: &Call<'_>) -> Answer {
    let (app, g) = pair(call)?;
    call.org.write(call.by(), |change| change.assign_group(app, g))?;
    group(call)
}

fn remove_group(call: &Call<'_>) -> Answer {
    let (app, group) = pair(call)?;
    call.org.write(call.by(), |change| change.unassign_group(app, group))?;
    Ok(Reply::nothing())
}

fn set_active(call: &Call<'_>, active: bool) -> Answer {
    let app = call.org.read(|view| of_path(call, view))?;
    call.org.write(call.by(), |change| change.set_app_active(app, active))?;
    Ok(Reply::json(b"{}".to_vec()))
}

fn activate(call: &Call<'_>) -> Answer {
    set_active(call, true)
}

fn deactivate(call: &Call<'_>) -> Answer {
    set_active(call, false)
}

fn delete(call: &Call<'_>) -> Answer {
    let app = call.org.read(|view| of_path(call, view))?;
    call.org.write(call.by(), |change| change.delete_app(app))?;
    Ok(Reply::nothing())
}

/// When a user was given an app: after both were made.
pub(super) fn assigned_at(view: View<'_>, app: u32, user: u32) -> i64 {
    let both = view
        .app(app)
        .map_or(0, |a| a.created)
        .max(view.head(user).map_or(0, |h| h.activated.unwrap_or(h.created)));
    let room = (view.base.as_of - both).max(1_000) as u64 / 1000;
    both + (hash(view.base.config.seed, u64::from(app) << 32 | u64::from(user), 0xa51) % room) as i64 * 1000
}
