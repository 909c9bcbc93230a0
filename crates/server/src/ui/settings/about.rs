//! Settings › About: what runs here, on what, and whom to ask.

use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;
use transom_core::Role;

use super::super::page::{Link, SUPPORT, Support};
use super::super::{Answer, Form, Page, Section, go, render};
use crate::Visit;

#[derive(Template)]
#[template(path = "pages/about.html")]
struct About {
    page: Page,
    tabs: Vec<Link>,
    version: &'static str,
    engine: String,
    location: Option<String>,
    size: String,
    schema: i64,
    key: Option<String>,
    origin: String,
    reached: &'static str,
    demo: bool,
    owner: bool,
    support: String,
    fault: Option<String>,
}

async fn page(visit: &Visit, support: Option<String>, fault: Option<String>) -> Answer {
    let store = visit.app.store();
    let info = store.describe().await?;
    let owner = visit.who()?.may_everywhere(Role::Owner);
    let site = visit.site();
    let reached = match (site.secure, site.trusted.is_empty()) {
        (false, _) => "From this machine alone, without TLS",
        (true, true) => "By TLS, which this server speaks itself",
        (true, false) => "By TLS, through a trusted proxy",
    };
    let support = match support {
        Some(typed) => typed,
        None => store.setting::<String>(SUPPORT).await?,
    };
    render(&About {
        page: Page::new(visit, "About", Section::Settings).await?,
        tabs: super::tabs(visit)?,
        version: env!("CARGO_PKG_VERSION"),
        engine: info.engine,
        // Where it lies says something of the machine: that is for owners.
        location: owner.then_some(info.location),
        size: size(info.bytes),
        schema: info.schema,
        key: info.key_id,
        origin: site.origin.clone(),
        reached,
        demo: site.demo,
        owner,
        support,
        fault,
    })
}

/// Bytes as one plans by them.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    page(&visit, None, None).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    support: String,
}

/// Sets whom people ask; an empty address takes it away.
pub(crate) async fn support(visit: Visit, Form(Given { support }): Form<Given>) -> Answer {
    let support = support.trim().to_string();
    if !support.is_empty() && Support::read(&support).is_none() {
        let fault = "Expected an e-mail address, or a link that starts with https://.".to_string();
        let mut response = page(&visit, Some(support), Some(fault)).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    visit.app.store().set_setting(SUPPORT, &support, &visit.who()?.actor).await?;
    Ok(go("/settings/about"))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_well() {
        assert_eq!([1, 999_999, 1_500_000, 2_000_000_000].map(size), ["1 kB", "1000 kB", "1.5 MB", "2.0 GB"]);
    }
}
