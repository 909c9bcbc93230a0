//! `/api/v1/users`: reading users, their groups and dashboard tiles; creating and changing users.

use serde_json::Value;

use super::groups::{Expand, write_group};
use super::user_types::type_ids;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::people::{Attribute, Head, Status, User};
use crate::generate::user_types::user_attributes;
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::permissions::Access;
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found, Op};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/users", Users, list),
    route!(POST "/api/v1/users", WriteUsers, create),
    Route { lenient: true, ..route!(GET "/api/v1/users/{id}", Users, get) },
    route!(POST "/api/v1/users/{id}", WriteUsers, update),
    route!(PUT "/api/v1/users/{id}", WriteUsers, replace),
    route!(GET "/api/v1/users/{id}/groups", UserGroups, groups),
    route!(GET "/api/v1/users/{id}/appLinks", UserApps, app_links),
];

const SIZES: Sizes = Sizes::new(200, 200);

/// How a user is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In a list: only a link to itself [rec].
    List,
    /// In a list, without credentials (`okta-response=omitCredentials`).
    Bare,
    /// Alone: with links to what can be done to it.
    Alone,
}

/// Writes a user as Okta sends it.
pub(crate) fn write_user(out: &mut Out, view: View<'_>, number: u32, user: &User, form: Form, origin: &str) {
    let base = view.base;
    let id = view.user_id(number);
    let head = &user.head;
    out.object(|o| {
        o.text("id", &id);
        o.text("status", head.status.as_str());
        if view.state.leaving.get(&number).is_some_and(|leaving| !leaving.deleted) {
            o.text("transitioningToStatus", Status::Deprovisioned.as_str());
        }
        o.time("created", head.created);
        o.maybe_time("activated", head.activated);
        o.maybe_time("statusChanged", head.status_changed);
        o.maybe_time("lastLogin", head.last_login);
        o.time("lastUpdated", head.last_updated);
        o.maybe_time("passwordChanged", head.password_changed);
        o.text("realmId", &view.realm_id(number));
        o.object_at("type", |o| o.text("id", &type_ids(view, base.people.user_type(number)).0));
        o.object_at("profile", |o| {
            for (name, value) in &user.profile {
                match value {
                    Attribute::Text(text) => o.text(name, text),
                    Attribute::Json(json) => o.raw(name, json),
                    Attribute::Null => o.null(name),
                }
            }
        });
        if form != Form::Bare {
            o.object_at("credentials", |o| {
                // [rec] nothing but the provider for those who left or never came.
                if head.password_changed.is_some() && head.status != Status::Deprovisioned {
                    if !user.from_directory {
                        o.object_at("password", |_| {});
                    }
                    if number.is_multiple_of(3) {
                        o.object_at("recovery_question", |o| {
                            o.text("question", "What is the food you least liked as a child?")
                        });
                    }
                    o.array_at("emails", |o| {
                        o.object(|o| {
                            o.text("value", user.get("email").unwrap_or_default());
                            o.text("status", "VERIFIED");
                            o.text("type", "PRIMARY");
                        });
                    });
                }
                o.object_at("provider", |o| {
                    let (kind, name) = if user.from_directory {
                        ("ACTIVE_DIRECTORY", "acme.example")
                    } else {
                        ("OKTA", "OKTA")
                    };
                    o.text("type", kind);
                    o.text("name", name);
                });
            });
        }
        o.object_at("_links", |o| match form {
            Form::Alone => write_links(o, view, number, &id, head.status, origin),
            _ => o.href("self", format_args!("{origin}/api/v1/users/{id}")),
        });
    });
}

/// The links of a user alone, by status [rec].
fn write_links(o: &mut Out, view: View<'_>, number: u32, id: &str, status: Status, origin: &str) {
    let lifecycle: &[(&str, &str)] = match status {
        Status::Staged => &[("activate", "lifecycle/activate"), ("resetFactors", "lifecycle/reset_factors")],
        Status::Provisioned => &[
            ("suspend", "lifecycle/suspend"),
            ("resetPassword", "lifecycle/reset_password"),
            ("reactivate", "lifecycle/reactivate"),
            ("resetFactors", "lifecycle/reset_factors"),
            ("deactivate", "lifecycle/deactivate"),
        ],
        Status::Deprovisioned => &[("activate", "lifecycle/activate"), ("delete", "")],
        Status::Suspended => &[("unsuspend", "lifecycle/unsuspend"), ("deactivate", "lifecycle/deactivate")],
        Status::LockedOut => &[("unlock", "lifecycle/unlock"), ("deactivate", "lifecycle/deactivate")],
        Status::Active | Status::PasswordExpired | Status::Recovery => &[
            ("suspend", "lifecycle/suspend"),
            ("resetPassword", "lifecycle/reset_password"),
            ("forgotPassword", "credentials/forgot_password"),
            ("expirePassword", "lifecycle/expire_password"),
            ("changeRecoveryQuestion", "credentials/change_recovery_question"),
            ("resetFactors", "lifecycle/reset_factors"),
            ("changePassword", "credentials/change_password"),
            ("deactivate", "lifecycle/deactivate"),
        ],
    };
    for (name, path) in lifecycle {
        o.object_at(name, |o| {
            let slash = if path.is_empty() { "" } else { "/" };
            o.plain("href", format_args!("{origin}/api/v1/users/{id}{slash}{path}"));
            o.text("method", if *name == "delete" { "DELETE" } else { "POST" });
        });
    }
    let (kind, schema) = type_ids(view, view.base.people.user_type(number));
    o.href("schema", format_args!("{origin}/api/v1/meta/schemas/user/{schema}"));
    o.href("self", format_args!("{origin}/api/v1/users/{id}"));
    o.href("type", format_args!("{origin}/api/v1/meta/types/user/{kind}"));
}

/// What an attribute path of a user leads to. `id` is made only when asked for.
fn attribute<'u>(path: &str, user: &'u User, id: &dyn Fn() -> String) -> Found<'u> {
    if let Some(found) = of_head(path, &user.head, id) {
        return found;
    }
    let name = path.strip_prefix("profile.").unwrap_or(path);
    match user.profile.iter().find(|(key, _)| key == name).map(|(_, value)| value) {
        Some(Attribute::Text(text)) => Found::Text(text.as_ref().into()),
        Some(Attribute::Json(json)) => match serde_json::from_str(json) {
            Ok(Value::Array(list)) => {
                Found::Many(list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            }
            _ => Found::Text(json.as_str().into()),
        },
        Some(Attribute::Null) | None => Found::Nothing,
    }
}

/// The same for what needs no profile; `None`: it does.
fn of_head(path: &str, head: &Head, id: &dyn Fn() -> String) -> Option<Found<'static>> {
    let time = |time: Option<i64>| time.map_or(Found::Nothing, Found::Time);
    Some(match path {
        "id" => Found::Text(id().into()),
        "status" => Found::Text(head.status.as_str().into()),
        "created" => Found::Time(head.created),
        "lastUpdated" => Found::Time(head.last_updated),
        "activated" => time(head.activated),
        "statusChanged" => time(head.status_changed),
        "lastLogin" => time(head.last_login),
        "passwordChanged" => time(head.password_changed),
        _ => return None,
    })
}

/// Attributes that `filter` knows [docs users]; `search` knows all.
const FILTERABLE: &[&str] = &[
    "status",
    "lastUpdated",
    "id",
    "profile.login",
    "profile.email",
    "profile.firstName",
    "profile.lastName",
];

fn expression(call: &Call<'_>) -> Result<(Option<Expression>, bool), Refusal> {
    match (call.query.get("filter"), call.query.get("search")) {
        (Some(_), Some(_)) => Err(Refusal::search_and_filter()),
        (None, Some(text)) => Ok((Some(Expression::parse(text).map_err(Refusal::bad_search)?), true)),
        (Some(text), None) => {
            let parsed = Expression::parse(text).map_err(Refusal::bad_search)?;
            for (path, op) in parsed.tests() {
                let times = matches!(op, Op::Gt | Op::Ge | Op::Lt | Op::Le) && path == "lastUpdated";
                if !FILTERABLE.contains(&path) || !(op == Op::Eq || times) {
                    return Err(Refusal::bad_search(format!(
                        "The attribute '{path}' can't be filtered this way."
                    )));
                }
            }
            Ok((Some(parsed), false))
        }
        (None, None) => Ok((None, false)),
    }
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    let (expression, searching) = expression(call)?;
    let form = if call.content_type.contains("omitCredentials") { Form::Bare } else { Form::List };
    if call.access == Access::Empty {
        return Ok(page::with_links(call, &page, None, Reply::json(b"[]".to_vec())));
    }
    call.org.read(|view| {
        if let Some(query) = call.query.get("q").filter(|_| expression.is_none()) {
            return find(call, view, query, form);
        }
        let after = page.cursor(|id| view.user_by_id(id))?;
        let from = after.map_or(0, |user| view.place(user) + 1);
        let heads_do = expression.as_ref().is_none_or(|e| e.tests().iter().all(|(p, _)| knows_head(p)));
        let users = (from..view.places()).map(|place| view.at_place(place)).filter_map(|number| {
            if !call.sees_user(view, number) {
                return None;
            }
            let id = || view.user_id(number);
            let Some(expression) = &expression else {
                // [docs] the plain list leaves out those who left.
                let user = view.is_live(number).then(|| view.user(number)).flatten()?;
                return Some((number, user));
            };
            if searching {
                let user = view.user_in_search(number, call.now)?;
                return expression.holds(&|path| attribute(path, &user, &id)).then_some((number, user));
            }
            if heads_do {
                let head = view.head(number)?;
                if !expression.holds(&|path| of_head(path, &head, &id).unwrap_or(Found::Nothing)) {
                    return None;
                }
                return Some((number, view.user(number)?));
            }
            let user = view.user(number)?;
            expression.holds(&|path| attribute(path, &user, &id)).then_some((number, user))
        });
        page::list(
            call,
            &page,
            users,
            |(number, _)| view.user_id(*number),
            |out, (number, user)| {
                write_user(out, view, *number, user, form, call.origin);
            },
        )
    })
}

fn knows_head(path: &str) -> bool {
    matches!(
        path,
        "id" | "status"
            | "created"
            | "lastUpdated"
            | "activated"
            | "statusChanged"
            | "lastLogin"
            | "passwordChanged"
    )
}

/// `q`: whose first name, last name or e-mail begins so; ten at most unless `limit` says more; no paging [docs].
fn find(call: &Call<'_>, view: View<'_>, query: &str, form: Form) -> Answer {
    let page = Page { after: None, ..Page::of(call, Sizes::new(10, 200)) };
    let query = query.to_lowercase();
    let users = (0..view.places()).map(|place| view.at_place(place)).filter_map(|number| {
        let user = view.is_live(number).then(|| view.user(number)).flatten()?;
        let begins = |name| user.get(name).is_some_and(|text| text.to_lowercase().starts_with(&query));
        let found =
            (begins("firstName") || begins("lastName") || begins("email")) && call.sees_user(view, number);
        found.then_some((number, user))
    });
    let (body, _) = page::array(
        &page,
        users,
        |(number, _)| view.user_id(*number),
        |out, (number, user)| {
            write_user(out, view, *number, user, form, call.origin);
        },
    );
    Ok(Reply::json(body))
}

/// The user of the path: by id, by login, or `me`; 404 when there is none.
pub(super) fn of_path(call: &Call<'_>, view: View<'_>) -> Result<u32, Refusal> {
    let name = call.arg(0);
    let found = if name == "me" { call.owner() } else { view.find_user(name) };
    found.ok_or_else(|| Refusal::not_found(name, "User"))
}

/// The same, refused when the caller may not see this user.
pub(super) fn visible(call: &Call<'_>, view: View<'_>) -> Result<u32, Refusal> {
    let user = of_path(call, view)?;
    if call.sees_user(view, user) { Ok(user) } else { Err(Refusal::no_permission()) }
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let number = of_path(call, view)?;
        // Everybody may read themselves.
        if call.owner() != Some(number) && !call.sees_user(view, number) {
            return Err(Refusal::no_permission());
        }
        alone(view, number, call.origin)
    })
}

fn alone(view: View<'_>, number: u32, origin: &str) -> Answer {
    let user = view.user(number).ok_or_else(Refusal::internal)?;
    let mut out = Out::with_capacity(4_096);
    write_user(&mut out, view, number, &user, Form::Alone, origin);
    Ok(Reply::json(out.into_bytes()))
}

fn groups(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let user = visible(call, view)?;
        let page = Page::of(call, SIZES);
        let after = page.cursor(|id| view.base.ids.decode(IdKind::Group, id).map(|n| n as u32))?;
        let groups = view.groups_of(user).into_iter().filter(|group| after.is_none_or(|a| *group > a));
        page::list(
            call,
            &page,
            groups,
            |group| view.group_id(*group),
            |out, group| {
                write_group(out, view, *group, Expand::default(), call.origin);
            },
        )
    })
}

fn app_links(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let user = visible(call, view)?;
        let policies = view.app_policies();
        let around = view.around(call.origin, &policies);
        let user_id = view.user_id(user);
        let mut out = Out::with_capacity(4_096);
        out.array(|out| {
            let apps = view.apps_of(user).into_iter().filter_map(|n| view.app(n).map(|app| (n, app)));
            for (order, (number, app)) in
                apps.filter(|(_, app)| app.active && !app.entry.mode.is_oauth()).enumerate()
            {
                out.object(|o| {
                    o.text("id", &user_id);
                    o.text("label", &app.label);
                    o.text("linkUrl", &app.link(number, around));
                    o.plain("logoUrl", format_args!("{}/assets/img/logos/default.png", call.origin));
                    o.text("appName", app.entry.name);
                    o.text("appInstanceId", &view.app_id(number));
                    let assignment = u64::from(number) << 32 | u64::from(view.place(user));
                    o.text("appAssignmentId", &view.base.ids.encode(IdKind::AppAssignment, assignment));
                    o.flag("credentialsSetup", false);
                    o.flag("hidden", false);
                    o.number("sortOrder", order as i64);
                });
            }
        });
        Ok(Reply::json(out.into_bytes()))
    })
}

/// The profile of a body, attribute by attribute; null removes.
fn profile(body: &Value) -> Vec<(String, Attribute)> {
    let fields = body.get("profile").and_then(Value::as_object);
    let attribute = |value: &Value| match value {
        Value::String(text) => Attribute::Text(text.clone().into()),
        Value::Null => Attribute::Null,
        other => Attribute::Json(other.to_string()),
    };
    fields.into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// 400 for an attribute that the default user type doesn't have [rec].
fn known(profile: &[(String, Attribute)]) -> Result<(), Refusal> {
    let (own, _, more) = user_attributes(0);
    let unknown = profile.iter().find(|(name, _)| own.get(name).is_none() && more.get(name).is_none());
    unknown.map_or(Ok(()), |(name, _)| {
        Err(Refusal::validation("newUser", format!("Property name '{name}' is not defined in profile")))
    })
}

fn create(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    known(&profile(&body))?;
    let activate = call.query.get("activate") != Some("false");
    let password = body.pointer("/credentials/password");
    let plain = password.and_then(|p| p.get("value")).and_then(Value::as_str);
    let has = plain.is_some() || password.is_some_and(|p| p.get("hash").is_some());
    let user = call.org.write(call.by(), |change| {
        let user = change.create_user(profile(&body), activate, has)?;
        change.state.passwords.extend(plain.map(|plain| (user, plain.to_owned())));
        Ok(user)
    })?;
    call.org.read(|view| alone(view, user, call.origin))
}

/// POST changes what is sent; PUT replaces the profile.
fn change(call: &Call<'_>, whole: bool) -> Answer {
    let body = call.json()?;
    let user = call.org.read(|view| visible(call, view))?;
    call.org.write(call.by(), |change| change.update_user(user, profile(&body), whole))?;
    call.org.read(|view| alone(view, user, call.origin))
}

fn update(call: &Call<'_>) -> Answer {
    change(call, false)
}

fn replace(call: &Call<'_>) -> Answer {
    change(call, true)
}
