//! `/api/v1/meta/schemas/user/linkedObjects` and `/api/v1/users/{id}/linkedObjects`: the relations between users that the
//! org defined, and who is linked to whom by them.

use serde_json::{Value, json};

use super::users::visible;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::linked_objects::{LINKED_OBJECTS, LinkedObject};
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/meta/schemas/user/linkedObjects", LinkedObjects, list),
    route!(GET "/api/v1/meta/schemas/user/linkedObjects/{name}", LinkedObjects, get),
    route!(GET "/api/v1/users/{id}/linkedObjects/{name}", LinkedUsers, of_user),
];

/// A linked object's definition as Okta sends it.
pub(crate) fn linked_object_json(linked: &LinkedObject, origin: &str) -> Value {
    let side = |(name, title): (&str, &str)| json!({"name": name, "title": title, "description": format!("{title} link property"), "type": "USER"});
    let href = format!("{origin}/api/v1/meta/schemas/user/linkedObjects/{}", linked.primary.0);
    json!({
        "primary": side(linked.primary), "associated": side(linked.associated), "_links": {"self": {"href": href}},
    })
}

/// The user at the other end of a relation as Okta sends them [rec].
pub(crate) fn linked_user_json(view: View<'_>, user: u32, origin: &str) -> Value {
    json!({"_links": {"self": {"href": format!("{origin}/api/v1/users/{}", view.user_id(user))}}})
}

/// The definition that has this name on one of its sides [rec: found by either].
fn named(name: &str) -> Result<&'static LinkedObject, Refusal> {
    let found = LINKED_OBJECTS.iter().find(|l| l.primary.0 == name || l.associated.0 == name);
    found.ok_or_else(|| Refusal::not_found(name, "LinkedObjectProperty"))
}

/// Not paged.
fn list(call: &Call<'_>) -> Answer {
    Ok(Reply::value(&LINKED_OBJECTS.iter().map(|l| linked_object_json(l, call.origin)).collect()))
}

fn get(call: &Call<'_>) -> Answer {
    Ok(Reply::value(&linked_object_json(named(call.arg(0))?, call.origin)))
}

/// A thousand a page [rec: the `self` link says so; inf: that there are more pages]. A name that no definition has is
/// refused as where the definition is asked for [inf].
fn of_user(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(1_000, 1_000));
    call.org.read(|view| {
        let user = visible(call, view)?;
        let linked = named(call.arg(1))?;
        let all = match linked.primary.0 == call.arg(1) {
            true => view.primary_of(linked, user).into_iter().collect(),
            false => view.associated_of(linked, user),
        };
        let known = |id: &str| view.user_by_id(id).and_then(|user| all.iter().position(|u| *u == user));
        let from = page.cursor(|id| known(id).map(|at| at as u32 + 1))?.unwrap_or(0);
        let left = all.iter().skip(from as usize);
        let id = |user: &&u32| view.user_id(**user);
        page::list(call, &page, left, id, |out, user| {
            out.raw_value(&linked_user_json(view, **user, call.origin).to_string());
        })
    })
}
