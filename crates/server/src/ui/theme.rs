//! Light, dark, or as the system has it.

use axum::http::header;
use serde::Deserialize;

use super::{Answer, Form, go};
use crate::Visit;
use crate::auth::cookie;

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    theme: String,
    next: String,
}

/// How long a browser remembers: a year.
const LASTS: u32 = 365 * 24 * 60 * 60;

pub(crate) async fn set(visit: Visit, Form(choice): Form<Choice>) -> Answer {
    let theme = if matches!(choice.theme.as_str(), "light" | "dark") { choice.theme.as_str() } else { "" };
    let mut response = go(super::sign_in::local(&choice.next));
    let set = cookie::set(visit.site(), cookie::THEME, theme, Some(LASTS));
    response.headers_mut().append(header::SET_COOKIE, set);
    Ok(response)
}
