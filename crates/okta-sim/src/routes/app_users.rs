//! `/api/v1/apps/{id}/users`: who has an app, how, and with which profile.

use serde_json::Value;

use super::apps::{assigned_at, of_path};
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::opaque;
use crate::generate::layout::Via;
use crate::generate::people::{Status, User};
use crate::json::Out;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/apps/{id}/users", AppUsers, list),
    route!(POST "/api/v1/apps/{id}/users", WriteAssignment, assign),
    route!(GET "/api/v1/apps/{id}/users/{userId}", AppUsers, get),
    route!(DELETE "/api/v1/apps/{id}/users/{userId}", WriteAssignment, unassign),
];

/// Writes an app user as Okta sends it.
pub(crate) fn write_app_user(
    out: &mut Out,
    view: View<'_>,
    app: u32,
    number: u32,
    user: &User,
    via: Via,
    origin: &str,
) {
    let Some(instance) = view.app(app) else { return };
    let (app_id, id) = (view.app_id(app), view.user_id(number));
    let since = assigned_at(view, app, number);
    let provisioned = instance.entry.features.contains(&"PUSH_NEW_USERS");
    let status = match (user.head.status, provisioned) {
        (Status::Suspended, _) => "SUSPENDED",
        (Status::Staged, _) => "STAGED",
        (_, true) => "PROVISIONED",
        _ => "ACTIVE",
    };
    out.object(|o| {
        o.text("id", &id);
        let external = opaque(view.base.config.seed, u64::from(app) << 32 | u64::from(number), 18);
        o.maybe_text("externalId", provisioned.then_some(external.as_str()));
        o.time("created", since);
        o.time("lastUpdated", since);
        o.text("scope", if via == Via::Direct { "USER" } else { "GROUP" });
        o.text("status", status);
        o.time("statusChanged", since);
        o.null("passwordChanged");
        o.text("syncState", if provisioned { "SYNCHRONIZED" } else { "DISABLED" });
        if provisioned {
            o.time("lastSync", since);
        }
        o.object_at("credentials", |o| {
            o.text("userName", user.login());
            if matches!(instance.entry.mode.sign_on_mode(), Some("BROWSER_PLUGIN" | "AUTO_LOGIN")) {
                o.object_at("password", |_| {});
            }
        });
        o.object_at("profile", |o| write_profile(o, user, instance.entry.mode.is_oauth(), provisioned));
        o.object_at("_links", |o| {
            o.href("app", format_args!("{origin}/api/v1/apps/{app_id}"));
            o.href("user", format_args!("{origin}/api/v1/users/{id}"));
            if let Via::Group(group) = via {
                // [docs apps] app users that come through a group link to it.
                o.href("group", format_args!("{origin}/api/v1/groups/{}", view.group_id(group)));
            }
        });
    });
}

/// OIDC apps have the standard claims [rec]; provisioned apps their schema; others nothing.
fn write_profile(o: &mut Out, user: &User, oidc: bool, provisioned: bool) {
    if oidc {
        for name in [
            "street_address",
            "country",
            "website",
            "birthdate",
            "gender",
            "formatted",
            "profile",
            "locality",
        ] {
            o.null(name);
        }
        o.maybe_text("zoneinfo", user.get("timezone"));
        o.maybe_text("given_name", user.get("firstName"));
        o.maybe_text("family_name", user.get("lastName"));
        o.text("name", &user.display_name());
        o.maybe_text("email", user.get("email"));
        o.maybe_text("phone_number", user.get("mobilePhone"));
        o.maybe_text("locale", user.get("preferredLanguage"));
        for name in ["middle_name", "picture", "nickname", "region", "postal_code"] {
            o.null(name);
        }
    } else if provisioned {
        for (name, attribute) in [
            ("email", "email"),
            ("givenName", "firstName"),
            ("familyName", "lastName"),
            ("displayName", "displayName"),
            ("department", "department"),
            ("title", "title"),
            ("manager", "manager"),
        ] {
            o.maybe_text(name, user.get(attribute));
        }
    }
}

/// The same as a tree, for embedding.
pub(super) fn app_user_value(view: View<'_>, app: u32, number: u32, origin: &str) -> Value {
    let (Some(user), Some(via)) = (view.user(number), view.via(app, number)) else { return Value::Null };
    let mut out = Out::default();
    write_app_user(&mut out, view, app, number, &user, via, origin);
    serde_json::from_str(out.as_str()).unwrap_or_default()
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(50, 500));
    let query = call.query.get("q").map(str::to_lowercase);
    call.org.read(|view| {
        let app = of_path(call, view)?;
        let after = page.cursor(|id| view.user_by_id(id))?;
        let users = view.app_users(app, after).filter_map(|number| {
            let (user, via) = (view.user(number)?, view.via(app, number)?);
            let begins =
                |name: &str, q: &str| user.get(name).is_some_and(|text| text.to_lowercase().starts_with(q));
            let wanted = query.as_ref().is_none_or(|q| {
                begins("login", q) || begins("firstName", q) || begins("lastName", q) || begins("email", q)
            });
            wanted.then_some((number, user, via))
        });
        page::list(
            call,
            &page,
            users,
            |(number, ..)| view.user_id(*number),
            |out, (number, user, via)| {
                write_app_user(out, view, app, *number, user, *via, call.origin);
            },
        )
    })
}

fn one(call: &Call<'_>, view: View<'_>, app: u32, number: u32) -> Answer {
    let (Some(user), Some(via)) = (view.user(number), view.via(app, number)) else {
        return Err(Refusal::not_found(call.arg(1), "AppUser"));
    };
    let mut out = Out::with_capacity(1_024);
    write_app_user(&mut out, view, app, number, &user, via, call.origin);
    Ok(Reply::json(out.into_bytes()))
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let app = of_path(call, view)?;
        let user = view.find_user(call.arg(1)).ok_or_else(|| Refusal::not_found(call.arg(1), "AppUser"))?;
        one(call, view, app, user)
    })
}

fn assign(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    let (app, user) = call.org.read(|view| {
        let user = view.find_user(id).ok_or_else(|| Refusal::not_found(id, "User"))?;
        Ok((of_path(call, view)?, user))
    })?;
    call.org.write(call.by(), |change| change.assign_user(app, user))?;
    call.org.read(|view| one(call, view, app, user))
}

fn unassign(call: &Call<'_>) -> Answer {
    let (app, user) = call.org.read(|view| {
        let app = of_path(call, view)?;
        let user = view.find_user(call.arg(1)).filter(|user| view.via(app, *user).is_some());
        Ok((app, user.ok_or_else(|| Refusal::not_found(call.arg(1), "AppUser"))?))
    })?;
    call.org.write(call.by(), |change| change.unassign_user(app, user))?;
    Ok(Reply::nothing())
}
