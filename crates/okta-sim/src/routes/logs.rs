//! `/api/v1/logs`: polling and bounded queries [docs reference/system-log-query].

use serde_json::Value;

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::people::DAY;
use crate::json::{Out, parse_time};
use crate::log::{Actor, Event};
use crate::org::view::View;
use crate::page;
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] = &[route!(GET "/api/v1/logs", Logs, list)];

fn event_json(view: View<'_>, event: &Event) -> Value {
    let who = match event.actor {
        Actor::System => None,
        Actor::App(app) => {
            let id = view.app_id(app);
            let label = view.app(app).map_or_else(|| "unknown".into(), |a| a.label.clone());
            Some((id.clone(), id, label))
        }
        Actor::User(number) => {
            let user = view.user(number);
            let login = user.as_ref().map_or_else(|| "unknown".into(), |u| u.login().to_owned());
            let name = user.as_ref().map_or_else(|| "unknown".into(), |u| u.display_name());
            Some((view.user_id(number), login, name))
        }
    };
    event.json(view.base, who)
}

/// What a path leads to in an event; `target.id` is any target's id.
fn attribute(path: &str, event: &Value) -> Found<'static> {
    let mut here = vec![event];
    for step in path.split('.') {
        here = here
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(list) => list.iter().collect::<Vec<_>>(),
                other => vec![other],
            })
            .filter_map(|value| value.get(step))
            .collect();
    }
    let mut texts: Vec<String> = Vec::new();
    for value in here {
        match value {
            Value::Null => {}
            Value::String(text) => texts.push(text.clone()),
            other => texts.push(other.to_string()),
        }
    }
    if texts.is_empty() { Found::Nothing } else { Found::Many(texts) }
}

struct Request {
    limit: usize,
    filter: Option<Expression>,
    words: Vec<String>,
    since: Option<i64>,
    until: Option<i64>,
    descending: bool,
    after: Option<(i64, u64)>,
    /// The cursor of a bounded query carries its beginning, because `since` may not be sent with it.
    began: Option<i64>,
}

impl Request {
    fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let get = |name: &str| call.query.get(name);
        let time = |name: &str| {
            let wrong = || Refusal::bad_log_query(&format!("The {name} parameter is not a valid date."));
            get(name).map(|text| parse_time(text).ok_or_else(wrong)).transpose()
        };
        let limit = match get("limit").map(str::parse::<usize>) {
            None => 100,
            Some(Ok(n)) if n <= 1_000 => n,
            Some(_) => return Err(Refusal::bad_log_query("The limit parameter must be between 0 and 1000.")),
        };
        let (since, until) = (time("since")?, time("until")?);
        if since.is_some() && get("after").is_some() {
            return Err(Refusal::bad_log_query("The since and after parameters can't be used together."));
        }
        if since.is_some_and(|since| since < call.now - 180 * DAY) {
            return Err(Refusal::bad_log_query(
                "The since parameter is over 180 days prior to the current day.",
            ));
        }
        let filter =
            get("filter").map(Expression::parse).transpose().map_err(|e| Refusal::bad_log_query(&e))?;
        if filter.iter().flat_map(Expression::tests).any(|(path, _)| path == "published") {
            return Err(Refusal::bad_search("The attribute 'published' can't be filtered."));
        }
        let words: Vec<String> =
            get("q").unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
        if words.len() > 10 || words.iter().any(|w| w.chars().count() > 40) {
            return Err(Refusal::bad_log_query("The q parameter allows 10 keywords of 40 characters."));
        }
        let cursor = |text: &str| {
            let mut parts = text.split('_').map(str::parse::<i64>);
            let (at, position) = (parts.next()?.ok()?, u64::try_from(parts.next()?.ok()?).ok()?);
            Some(((at, position), parts.next().transpose().ok()?))
        };
        let after = get("after").map(|text| cursor(text).ok_or_else(Refusal::bad_cursor)).transpose()?;
        let (after, began) = after.map_or((None, None), |(after, began)| (Some(after), began));
        let descending = get("sortOrder") == Some("DESCENDING");
        Ok(Self { limit, filter, words, since, until, descending, after, began })
    }

    fn wants(&self, json: &Value) -> bool {
        self.filter.as_ref().is_none_or(|f| f.holds(&|path| attribute(path, json)))
            && (self.words.is_empty() || {
                let text = json.to_string().to_lowercase();
                self.words.iter().all(|word| text.contains(word))
            })
    }
}

fn list(call: &Call<'_>) -> Answer {
    let request = Request::of(call)?;
    call.org.read(|view| {
        if request.until.is_none() && !request.descending {
            poll(call, view, &request)
        } else {
            bounded(call, view, &request)
        }
    })
}

/// Ascending without `until`: in the order of storing, with a `next` even when there is nothing yet.
fn poll(call: &Call<'_>, view: View<'_>, request: &Request) -> Answer {
    let log = &view.state.log;
    let end = log.len(view.base);
    let from = match request.after {
        Some((_, position)) => position.min(end),
        None => log.position_at(view.base, request.since.unwrap_or(call.now - 7 * DAY)),
    };
    let (mut out, mut shown, mut position) = (Out::with_capacity(64 * 1024), 0, from);
    out.array(|out| {
        while position < end && shown < request.limit {
            let json = event_json(view, &log.get(view.base, position));
            if request.wants(&json) {
                out.raw_value(&json.to_string());
                shown += 1;
            }
            position += 1;
        }
    });
    Ok(linked(call, request, Reply::json(out.into_bytes()), Some(format!("{}_{position}", call.now))))
}

/// With an end: by `published`, finite.
fn bounded(call: &Call<'_>, view: View<'_>, request: &Request) -> Answer {
    let log = &view.state.log;
    let until = request.until.unwrap_or(call.now + 1);
    let since = request.began.or(request.since).unwrap_or(until - 7 * DAY);
    let mut found: Vec<(i64, u64)> = (0..log.len(view.base))
        .map(|position| (log.get(view.base, position).at, position))
        .filter(|(at, _)| (since..until).contains(at))
        .collect();
    found.sort_unstable();
    if request.descending {
        found.reverse();
    }
    let passed = |key: &(i64, u64)| {
        request.after.is_some_and(|after| if request.descending { *key >= after } else { *key <= after })
    };
    let events = found.into_iter().skip_while(passed).filter_map(|(at, position)| {
        let json = event_json(view, &log.get(view.base, position));
        request.wants(&json).then_some((at, position, json))
    });
    let page = page::Page { limit: request.limit, after: None };
    let (body, next) = page::array(
        &page,
        events,
        |(at, position, _)| format!("{at}_{position}_{since}"),
        |out, (.., json)| {
            out.raw_value(&json.to_string());
        },
    );
    Ok(linked(call, request, Reply::json(body), next))
}

fn linked(call: &Call<'_>, request: &Request, reply: Reply, next: Option<String>) -> Reply {
    let after = call.query.get("after");
    let own = page::relation(call, Some(request.limit), after);
    let reply = reply.with_header("link", format!("<{own}>; rel=\"self\""));
    match next {
        None => reply,
        Some(next) => {
            // The cursor replaces `since`: they may not be sent together.
            let url = page::relation(call, Some(request.limit), Some(&next));
            let (path, query) = url.split_once('?').unwrap_or((&url, ""));
            let kept: Vec<&str> = query.split('&').filter(|p| !p.starts_with("since=")).collect();
            reply.with_header("link", format!("<{path}?{}>; rel=\"next\"", kept.join("&")))
        }
    }
}
