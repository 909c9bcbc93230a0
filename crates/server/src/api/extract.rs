//! What requests carry: bodies, queries and paths, with errors that name the field.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::auth::LONGEST_FORM;
use crate::{App, Error};

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self, Error> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" {
            return Err(Error::Media);
        }
        let bytes = to_bytes(request.into_body(), LONGEST_FORM).await.map_err(|_| Error::TooLarge)?;
        let value: Value =
            serde_json::from_slice(&bytes).map_err(|e| Error::Asked(format!("The body is no JSON: {e}.")))?;
        if !is_storable(&value) {
            return Err(Error::Unreadable(
                "A text in the body holds a NUL character. Leave it out.".to_string(),
            ));
        }
        serde_path_to_error::deserialize(value).map(Self).map_err(|e| Error::Unreadable(said(&e)))
    }
}

/// A query string. A name may come several times where its field is a list.
#[derive(Debug)]
pub(crate) struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or_default();
        let read = serde_html_form::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(read).map(Self).map_err(|e| Error::Asked(said(&e)))
    }
}

/// What stands in a path. What can't be read there is not there.
#[derive(Debug)]
pub(crate) struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(at)| Self(at)).map_err(|_| Error::NotFound)
    }
}

/// No parameter: one that is given is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A value that is given: an empty one is none. For fields that may be left out.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// The field, and what is wrong with it.
fn said<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> String {
    let path = error.path().to_string();
    // A field that is missing, or one too many, is named in the message.
    if path == "." { format!("{}.", error.inner()) } else { format!("{path}: {}.", error.inner()) }
}

/// Whether every text in it can be stored: PostgreSQL's texts hold no NUL.
fn is_storable(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(is_storable),
        Value::Object(fields) => {
            fields.iter().all(|(name, value)| !name.contains('\0') && is_storable(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}
