//! Settings › Audit log: who did what, when; whether the record is whole; a copy to keep.

use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use transom_core::{Millis, OrgId};
use transom_store::{AuditEntry, AuditFilter, Chain, Org};

use super::super::page::Link;
use super::super::{Answer, Moment, Page, Query, Section, render};
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/audit.html")]
struct Audit {
    page: Page,
    tabs: Vec<Link>,
    says: String,
    altered: Vec<String>,
    asked: Asked,
    chains: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    older: Option<String>,
    newest: Option<String>,
    check: String,
    csv: String,
    jsonl: String,
}

struct Row {
    at: Moment,
    actor: String,
    action: String,
    org: String,
    detail: Vec<(String, String)>,
}

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub actor: String,
    pub action: String,
    pub from: String,
    pub to: String,
    /// `installation`, the number of an org, or empty for all.
    pub org: String,
    after: String,
    check: String,
}

/// Records on a page.
const PAGE: u32 = 50;
/// A day in milliseconds.
const DAY: Millis = 24 * 60 * 60 * 1_000;

impl Asked {
    /// The filter.
    ///
    /// # Errors
    /// [`Error::Asked`] for what is no date, or no org.
    pub fn filter(&self) -> Result<AuditFilter, Error> {
        let text = |t: &str| (!t.trim().is_empty()).then(|| t.trim().to_string());
        let chain = match self.org.trim() {
            "" => Chain::All,
            "installation" => Chain::Installation,
            org => Chain::Org(OrgId(
                org.parse().map_err(|_| Error::Asked(format!("There is no org with the number {org}.")))?,
            )),
        };
        Ok(AuditFilter {
            chain,
            actor: text(&self.actor),
            action: text(&self.action),
            from: day(&self.from)?,
            // The last day is in it.
            until: day(&self.to)?.map(|at| at + DAY),
        })
    }

    /// The address of `path` that asks for the same, and for `more`.
    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = [
            ("actor", self.actor.as_str()),
            ("action", self.action.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
            ("org", self.org.as_str()),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(own.into_iter().chain(more.iter().copied()).filter(|(_, v)| !v.is_empty()));
        let query = query.finish();
        if query.is_empty() { path.to_string() } else { format!("{path}?{query}") }
    }

    fn is_filtered(&self) -> bool {
        [&self.actor, &self.action, &self.from, &self.to, &self.org].iter().any(|t| !t.trim().is_empty())
    }
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Result<Option<Millis>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date: Option<jiff::civil::Date> = text.parse().ok();
    let at = date.and_then(|d| jiff::tz::Offset::UTC.to_timestamp(d.at(0, 0, 0, 0)).ok());
    let at = at.ok_or_else(|| {
        Error::Asked(format!("{text} is not a day. Expected year, month and day: 2026-11-24."))
    })?;
    Ok(Some(at.as_millisecond()))
}

pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    const HERE: &str = "/settings/audit";
    let (store, now) = (visit.app.store(), visit.app.now());
    let filter = asked.filter()?;
    let after = (!asked.after.is_empty()).then_some(asked.after.as_str());
    let found = store.audit_page(&filter, after, PAGE).await?;
    let page = Page::new(&visit, "Audit log", Section::Settings).await?;
    let orgs = store.orgs().await?;
    let chains = store.audited_orgs().await?;
    let (says, altered) = if asked.check.is_empty() {
        (
            "Everything that was done here, and by whom. Each record seals the one before it.".to_string(),
            Vec::new(),
        )
    } else {
        checked(&visit, &chains, &orgs).await?
    };
    render(&Audit {
        tabs: super::tabs(&visit)?,
        says,
        altered,
        chains: chains
            .iter()
            .map(|org| {
                let value = org.map_or("installation".to_string(), |id| id.0.to_string());
                let chosen = value == asked.org;
                (value, label(*org, &orgs), chosen)
            })
            .collect(),
        rows: found.rows.into_iter().map(|entry| row(entry, &orgs, now)).collect(),
        older: found.next.map(|mark| asked.address(HERE, &[("after", &mark)])),
        newest: after.map(|_| asked.address(HERE, &[])),
        check: asked.address(HERE, &[("check", "1")]),
        csv: asked.address("/settings/audit/export", &[("format", "csv")]),
        jsonl: asked.address("/settings/audit/export", &[("format", "jsonl")]),
        asked,
        page,
    })
}

/// Whose chain it is, for people.
pub(super) fn label(org: Option<OrgId>, orgs: &[Org]) -> String {
    match org {
        None => "Installation".to_string(),
        Some(id) => match orgs.iter().find(|o| o.id == id) {
            Some(org) => org.label.clone(),
            None => format!("Org {}, deleted", id.0),
        },
    }
}

/// Checks every chain: a sentence, and what is wrong with which.
async fn checked(
    visit: &Visit,
    chains: &[Option<OrgId>],
    orgs: &[Org],
) -> Result<(String, Vec<String>), Error> {
    let (mut records, mut altered) = (0, Vec::new());
    for org in chains {
        let check = visit.app.store().verify_audit(*org, None).await?;
        records += check.head.count;
        if !check.ok {
            altered.push(format!("{}: {}", label(*org, orgs), check.says()));
        }
    }
    let of = match chains.len() {
        1 => "1 chain".to_string(),
        n => format!("{n} chains"),
    };
    let says = match altered.len() {
        0 => format!("Checked just now: all {} records in {of} are unaltered.", super::super::Count(records)),
        n => format!("Checked just now: {n} of {of} were altered."),
    };
    Ok((says, altered))
}

fn row(entry: AuditEntry, orgs: &[Org], now: Millis) -> Row {
    Row {
        at: Moment::new(entry.row.at, now),
        actor: entry.row.actor,
        action: entry.row.action,
        org: label(entry.org, orgs),
        detail: match entry.row.detail {
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| {
                    let told = match value.as_i64().filter(|_| name == "expires") {
                        Some(at) => Moment::new(at, now).exact,
                        None => plain(value),
                    };
                    (name, told)
                })
                .collect(),
            Value::Null => Vec::new(),
            other => vec![(String::new(), plain(other))],
        },
    }
}

/// A value as one reads it: without braces and brackets, and without quotes where nothing is put together by it.
fn plain(value: Value) -> String {
    let part = |value: Value| match value {
        Value::String(text) if text.contains([',', ';', '"']) => Value::from(text).to_string(),
        other => plain(other),
    };
    match value {
        Value::String(text) => text,
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Array(all) => all.into_iter().map(part).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let told = |(name, value)| format!("{name} {}", part(value));
            fields.into_iter().map(told).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_detail_is_read_without_brackets_and_nothing_in_it_passes_for_more() {
        for (value, told) in [
            (json!("a, b"), "a, b"),
            (json!(7), "7"),
            (json!([]), "none"),
            (
                json!([{"dataset": "role", "was": "complete"}, {"dataset": "app"}]),
                "dataset role, was complete; dataset app",
            ),
            (json!({"label": "x, role admin", "scopes": {}}), "label \"x, role admin\", scopes none"),
        ] {
            assert_eq!(super::plain(value), told);
        }
    }
}
