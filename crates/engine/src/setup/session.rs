//! A session with an org under a one-time token: it plans, carries out, takes down, and ends by revoking the token.

use okta_client::{Client, Discovered, HttpOptions, Origin, api, discover_at};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::look::{Seen, look, told};
use super::plan::{Plan, Wanted, plan};
use super::record::{Made, Record, Thing};
use crate::{Class, Problem};

/// What happens in a session, as it happens. None of it is secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The org was compared with what is wanted.
    Planned {
        /// The difference.
        plan: Box<Plan>,
    },
    /// A call that makes, changes or removes this is about to leave.
    Writing {
        /// Which.
        thing: Thing,
    },
    /// It is there, as wanted.
    Made {
        /// Which.
        thing: Thing,
        /// What is to be recorded of it.
        made: Made,
    },
    /// Okta is at work on it.
    Waiting {
        /// Which.
        thing: Thing,
    },
    /// It is gone.
    Removed {
        /// Which.
        thing: Thing,
        /// Okta's id of it.
        id: String,
    },
    /// The one-time token was revoked.
    Revoked,
}

/// Told of each event.
pub(crate) type Listener<'a> = &'a mut (dyn FnMut(Event) + Send);

/// A session with an org.
#[derive(Debug)]
pub struct Session {
    pub(super) client: Client,
    pub(super) found: Discovered,
}

impl Session {
    /// Asks the host once more who it is, before the token leaves: `org_id` is the org that it has to be.
    ///
    /// # Errors
    /// Problems of reaching it; [`Class::NotOkta`] where it is another org.
    pub async fn open(
        origin: Origin,
        org_id: &str,
        http: &HttpOptions,
        token: SecretString,
    ) -> Result<Self, Problem> {
        let found = discover_at(origin, http).await?;
        if found.org_id != org_id {
            return Err(Problem::new(
                Class::NotOkta,
                "This is another org than a moment ago.",
                format!("It shows the id {}, not {org_id}. No secret was sent.", found.org_id),
                "Check the domain, and what stands between.",
            ));
        }
        let client = Client::builder(found.origin.clone()).token(token).http(http.clone()).build()?;
        Ok(Self { client, found })
    }

    /// A session by a client that there is already.
    pub fn with(client: Client, found: Discovered) -> Self {
        Self { client, found }
    }

    /// Compares the org with what is wanted; reads only.
    ///
    /// # Errors
    /// What a call can fail with.
    pub async fn plan(&self, wanted: &Wanted, record: &Record) -> Result<Plan, Problem> {
        Ok(plan(&self.look(wanted, record).await?, wanted, record))
    }

    pub(super) async fn look(&self, wanted: &Wanted, record: &Record) -> Result<Seen, Problem> {
        look(&self.client, &self.found, &wanted.names, wanted.app_key.as_ref(), record).await
    }

    /// Revokes the token of the session.
    ///
    /// # Errors
    /// What a call can fail with; a token that is revoked already is no error.
    pub async fn revoke(&self) -> Result<(), Problem> {
        match api::api_token::revoke_current(&self.client).await {
            Ok(_) | Err(okta_client::Error::TokenRejected(_)) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }
}
