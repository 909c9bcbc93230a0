//! A posted form; what can't be read as one is told in our own words.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::Error;
use crate::app::App;

/// The fields of a posted form.
#[derive(Debug)]
pub(crate) struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &App) -> Result<Self, Error> {
        let form = axum::Form::<T>::from_request(request, state).await;
        form.map(|form| Self(form.0)).map_err(|e| Error::Unreadable(format!("The form is not whole: {e}.")))
    }
}
