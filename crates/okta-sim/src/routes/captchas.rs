//! `/api/v1/captchas`: Identity Engine only.

use serde_json::Value;

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/captchas", Captchas, list), route!(GET "/api/v1/captchas/{id}", Captchas, get)];

/// A CAPTCHA as Okta sends it.
pub(crate) fn captcha_json(view: View<'_>, captcha: &Document, origin: &str) -> Value {
    captcha.json(&view.base.ids, &format!("{origin}/api/v1/captchas"), &["GET", "POST", "PUT", "DELETE"])
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let all = view.state.trust.captchas.iter();
        Ok(Reply::value(&all.map(|one| captcha_json(view, one, call.origin)).collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = view.state.trust.captchas.iter().find(|one| one.id(&view.base.ids) == call.arg(0));
        let found = found.ok_or_else(|| Refusal::not_found(call.arg(0), "Captcha"))?;
        Ok(Reply::value(&captcha_json(view, found, call.origin)))
    })
}
