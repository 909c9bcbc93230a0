//! Connect: from what a person typed to a verified connection. Nothing is stored before it is verified, and no
//! secret leaves before the host has shown that it is an Okta org.

use okta_client::{Client, Discovered, GovernorSettings, Origin};
use serde_json::{Value, json};
use transom_core::OrgId;
use transom_store::{NewCredential, NewOrg, Org};

use super::verify::{Owner, Verification, verify};
use super::{Credential, OwnerRoles, SYNC, find};
use crate::{Class, Engine, Problem};

/// What a person gives.
#[derive(Debug)]
pub struct Connect {
    /// The domain, in any form.
    pub domain: String,
    /// The org's own Okta host name, needed for custom domains that do not tell it.
    pub okta_host: Option<String>,
    /// What to call the connection; the org's name where absent.
    pub label: Option<String>,
    /// The API token, or the service app.
    pub credential: Credential,
}

/// A stored connection and what its verification found.
#[derive(Debug)]
pub struct Connected {
    /// The connection.
    pub org: Org,
    /// The verification.
    pub verification: Verification,
}

/// Where connecting or verifying is; shown while it runs.
#[derive(Debug, Clone)]
pub enum Step {
    /// How the domain was read: the origin, and notes on what was changed about it.
    Domain {
        /// The origin that will be called.
        origin: String,
        /// What was changed about the typed domain, in sentences.
        notes: Vec<String>,
    },
    /// The host is an Okta org.
    Found {
        /// Okta's id of the org.
        org_id: String,
        /// The only origin that the credential goes to: for a custom domain not the one that was given.
        origin: String,
        /// The engine it runs on.
        pipeline: String,
    },
    /// Verification begins.
    Verifying,
    /// Okta accepted the credential.
    Accepted {
        /// Whose it is, where that may be read.
        owner: Option<Owner>,
    },
    /// The roles of the token's owner, or the service app, were asked for.
    Roles(OwnerRoles),
    /// A data set was probed.
    Probed {
        /// What people call it.
        title: &'static str,
        /// How many data sets have been probed.
        done: usize,
        /// How many there are.
        all: usize,
    },
}

/// A connection that was verified and is not stored yet.
#[derive(Debug)]
pub struct Checked {
    found: Discovered,
    credential: Credential,
    label: Option<String>,
    /// What the verification found.
    pub verification: Verification,
}

impl Checked {
    /// Calls the connection so, once it is kept; by the org's name where the label is empty.
    pub fn call(&mut self, label: &str) {
        self.label = Some(label.trim().to_string()).filter(|label| !label.is_empty());
    }
}

impl Engine {
    /// Connects an org: normalises the domain, asks the host who it is, verifies the credential, stores the connection.
    ///
    /// # Errors
    /// One [`Problem`] that says what happened, why, and what to do; nothing is stored then.
    pub async fn connect(&self, given: Connect, step: &(dyn Fn(Step) + Sync)) -> Result<Connected, Problem> {
        let checked = self.check(given, step).await?;
        self.keep(&checked).await
    }

    /// The first half of [`Engine::connect`]: everything but storing it.
    ///
    /// # Errors
    /// As [`Engine::connect`].
    pub async fn check(&self, given: Connect, step: &(dyn Fn(Step) + Sync)) -> Result<Checked, Problem> {
        given.credential.check()?;
        let label = given.label.as_deref().map(str::trim).filter(|l| !l.is_empty());
        label.map_or(Ok(()), check_label)?;
        let host = given.okta_host.as_deref();
        let found = find(&given.domain, host, &self.http, self.allow_loopback, step).await?;
        self.not_yet_connected(&found, label).await?;
        let client = self.client(found.origin.clone(), &given.credential)?;
        step(Step::Verifying);
        let known = self.known(&found.org_id).await?;
        let verification = verify(&client, &found, &Value::Null, &known, step).await?;
        Ok(Checked { label: label.map(str::to_string), found, credential: given.credential, verification })
    }

    /// The second half of [`Engine::connect`]: stores what was verified. Where the credential is the service app that a set-up
    /// made in the org, the key that is sealed of the set-up is forgotten: the connection has one.
    ///
    /// # Errors
    /// [`Class::Name`] where the org or the label was connected meanwhile, and problems of the database. Nothing is stored then,
    /// and it can be tried again.
    pub async fn keep(&self, checked: &Checked) -> Result<Connected, Problem> {
        let Checked { found, credential, label, verification } = checked;
        self.not_yet_connected(found, label.as_deref()).await?;
        let label = match label {
            Some(label) => label.clone(),
            None => self.free_label(verification, found).await?,
        };
        let new = NewOrg {
            label,
            origin: found.origin.to_string(),
            okta_id: Some(found.org_id.clone()),
            simulator: found.origin.is_simulator(),
            settings: settings(verification, found),
        };
        let (kind, secret, meta) = credential.sealed(verification)?;
        let spends = self.setup_key_of(&found.org_id, credential).await?;
        let sealed = NewCredential { purpose: SYNC, kind, secret: &secret, meta, spends };
        let did = ("org.connect", json!({ "label": new.label, "origin": new.origin }));
        let org = self.store.connect_org(new, sealed, verification.state, &self.actor, did).await?;
        Ok(Connected { org, verification: verification.clone() })
    }

    /// Refuses a label or an org that is connected already, before anything is asked of Okta with the credential.
    async fn not_yet_connected(&self, found: &Discovered, label: Option<&str>) -> Result<(), Problem> {
        for org in self.store.orgs().await? {
            if label.is_some_and(|l| l.eq_ignore_ascii_case(&org.label)) {
                return Err(Problem::new(
                    Class::Name,
                    format!("The label {} is taken.", org.label),
                    format!("It names the connection to {}.", org.origin),
                    "Choose another --label, or rotate the credential of that connection.",
                ));
            }
            if org.okta_id.as_deref() == Some(&found.org_id) && !org.simulator {
                return Err(Problem::new(
                    Class::Name,
                    format!("This org is connected already, as {}.", org.label),
                    format!("Its Okta id is {}, the id of that connection's org.", found.org_id),
                    format!("To change its credential, run: transom org rotate '{}'", org.label),
                ));
            }
        }
        Ok(())
    }

    /// The org's own name as label, numbered where it is taken.
    async fn free_label(&self, verification: &Verification, found: &Discovered) -> Result<String, Problem> {
        let base =
            verification.org_name.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| found.origin.host());
        let taken: Vec<String> =
            self.store.orgs().await?.into_iter().map(|o| o.label.to_lowercase()).collect();
        let free = |label: &String| !taken.contains(&label.to_lowercase());
        let numbered = (2..).map(|n| format!("{base} {n}"));
        Ok(std::iter::once(base.clone()).chain(numbered).find(free).unwrap_or(base))
    }

    /// A client for `origin` with a credential.
    pub(crate) fn client(&self, origin: Origin, credential: &Credential) -> Result<Client, Problem> {
        let client = credential.give(Client::builder(origin))?;
        Ok(client.http(self.http.clone()).build()?)
    }

    /// The client of a stored connection, with its sealed credential.
    ///
    /// # Errors
    /// A connection without credential, or whose stored origin is not one.
    pub(crate) async fn client_of(&self, org: &Org) -> Result<Client, Problem> {
        self.client_with(org, governor(org)).await
    }

    /// The same, whatever share of the limits somebody has set: for the hundred calls of a verification, which a person
    /// waits for.
    ///
    /// # Errors
    /// As [`Self::client_of`].
    pub(super) async fn client_unshared(&self, org: &Org) -> Result<Client, Problem> {
        self.client_with(org, GovernorSettings::default()).await
    }

    async fn client_with(&self, org: &Org, governor: GovernorSettings) -> Result<Client, Problem> {
        let Some(credential) = self.store.credential(org.id, SYNC).await? else {
            return Err(Problem::new(
                Class::State,
                format!("{} is not connected.", org.label),
                "It has no credential: it was disconnected and its data kept.",
                format!("Give it one: transom org rotate '{}'", org.label),
            ));
        };
        let origin = self.origin_of(org)?;
        let client = Credential::unsealed(credential).give(Client::builder(origin))?;
        Ok(client.http(self.http.clone()).governor(governor).build()?)
    }

    /// The stored origin of a connection; a simulator only where loopback is allowed.
    pub(crate) fn origin_of(&self, org: &Org) -> Result<Origin, Problem> {
        let origin = Origin::stored(&org.origin).map_err(okta_client::Error::from)?;
        if origin.is_simulator() && !self.allow_loopback {
            return Err(Problem::new(
                Class::State,
                format!("{} is a simulator.", org.label),
                "Simulators are called only by `transom demo`, or where TRANSOM_ALLOW_LOOPBACK=1 is set.",
                "Set TRANSOM_ALLOW_LOOPBACK=1 if the simulator is running, or disconnect it.",
            ));
        }
        Ok(origin)
    }

    /// The proxy that calls for this connection go through, for people; never its password.
    pub fn proxy_of(&self, org: &Org) -> Option<String> {
        let client = Client::builder(self.origin_of(org).ok()?).http(self.http.clone()).build().ok()?;
        client.proxy().map(ToString::to_string)
    }

    /// Writes an audit row in this engine's actor's name.
    pub(crate) async fn audit(&self, org: Option<OrgId>, action: &str, detail: Value) -> Result<(), Problem> {
        // The store writes the chain's new head to the log.
        self.store.audit(org, &self.actor, action, detail).await?;
        Ok(())
    }
}

/// What is kept of a verification beside the connection.
pub(super) fn settings(verification: &Verification, found: &Discovered) -> Value {
    json!({
        "verification": verification,
        "custom_domain": found.custom_domain,
        "cell": found.cell,
    })
}

/// How much of Okta's limits the calls for a connection may use.
pub(crate) fn governor(org: &Org) -> GovernorSettings {
    let usual = GovernorSettings::default();
    GovernorSettings { share: share(org).unwrap_or(usual.share), ..usual }
}

/// The part of each rate limit, 0–1, that somebody has set for a connection; `None` where nobody has.
pub fn share(org: &Org) -> Option<f64> {
    org.settings.get(SHARE)?.as_f64().filter(|share| (0.0..=1.0).contains(share))
}

/// The least share that can be set. Below it a minute's calls come to nothing, and a sync to no end.
pub const LEAST_SHARE: f64 = 0.01;

/// Where a connection's share stands in its settings.
pub(super) const SHARE: &str = "share";

/// The most characters of a label.
const LONGEST_LABEL: usize = 80;

/// Refuses what would not be a name for people.
pub(super) fn check_label(label: &str) -> Result<(), Problem> {
    if !label.is_empty() && label.chars().count() <= LONGEST_LABEL && !label.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Problem::new(
        Class::Name,
        "This can't be a label.",
        format!("Expected 1 to {LONGEST_LABEL} characters on one line."),
        "Choose a short name, such as Production.",
    ))
}
