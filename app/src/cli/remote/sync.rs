//! `transom sync --server`: the server reads, this watches.

use std::collections::HashSet;
use std::io::IsTerminal;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::entity::user::USER;
use transom_engine::sync::plan::Plan;
use transom_engine::{Class, Problem};
use transom_server::api;

use super::copy::{found, read_of_one};
use super::org::at;
use super::server::Server;
use crate::cli::sim::stopped;
use crate::cli::sync::{Route, Sync};
use crate::cli::{confirm, forecast};
use crate::out::{DONE, Failure, Out, PARTIAL, counted, number, quoted};

impl Sync {
    /// Starts it on a server and follows it to its end.
    pub(super) async fn remote(self, server: &Server, out: Out) -> Result<u8, Failure> {
        if self.deep_every != 24 || !matches!(self.route, Route::Fewest) {
            let what =
                "--deep-every and --route are decided where the database is. Leave them out with --server.";
            return Err(Failure::Usage(what.to_string()));
        }
        let org = server.org(self.label.as_deref()).await?;
        if let Some(user) = &self.of {
            return one_user(server, out, &org, user, &self.with).await;
        }
        let tiers: Vec<&str> = self.tier.iter().map(|t| t.word()).collect();
        if self.forecast || !self.with.is_empty() {
            let mut asked = url::form_urlencoded::Serializer::new(String::new());
            asked.append_pair("full", if self.full { "true" } else { "false" });
            asked.extend_pairs(tiers.iter().map(|tier| ("tiers", tier)));
            asked.extend_pairs(self.with.iter().map(|with| ("with", with)));
            let answer = server.get(&format!("{}?{}", at(&org, "/forecast"), asked.finish())).await?;
            if self.forecast && out.is_json() {
                out.json(&answer);
                return Ok(DONE);
            }
            let told = server.read::<api::forecast::Forecast>(&answer)?;
            let plan = server.read::<Plan>(&told.forecast)?;
            if self.forecast {
                forecast::told(out, &org.label, &plan, told.unfinished);
                return Ok(DONE);
            }
            forecast::note(out, &org.label, &plan, &self.with);
            if !self.yes && std::io::stdin().is_terminal() && !confirm("Read it?", "--yes")? {
                return Ok(DONE);
            }
        }
        let path = at(&org, "/sync");
        let wanted = json!({ "full": self.full, "tiers": tiers, "with": self.with });
        let mut answer = server.ask(Method::POST, &path, Some(&wanted)).await?;
        let mut told = HashSet::new();
        loop {
            let Some(sync) = server.read::<Option<api::sync::Sync>>(&answer)? else {
                let why = "It was started anew meanwhile. What was read is stored.";
                let todo = format!("This goes on from there: transom sync {} --server …", quoted(&org.label));
                return Err(
                    Problem::new(Class::State, "The server no longer knows of the sync.", why, todo).into()
                );
            };
            if !out.is_json() {
                for set in sync.datasets.iter().filter(|d| d.ended && told.insert(d.title.clone())) {
                    out.note(format!("  {}: {}", set.title, number(set.read)));
                }
            }
            if !sync.running {
                return ended(out, &org.label, &answer, sync);
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                signal = stopped() => {
                    signal?;
                    let todo = format!("Watch it: transom sync {} --server …", quoted(&org.label));
                    return Err(Failure::Stopped { why: "The sync goes on at the server.", todo });
                }
            }
            answer = server.get(&path).await?;
        }
    }
}

/// Has the server read of one user what is read only when asked for.
async fn one_user(
    server: &Server,
    out: Out,
    org: &api::org::Org,
    user: &str,
    only: &[String],
) -> Result<u8, Failure> {
    let (path, _) = found(server, org, USER.name, user).await?;
    let answer = server.ask(Method::POST, &format!("{path}/read"), Some(&json!({ "with": only }))).await?;
    let mut known = server.read::<api::Items<api::coverage::Dataset>>(&answer)?.items;
    known.retain(|d| only.is_empty() || only.contains(&d.dataset));
    if out.is_json() {
        out.json(&answer);
    } else {
        out.line(format!("{}  {user}", org.label));
        read_of_one(out, &known);
    }
    Ok(if known.iter().all(|d| d.state == CoverageState::Complete) { DONE } else { PARTIAL })
}

fn ended(out: Out, label: &str, answer: &serde_json::Value, sync: api::sync::Sync) -> Result<u8, Failure> {
    if let Some(problem) = sync.problem {
        let mut told = Problem::new(
            problem.class.unwrap_or(Class::Internal),
            problem.title,
            problem.detail,
            problem.todo,
        );
        told.request_id = problem.okta_request_id;
        return Err(told.into());
    }
    let Some(o) = sync.outcome else { return Ok(DONE) };
    let code = if o.state == ConnectionState::Connected { DONE } else { PARTIAL };
    if out.is_json() {
        out.json(answer);
        return Ok(code);
    }
    out.line(format!(
        "\n{label}  {}. {} and {} in {:.1} s, {}.",
        o.state.label(),
        counted(o.objects, "object", "objects"),
        counted(o.edges, "edge", "edges"),
        o.millis as f64 / 1000.0,
        counted(o.calls, "call", "calls"),
    ));
    if !o.state_reason.is_empty() {
        out.prose(format!("  {}", o.state_reason), 2);
    }
    Ok(code)
}
