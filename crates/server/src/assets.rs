//! Style, script and icon: inside the binary, under names that change with their content.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::Error;

/// A file that browsers fetch.
struct Asset {
    name: &'static str,
    path: &'static str,
    bytes: &'static [u8],
}

const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of the asset called `name` in `assets/`.
///
/// # Panics
/// Where there is none: every page would miss it, so that the first test finds it.
pub fn path(name: &str) -> &'static str {
    let asset = ASSETS.iter().find(|a| a.name == name);
    asset.map(|a| a.path).expect("templates name only files of assets/")
}

/// `GET /assets/{file}`.
pub async fn get(Path(file): Path<String>) -> Result<Response, Error> {
    let asset =
        ASSETS.iter().find(|a| a.path.strip_prefix("/assets/") == Some(&file)).ok_or(Error::NotFound)?;
    let mime = match asset.name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(mime)), (header::CACHE_CONTROL, for_ever)];
    Ok((headers, asset.bytes).into_response())
}
