//! What a connection is to be known to Okta by, as bodies carry it: a token, or a service app and its key.

use secrecy::{ExposeSecret, SecretString};
use transom_engine::connection::{AppKey, Credential};

use crate::Error;

/// The fields of a body that carry a credential. They stand in the body itself.
#[derive(Debug)]
pub(super) struct Fields {
    pub token: Option<SecretString>,
    pub client_id: Option<String>,
    pub private_key: Option<SecretString>,
    pub key_id: Option<String>,
}

impl Fields {
    /// The one credential that they are.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for none, for two, and for half of one; it names the field.
    pub fn credential(self) -> Result<Credential, Error> {
        let wrong = |why: &str| Err(Error::Unreadable(format!("{why} {EXPECTED}")));
        match (self.token, self.client_id, self.private_key) {
            (Some(_), Some(_), _) => wrong("client_id: there is a token as well."),
            (Some(_), None, Some(_)) => wrong("private_key: there is a token as well."),
            (Some(_), None, None) if self.key_id.is_some() => wrong("key_id: a token has no key."),
            (Some(token), None, None) => Ok(token.into()),
            (None, Some(_), None) => wrong("private_key: it is missing."),
            (None, None, Some(_)) => wrong("client_id: it is missing."),
            (None, None, None) => wrong("token: it is missing, and so is client_id."),
            (None, Some(id), Some(_)) if id.trim().is_empty() => wrong("client_id: it is empty."),
            (None, Some(_), Some(key)) if key.expose_secret().trim().is_empty() => {
                wrong("private_key: it is empty.")
            }
            (None, Some(client_id), Some(key)) => {
                let client_id = client_id.trim().to_string();
                Ok(Credential::ServiceApp(AppKey { client_id, key, kid: self.key_id }))
            }
        }
    }
}

const EXPECTED: &str = "Expected either token, or client_id and private_key (PEM or a JWK) of a service app.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_credential_and_all_of_it() {
        let fields = |given: [Option<&str>; 4]| {
            let [token, client_id, private_key, key_id] = given.map(|text| text.map(str::to_owned));
            let (token, private_key) = (token.map(SecretString::from), private_key.map(SecretString::from));
            Fields { token, client_id, private_key, key_id }.credential()
        };
        let some = Some("x");
        assert!(matches!(fields([some, None, None, None]), Ok(Credential::Token(_))));
        assert!(matches!(fields([None, some, some, None]), Ok(Credential::ServiceApp(_))));
        let Ok(Credential::ServiceApp(app)) = fields([None, Some(" 0oa1 "), some, some]) else {
            panic!("an app")
        };
        assert_eq!((app.client_id.as_str(), app.kid.as_deref()), ("0oa1", some));
        for (given, field) in [
            ([None; 4], "token:"),
            ([some, some, some, None], "client_id:"),
            ([some, some, None, None], "client_id:"),
            ([some, None, some, None], "private_key:"),
            ([some, None, None, some], "key_id:"),
            ([None, some, None, None], "private_key:"),
            ([None, None, some, None], "client_id:"),
            ([None, Some(" "), some, None], "client_id:"),
            ([None, some, Some("\n"), None], "private_key:"),
        ] {
            let Err(Error::Unreadable(why)) = fields(given) else { panic!("{given:?} is none") };
            assert!(why.starts_with(field) && why.contains("Expected either"), "{given:?}: {why}");
        }
    }
}
