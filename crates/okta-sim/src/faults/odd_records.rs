use serde_json::{Value, json};

use super::dice::{Dice, number};
use super::{Met, Named};
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "odd-records",
    "Some objects are not as documented: without id, of wrong types, null, with unknown values, or megabytes large.",
)
.after(after)
.changing();

/// What tells a client who it is and what it may do; odd there, it would rightly do nothing at all.
const SPARED: &[&str] = &["GET /api/v1/users/me", "GET /api/v1/users/{id}/roles", "GET /api/v1/org"];

fn after(met: &Met<'_>, reply: &mut Reply) {
    if !met.reads() || reply.status != 200 || SPARED.contains(&met.request.route) {
        return;
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return };
    let mut changed = false;
    match &mut body {
        Value::Array(items) => items.iter_mut().for_each(|item| changed |= spoil(met.seed, item)),
        Value::Object(fields) => {
            let lists = fields.values_mut().filter_map(Value::as_array_mut);
            lists.flatten().for_each(|item| changed |= spoil(met.seed, item));
        }
        _ => {}
    }
    if changed {
        met.struck();
        reply.body = body.to_string().into_bytes();
    }
}

/// The same object is odd wherever it is listed.
fn spoil(seed: u64, item: &mut Value) -> bool {
    let Some(id) = item["id"].as_str() else { return false };
    let mut dice = Dice::new(number(seed, id));
    if !dice.one_in(30) {
        return false;
    }
    match dice.between(0, 10) {
        0 => drop(item.as_object_mut().map(|fields| fields.remove("id"))),
        1 => item["id"] = json!([id]),
        2 => item["id"] = Value::Null,
        3 => *item = json!("00uNotAnObject"),
        4 => item["profile"] = Value::Null,
        5 => item["profile"] = json!("a text"),
        6 => item["status"] = json!("NOT_INVENTED_YET"),
        7 => (item["created"], item["lastUpdated"]) = (json!(1_767_225_600), json!({"at": "noon"})),
        8 => (item["_links"], item["type"]) = (json!([]), Value::Null),
        // What only some kinds have.
        9 => ["features", "credentials", "settings"].iter().for_each(|name| {
            item.get_mut(name).into_iter().for_each(|it| *it = json!("a text"));
        }),
        _ => item["profile"]["description"] = json!("A long story. ".repeat(100_000)),
    }
    true
}
