//! `transom setup apply`.

use std::cell::Cell;
use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde_json::json;
use transom_engine::Class;
use transom_engine::setup::{Job, Names, Outcome, Plan, Task, Thing, fresh_password};

use super::watch::{Kept, Listening, watched};
use super::{Asked, told, unexpected};
use crate::cli::confirm;
use crate::out::{DONE, Failure, Out, PARTIAL};
use crate::secret::OneTime;

pub async fn apply(
    mut kept: Kept<'_>,
    out: Out,
    asked: &Asked<'_>,
    token: &OneTime,
    keep_token: bool,
    yes: bool,
) -> Result<u8, Failure> {
    let choice = asked.named.choice(&kept.record, Names::usual(&kept.found.origin), asked.how, true)?;
    let wanted = choice.wanted()?;
    kept.record.mark()?;
    let token = token.read()?;
    let password = if choice.password { Some(fresh_password()?) } else { None };
    let job = Job::of(
        &kept.global.http(),
        Task::Apply,
        &kept.found,
        choice.clone(),
        kept.record.clone(),
        keep_token,
    );
    let (global, mut sent_user, agreed) = (kept.global, false, Cell::new(false));
    let outcome = {
        let go = async |plan: &Plan| {
            if !out.is_json() {
                told::plan(out, plan);
            }
            if let Some(problem) = told::refusal(plan) {
                return Err(Failure::from(problem));
            }
            if !plan.is_done() && !yes && !confirm("Carry this out?", "--yes")? {
                return Ok(None);
            }
            agreed.set(true);
            Ok(Some(plan.clone()))
        };
        let listening = Listening { kept: &mut kept, wanted: &wanted, sent_user: &mut sent_user };
        watched(global, &job, &token, password.as_ref(), out, Some(listening), go).await
    };
    drop(token);
    // The user may be there also where the rest failed: the password is shown in any case, and only now.
    let shown = password.filter(|_| sent_user);
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(failure) => {
            if let Some(password) = &shown {
                out.note(told::password(&choice.names, password.expose_secret()));
            }
            // A token that Okta did not take needs no revoking.
            let rejected = matches!(&failure, Failure::Problem(p) if p.class == Class::TokenRejected);
            if !keep_token && !rejected {
                out.note(if agreed.get() {
                    "The one-time token was not revoked: run this again with it, which goes on where it stopped, or revoke it \
                     under Security > API > Tokens."
                } else {
                    "Nothing was changed, and the one-time token was not revoked: run this again with it, or revoke it under \
                     Security > API > Tokens."
                });
            }
            return Err(failure);
        }
    };
    kept.engine.end_setup(&job, &mut kept.record, &BTreeMap::new(), &outcome).await?;
    let Outcome::Applied { plan, token: problem } = outcome else { return Err(unexpected()) };
    let ids = &kept.record.made;
    if out.is_json() {
        out.json(&json!({
            "plan": plan, "made": ids, "names": choice.names, "token_revoked": !keep_token && problem.is_none(),
            "token_problem": problem, "password": shown.as_ref().map(|p| p.expose_secret()),
        }));
    } else {
        match (kept.record.made(Thing::App), &asked.how.key_file) {
            (Some(app), key) => told::app_applied(out, &kept.found.origin, &app.id, key.as_deref()),
            (None, _) => {
                told::applied(out, &kept.found.origin, &choice, shown.as_ref().map(|p| p.expose_secret()))
            }
        }
        told::token(out, keep_token, problem.as_ref());
    }
    Ok(if problem.is_some() { PARTIAL } else { DONE })
}
