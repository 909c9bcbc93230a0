//! What a connection is to be known to Okta by, as forms ask for it: an API token, or a service app and its private key.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use transom_engine::connection::{AppKey, Credential};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// An API token.
    Token,
    /// A service app.
    App,
}

/// What stands in a form of it: never a secret.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub by_app: bool,
    pub client_id: String,
    /// Whether what was verified can be saved, so that the secret may stay empty.
    pub verified: bool,
    fault: Option<(&'static str, &'static str)>,
}

impl Choice {
    /// A token, or the service app of this client id.
    pub fn of(client_id: Option<&str>) -> Self {
        let by_app = client_id.is_some();
        Self { by_app, client_id: client_id.unwrap_or_default().to_string(), ..Self::default() }
    }

    /// The same, and whether what is verified can be saved.
    pub fn verified(self, verified: bool) -> Self {
        Self { verified, ..self }
    }

    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&'static str> {
        self.fault.filter(|(name, _)| *name == field).map(|(_, says)| says)
    }
}

/// What was typed of it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    by: Option<By>,
    #[serde(default)]
    key: SecretString,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    private_key: SecretString,
}

impl Typed {
    /// The form again, without the secret.
    pub fn choice(&self) -> Choice {
        let client_id = self.client_id.trim().chars().take(200).collect();
        Choice { by_app: self.by == Some(By::App), client_id, ..Choice::default() }
    }

    /// Whether it is of the same kind, and of the same service app where a client id is given, and brings no secret of its own.
    pub fn repeats(&self, client_id: Option<&str>) -> bool {
        match (self.by, client_id) {
            (None, _) | (Some(By::Token), None) => trimmed(&self.key).is_none(),
            (Some(By::App), Some(id)) => trimmed(&self.private_key).is_none() && self.client_id.trim() == id,
            _ => false,
        }
    }

    /// The credential that was typed.
    ///
    /// # Errors
    /// The form again, with what is missing, where something is.
    pub fn read(&self) -> Result<Credential, Choice> {
        let missing = |field, says| Err(Choice { fault: Some((field, says)), ..self.choice() });
        match self.by {
            None | Some(By::Token) => match trimmed(&self.key) {
                Some(token) => Ok(token.into()),
                None => missing("key", "Enter the API key: the token of step 4."),
            },
            Some(By::App) if self.client_id.trim().is_empty() => {
                missing("client_id", "Enter the client ID, which stands on the app's tab General in Okta.")
            }
            Some(By::App) => match trimmed(&self.private_key) {
                Some(key) => {
                    let client_id = self.client_id.trim().to_string();
                    Ok(Credential::ServiceApp(AppKey { client_id, key, kid: None }))
                }
                None => missing("private_key", "Enter the private key."),
            },
        }
    }
}

/// A secret without the white space around it, which copying brings along; nothing where there is none.
fn trimmed(secret: &SecretString) -> Option<SecretString> {
    let text = secret.expose_secret().trim();
    (!text.is_empty()).then(|| SecretString::from(text.to_string()))
}
