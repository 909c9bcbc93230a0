//! `transom status`: how each connection is, and what is known of each data set.

use clap::Args;
use serde_json::json;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::Engine;
use transom_engine::sync::{TierSummary, dataset_summaries, tier_summaries};
use transom_store::Org;

use super::coverage::{coverage_table, explain, mark, resting, without};
use super::gaps;
use super::org::{label, row};
use crate::out::{DONE, Failure, Out, PARTIAL, number, quoted, time};

#[derive(Debug, Args)]
pub struct Status {
    /// The connection's label; all of them where absent.
    pub(super) label: Option<String>,
}

impl Status {
    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let orgs = match &self.label {
            Some(label) => vec![engine.store.org_named(label).await?],
            None => engine.store.orgs().await?,
        };
        if orgs.is_empty() && !out.is_json() {
            out.line("No org is connected. Connect one: transom org connect --domain acme.okta.com");
        }
        let mut all = Vec::new();
        for org in &orgs {
            all.push(one(engine, org, out).await?);
        }
        if out.is_json() {
            out.json(&all);
        }
        let well = orgs.iter().all(|o| o.state == ConnectionState::Connected);
        Ok(if well { DONE } else { PARTIAL })
    }
}

async fn one(engine: &Engine, org: &Org, out: Out) -> Result<serde_json::Value, Failure> {
    let coverage = engine.coverage(org.id).await?;
    let runs = engine.store.runs(org.id, 5).await?;
    let datasets = dataset_summaries(&coverage);
    if out.is_json() {
        let runs: Vec<_> = runs
            .iter()
            .map(|r| json!({ "id": r.id.0, "kind": r.kind, "started": r.started, "finished": r.finished, "outcome": r.outcome }))
            .collect();
        let tiers = tier_summaries(&datasets);
        return Ok(json!({ "org": row(org), "tiers": tiers, "datasets": datasets, "runs": runs }));
    }
    out.line(format!("{}  {}  {}", org.label, org.origin, label(org)));
    if !org.state_reason.is_empty() {
        out.prose(format!("  {}", org.state_reason), 2);
    }
    match runs.first() {
        None => out.line(format!("  Never synced. Read it: transom sync {}", quoted(&org.label))),
        Some(run) if run.finished.is_none() => {
            out.line(format!(
                "  A sync began {} and is not finished. transom sync goes on with it.",
                time(Some(run.started))
            ));
        }
        Some(run) => out.line(format!("  Last sync finished {}.", time(run.finished))),
    }
    out.line("");
    out.table(
        &["Tier", "Read", "Last read", "Data sets", "Coverage"],
        tier_summaries(&datasets).iter().map(tier_row),
    );
    out.line("");
    let rows = datasets.iter().map(|d| {
        let c = &d.coverage;
        let gap = (c.state != CoverageState::Complete).then_some(d);
        // Nothing held is a number only where it was read.
        let held = gaps::held(c.objects, gap.into_iter()).map_or_else(|_| "–".to_string(), number);
        let tier = d.tier.as_str().to_string();
        vec![
            d.title.clone(),
            tier,
            held,
            resting(mark(c.state), &c.assumed),
            time(c.at),
            without(c.state, &d.without),
        ]
    });
    coverage_table(out, &["Data set", "Tier", "Held", "Coverage", "Read", "Without it"], rows);
    explain(
        out,
        datasets.iter().map(|d| {
            (d.title.as_str(), d.coverage.state, d.coverage.reason.as_str(), d.coverage.assumed.as_slice())
        }),
    );
    Ok(json!(null))
}

/// A tier in a line: when its oldest and newest data sets were read, and how many are in which state.
fn tier_row(tier: &TierSummary) -> Vec<String> {
    let read = match (tier.oldest, tier.newest) {
        (Some(oldest), Some(newest)) if time(Some(oldest)) != time(Some(newest)) => {
            format!("{} to {}", time(Some(oldest)), time(Some(newest)))
        }
        (_, newest) => time(newest),
    };
    let states: Vec<String> =
        tier.states.iter().map(|(state, n)| format!("{n} {}", state.label().to_lowercase())).collect();
    let word = tier.tier.as_str().to_string();
    vec![word, tier.when.to_string(), read, number(tier.datasets as u64), states.join(", ")]
}
