//! What every face of a set-up does, the command line and the web alike: it starts the program as a worker, gives leave, and
//! keeps what came of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::child::{Job, Outcome, Worker};
use super::key::KeyPair;
use super::plan::{Plan, Wanted};
use super::record::{Made, Record, Thing};
use crate::{Class, Engine, Problem};

/// The program that is started as a worker.
#[derive(Debug, Clone)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// What it logs.
    pub log: String,
}

impl Program {
    /// This program, as it was started: a file that was replaced meanwhile is another program.
    ///
    /// # Errors
    /// When the system does not tell where it is.
    pub fn itself(log: &str) -> std::io::Result<Self> {
        let path = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
        Ok(Self { path, log: log.to_string() })
    }

    /// Starts it as a worker with its job and its secrets.
    ///
    /// # Errors
    /// As [`Worker::start`].
    pub async fn work(
        &self,
        job: &Job,
        token: &SecretString,
        password: Option<&SecretString>,
    ) -> Result<Worker, Problem> {
        Worker::start(&self.path, &self.log, job, token, password).await
    }
}

impl Record {
    /// Gives the set-up a mark, unless it has one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn mark(&mut self) -> Result<(), Problem> {
        if self.mark.is_empty() {
            let random = transom_store::fresh_secret()?;
            let letters = random.expose_secret().chars().filter(char::is_ascii_alphanumeric);
            self.mark = letters.take(10).collect();
        }
        Ok(())
    }
}

/// A password that the usual policies take: long, with letters of both cases, digits and a sign.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh_password() -> Result<SecretString, Problem> {
    let random = transom_store::fresh_secret()?;
    let text: String = random.expose_secret().chars().take(32).collect();
    Ok(SecretString::from(format!("{text}-aZ9")))
}

impl Engine {
    /// Gives a worker leave to carry `plan` out, once it is kept what is begun, and the key `pair` of a service app to be is
    /// sealed.
    ///
    /// # Errors
    /// [`Class::State`] where somebody else has set the org up since `record` was read: theirs would be forgotten.
    pub async fn agree_to_setup(
        &self,
        worker: &mut Worker,
        record: &mut Record,
        wanted: &Wanted,
        plan: &Plan,
        pair: Option<&KeyPair>,
    ) -> Result<(), Problem> {
        let kept = self.setup_record(&plan.org_id).await?;
        let elsewhere = || {
            Problem::new(
                Class::State,
                "The set-up of this org has gone on elsewhere.",
                "Something was made or removed since the plan was shown. Nothing was changed by this one.",
                "Run it again, and look at the new plan.",
            )
        };
        if !kept.mark.is_empty() && kept != *record {
            return Err(elsewhere());
        }
        // Of two that come here at once, one finds the key of the other.
        if let Some(pair) = pair
            && !self.seal_setup_key(&plan.org_id, pair).await?
        {
            return Err(elsewhere());
        }
        record.begin(String::new(), wanted, plan);
        let verdicts: Vec<_> =
            plan.items.iter().map(|i| json!({ "thing": i.thing, "verdict": i.verdict })).collect();
        let detail =
            json!({ "names": record.names, "with": record.with, "by": plan.caller, "plan": verdicts });
        self.keep_setup(&plan.org_id, record, "apply", detail).await?;
        worker.go(record).await
    }

    /// Keeps what a worker's last word is, with its line of the audit log: `before` is what there was before it began. What
    /// was taken down whole is forgotten.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn end_setup(
        &self,
        job: &Job,
        record: &mut Record,
        before: &BTreeMap<Thing, Made>,
        outcome: &Outcome,
    ) -> Result<(), Problem> {
        match outcome {
            Outcome::Planned(_) => Ok(()),
            Outcome::Applied { token, .. } => {
                let revoked = !job.keep_token && token.is_none();
                let detail = json!({ "made": record.made, "token_revoked": revoked });
                self.keep_setup(&job.org_id, record, "applied", detail).await
            }
            Outcome::Torn { torn, .. } => {
                if torn.left.iter().all(|left| left.thing != Thing::App) {
                    self.forget_setup_key(&job.org_id).await?;
                }
                if torn.left.is_empty() {
                    *record = Record::default();
                }
                let gone = |thing: &Thing| torn.left.iter().all(|left| left.thing != *thing);
                let removed: Vec<_> = before.iter().filter(|(thing, _)| gone(thing)).collect();
                let detail = json!({ "removed": removed, "left": torn.left });
                self.keep_setup(&job.org_id, record, "torn_down", detail).await
            }
        }
    }
}
