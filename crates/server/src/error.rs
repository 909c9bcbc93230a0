//! What a handler could not do, told as a page or, under `/api`, as `application/problem+json`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use transom_core::Role;
use transom_engine::{Class, Problem};
use utoipa::ToSchema;

use crate::api::verification::Loss;
use crate::api::{A_SECOND, BURST};
use crate::auth::LONGEST_FORM;
use crate::oidc::Refusal;
use crate::ui::Count;

/// Why a request was not done.
#[derive(Debug)]
pub enum Error {
    /// There is no such page, or not for this visitor: the two look alike.
    NotFound,
    /// Nobody owns the installation yet, and the visitor sits at its machine.
    Unowned,
    /// Nobody is signed in.
    SignedOut,
    /// A program came without a token that works.
    NoToken,
    /// The account may not do this; the role that may.
    Forbidden(Role),
    /// The form did not come from one of our pages, or from one that is too old.
    Forged,
    /// What is at this address is not done by this method.
    Method,
    /// What was sent can't be read; what was expected.
    Unreadable(String),
    /// The body is of a kind that is not read here.
    Media,
    /// The body is longer than one may be.
    TooLarge,
    /// What the address asks for is not to be had; names the field and says what was expected.
    Asked(String),
    /// The provider did not sign in whoever asks, or its word was not taken.
    Refused(Box<Refusal>),
    /// Passwords are off; what the provider is called by which people sign in.
    PasswordsOff(String),
    /// Too many attempts to sign in; seconds to wait.
    TooMany(u64),
    /// Too many requests of a program; seconds to wait.
    TooFast(u64),
    /// A problem of the engine or the store, in three parts.
    Problem(Box<Problem>),
    /// A fault of ours. The text is for the log alone.
    Internal(String),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<transom_store::Error> for Error {
    fn from(error: transom_store::Error) -> Self {
        match error {
            transom_store::Error::Mark(why) => Self::Asked(format!("cursor, or after in the web app: {why}")),
            transom_store::Error::Sort { .. } => Self::Asked(error.to_string()),
            _ => Problem::from(error).into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("a template failed: {error}"))
    }
}

impl From<Problem> for Told {
    /// Its words, without a status.
    fn from(problem: Problem) -> Self {
        Self {
            status: 0,
            class: Some(problem.class),
            title: problem.what,
            detail: problem.why,
            todo: problem.todo,
            request_id: None,
            okta_request_id: problem.request_id,
            losses: problem.losses.into_iter().map(Loss::from).collect(),
            sign_in: false,
        }
    }
}

/// An error in words, on its way to become a page or a document: it travels with the response, because only the layers
/// around the handlers know who asks and how.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct Told {
    /// The status of the answer; absent where it tells of something that went on in the background.
    #[serde(default, skip_serializing_if = "is_none")]
    pub status: u16,
    /// The class of the problem, for programs: `token_rejected`, `network`, … Absent where the status says enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub class: Option<Class>,
    /// What happened.
    pub title: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub todo: String,
    /// What the server's log calls the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Okta's request id, where Okta was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub okta_request_id: Option<String>,
    /// What a new credential reads less of than the one that it was to replace, where that is the problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Whether the page shows the way to the sign-in.
    #[serde(skip)]
    pub sign_in: bool,
}

impl Told {
    /// The same to a program, where what there is to do is done by a field of the API.
    pub(crate) fn for_programs(self) -> Self {
        let todo = match self.class {
            Some(Class::ReadsLess) => {
                "Do what is said of each, then send it again; or take less on purpose: accept_less."
                    .to_string()
            }
            _ => self.todo,
        };
        Self { todo, ..self }
    }
}

fn is_none(status: &u16) -> bool {
    *status == 0
}

impl Error {
    /// The error in words.
    pub(crate) fn told(self) -> Told {
        let told = |status: StatusCode, title: &str, detail: &str, todo: &str| Told {
            status: status.as_u16(),
            class: None,
            title: title.to_string(),
            detail: detail.to_string(),
            todo: todo.to_string(),
            request_id: None,
            okta_request_id: None,
            losses: Vec::new(),
            sign_in: false,
        };
        match self {
            Self::NotFound => told(
                StatusCode::NOT_FOUND,
                "There is nothing here.",
                "The address is mistyped, what stood here is gone, or your account may not see it.",
                "",
            ),
            Self::Unowned => told(
                StatusCode::NOT_FOUND,
                "Nobody owns this installation yet.",
                "The first owner comes in by a link that works once, for 15 minutes.",
                "Open the link that stands in the terminal, or make another one: transom owner-link",
            ),
            Self::SignedOut => told(
                StatusCode::UNAUTHORIZED,
                "You are not signed in.",
                "Your session has ended, or there was none.",
                "Sign in, then try again.",
            ),
            Self::NoToken => told(
                StatusCode::UNAUTHORIZED,
                "No API token that works.",
                "The request carries none, or one that is wrong, revoked or expired.",
                "Make one under Settings, API tokens, and send it: Authorization: Bearer …",
            ),
            Self::Forbidden(role) => told(
                StatusCode::FORBIDDEN,
                "Your role does not allow this.",
                &format!("It takes the role {}.", role.label()),
                "Ask an owner of this installation.",
            ),
            Self::Forged => told(
                StatusCode::FORBIDDEN,
                "This form is out of date.",
                "It was not sent from a page of this session, so nothing was done.",
                "Go back, load the page again, and send the form once more.",
            ),
            Self::Method => told(
                StatusCode::METHOD_NOT_ALLOWED,
                "This can't be done here.",
                "What is at this address knows other methods.",
                "",
            ),
            Self::Unreadable(expected) => told(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This can't be read.",
                &expected,
                "Nothing was done. Correct it, and send it again.",
            ),
            Self::Media => told(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This can't be read.",
                "The body is not said to be JSON.",
                "Send JSON, with Content-Type: application/json",
            ),
            Self::TooLarge => told(
                StatusCode::PAYLOAD_TOO_LARGE,
                "This is too much.",
                &format!("A body may have {} kB.", LONGEST_FORM >> 10),
                "Send less.",
            ),
            Self::Asked(expected) => told(
                StatusCode::BAD_REQUEST,
                "The address asks for something that can't be had.",
                &expected,
                "Leave it out, or ask for something that is expected.",
            ),
            Self::Refused(refusal) => {
                let failed = refusal.provider_failed;
                let status = if failed { StatusCode::BAD_GATEWAY } else { StatusCode::FORBIDDEN };
                Told { sign_in: true, ..told(status, &refusal.what, &refusal.why, &refusal.todo) }
            }
            Self::PasswordsOff(label) => Told {
                sign_in: true,
                ..told(
                    StatusCode::FORBIDDEN,
                    "Passwords are off.",
                    &format!("Members of this installation sign in with {label}."),
                    &format!("Sign in with {label}. Whoever is not known there yet asks an owner."),
                )
            },
            Self::TooMany(seconds) => told(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts.",
                &format!(
                    "Signing in is possible again in {}.",
                    Count(seconds.div_ceil(60).max(1)).of("minute")
                ),
                "Wait until then. If these attempts were not yours, tell an owner.",
            ),
            Self::TooFast(seconds) => told(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests.",
                &format!(
                    "A token may ask {A_SECOND} times a second, and {BURST} times at once after a rest."
                ),
                &format!("Wait {seconds} s, as Retry-After says, and ask more slowly."),
            ),
            Self::Problem(problem) => {
                let status = match problem.class {
                    Class::Domain | Class::NoToken | Class::Query => StatusCode::UNPROCESSABLE_ENTITY,
                    Class::Name | Class::State | Class::Busy | Class::ReadsLess => StatusCode::CONFLICT,
                    Class::Database | Class::MasterKey | Class::Internal => StatusCode::INTERNAL_SERVER_ERROR,
                    // Okta, or what is between: this server is well.
                    _ => StatusCode::FAILED_DEPENDENCY,
                };
                if status.is_server_error() {
                    tracing::error!(class = ?problem.class, problem = %problem, "a request failed");
                }
                Told { status: status.as_u16(), ..Told::from(*problem) }
            }
            Self::Internal(text) => {
                tracing::error!(error = text, "a request failed");
                told(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "A fault of ours.",
                    "It is written in the server's log, beside the id below.",
                    "Try again; if it stays, report it with that id.",
                )
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let wait = if let Self::TooMany(s) | Self::TooFast(s) = self { Some(s) } else { None };
        let asks = matches!(self, Self::NoToken);
        let told = self.told();
        let status = StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(wait) = wait.and_then(|s| HeaderValue::from_str(&s.to_string()).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if asks {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(told);
        response
    }
}
