//! `transom org … --server`.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use transom_core::{ConnectionState, CoverageState};
use transom_engine::connection::Credential;
use transom_server::api::org::{Connected, Disconnected, Org};
use transom_server::api::verification::{Rotated, Verification};

use super::server::Server;
use crate::cli::confirm;
use crate::cli::coverage::{coverage_table, explain, mark, without};
use crate::cli::finding::finding;
use crate::cli::org::{KEY_WORKS_ON, NOTHING_HELD, OrgCommand, Sub, Switch};
use crate::out::{DONE, Failure, Out, PARTIAL, counted, time};

impl OrgCommand {
    /// Runs it on a server; `given` is Okta's token from the environment.
    pub(super) async fn remote(
        self,
        server: &Server,
        out: Out,
        given: Option<SecretString>,
    ) -> Result<u8, Failure> {
        match self.command {
            Sub::Connect { domain, okta_host, label, credential, all } => {
                let mut new = fields(&credential.read(given)?);
                (new["domain"], new["okta_host"], new["label"]) =
                    (json!(domain), json!(okta_host), json!(label));
                let answer = server.ask(Method::POST, "/api/v1/orgs", Some(&new)).await?;
                let made: Connected = server.read(&answer)?;
                Ok(told(out, &answer, &made.org, Some(&made.verification), all))
            }
            Sub::List => list(server, out).await,
            Sub::Show { label, all } => {
                let org = server.org(Some(&label)).await?;
                let answer = server.get(&at(&org, "/verification")).await?;
                let found: Option<Verification> = server.read(&answer)?;
                Ok(told(out, &json!({ "org": org, "verification": answer }), &org, found.as_ref(), all))
            }
            Sub::Verify { label, all } => {
                let org = server.org(Some(&label)).await?;
                let answer = server.ask(Method::POST, &at(&org, "/verification"), None).await?;
                let found: Verification = server.read(&answer)?;
                Ok(told(out, &answer, &org, Some(&found), all))
            }
            Sub::Rotate { label, credential, revoke_old, accept_less } => {
                let org = server.org(Some(&label)).await?;
                let mut new = fields(&credential.read(given)?);
                (new["revoke_old"], new["accept_less"]) = (json!(revoke_old), json!(accept_less));
                let answer = server.ask(Method::PUT, &at(&org, "/credential"), Some(&new)).await?;
                let done: Rotated = server.read(&answer)?;
                let code = told(out, &answer, &org, Some(&done.verification), false);
                let Some(problem) = done.revoke_problem else { return Ok(code) };
                if !out.is_json() {
                    out.prose(problem, 2);
                }
                Ok(PARTIAL)
            }
            Sub::Limit { label, share } => change(server, out, &label, &json!({ "share": share })).await,
            Sub::Pause { label } => change(server, out, &label, &json!({ "paused": true })).await,
            Sub::Resume { label } => change(server, out, &label, &json!({ "paused": false })).await,
            Sub::Set { client_secret_ages: Switch::On | Switch::Off, .. } => Err(Failure::Usage(
                "What is read unasked is decided where the database is: run this without --server there."
                    .to_string(),
            )),
            Sub::Disconnect { label, revoke, keep_data, delete_data, yes } => {
                let data = match (keep_data, delete_data) {
                    (_, true) => "delete",
                    (true, false) => "keep",
                    (false, false) => {
                        let ask = "What becomes of the copy of the org? Say --keep-data or --delete-data.";
                        return Err(Failure::Usage(ask.to_string()));
                    }
                };
                let org = server.org(Some(&label)).await?;
                if !yes && !confirm(&format!("Disconnect {} and {data} its data?", org.label), "--yes")? {
                    return Ok(DONE);
                }
                let path = at(&org, &format!("?data={data}&revoke={revoke}"));
                disconnected(server, out, &org, &server.ask(Method::DELETE, &path, None).await?)
            }
        }
    }
}

/// A credential as the body of a request carries it.
fn fields(credential: &Credential) -> Value {
    match credential {
        Credential::Token(token) => json!({ "token": token.expose_secret() }),
        Credential::ServiceApp(app) => json!({
            "client_id": app.client_id, "private_key": app.key.expose_secret(), "key_id": app.kid,
        }),
    }
}

/// A path of an org.
pub(super) fn at(org: &Org, rest: &str) -> String {
    format!("/api/v1/orgs/{}{rest}", org.id)
}

fn state(org: &Org) -> String {
    let simulator = if org.simulator { " · Simulator" } else { "" };
    format!("{}{simulator}", org.state.label())
}

async fn list(server: &Server, out: Out) -> Result<u8, Failure> {
    let orgs = server.orgs().await?;
    if out.is_json() {
        out.json(&orgs);
    } else if orgs.is_empty() {
        out.line("No org is connected. Connect one: transom org connect --domain acme.okta.com");
    } else {
        let rows = orgs.iter().map(|o| {
            let why = o.state_reason.split_once(". ").map_or(o.state_reason.as_str(), |(first, _)| first);
            vec![
                o.label.clone(),
                o.origin.clone(),
                state(o),
                time(Some(o.state_at.millis())),
                why.to_string(),
            ]
        });
        out.table(&["Label", "Address", "State", "Since", "Why"], rows);
    }
    Ok(DONE)
}

async fn change(server: &Server, out: Out, label: &str, to: &Value) -> Result<u8, Failure> {
    let org = server.org(Some(label)).await?;
    let answer = server.ask(Method::PATCH, &at(&org, ""), Some(to)).await?;
    let org: Org = server.read(&answer)?;
    Ok(told(out, &answer, &org, None, false))
}

/// An org and what was found of it: whole, or what is not complete.
fn told(out: Out, answer: &Value, org: &Org, found: Option<&Verification>, all: bool) -> u8 {
    let end = found.map_or(org.state, |v| v.state);
    let code = if end == ConnectionState::Connected || found.is_none() { DONE } else { PARTIAL };
    if out.is_json() {
        out.json(answer);
        return code;
    }
    out.line(format!("{}  {}  {}", org.label, org.origin, end.label()));
    if !org.state_reason.is_empty() {
        out.prose(format!("  {}", org.state_reason), 2);
    }
    if let Some(share) = org.share {
        out.line(format!("  Uses at most {:.0} % of each of Okta's rate limits.", share * 100.0));
    }
    let Some(v) = found else { return code };
    match (&v.app, &v.owner) {
        (Some(app), owner) => {
            let name = owner.as_ref().map_or(app.client_id.as_str(), |o| o.login.as_str());
            out.line(format!("  App    {name} · {}", app.client_id));
        }
        (None, Some(owner)) => out.line(format!("  Owner  {} · {}", owner.login, owner.status)),
        (None, None) => out.line("  Owner  not readable"),
    }
    out.line(format!(
        "  Roles  {}",
        if v.roles.is_empty() { "not readable".to_string() } else { v.roles.join(", ") }
    ));
    let whole = v.datasets.iter().filter(|d| d.state == CoverageState::Complete).count();
    out.line(format!(
        "\n{whole} of {} can be read.",
        counted(v.datasets.len() as u64, "data set", "data sets")
    ));
    let shown: Vec<_> = v.datasets.iter().filter(|d| all || d.state != CoverageState::Complete).collect();
    if !shown.is_empty() {
        let row = |d: &&transom_server::api::verification::Probe| {
            vec![d.title.clone(), d.used_for.clone(), mark(d.state), without(d.state, &d.without)]
        };
        coverage_table(out, &["Data set", "Used to", "Result", "Without it"], shown.iter().map(row));
        explain(
            out,
            shown.iter().map(|d| (d.title.as_str(), d.state, d.reason.as_str(), d.assumed.as_slice())),
        );
    }
    for f in &v.findings {
        finding(out, f.severity.label(), (&f.title, f.assumed), &f.text, &f.todo);
    }
    code
}

fn disconnected(server: &Server, out: Out, org: &Org, answer: &Value) -> Result<u8, Failure> {
    let done: Disconnected = server.read(answer)?;
    let code = if done.revoke_problem.is_some() { PARTIAL } else { DONE };
    if out.is_json() {
        out.json(answer);
        return Ok(code);
    }
    let token = match (done.revoked, &done.revoke_problem) {
        _ if !done.held => NOTHING_HELD.to_string(),
        _ if org.client_id.is_some() => KEY_WORKS_ON.to_string(),
        (Some(true), _) => "Okta revoked the token.".to_string(),
        (_, Some(why)) => {
            format!("The token could not be revoked: {why} Revoke it under Security > API > Tokens.")
        }
        _ => "The token still works in Okta; revoke it under Security > API > Tokens.".to_string(),
    };
    out.prose(format!("{} is disconnected. {token}", org.label), 2);
    Ok(code)
}
