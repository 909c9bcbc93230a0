//! What a typed Okta domain stands for, or what is wrong with it, told as one types. Okta is not asked.

use askama::Template;
use axum::http::HeaderMap;
use serde::Deserialize;
use transom_engine::connection::{Typed, address};

use super::trouble::Told;
use super::{Answer, Query, render};
use crate::Visit;

/// Where the text is sent: addresses are logged on their way, and some paste a key into the wrong field.
const TYPED: &str = "transom-domain";

/// The most bytes that are read of it. The field takes 500 characters, which are sent percent-encoded.
const LONGEST: usize = 6_000;

/// A sentence or two for below the field: a part of a page.
#[derive(Template)]
#[template(path = "partials/domain.html")]
struct Seen {
    origin: String,
    /// Whether it is a custom domain, which is only asked which org it belongs to.
    custom: bool,
    /// Whether the form calls nobody.
    unasked: bool,
    notes: Vec<String>,
    trouble: Option<Told>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    /// Said by a form that takes the org's own address alone, as it asks nobody for it.
    #[serde(default)]
    unasked: Option<String>,
}

/// Reads the domain as the form will.
pub(crate) async fn show(visit: Visit, Query(which): Query<Which>, headers: HeaderMap) -> Answer {
    let (typed, loopback) = (typed(&headers), visit.app.engine.allow_loopback);
    let unasked = which.unasked.is_some();
    let read = Typed::read(&typed, loopback)
        .and_then(|read| if unasked { address(&typed, None, loopback).map(|_| read) } else { Ok(read) });
    render(&match read {
        Ok(read) => Seen {
            origin: read.origin(),
            custom: read.is_custom(),
            unasked,
            notes: read.notes(),
            trouble: None,
        },
        Err(problem) => Seen {
            origin: String::new(),
            custom: false,
            unasked,
            notes: Vec::new(),
            trouble: Some(Told::from(&problem)),
        },
    })
}

fn typed(headers: &HeaderMap) -> String {
    let sent = headers.get(TYPED).map(|v| v.as_bytes()).filter(|v| v.len() <= LONGEST).unwrap_or_default();
    url::form_urlencoded::parse(sent).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}
