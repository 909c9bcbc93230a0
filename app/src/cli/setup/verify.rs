//! `transom setup verify`.

use serde_json::json;
use transom_core::ConnectionState;
use transom_engine::setup::{Job, Names, Outcome, Task, Thing};

use super::watch::{Kept, watched};
use super::{Asked, told, unexpected};
use crate::cli::verification::findings;
use crate::out::{DONE, Failure, Out, PARTIAL};
use crate::secret::OneTime;

pub async fn verify(kept: Kept<'_>, out: Out, asked: &Asked<'_>, token: &OneTime) -> Result<u8, Failure> {
    let choice = asked.named.choice(&kept.record, Names::usual(&kept.found.origin), asked.how, false)?;
    let wanted = choice.wanted()?;
    let origin = kept.found.origin.to_string();
    let org = kept.engine.connection_of(&kept.found.org_id, &origin).await?;
    let Some(org) = org.filter(|o| o.state != ConnectionState::NotConnected) else {
        let job = Job::of(&kept.global.http(), Task::Plan, &kept.found, choice, kept.record, true);
        let outcome = watched(kept.global, &job, &token.read()?, None, out, None, async |_| Ok(None)).await?;
        let Outcome::Planned(plan) = outcome else { return Err(unexpected()) };
        if out.is_json() {
            out.json(&json!({ "plan": plan, "connection": null }));
        } else {
            told::plan(out, &plan);
            out.prose(
                "The org is not connected, so what its token can read was not verified. The token that you gave was not revoked.",
                2,
            );
        }
        // What was not verified is not right yet.
        return Ok(PARTIAL);
    };
    let proved = kept.engine.verify_setup(&org, &wanted, &kept.record).await?;
    let state = proved.verification.state;
    let right = proved.plan.is_done() && proved.owner && state == ConnectionState::Connected;
    if out.is_json() {
        out.json(&json!({
            "plan": proved.plan, "owner_is_the_user": proved.owner, "connection": org.label,
            "verification": proved.verification,
        }));
    } else {
        told::plan(out, &proved.plan);
        let holder = proved.plan.item(Thing::User).or(proved.plan.item(Thing::App)).map_or("", |i| &i.name);
        out.prose(
            if proved.owner {
                format!("The credential of {} is that of {holder}.", org.label)
            } else {
                format!("The credential of {} is not that of {holder}: rotate that in.", org.label)
            },
            2,
        );
        findings(out, &proved.verification.findings);
        out.prose(format!("{}: {}.", org.label, state.label()), 2);
    }
    Ok(if right { DONE } else { PARTIAL })
}
