//! The fields of Settings › Sign-in: as they are typed, and what is wrong with them.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use transom_store::Provider;
use url::Url;

use crate::{Visit, oidc};

/// The most characters of a field.
pub(super) const LONGEST: usize = 500;
/// The most characters of the label, which stands on a button.
const LONGEST_LABEL: usize = 40;

#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    label: String,
    issuer: String,
    client_id: String,
    client_secret: SecretString,
    scopes: String,
    groups_claim: String,
    #[serde(default)]
    required: String,
}

impl Given {
    /// The secret, where one was entered.
    pub fn secret(&self) -> Option<SecretString> {
        let secret = self.client_secret.expose_secret().trim();
        (!secret.is_empty()).then(|| SecretString::from(secret))
    }
}

/// The fields as they are typed; never the secret.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub label: String,
    pub issuer: String,
    pub client_id: String,
    pub scopes: String,
    pub groups_claim: String,
    pub required: bool,
}

/// What is wrong with a field, in a sentence.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub label: Option<String>,
    pub issuer: Option<String>,
    pub client_id: Option<String>,
    pub secret: Option<String>,
    pub scopes: Option<String>,
    pub groups_claim: Option<String>,
    pub required: Option<String>,
}

impl Faults {
    /// Whether nothing is wrong.
    pub fn none(&self) -> bool {
        let all = [
            &self.label,
            &self.issuer,
            &self.client_id,
            &self.secret,
            &self.scopes,
            &self.groups_claim,
            &self.required,
        ];
        all.into_iter().all(Option::is_none)
    }
}

impl From<Provider> for Fields {
    fn from(provider: Provider) -> Self {
        let Provider { label, issuer, client_id, scopes, groups_claim, required, mappings: _ } = provider;
        Self { label, issuer, client_id, scopes, groups_claim, required }
    }
}

impl From<&Given> for Fields {
    fn from(given: &Given) -> Self {
        Self {
            label: given.label.trim().to_string(),
            issuer: given.issuer.trim().to_string(),
            client_id: given.client_id.trim().to_string(),
            scopes: given.scopes.split_whitespace().collect::<Vec<_>>().join(" "),
            groups_claim: given.groups_claim.trim().to_string(),
            required: given.required == "1",
        }
    }
}

/// What is wrong with the fields as they stand; the issuer is asked for itself.
pub(super) fn faults(fields: &Fields, secret: Option<&SecretString>) -> Faults {
    let one_word = |text: &str, example: &str| {
        let fits = !text.is_empty()
            && text.len() <= LONGEST
            && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        (!fits).then(|| format!("Expected one word of up to {LONGEST} characters, such as {example}."))
    };
    let label = fields.label.chars().count();
    let has_openid = fields.scopes.split(' ').any(|s| s == "openid");
    let fits = |secret: &&SecretString| {
        let text = secret.expose_secret();
        text.len() <= LONGEST && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    Faults {
        label: (label == 0 || label > LONGEST_LABEL)
            .then(|| format!("Expected up to {LONGEST_LABEL} characters, such as Okta. They stand on the button.")),
        client_id: one_word(&fields.client_id, "0oa1b2c3d4"),
        secret: secret.filter(|s| !fits(s)).map(|_| {
            format!("Expected one word of up to {LONGEST} characters. Copy the secret alone, as the provider shows it.")
        }),
        scopes: (!has_openid || fields.scopes.len() > LONGEST)
            .then(|| "Expected openid among words with spaces between, such as openid profile email groups.".to_string()),
        groups_claim: one_word(&fields.groups_claim, "groups"),
        ..Faults::default()
    }
}

/// The issuer as the provider that was typed writes it; a sentence where none answers.
pub(super) async fn asked(visit: &Visit, typed: &str) -> Result<String, String> {
    const EXPECTED: &str =
        "Expected an address such as https://acme.okta.com or https://acme.okta.com/oauth2/default.";
    let typed = if typed.contains("://") { typed.to_string() } else { format!("https://{typed}") };
    let url = Url::parse(&typed).map_err(|_| EXPECTED.to_string())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let by_tls = url.scheme() == "https" || !visit.site().secure && oidc::on_this_machine(&url);
    if url.host_str().is_none() || !plain || !by_tls || typed.len() > LONGEST {
        return Err(EXPECTED.to_string());
    }
    let bare = typed.trim_end_matches('/').trim_end_matches("/.well-known/openid-configuration");
    match oidc::discover(&visit.app, bare, true).await {
        Ok(_) => Ok(bare.to_string()),
        // Some write themselves with a slash at the end.
        Err(refusal) if refusal.word == "issuer" => {
            let with_slash = format!("{bare}/");
            oidc::discover(&visit.app, &with_slash, true)
                .await
                .map(|_| with_slash)
                .map_err(|_| refusal.line())
        }
        Err(refusal) => Err(refusal.line()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_names_what_was_expected() {
        let fields = |label: &str, client: &str, scopes: &str, claim: &str| Fields {
            label: label.into(),
            client_id: client.into(),
            scopes: scopes.into(),
            groups_claim: claim.into(),
            ..Fields::default()
        };
        let good = fields("Okta", "0oa1", "openid email", "groups");
        assert!(faults(&good, Some(&"s3cret".into())).none() && faults(&good, None).none());
        let bad = faults(&fields("", "0oa 1", "profile", ""), Some(&"two words".into()));
        assert!(bad.label.is_some_and(|f| f.contains("such as Okta")));
        assert!(bad.client_id.is_some_and(|f| f.contains("0oa")));
        assert!(bad.scopes.is_some_and(|f| f.contains("Expected openid")));
        assert!(bad.groups_claim.is_some() && bad.secret.is_some_and(|f| !f.contains("two words")));
    }
}
