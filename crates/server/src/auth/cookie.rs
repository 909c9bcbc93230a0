//! Cookies: of the session, of a visit before it, of the theme.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::Site;

/// The cookie of a session.
pub(crate) const SESSION: &str = "transom";
/// The cookie of a visit without session: its forms are told from forged ones by it.
pub(crate) const VISIT: &str = "transom-visit";
/// The cookie of the theme: `light` or `dark`.
pub(crate) const THEME: &str = "transom-theme";

/// Behind TLS browsers keep these names from being set by a neighbouring host, or without TLS.
fn full(site: &Site, name: &str) -> String {
    if site.secure { format!("__Host-{name}") } else { name.to_string() }
}

/// The cookie called `name` that came with a request.
pub(crate) fn get(site: &Site, headers: &HeaderMap, name: &str) -> Option<String> {
    let name = full(site, name);
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(n, _)| *n == name).map(|(_, value)| value.to_string())
}

/// The header that sets a cookie, or deletes it where `value` is empty. `seconds`: how long it lasts; as long as the
/// browser runs where absent.
pub(crate) fn set(site: &Site, name: &str, value: &str, seconds: Option<u32>) -> HeaderValue {
    let secure = if site.secure { "; Secure" } else { "" };
    let age = match seconds {
        _ if value.is_empty() => "; Max-Age=0".to_string(),
        Some(seconds) => format!("; Max-Age={seconds}"),
        None => String::new(),
    };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", full(site, name));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}
