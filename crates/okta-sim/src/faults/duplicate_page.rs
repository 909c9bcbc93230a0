use serde_json::Value;

use super::{Met, Named};
use crate::reply::Reply;

pub(super) const FAULT: Named = Named::new(
    "duplicate-page",
    "Objects come twice: in one page, or again in the next, whose cursor leads back into the page before.",
)
.after(after);

fn after(met: &Met<'_>, reply: &mut Reply) {
    if !met.reads() || reply.status != 200 || !met.strikes(4, 2) {
        return;
    }
    let Ok(Value::Array(mut items)) = serde_json::from_slice(&reply.body) else { return };
    let mut dice = met.dice();
    if items.len() < 2 {
        return;
    }
    if dice.one_in(2) && overlap(reply, &items) {
        return;
    }
    let again = dice.between(1, items.len() as u64) as usize;
    items.extend_from_within(..again);
    reply.body = Value::Array(items).to_string().into_bytes();
}

/// Lets `next` lead into the middle of this page. False where there is none, or its cursor is no object's id.
fn overlap(reply: &mut Reply, items: &[Value]) -> bool {
    let id = |item: &Value| item["id"].as_str().map(str::to_owned);
    let (Some(last), Some(middle)) = (id(&items[items.len() - 1]), id(&items[items.len() / 2 - 1])) else {
        return false;
    };
    let (whole, part) = (format!("after={last}&"), format!("after={middle}&"));
    let next = reply.headers.iter_mut().find(|(name, value)| *name == "link" && value.contains("rel=\"next\""));
    let Some((_, link)) = next.filter(|(_, link)| link.contains(&whole)) else { return false };
    *link = link.replace(&whole, &part);
    true
}
