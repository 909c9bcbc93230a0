//! What a sync would do and cost, for people: `transom sync --forecast`.

use crate::out::{Out, counted, number, time};
use serde_json::{Value, json};
use transom_engine::dataset::{Tier, Yields};
use transom_engine::entity::dataset;
use transom_engine::sync::plan::{BucketForecast, LimitFrom, Plan, Source, Step, Strategy};

/// The forecast as programs read it.
pub fn document(label: &str, plan: &Plan, unfinished: bool) -> Value {
    json!({ "org": label, "unfinished": unfinished, "forecast": plan })
}

/// In short, with the calls that each data set of `with` takes: what one wants to know before it is read.
pub fn note(out: Out, label: &str, plan: &Plan, with: &[String]) {
    out.note(format!("{label}  Forecast: {}", cost(plan)));
    for step in plan.steps.iter().filter(|step| with.contains(&step.dataset)) {
        let bucket = if step.bucket.is_empty() { String::new() } else { format!(" in {}", step.bucket) };
        out.note(format!("  {}: {}{bucket}", step.dataset, number(step.calls)));
    }
}

/// The forecast for people. `unfinished`: the next sync goes on with an earlier one instead.
pub fn told(out: Out, label: &str, plan: &Plan, unfinished: bool) {
    out.line(format!("{label}  Forecast: {}", cost(plan)));
    if unfinished {
        out.line("  A sync is unfinished: the next one goes on with it, by its own plan. This is the one after that.");
    }
    out.prose(format!("  {}", source(plan.counts)), 2);
    out.line(match plan.strategy {
        Strategy::Fewest => "  Ways are chosen for the fewest calls that yield everything.\n",
        Strategy::Shortest => "  Ways are chosen for the shortest time until the core is read.\n",
    });
    out.table(&["Data set", "Tier", "Read", "Calls", "Rate bucket", "Why so"], plan.steps.iter().map(row));
    if plan.steps.iter().any(|s| s.guessed && !s.at_least) {
        out.line("~ guessed: how much there is will be known after the first sync.");
    }
    if plan.steps.iter().any(|s| s.at_least) {
        out.line("≥ at least: how many pages there are will be known after the first sync.");
    }
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

/// Calls, time, and what decides it.
fn cost(plan: &Plan) -> String {
    let least = |bucket: Option<&str>| {
        let mut of = plan.steps.iter().filter(|s| bucket.is_none_or(|bucket| s.bucket == bucket));
        if of.any(|s| s.at_least) { "at least " } else { "" }
    };
    let calls = counted(plan.calls, "call", "calls");
    let mut text = format!("{}{calls}, {}", least(None), about(plan.seconds));
    if plan.core_seconds > 0 && plan.core_seconds < plan.seconds {
        text.push_str(&format!("; the core after {}", about(plan.core_seconds)));
    }
    match plan.buckets.iter().find(|b| b.decides) {
        Some(b) => text.push_str(&format!(
            ". The rate bucket {} decides: {}{} at {} a minute.",
            b.bucket,
            least(Some(&b.bucket)),
            counted(b.calls, "call", "calls"),
            number(u64::from(b.spend))
        )),
        None => text.push_str(". No rate limit is reached."),
    }
    text
}

/// A length of time as one plans by it.
pub fn about(seconds: u64) -> String {
    match seconds {
        0..90 => format!("about {seconds} s"),
        90..5_400 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {:.1} h", seconds as f64 / 3_600.0),
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
        Source::Nothing => "Nothing is known of the org yet; all of it is guessed.".to_string(),
    }
}

fn row(step: &Step) -> Vec<String> {
    let title = dataset(&step.dataset).map_or(step.dataset.as_str(), |d| d.title);
    let edges = if step.yields == Yields::Edges { ", edges only" } else { "" };
    let guessed = match step.at_least {
        true => "≥",
        false if step.guessed => "~",
        false => "",
    };
    vec![
        title.to_string(),
        step.tier.as_str().to_string(),
        format!("{}{edges}", step.route),
        format!("{guessed}{}", number(step.calls)),
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

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn times_are_told_as_one_plans_by_them() {
        assert_eq!(about(0), "about 0 s");
        assert_eq!(about(89), "about 89 s");
        assert_eq!(about(21 * 60 + 1), "about 22 min");
        assert_eq!(about(9_000), "about 2.5 h");
    }
}
