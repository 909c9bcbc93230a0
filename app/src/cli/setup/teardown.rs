//! `transom setup teardown`.

use serde_json::json;
use transom_engine::setup::{Choice, Job, Names, Outcome, Task, Thing};

use super::watch::{Kept, Listening, watched};
use super::{told, unexpected};
use crate::cli::confirm;
use crate::out::{DONE, Failure, Out, PARTIAL};
use crate::secret::OneTime;

pub async fn teardown(
    mut kept: Kept<'_>,
    out: Out,
    token: &OneTime,
    keep_token: bool,
    yes: bool,
) -> Result<u8, Failure> {
    let origin = kept.found.origin.to_string();
    if kept.record.is_empty() {
        if out.is_json() {
            out.json(&json!({ "removed": {}, "left": [] }));
        } else {
            out.line("Nothing is recorded that set-up made in this org, so there is nothing to remove.");
        }
        return Ok(DONE);
    }
    let before = kept.record.made.clone();
    told::made(out, &kept.record);
    let reader = kept.record.made(Thing::User).or(kept.record.made(Thing::App)).map(|m| m.id.clone());
    let org = kept.engine.connection_of(&kept.found.org_id, &origin).await?;
    let uses = |o: &transom_store::Org| {
        let at = |path: &str| o.settings.pointer(path).and_then(|v| v.as_str()).map(str::to_string);
        let held = [at("/verification/owner/id"), at("/verification/app/client_id")];
        reader.is_some() && held.contains(&reader)
    };
    if let Some(org) = org.filter(uses) {
        out.note(format!("The connection {} reads by this, and stops working with it.", org.label));
    }
    if !yes && !confirm("Remove this from the org?", "--yes")? {
        out.note("Nothing was removed.");
        return Ok(DONE);
    }
    let names = kept.record.names_or(Names::usual(&kept.found.origin));
    let choice = Choice::of(names);
    let wanted = choice.wanted()?;
    let token = token.read()?;
    let detail = json!({ "made": before });
    kept.engine.keep_setup(&kept.found.org_id, &kept.record, "teardown", detail).await?;
    let job =
        Job::of(&kept.global.http(), Task::Teardown, &kept.found, choice, kept.record.clone(), keep_token);
    let (global, mut sent_user) = (kept.global, false);
    let listening = Listening { kept: &mut kept, wanted: &wanted, sent_user: &mut sent_user };
    let outcome = watched(global, &job, &token, None, out, Some(listening), async |_| Ok(None)).await?;
    drop(token);
    kept.engine.end_setup(&job, &mut kept.record, &before, &outcome).await?;
    let Outcome::Torn { torn, token: problem } = outcome else { return Err(unexpected()) };
    let removed: Vec<_> =
        before.iter().filter(|(thing, _)| torn.left.iter().all(|l| l.thing != **thing)).collect();
    if out.is_json() {
        out.json(&json!({
            "removed": removed, "left": torn.left, "token_revoked": !keep_token && problem.is_none(),
            "token_problem": problem,
        }));
    } else {
        for left in &torn.left {
            out.prose(format!("Left: {} {}. {}", left.thing.title(), left.id, left.why), 2);
        }
        out.line(if torn.left.is_empty() { "All of it is removed." } else { "The rest is removed." });
        told::token(out, keep_token, problem.as_ref());
    }
    Ok(if torn.left.is_empty() && problem.is_none() { DONE } else { PARTIAL })
}
