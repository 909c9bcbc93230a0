//! Who is on the way to the provider and back: short-lived, single use, and bound to the browser that set out.

use secrecy::{ExposeSecret, SecretString};
use transom_core::Millis;

use super::opaque;
use crate::{Result, Store, query::sql};

/// How long a person may take to sign in at the provider.
const LASTS: Millis = 10 * 60 * 1_000;

/// Why somebody set out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in here.
    SignIn,
    /// To link their account here to who they are there.
    Link,
    /// To see whether what an owner set works.
    Test,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Link => "link",
            Self::Test => "test",
        }
    }
}

/// What was kept of somebody who set out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcState {
    /// Why.
    pub purpose: Purpose,
    /// To which provider.
    pub issuer: String,
    /// Where to afterwards.
    pub next: String,
}

/// Who comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Return {
    /// Somebody who set out from this browser; not again with the same state.
    Welcome(OidcState),
    /// The state was given to another browser. There it still holds.
    OtherBrowser,
    /// Nobody was given this state, or it is used up or too old.
    Unknown,
}

impl Store {
    /// Notes that somebody sets out from the browser that `visit` is a secret of; returns the state to come back with.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn set_out(&self, state: &OidcState, visit: &str) -> Result<SecretString> {
        let token = opaque::fresh("")?;
        let now = self.now();
        let mut tx = self.begin().await?;
        sql("DELETE FROM oidc_state WHERE expires < $1").int(now).execute(&mut tx).await?;
        sql("INSERT INTO oidc_state(state, visit, purpose, issuer, next, expires) VALUES ($1, $2, $3, $4, $5, $6)")
            .blob(&opaque::digest(token.expose_secret()))
            .blob(&opaque::digest(visit))
            .text(state.purpose.as_str())
            .text(&state.issuer)
            .text(&state.next)
            .int(now + LASTS)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Takes back the state that somebody comes with, from the browser that `visit` is a secret of.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn come_back(&self, token: &str, visit: &str) -> Result<Return> {
        let digest = opaque::digest(token);
        let mut tx = self.begin().await?;
        let row: Option<(String, String, String)> =
            sql("DELETE FROM oidc_state WHERE state = $1 AND visit = $2 \
             AND expires > $3 RETURNING purpose, issuer, next")
            .blob(&digest)
            .blob(&opaque::digest(visit))
            .int(self.now())
            .optional(&mut tx)
            .await?;
        if let Some((purpose, issuer, next)) = row {
            tx.commit().await?;
            let all = [Purpose::SignIn, Purpose::Link, Purpose::Test];
            let purpose = all.into_iter().find(|p| p.as_str() == purpose).unwrap_or(Purpose::Test);
            return Ok(Return::Welcome(OidcState { purpose, issuer, next }));
        }
        let elsewhere: Option<(String,)> =
            sql("SELECT purpose FROM oidc_state WHERE state = $1 AND expires > $2")
                .blob(&digest)
                .int(self.now())
                .optional(&mut tx)
                .await?;
        Ok(if elsewhere.is_some() { Return::OtherBrowser } else { Return::Unknown })
    }
}
