//! `transom org`: connect, verify, list, show, rotate, limit, pause, resume, disconnect.

use clap::{Args, Subcommand, ValueEnum};
use secrecy::SecretString;
use serde_json::{Value, json};
use transom_core::ConnectionState;
use transom_engine::Engine;
use transom_engine::connection::{Connect, Data, LEAST_SHARE, Rotated, Rotation, Step, by_app, share};
use transom_engine::entity::app_secret;
use transom_store::Org;

use super::verification::{Rows, told};
use crate::out::{DONE, Failure, Out, PARTIAL, time};
use crate::secret::CredentialArgs;

#[derive(Debug, Args)]
pub struct OrgCommand {
    #[command(subcommand)]
    pub(super) command: Sub,
}

#[derive(Debug, Subcommand)]
pub(super) enum Sub {
    /// Connect an org: check the domain, verify the token or the service app, store the connection.
    Connect {
        /// The Okta domain in any form: acme, acme.okta.com, https://acme-admin.okta.com/admin/…
        #[arg(long)]
        domain: String,
        /// The org's own Okta address, where the domain is a custom one that does not tell it.
        #[arg(long, value_name = "HOST")]
        okta_host: Option<String>,
        /// What to call the connection [default: the org's name].
        #[arg(long)]
        label: Option<String>,
        #[command(flatten)]
        credential: CredentialArgs,
        /// Show every data set on a line of its own, also those that can simply be read.
        #[arg(long)]
        all: bool,
    },
    /// Verify a connection again: credential, roles, every data set.
    Verify {
        /// The connection's label.
        label: String,
        /// Show every data set on a line of its own, also those that can simply be read.
        #[arg(long)]
        all: bool,
    },
    /// List the connections.
    List,
    /// Show a connection and what its last verification found.
    Show {
        /// The connection's label.
        label: String,
        /// Show every data set on a line of its own, also those that can simply be read.
        #[arg(long)]
        all: bool,
    },
    /// Replace a connection's token, or service app, by a new one that was verified first.
    Rotate {
        /// The connection's label.
        label: String,
        #[command(flatten)]
        credential: CredentialArgs,
        /// Revoke the old token in Okta afterwards.
        #[arg(long)]
        revoke_old: bool,
        /// Take the new one although it reads less than the old one did, or may do so: without this it is refused, and
        /// what would be lost is named.
        #[arg(long)]
        accept_less: bool,
    },
    /// Allow, or no longer allow, to read what is not read unasked.
    Set {
        /// The connection's label.
        label: String,
        /// Ages of client secrets: Okta's answer holds the secrets in clear; they are dropped on arrival.
        #[arg(long, value_name = "on|off")]
        client_secret_ages: Switch,
    },
    /// Set how much of each of Okta's rate limits this connection may use.
    Limit {
        /// The connection's label.
        label: String,
        /// A part of what Okta allows the credential, such as 50%; 100% for all of it. The governor's reserve stays in any
        /// case.
        #[arg(long, value_name = "PERCENT", value_parser = percent)]
        share: f64,
    },
    /// Stop calling Okta for this connection until it is resumed.
    Pause {
        /// The connection's label.
        label: String,
    },
    /// Resume a paused connection.
    Resume {
        /// The connection's label.
        label: String,
    },
    /// Forget a connection's token; revoke it in Okta and delete the data if asked.
    Disconnect {
        /// The connection's label.
        label: String,
        /// Revoke the token in Okta.
        #[arg(long)]
        revoke: bool,
        /// Keep the copy of the org readable.
        #[arg(long, conflicts_with = "delete_data")]
        keep_data: bool,
        /// Delete the copy of the org.
        #[arg(long)]
        delete_data: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    /// Allowed.
    On,
    /// Not allowed.
    Off,
}

impl OrgCommand {
    /// Whether it begins a copy, where others need one that is there.
    pub fn begins(&self) -> bool {
        matches!(self.command, Sub::Connect { .. })
    }

    /// Runs it; `given` is the token from the environment.
    pub async fn run(self, engine: &Engine, out: Out, given: Option<SecretString>) -> Result<u8, Failure> {
        match self.command {
            Sub::Connect { domain, okta_host, label, credential, all } => {
                let credential = credential.read(given)?;
                connect(engine, Connect { domain, okta_host, label, credential }, Rows::of(all), out).await
            }
            Sub::Verify { label, all } => {
                let org = engine.store.org_named(&label).await?;
                let verification = engine.verify(&org).await?;
                Ok(told(out, &engine.store.org(org.id).await?, &verification, Rows::of(all)))
            }
            Sub::List => list(engine, out).await,
            Sub::Show { label, all } => {
                show(engine, out, &engine.store.org_named(&label).await?, Rows::of(all)).await
            }
            Sub::Rotate { label, credential, revoke_old, accept_less } => {
                let org = engine.store.org_named(&label).await?;
                let how = Rotation { revoke_old, accept_less: accept_less.into() };
                let done = engine.rotate(&org, credential.read(given)?, how).await?;
                rotated(engine, &org, &done, out).await
            }
            Sub::Set { label, client_secret_ages } => {
                let org = engine.store.org_named(&label).await?;
                set(engine, &org, client_secret_ages == Switch::On, out).await
            }
            Sub::Limit { label, share } => {
                let org = engine.store.org_named(&label).await?;
                engine.set_share(&org, Some(share).filter(|share| *share < 1.0)).await?;
                state(out, &engine.store.org(org.id).await?)
            }
            Sub::Pause { label } => {
                let org = engine.store.org_named(&label).await?;
                engine.pause(&org).await?;
                state(out, &engine.store.org(org.id).await?)
            }
            Sub::Resume { label } => {
                let org = engine.store.org_named(&label).await?;
                let verification = engine.resume(&org).await?;
                Ok(told(out, &engine.store.org(org.id).await?, &verification, Rows::Folded))
            }
            Sub::Disconnect { label, revoke, keep_data, delete_data, yes } => {
                let org = engine.store.org_named(&label).await?;
                let data = match (keep_data, delete_data) {
                    (_, true) => Data::Delete,
                    (true, false) => Data::Keep,
                    (false, false) => {
                        return Err(Failure::Usage(
                            "What becomes of the copy of the org? Say --keep-data or --delete-data."
                                .to_string(),
                        ));
                    }
                };
                let question = format!("Disconnect {} and {} its data?", org.label, word(data));
                if !yes && !super::confirm(&question, "--yes")? {
                    return Ok(DONE);
                }
                disconnect(engine, &org, revoke, data, out).await
            }
        }
    }
}

/// Opts in to the ages of client secrets, or out of them.
async fn set(engine: &Engine, org: &Org, yes: bool, out: Out) -> Result<u8, Failure> {
    let org = engine.opt_in(org, &app_secret::DATASET, yes).await?;
    if out.is_json() {
        out.json(&json!({ "org": row(&org), "client_secret_ages": yes }));
        return Ok(DONE);
    }
    out.prose(
        if yes {
            format!(
                "{}: the next sync reads the ages of client secrets. The secrets are dropped on arrival.",
                org.label
            )
        } else {
            format!("{}: ages of client secrets are no longer read. Those read before are kept.", org.label)
        },
        2,
    );
    Ok(DONE)
}

/// What a rotation changed: whose token it is now, and what became of the old one.
async fn rotated(engine: &Engine, before: &Org, done: &Rotated, out: Out) -> Result<u8, Failure> {
    let org = engine.store.org(before.id).await?;
    let Rotated { verification: v, revoked_old, revoke_problem } = done;
    let whole = v.state == ConnectionState::Connected && revoke_problem.is_none();
    let code = if whole { DONE } else { PARTIAL };
    let was = before.settings.pointer("/verification/owner/login").and_then(Value::as_str);
    let is = v.owner.as_ref().map(|o| o.login.as_str());
    if out.is_json() {
        out.json(&json!({ "org": row(&org), "verification": v, "old_token_revoked": revoked_old,
                          "revoke_problem": revoke_problem, "owner_before": was }));
        return Ok(code);
    }
    told(out, &org, v, Rows::Folded);
    out.line("");
    if was != is {
        let name = |login: Option<&str>| login.unwrap_or("not readable").to_string();
        let what = if v.app.is_some() || by_app(before) {
            "Who reads has changed"
        } else {
            "The token belongs to somebody else now"
        };
        out.prose(format!("{what}: {} → {}.", name(was), name(is)), 2);
    }
    out.prose(
        match revoke_problem {
            Some(p) => format!("{p} {}", p.todo),
            None if *revoked_old => "Okta revoked the old token.".to_string(),
            None if by_app(before) => {
                "The old key still works; deactivate it in the Admin Console on its app's page.".to_string()
            }
            None => "The old token was not revoked and works until it lapses; revoke it under Security > API > Tokens."
                .to_string(),
        },
        2,
    );
    Ok(code)
}

/// `50%` or `50` as a share of 1.
fn percent(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim().trim_end_matches('%').trim_end().parse().ok();
    match number.filter(|n| (LEAST_SHARE * 100.0..=100.0).contains(n)) {
        Some(n) => Ok(n / 100.0),
        None => Err("expected at least 1% and at most 100%, such as 50%".to_string()),
    }
}

fn word(data: Data) -> &'static str {
    match data {
        Data::Keep => "keep",
        Data::Delete => "delete",
    }
}

async fn connect(engine: &Engine, given: Connect, rows: Rows, out: Out) -> Result<u8, Failure> {
    let connected = engine.connect(given, &move |step| told_step(out, step)).await?;
    Ok(told(out, &connected.org, &connected.verification, rows))
}

/// Steps of connecting, as they happen.
pub fn told_step(out: Out, step: Step) {
    if out.is_json() {
        return;
    }
    match step {
        Step::Domain { origin, notes } => {
            out.note(format!("Domain      {origin}"));
            for note in notes {
                out.note(format!("            {note}"));
            }
        }
        Step::Found { org_id, origin, pipeline } => {
            out.note(format!("Okta org    {org_id} · {pipeline}"));
            out.note(format!("            at {origin}; the credential goes nowhere else"));
        }
        Step::Verifying => out.note("Verifying   credential, roles, one probe per data set …"),
        // It takes seconds: what was found stands in the answer.
        Step::Accepted { .. } | Step::Roles(_) | Step::Probed { .. } => {}
    }
}

async fn list(engine: &Engine, out: Out) -> Result<u8, Failure> {
    let orgs = engine.store.orgs().await?;
    if out.is_json() {
        out.json(&orgs.iter().map(row).collect::<Vec<_>>());
        return Ok(DONE);
    }
    if orgs.is_empty() {
        out.line("No org is connected. Connect one: transom org connect --domain acme.okta.com");
        return Ok(DONE);
    }
    let rows = orgs.iter().map(|o| {
        // The first sentence; `status` and `org show` have the rest.
        let why = o.state_reason.split_once(". ").map_or(o.state_reason.as_str(), |(first, _)| first);
        vec![o.label.clone(), o.origin.clone(), label(o), time(Some(o.state_at)), why.to_string()]
    });
    out.table(&["Label", "Address", "State", "Since", "Why"], rows);
    Ok(DONE)
}

/// The state, and that it is a simulator where it is one.
pub fn label(org: &Org) -> String {
    let simulator = if org.simulator { " · Simulator" } else { "" };
    format!("{}{simulator}", org.state.label())
}

async fn show(engine: &Engine, out: Out, org: &Org, rows: Rows) -> Result<u8, Failure> {
    let kept = engine.verification(org).await?;
    if out.is_json() {
        out.json(&json!({ "org": row(org), "verification": kept }));
        return Ok(DONE);
    }
    match kept {
        Some(v) => {
            told(out, org, &v, rows);
        }
        None => {
            state(out, org)?;
        }
    }
    if !org.state_reason.is_empty() {
        out.line("");
        out.prose(&org.state_reason, 0);
    }
    Ok(DONE)
}

fn state(out: Out, org: &Org) -> Result<u8, Failure> {
    if out.is_json() {
        out.json(&row(org));
    } else {
        out.line(format!("{}  {}", org.label, label(org)));
        if let Some(share) = share(org) {
            out.line(format!("  Uses at most {:.0} % of each of Okta's rate limits.", share * 100.0));
        }
    }
    Ok(DONE)
}

/// A connection as programs read it; nothing of its credential.
pub fn row(org: &Org) -> Value {
    json!({
        "label": org.label, "origin": org.origin, "okta_id": org.okta_id, "simulator": org.simulator,
        "state": org.state, "state_reason": org.state_reason, "state_at": org.state_at, "created": org.created,
        "share": share(org),
    })
}

/// Said where a service app is disconnected: no client may change its own keys.
pub(super) const KEY_WORKS_ON: &str = "The service app's key still works in Okta; deactivate it, or the app, in the Admin Console under Applications.";

/// Said where a connection was disconnected before.
pub(super) const NOTHING_HELD: &str = "Its credential was forgotten before.";

async fn disconnect(engine: &Engine, org: &Org, revoke: bool, data: Data, out: Out) -> Result<u8, Failure> {
    let done = engine.disconnect(org, revoke, data).await?;
    let code = if done.revoke_problem.is_some() { PARTIAL } else { DONE };
    if out.is_json() {
        out.json(&done);
        return Ok(code);
    }
    let kept = match data {
        Data::Keep => "Its data is kept.",
        Data::Delete => "Its data is deleted.",
    };
    let token = match (done.revoked, &done.revoke_problem) {
        _ if !done.held => NOTHING_HELD.to_string(),
        _ if by_app(org) => KEY_WORKS_ON.to_string(),
        (Some(true), _) => "Okta revoked the token.".to_string(),
        (_, Some(p)) => {
            format!("The token could not be revoked: {p} Revoke it under Security > API > Tokens.")
        }
        _ => "The token still works in Okta; revoke it under Security > API > Tokens.".to_string(),
    };
    out.prose(format!("{} is disconnected. {kept} {token}", org.label), 2);
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn shares_are_told_in_percent() {
        assert_eq!(percent("50%"), Ok(0.5));
        assert_eq!(percent("12.5 %"), Ok(0.125));
        assert_eq!(percent("100"), Ok(1.0));
        for wrong in ["0%", "101%", "-5", "half", "", "NaN"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
