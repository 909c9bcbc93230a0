//! Okta's error bodies, and the crate's own errors.

use crate::json::Out;

/// Why a simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The config makes no sense; the text names the field, what was given and what was expected.
    #[error("bad simulator config: {0}")]
    Config(String),
    /// The address could not be listened on.
    #[error("can't listen on {addr}: {source}; choose another --listen address or stop what uses this one")]
    Listen {
        /// The address that was asked for.
        addr: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// An answer that refuses, in Okta's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `errorCode`; stable, per Okta.
    pub code: &'static str,
    /// `errorSummary`
    pub summary: String,
    /// `errorCauses[].errorSummary`
    pub causes: Vec<String>,
    /// `www-authenticate`, where an access token doesn't do.
    pub challenge: Option<String>,
}

impl Refusal {
    fn new(status: u16, code: &'static str, summary: impl Into<String>) -> Self {
        Self { status, code, summary: summary.into(), causes: Vec::new(), challenge: None }
    }

    fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// 400 E0000001 [rec]: a field is not as it should be.
    pub fn validation(field: &str, cause: impl Into<String>) -> Self {
        Self::new(400, "E0000001", format!("Api validation failed: {field}")).because(cause)
    }

    /// 400 E0000003 [rec].
    pub fn not_well_formed() -> Self {
        Self::new(400, "E0000003", "The request body was not well-formed.")
    }

    /// 403 E0000005 [docs]: no usable Authorization header.
    pub fn invalid_session() -> Self {
        Self::new(403, "E0000005", "Invalid session")
    }

    /// 403 E0000006 [docs].
    pub fn no_permission() -> Self {
        Self::new(403, "E0000006", "You do not have permission to perform the requested action")
    }

    /// 404 E0000007 [rec]: `kind` is Okta's internal name, e.g. `User`, `UserGroup`, `AppInstance`.
    pub fn not_found(id: &str, kind: &str) -> Self {
        Self::new(404, "E0000007", format!("Not found: Resource not found: {id} ({kind})"))
    }

    /// 500 E0000009 [rec].
    pub fn internal() -> Self {
        Self::new(500, "E0000009", "Internal Server Error")
    }

    /// 401 E0000011 [docs]: wrong, revoked or expired token.
    pub fn invalid_token() -> Self {
        Self::new(401, "E0000011", "Invalid token provided")
    }

    /// 401 E0000015 [rec]: the org lacks the product. Says nothing about the token.
    pub fn unlicensed() -> Self {
        Self::new(401, "E0000015", "You do not have permission to access the feature you are requesting")
    }

    /// 404 E0000022 [inf for 404; docs: "the endpoint does not support the provided HTTP method"].
    pub fn no_such_path() -> Self {
        Self::new(404, "E0000022", "The endpoint does not support the provided HTTP method")
    }

    /// 405 E0000022 [rec].
    pub fn wrong_method() -> Self {
        Self::new(405, "E0000022", "The endpoint does not support the provided HTTP method")
    }

    /// The same with `www-authenticate`.
    pub fn challenged(mut self, challenge: String) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// 400 E0000028 [docs].
    pub fn missing_parameter(name: &str) -> Self {
        Self::new(400, "E0000028", format!("The request is missing a required parameter: {name}"))
    }

    /// 400 E0000029 [rec].
    pub fn bad_cursor() -> Self {
        Self::new(400, "E0000029", "Invalid paging request.").because("Invalid cursor.")
    }

    /// 400 E0000031 [rec for devices].
    pub fn bad_search(cause: impl Into<String>) -> Self {
        Self::new(400, "E0000031", "Invalid search criteria.").because(cause)
    }

    /// 403 E0000032 [rec].
    pub fn not_locked() -> Self {
        Self::new(403, "E0000032", "Unlock is not allowed for this user.")
            .because("The user is not locked out.")
    }

    /// 400 E0000033 [docs].
    pub fn search_and_filter() -> Self {
        Self::new(400, "E0000033", "Can't specify a search query and filter in the same request.")
    }

    /// 403 E0000038 [rec].
    pub fn wrong_status() -> Self {
        Self::new(403, "E0000038", "This operation is not allowed in the user's current status.")
    }

    /// 403 E0000016 [docs].
    pub fn already_active() -> Self {
        Self::new(403, "E0000016", "Activation failed because the user is already active")
    }

    /// 429 E0000047 [rec].
    pub fn too_many() -> Self {
        Self::new(429, "E0000047", "API call exceeded rate limit due to too many requests.")
    }

    /// 400 E0000053 [docs]: System Log filters and times.
    pub fn bad_log_query(what: &str) -> Self {
        Self::new(400, "E0000053", format!("Invalid parameter: {what}"))
    }

    /// 403 E0000056 [rec].
    pub fn app_still_active() -> Self {
        Self::new(403, "E0000056", "Delete application forbidden.")
            .because("The application must be deactivated before deletion.")
    }

    /// 409 E0000090 [docs].
    pub fn role_held_already() -> Self {
        Self::new(409, "E0000090", "The role specified is already assigned to the user.")
    }

    /// 501 E0000060 [docs].
    pub fn unsupported() -> Self {
        Self::new(501, "E0000060", "Unsupported operation.")
    }

    /// 411: an empty POST or PUT without Content-Length [docs core-okta-api].
    pub fn length_required() -> Self {
        Self::new(411, "E0000021", "Bad request. Content-Length header is required.")
    }

    /// The body. `error_id` is `oae` and 22 characters.
    pub fn body(&self, error_id: &str) -> Vec<u8> {
        let mut out = Out::with_capacity(256);
        out.object(|o| {
            o.text("errorCode", self.code);
            o.text("errorSummary", &self.summary);
            o.text("errorLink", self.code);
            o.text("errorId", error_id);
            o.array_at("errorCauses", |o| {
                for cause in &self.causes {
                    o.object(|o| o.text("errorSummary", cause));
                }
            });
        });
        out.into_bytes()
    }
}
