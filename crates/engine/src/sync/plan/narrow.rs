//! Why a reading asks for some parents alone, in words.

use transom_store::Selector;

use crate::dataset::{Dataset, Over};
use crate::entity::catalogue;

/// What the parents of a reading have in common, where it is not listed over all objects of their kind.
pub(super) fn why(reading: &Dataset) -> Option<String> {
    let Over::Each(selector) = reading.over else { return None };
    match selector {
        Selector::Kind { status: Some(status), .. } => Some(format!("only those that are {status}")),
        Selector::Kind { status_not: Some(status), .. } => Some(format!("not those that are {status}")),
        Selector::SourceOf { rel, .. } => {
            let what = catalogue().relation(rel).map(|relation| relation.what.trim_end_matches('.'))?;
            let first = what.chars().next()?;
            Some(format!("only where {}{}", first.to_lowercase(), &what[first.len_utf8()..]))
        }
        Selector::Facet { name, value, or_unknown, .. } => {
            let name = name.replace('_', " ");
            let value = value.map_or(String::new(), |value| format!(" {value}"));
            let unknown = if or_unknown { ", or nothing of it" } else { "" };
            Some(format!("only where the listing shows {name}{value}{unknown}"))
        }
        Selector::Kind { .. } | Selector::Marked { .. } => None,
    }
}
