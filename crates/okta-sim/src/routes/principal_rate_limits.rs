//! `/api/v1/principal-rate-limits`: what share of the limits a token or OAuth client has.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::people::{DAY, cast};
use crate::json::seconds;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/principal-rate-limits", PrincipalRateLimits, list),
    route!(GET "/api/v1/principal-rate-limits/{id}", PrincipalRateLimits, get),
];

/// What a share belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A token, by its number.
    Token(u64),
    /// An OAuth client, by its app's number.
    Client(u32),
}

impl Principal {
    fn n(self) -> u64 {
        match self {
            Self::Token(n) => n,
            Self::Client(app) => 1 << 32 | u64::from(app),
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Token(_) => "SSWS_TOKEN",
            Self::Client(_) => "OAUTH_CLIENT",
        }
    }

    fn id(self, view: View<'_>) -> String {
        match self {
            Self::Token(n) => view.base.ids.encode(IdKind::Token, n),
            Self::Client(app) => view.app_id(app),
        }
    }
}

/// Everything that has a share: tokens first, then OAuth clients.
pub(crate) fn principals(view: View<'_>) -> impl Iterator<Item = Principal> {
    let tokens = view.state.tokens.iter().filter(|t| !t.revoked).map(|t| Principal::Token(t.n));
    let is_client = move |app: &u32| view.app(*app).is_some_and(|a| a.entry.mode.is_oauth());
    tokens.chain((0..view.app_numbers()).filter(is_client).map(Principal::Client))
}

fn share_id(view: View<'_>, principal: Principal) -> String {
    view.base.ids.encode(IdKind::PrincipalRateLimit, principal.n())
}

/// A share as Okta sends it: dates without milliseconds [rec]. One token may use all of it.
pub(crate) fn share_json(view: View<'_>, principal: Principal) -> Value {
    let admin = view.user_id(cast::SUPER_ADMIN);
    let (percent, created) = match principal {
        Principal::Token(n) => (if n == 1 { 100 } else { 50 }, view.base.as_of - 60 * DAY),
        Principal::Client(app) => {
            (if app % 4 == 1 { 75 } else { 50 }, view.app(app).map_or(0, |a| a.created))
        }
    };
    json!({
        "id": share_id(view, principal), "orgId": view.base.org_id, "principalId": principal.id(view),
        "principalType": principal.kind(), "defaultPercentage": percent, "defaultConcurrencyPercentage": percent,
        "lastUpdate": seconds(created), "lastUpdatedBy": admin, "createdDate": seconds(created), "createdBy": admin,
    })
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 50));
    let filter = call.query.get("filter").map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    let filter = filter.filter(|f| f.tests().iter().any(|(path, _)| *path == "principalType"));
    let filter = filter.ok_or_else(|| {
        // Word for word, Okta's slip included [rec].
        let cause =
            "The provided filter parameter did not contain the required attrbute filter \"principalType\"";
        Refusal::validation("principalRateLimitMediated", cause)
    })?;
    call.org.read(|view| {
        let all: Vec<Principal> = principals(view)
            .filter(|principal| {
                filter.holds(&|path: &str| match path {
                    "principalType" => Found::Text(principal.kind().into()),
                    "principalId" => Found::Text(principal.id(view).into()),
                    _ => Found::Nothing,
                })
            })
            .collect();
        let place = |id: &str| all.iter().position(|p| share_id(view, *p) == id).map(|n| n as u32);
        let from = page.cursor(place)?.map_or(0, |n| n as usize + 1);
        page::list(
            call,
            &page,
            all.iter().skip(from),
            |p| share_id(view, **p),
            |out, principal| {
                out.raw_value(&share_json(view, **principal).to_string());
            },
        )
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = principals(view).find(|p| share_id(view, *p) == call.arg(0));
        let found = found.ok_or_else(|| Refusal::not_found(call.arg(0), "PrincipalRateLimitEntity"))?;
        Ok(Reply::value(&share_json(view, found)))
    })
}
