//! What a connection is known to Okta by: an API token, or a service app and its private key.

use okta_client::{ClientBuilder, PrivateKey, ServiceApp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::verify::Verification;
use crate::setup::Model;
use crate::{Class, Problem};

/// A credential for reading. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum Credential {
    /// An API token (SSWS).
    Token(SecretString),
    /// A service app.
    ServiceApp(AppKey),
}

/// A service app and the key by which it proves who it is.
#[derive(Debug, Clone)]
pub struct AppKey {
    /// The client id, `0oa…`.
    pub client_id: String,
    /// The private key: PEM or a JWK.
    pub key: SecretString,
    /// The id under which Okta knows the key, where it is known. A JWK brings its own; without one Okta tries the app's keys.
    pub kid: Option<String>,
}

/// The kinds under which credentials are sealed.
const TOKEN: &str = "ssws";
pub(crate) const APP_KEY: &str = "oauth_private_key";

impl From<SecretString> for Credential {
    fn from(token: SecretString) -> Self {
        Self::Token(token)
    }
}

/// The scopes that reading everything takes: those of the declared data sets, each once.
pub fn read_scopes() -> Vec<String> {
    Model::read().scope_names().into_iter().map(str::to_string).collect()
}

impl Credential {
    /// Catches what can't be a credential before anything of it is sent anywhere.
    ///
    /// # Errors
    /// [`Class::NoToken`], with what was expected.
    pub fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Token(token) => check_token(token),
            Self::ServiceApp(app) => app.private_key().map(|_| ()),
        }
    }

    /// Whether both are the same token, or the same app with the same key, however that is written.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(one), Self::Token(other)) => one.expose_secret() == other.expose_secret(),
            (Self::ServiceApp(one), Self::ServiceApp(other)) => {
                let key = |app: &AppKey| app.private_key().ok()?.thumbprint().ok();
                one.client_id == other.client_id && key(one).is_some_and(|one| key(other) == Some(one))
            }
            _ => false,
        }
    }

    /// The kind, the secret and what goes with it, to be sealed. A key is kept as PEM, however it was written.
    pub(super) fn sealed(
        &self,
        verification: &Verification,
    ) -> Result<(&'static str, SecretString, Value), Problem> {
        let mut meta = json!({ "owner": verification.owner, "token": verification.token });
        match self {
            Self::Token(token) => Ok((TOKEN, token.clone(), meta)),
            Self::ServiceApp(app) => {
                let key = app.private_key()?;
                meta["client_id"] = json!(app.client_id);
                meta["kid"] = json!(key.kid());
                meta["thumbprint"] = json!(key.thumbprint().ok());
                Ok((APP_KEY, key.to_pem().map_err(|e| bad_key(&e))?, meta))
            }
        }
    }

    /// From what was sealed.
    pub(super) fn unsealed(stored: transom_store::Credential) -> Self {
        let text = |name: &str| stored.meta.get(name).and_then(Value::as_str).map(str::to_string);
        match stored.kind.as_str() {
            APP_KEY => Self::ServiceApp(AppKey {
                client_id: text("client_id").unwrap_or_default(),
                kid: text("kid"),
                key: stored.secret,
            }),
            _ => Self::Token(stored.secret),
        }
    }

    /// Gives it to a client to be.
    pub(super) fn give(&self, client: ClientBuilder) -> Result<ClientBuilder, Problem> {
        Ok(match self {
            Self::Token(token) => client.token(token.clone()),
            Self::ServiceApp(app) => client.service_app(ServiceApp {
                client_id: app.client_id.clone(),
                key: app.private_key()?,
                scopes: read_scopes(),
            }),
        })
    }
}

impl AppKey {
    fn private_key(&self) -> Result<PrivateKey, Problem> {
        let key = PrivateKey::parse(&self.key).map_err(|e| bad_key(&e))?;
        Ok(match &self.kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }
}

fn bad_key(error: &okta_client::KeyError) -> Problem {
    let text = error.to_string();
    let (what, todo) = text.split_once(". ").unwrap_or((&text, ""));
    Problem::new(
        Class::NoToken,
        "The private key can't be used.",
        crate::problem::sentence(what),
        crate::problem::sentence(todo),
    )
}

/// Signs that files and shells put around a text, and programs that write for people.
const QUOTES: [char; 7] = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'];

/// Catches what can't be a token before it is sent anywhere.
fn check_token(token: &SecretString) -> Result<(), Problem> {
    let text = token.expose_secret();
    let what = if text.is_empty() {
        "No API token was given."
    } else if text.starts_with("SSWS ") {
        "The API token starts with \u{201c}SSWS \u{201d}."
    } else if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        "The API token stands in quotes."
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        "The API token holds spaces or signs that no token has."
    } else {
        return Ok(());
    };
    Err(Problem::new(
        Class::NoToken,
        what,
        "A token is the value Okta shows once when it is created: 42 letters, digits, - and _.",
        "Copy the value alone, and give it by --token-stdin, --token-file or TRANSOM_TOKEN.",
    ))
}
