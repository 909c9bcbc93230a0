//! `/api/v1/logStreams`.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::generate::ids::IdKind;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/logStreams", LogStreams, list),
    route!(GET "/api/v1/logStreams/{id}", LogStreams, get),
];

/// A log stream as Okta sends it: its links say `method` where others have `hints`, and a Splunk token is not shown
/// [rec].
pub(crate) fn log_stream_json(view: View<'_>, stream: &Document, origin: &str) -> Value {
    let url = format!("{origin}/api/v1/logStreams/{}", stream.id(&view.base.ids));
    let verb = if stream.active() { "deactivate" } else { "activate" };
    let mut json = stream.unlinked(&view.base.ids);
    json["_links"] = json!({
        "self": {"href": url, "method": "GET"},
        verb: {"href": format!("{url}/lifecycle/{verb}"), "method": "POST"},
    });
    json
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    let filter = call.query.get("filter").map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::LogStream, id).map(|n| n as u32))?;
        let streams = view.state.log_streams.iter().filter(|stream| {
            let get = |path: &str| match path {
                "type" | "status" => Found::Text(stream.fields[path].as_str().unwrap_or_default().into()),
                _ => Found::Nothing,
            };
            after.is_none_or(|a| stream.n > u64::from(a)) && filter.as_ref().is_none_or(|f| f.holds(&get))
        });
        page::list(
            call,
            &page,
            streams,
            |stream| stream.id(&view.base.ids),
            |out, stream| out.raw_value(&log_stream_json(view, stream, call.origin).to_string()),
        )
    })
}

/// 404 speaks of an app [rec].
fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::LogStream, call.arg(0));
        let stream = view.state.log_streams.iter().find(|stream| Some(stream.n) == n);
        let stream = stream.ok_or_else(|| Refusal::not_found(call.arg(0), "AppInstance"))?;
        Ok(Reply::value(&log_stream_json(view, stream, call.origin)))
    })
}
