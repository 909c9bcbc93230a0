//! What a sync would do and cost, for people: `transom sync --forecast`.

use serde_json::{Value, json};
use transom_engine::dataset::{Tier, Yields};
use transom_engine::entity::dataset;
use transom_engine::sync::plan::{
    BucketForecast, LimitFrom, NOTHING_KNOWN, Plan, Source, Step, Strategy, about,
};
use transom_store::Org;

use crate::out::{Out, counted, number, time};

/// The forecast as programs read it.
pub fn document(org: &Org, plan: &Plan, unfinished: bool) -> Value {
    json!({ "org": org.label, "unfinished": unfinished, "forecast": plan })
}

/// The forecast for people. `unfinished`: the next sync goes on with an earlier one instead.
pub fn told(out: Out, org: &Org, plan: &Plan, unfinished: bool) {
    out.line(format!("{}  Forecast: {}", org.label, plan.cost()));
    if unfinished {
        out.line("  A sync is unfinished: the next one goes on with it, by its own plan. This is the one after that.");
    }
    out.prose(format!("  {}", source(plan.counts)), 2);
    out.line(match plan.strategy {
        Strategy::Fewest => "  Ways are chosen for the fewest calls that yield everything.\n",
        Strategy::Shortest => "  Ways are chosen for the shortest time until the core is read.\n",
    });
    out.table(&["Data set", "Tier", "Read", "Calls", "Rate bucket", "Why so"], plan.steps.iter().map(row));
    plan.signs().for_each(|sign| out.line(sign));
    out.line("");
    out.table(
        &["Rate bucket", "Calls", "Okta allows", "We make at most", "Takes"],
        plan.buckets.iter().map(bucket),
    );
    for tier in [Tier::Deep, Tier::OnDemand] {
        let titles: Vec<&str> = plan
            .left_out
            .iter()
            .filter(|l| l.tier == tier)
            .map(|l| dataset(&l.dataset).map_or(l.dataset.as_str(), |d| d.title))
            .collect();
        if !titles.is_empty() {
            out.prose(
                format!(
                    "\nNot read by this sync ({}, {}): {}.",
                    tier.as_str(),
                    tier.when(),
                    titles.join(", ")
                ),
                2,
            );
        }
    }
}

fn source(source: Source) -> String {
    match source {
        Source::Copy { at } => {
            format!("Reckoned from the copy, read last {}, and the calls of the last run.", time(Some(at)))
        }
        Source::Asked { calls, more } => format!(
            "Nothing has been read yet. {} asked for the groups with their statistics, the apps, and who holds admin \
             roles.{}",
            counted(calls, "call", "calls"),
            if more { " There are more of them than that showed: it will be more than this." } else { "" }
        ),
        Source::Nothing => NOTHING_KNOWN.to_string(),
    }
}

fn row(step: &Step) -> Vec<String> {
    let title = dataset(&step.dataset).map_or(step.dataset.as_str(), |d| d.title);
    let edges = if step.yields == Yields::Edges { ", edges only" } else { "" };
    vec![
        title.to_string(),
        step.tier.as_str().to_string(),
        format!("{}{edges}", step.route),
        format!("{}{}", step.sure().sign(), number(step.calls)),
        step.bucket.clone(),
        step.why.clone(),
    ]
}

fn bucket(b: &BucketForecast) -> Vec<String> {
    let from = match b.limit_from {
        LimitFrom::Headers => "",
        LimitFrom::Published => " (published)",
    };
    vec![
        b.bucket.clone(),
        number(b.calls),
        format!("{} a minute{from}", number(u64::from(b.limit))),
        number(u64::from(b.spend)),
        format!("{}{}", about(b.seconds), if b.decides { ", decides" } else { "" }),
    ]
}
