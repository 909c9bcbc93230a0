//! What a verification found, for people or programs.

use std::collections::BTreeMap;

use serde_json::json;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::area::Area;
use transom_engine::connection::{Finding, Probe, Verification};
use transom_engine::entity::dataset;
use transom_store::Org;

use super::coverage::{coverage_table, explain, mark, resting, without};
use super::finding::finding;
use super::org::row;
use crate::out::{DONE, Out, PARTIAL, quoted};

/// How many rows a person gets to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A row for each data set.
    All,
    /// What can simply be read is a row for each area of the org; what is not so has a row of its own.
    Folded,
}

impl Rows {
    /// As `--all` says.
    pub fn of(all: bool) -> Self {
        if all { Self::All } else { Self::Folded }
    }
}

/// The answer of a verification, for people or programs; the exit code says whether all of it can be read.
pub fn told(out: Out, org: &Org, v: &Verification, rows: Rows) -> u8 {
    let code = if v.state == ConnectionState::Connected { DONE } else { PARTIAL };
    if out.is_json() {
        out.json(&json!({ "org": row(org), "verification": v }));
        return code;
    }
    let name = v.org_name.as_deref().unwrap_or("name not readable");
    out.line(format!("\n{}  {}", org.label, v.state.label()));
    out.line(format!("  Okta org       {name} · {} · {}", v.org_id, v.pipeline));
    out.line(format!("  Address        {}{}", v.origin, if org.simulator { "  (Simulator)" } else { "" }));
    if let Some(proxy) = &v.proxy {
        out.line(format!("  Proxy          {proxy}"));
    }
    match (&v.app, &v.owner) {
        (Some(app), owner) => {
            let name = owner.as_ref().map_or(app.client_id.as_str(), |o| o.login.as_str());
            let bound = if app.bound { "bound tokens (DPoP)" } else { "tokens not bound" };
            let scopes = crate::out::counted(app.scopes.len() as u64, "scope", "scopes");
            out.line(format!("  Service app    {name} · {} · {scopes} · {bound}", app.client_id));
        }
        (None, Some(owner)) => out.line(format!("  Token owner    {} · {}", owner.login, owner.status)),
        (None, None) => {}
    }
    if let Some(token) = &v.token {
        let until =
            token.expires_at.as_deref().map(|t| format!(" · lapses {t} if unused")).unwrap_or_default();
        out.line(format!("  Token          {} · network {}{until}", token.name, token.network));
    }
    let roles =
        if v.roles.labels.is_empty() { "not readable".to_string() } else { v.roles.labels.join(", ") };
    out.line(format!("  Roles          {roles}\n"));
    match rows {
        Rows::All => each(out, v.probes.iter()),
        Rows::Folded => folded(out, org, &v.probes),
    }
    explain(
        out,
        v.probes.iter().map(|p| (p.title.as_str(), p.state, p.reason.as_str(), p.assumed.as_slice())),
    );
    findings(out, &v.findings);
    code
}

/// What the audit says of the credential.
pub fn findings(out: Out, findings: &[Finding]) {
    for f in findings {
        finding(out, f.severity.label(), (&f.title, f.is_assumed()), &f.text, &f.todo);
    }
}

/// Whether a data set can be read. What that rests on, where it rests on something assumed, stands beneath the tables in a
/// line of its own.
fn is_fine(probe: &Probe) -> bool {
    probe.state == CoverageState::Complete
}

/// A row for each data set.
fn each<'a>(out: Out, probes: impl Iterator<Item = &'a Probe>) {
    let rows = probes.map(|p| {
        let found = match p.state {
            // One page was read; only a sync says that a data set is complete.
            CoverageState::Complete => "✓ Readable".to_string(),
            state => mark(state),
        };
        let found = resting(found, &p.assumed);
        vec![p.title.clone(), p.used_for.clone(), found, without(p.state, &p.without)]
    });
    coverage_table(out, &["Data set", "We use it to", "Result", "Without it"], rows);
}

/// A row for each area with what is fine in it, another for what is fine by what is assumed, and one for each data set
/// that is not fine.
fn folded(out: Out, org: &Org, probes: &[Probe]) {
    let (fine, other): (Vec<&Probe>, Vec<&Probe>) = probes.iter().partition(|p| is_fine(p));
    let rows = alike(&fine).into_iter().map(|((area, assumed), titles)| {
        let found = format!("✓ {} readable", titles.len());
        let found = if assumed { format!("{found} · assumed") } else { found };
        vec![area.title().to_string(), found, titles.join(", ")]
    });
    if !fine.is_empty() {
        out.table(&["Area", "Result", "Data sets"], rows);
        out.line("");
    }
    if !other.is_empty() {
        each(out, other.into_iter());
        out.line("");
    }
    let label = quoted(&org.label);
    out.prose(format!("Each data set, and what it is used for: transom org show {label} --all"), 2);
}

/// The titles of data sets by area, in the order of areas, those apart that rest on something assumed. What another version
/// kept and this one does not know is with the org's.
fn alike<'a>(probes: &[&'a Probe]) -> BTreeMap<(Area, bool), Vec<&'a str>> {
    let mut areas: BTreeMap<(Area, bool), Vec<&str>> = BTreeMap::new();
    for probe in probes {
        let area = dataset(&probe.dataset).map_or(Area::Settings, |d| d.right.area());
        areas.entry((area, !probe.assumed.is_empty())).or_default().push(&probe.title);
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;
    use transom_core::Evidence;

    #[test]
    fn what_is_fine_in_the_same_way_is_one_row() {
        let probe = |name: &str, assumed: &[&str]| Probe {
            dataset: name.to_string(),
            title: name.to_string(),
            used_for: String::new(),
            without: String::new(),
            state: CoverageState::Complete,
            answered: None,
            reason: String::new(),
            assumed: assumed.iter().map(ToString::to_string).collect(),
            evidence: Evidence::Recorded,
        };
        let probes = [
            probe("group", &[]),
            probe("user", &[]),
            probe("group_rule", &["It may."]),
            probe("user_type", &[]),
            probe("of_another_version", &[]),
        ];
        let rows: Vec<_> = alike(&probes.iter().collect::<Vec<_>>()).into_iter().collect();
        assert_eq!(
            rows,
            [
                ((Area::Users, false), vec!["user", "user_type"]),
                ((Area::Groups, false), vec!["group"]),
                ((Area::Groups, true), vec!["group_rule"]),
                ((Area::Settings, false), vec!["of_another_version"]),
            ]
        );
    }
}
