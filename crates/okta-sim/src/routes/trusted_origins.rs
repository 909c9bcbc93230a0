//! `/api/v1/trustedOrigins`.

use serde_json::Value;

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/trustedOrigins", TrustedOrigins, list),
    route!(GET "/api/v1/trustedOrigins/{id}", TrustedOrigins, get),
];

/// A trusted origin as Okta sends it.
pub(crate) fn trusted_origin_json(view: View<'_>, trusted: &Document, origin: &str) -> Value {
    trusted.json(&view.base.ids, &format!("{origin}/api/v1/trustedOrigins"), &["GET", "PUT", "DELETE"])
}

fn list(call: &Call<'_>) -> Answer {
    // [spec] 20, at most 200.
    let page = Page::of(call, Sizes::new(20, 200));
    let filter = call.query.get("filter").map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    let query = call.query.get("q").map(str::to_lowercase);
    call.org.read(|view| {
        let all = &view.state.trust.origins;
        let id = |trusted: &&Document| trusted.id(&view.base.ids);
        let after = page.cursor(|cursor| all.iter().position(|o| id(&o) == cursor).map(|n| n as u32))?;
        let found = all.iter().skip(after.map_or(0, |n| n as usize + 1)).filter(|trusted| {
            let field = |path: &str| match trusted.fields[path].as_str() {
                Some(text) => Found::Text(text.to_owned().into()),
                None => Found::Nothing,
            };
            let name = trusted.fields["name"].as_str().unwrap_or_default().to_lowercase();
            query.as_ref().is_none_or(|q| name.contains(q.as_str()))
                && filter.as_ref().is_none_or(|f| f.holds(&field))
        });
        page::list(call, &page, found, id, |out, trusted| {
            out.raw_value(&trusted_origin_json(view, trusted, call.origin).to_string());
        })
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = view.state.trust.origins.iter().find(|o| o.id(&view.base.ids) == call.arg(0));
        let trusted = found.ok_or_else(|| Refusal::not_found(call.arg(0), "TrustedOrigin"))?;
        Ok(Reply::value(&trusted_origin_json(view, trusted, call.origin)))
    })
}
