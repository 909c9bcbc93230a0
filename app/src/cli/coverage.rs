//! How the coverage of data sets is shown: a state with its mark, tables, and the reasons beneath them.

use transom_core::CoverageState;

use super::gaps::{grouped, how};
use crate::out::Out;

/// The state of a data set with the mark that belongs to it; the unknown has its own.
pub fn mark(state: CoverageState) -> String {
    let mark = match state {
        CoverageState::Complete => "✓",
        CoverageState::NotLicensed => "–",
        _ => "▨",
    };
    format!("{mark} {}", state.label())
}

/// Says that a state rests on what is assumed; what that is stands beneath the table.
pub fn resting(state: String, assumed: &[String]) -> String {
    if assumed.is_empty() { state } else { format!("{state} · assumed") }
}

/// What is lost where a data set is not complete; in part where a part of it is there.
pub fn without(state: CoverageState, lost: &str) -> String {
    match state {
        CoverageState::Partial | CoverageState::PartialByRight if !lost.is_empty() => {
            format!("partly: {lost}")
        }
        _ => lost.to_string(),
    }
}

/// A table whose last column goes where it is empty in every row.
pub fn coverage_table(out: Out, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows: Vec<Vec<String>> = rows.collect();
    let mut head = head.to_vec();
    if rows.iter().all(|row| row.last().is_none_or(String::is_empty)) {
        head.pop();
        rows.iter_mut().for_each(|row| drop(row.pop()));
    }
    out.table(&head, rows);
}

/// Reasons beneath a coverage table, and what is assumed.
pub fn explain<'a>(
    out: Out,
    rows: impl Iterator<Item = (&'a str, CoverageState, &'a str, &'a [String])> + Clone,
) {
    let reasons = rows.clone().filter(|(_, _, reason, _)| !reason.is_empty());
    for (at, (titles, state, reason)) in
        grouped(reasons.map(|(t, s, r, _)| (t, s, r))).into_iter().enumerate()
    {
        if at == 0 {
            out.line("");
        }
        out.prose(format!("{titles} — {}: {reason}{}", state.label(), how(reason)), 2);
    }
    // The same of several data sets is said once.
    let facts = rows.flat_map(|(title, _, _, assumed)| {
        assumed.iter().map(move |a| (title, CoverageState::Complete, a.as_str()))
    });
    for (at, (titles, _, fact)) in grouped(facts).into_iter().enumerate() {
        if at == 0 {
            out.line("\nAssumed, not verified against Okta:");
        }
        out.prose(format!("  {titles} — {fact}"), 4);
    }
}
