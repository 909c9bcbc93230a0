//! A verification row by row, while it goes on and at its end.

use std::collections::BTreeMap;

use transom_core::CoverageState;
use transom_engine::area::Area;
use transom_engine::connection::{AppInfo, Loss, Probe, Verification};
use transom_engine::entity::dataset;

use super::gap::Gap;
use super::trouble::Told;
use super::{State, finding};
use crate::job::{Found, Phase};

/// What a page shows of it.
#[derive(Debug)]
pub(crate) struct View {
    pub rows: Vec<Row>,
    pub running: bool,
    /// Data sets probed, and how many there are.
    pub probed: (usize, usize),
    pub trouble: Option<Told>,
    pub verdict: Option<Verdict>,
    /// The job whose outcome can be saved.
    pub save: Option<String>,
    /// What a new credential reads less of that is held as it was refused for that.
    pub losses: Vec<Lost>,
}

/// A data set that a new credential reads less of.
#[derive(Debug)]
pub(crate) struct Lost {
    pub title: String,
    pub was: State,
    pub becomes: State,
    pub reason: String,
    pub without: String,
}

/// Something that was looked at.
#[derive(Debug)]
pub(crate) struct Row {
    pub tone: &'static str,
    pub title: &'static str,
    pub says: String,
}

/// What it came to.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub state: State,
    pub says: String,
    /// Whether it is worth saving: at least half of what the set-up is for can be read, in part or whole.
    pub useful: bool,
    pub gaps: Vec<Gap>,
    pub findings: Vec<finding::Told>,
    pub fine: Vec<Fine>,
    /// What is assumed of those that are fine, each fact once, with the titles of those that rest on it.
    pub rests: Vec<(String, String)>,
}

/// The data sets of an area that can be read whole.
#[derive(Debug)]
pub(crate) struct Fine {
    pub area: &'static str,
    /// Whether that rests on something assumed.
    pub assumed: bool,
    pub titles: String,
}

impl View {
    /// The view of a verification, of a service app or of a token. What is held it does not say.
    pub fn of(found: &Found, phase: &Phase, by_app: bool) -> Self {
        let (trouble, verdict) = match phase {
            Phase::Running => (None, None),
            Phase::Failed(problem) => (Some(Told::of(problem, by_app)), None),
            Phase::Verified(v) => (None, Some(verdict(v, by_app))),
        };
        let running = matches!(phase, Phase::Running);
        Self {
            rows: rows(found, phase, by_app),
            running,
            probed: (found.probed.0, found.probed.1),
            trouble,
            verdict,
            save: None,
            losses: Vec::new(),
        }
    }
}

fn rows(found: &Found, phase: &Phase, by_app: bool) -> Vec<Row> {
    let row = |tone, title, says| Row { tone, title, says };
    let mut rows = Vec::new();
    if let Some((origin, notes)) = &found.domain {
        rows.push(row("ok", "Address", sentences([origin.clone()].into_iter().chain(notes.iter().cloned()))));
    }
    if let Some((id, origin, pipeline)) = &found.org {
        let name = match phase {
            Phase::Verified(v) => v.org_name.clone(),
            _ => None,
        };
        let says = [name, Some(pipeline.clone()), Some(id.clone()), Some(origin.clone())];
        rows.push(row("ok", "Okta org found", says.into_iter().flatten().collect::<Vec<_>>().join(" · ")));
    }
    if let Some(owner) = &found.accepted {
        let who =
            owner.as_ref().map_or("Its owner can't be read".to_string(), |o| named(&o.login, &o.status));
        let token = match phase {
            Phase::Verified(v) => v.token.as_ref(),
            _ => None,
        };
        let network = token.map(|t| match t.network.as_str() {
            "ANYWHERE" => "works from any network".to_string(),
            zone => format!("network {zone}"),
        });
        let lapses = token
            .and_then(|t| t.expires_at.as_deref())
            .map(|at| format!("lapses {} if unused", at.split('T').next().unwrap_or(at)));
        let (id, scopes, bound) = match phase {
            Phase::Verified(v) => v.app.as_ref().map_or((None, None, None), app),
            _ => (None, None, None),
        };
        let says = [Some(who), id, network, lapses, scopes, bound];
        let says = says.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        rows.push(row("ok", if by_app { "Service app accepted" } else { "Token accepted" }, says));
    }
    if let Some(roles) = &found.roles {
        let known = !roles.labels.is_empty();
        let says = if known { roles.labels.join(", ") } else { "They can't be read.".to_string() };
        rows.push(row(if known { "ok" } else { "unknown" }, "Roles", says));
    }
    if let Phase::Verified(v) = phase {
        let (tone, says) = counted(&v.probes);
        rows.push(row(tone, "Data sets", says));
    }
    let next = match (phase, found) {
        (Phase::Running, Found { roles: Some(_), .. }) => return rows,
        (Phase::Running, Found { accepted: Some(_), .. }) if by_app => "Asking for the app's roles",
        (Phase::Running, Found { accepted: Some(_), .. }) => "Asking for the owner's roles",
        (Phase::Running, Found { org: Some(_), .. }) if by_app => "Trying the service app",
        (Phase::Running, Found { org: Some(_), .. }) => "Trying the token",
        (Phase::Running, Found { domain: Some(_), .. }) => "Asking the host who it is",
        (Phase::Running, _) => "Reading the domain",
        _ => return rows,
    };
    rows.push(row("busy", next, String::new()));
    rows
}

/// A name, and the status where it is known.
fn named(login: &str, status: &str) -> String {
    [login, status].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Of a service app its client id, how many of the scopes it has, and whether its access tokens are bound.
fn app(app: &AppInfo) -> (Option<String>, Option<String>, Option<String>) {
    let all = app.scopes.len() + app.missing.len();
    let bound = if app.bound { "tokens bound to this server (DPoP)" } else { "tokens not bound" };
    (
        Some(app.client_id.clone()),
        Some(format!("{} of {all} scopes", app.scopes.len())),
        Some(bound.to_string()),
    )
}

fn sentences(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(" · ")
}

/// `57 of 61 readable, 3 not permitted, 1 not licensed, 12 rest on what is assumed`.
fn counted(probes: &[Probe]) -> (&'static str, String) {
    let of = |states: &[CoverageState]| probes.iter().filter(|p| states.contains(&p.state)).count();
    let readable = of(&[CoverageState::Complete]);
    let mut says = vec![format!("{readable} of {} readable", probes.len())];
    for (n, word) in [
        (of(&[CoverageState::PartialByRight, CoverageState::Partial]), "in part"),
        (of(&[CoverageState::NotPermitted]), "not permitted"),
        (of(&[CoverageState::NotLicensed]), "not licensed"),
        (of(&[CoverageState::NeverCollected]), "not read unless you say so"),
    ] {
        if n > 0 {
            says.push(format!("{n} {word}"));
        }
    }
    match probes.iter().filter(|p| !p.assumed.is_empty()).count() {
        0 => {}
        1 => says.push("1 rests on what is assumed".to_string()),
        n => says.push(format!("{n} rest on what is assumed")),
    }
    (if readable == probes.len() { "ok" } else { "unknown" }, says.join(", "))
}

fn verdict(v: &Verification, by_app: bool) -> Verdict {
    let (fine, other): (Vec<&Probe>, Vec<&Probe>) =
        v.probes.iter().partition(|p| p.state == CoverageState::Complete);
    let limits =
        v.probes.iter().filter(|p| transom_engine::connection::is_limit(&p.dataset, p.state)).count();
    let for_setup = v.probes.iter().filter(|p| dataset(&p.dataset).is_some_and(|d| d.in_setup())).count();
    let useful = limits * 2 <= for_setup;
    let says = match limits {
        n if !useful => {
            let (what, todo) = if by_app {
                ("service app", "See that it has the scopes and the roles of step 4.")
            } else {
                ("token", "See that its owner has the roles of step 3.")
            };
            format!(
                "Little can be read with this {what}: {n} of the {for_setup} data sets that the set-up is for are out of \
                 reach. {todo}"
            )
        }
        0 => "Everything that the set-up is for can be read.".to_string(),
        1 => "1 data set that the set-up is for is out of reach; what that costs stands beneath.".to_string(),
        n => {
            format!("{n} data sets that the set-up is for are out of reach; what that costs stands beneath.")
        }
    };
    Verdict {
        state: v.state.into(),
        says,
        useful,
        gaps: other.into_iter().map(Gap::from).collect(),
        findings: v.findings.iter().map(finding::Told::from).collect(),
        fine: by_area(&fine),
        rests: by_fact(&fine),
    }
}

/// Those of an area in a row, and in another those of it that rest on something assumed.
fn by_area(probes: &[&Probe]) -> Vec<Fine> {
    let mut areas: BTreeMap<(Area, bool), Vec<&str>> = BTreeMap::new();
    for probe in probes {
        let area = dataset(&probe.dataset).map_or(Area::Settings, |d| d.right.area());
        areas.entry((area, !probe.assumed.is_empty())).or_default().push(&probe.title);
    }
    let fine = |((area, assumed), titles): ((Area, bool), Vec<&str>)| Fine {
        area: area.title(),
        assumed,
        titles: titles.join(", "),
    };
    areas.into_iter().map(fine).collect()
}

/// What is assumed of them, in the order in which they are read.
fn by_fact(probes: &[&Probe]) -> Vec<(String, String)> {
    let mut facts: Vec<(&str, Vec<&str>)> = Vec::new();
    for (probe, fact) in probes.iter().flat_map(|p| p.assumed.iter().map(move |fact| (p, fact.as_str()))) {
        match facts.iter_mut().find(|(known, _)| *known == fact) {
            Some((_, titles)) => titles.push(&probe.title),
            None => facts.push((fact, vec![&probe.title])),
        }
    }
    facts.into_iter().map(|(fact, titles)| (fact.to_string(), titles.join(", "))).collect()
}

impl From<&Loss> for Lost {
    fn from(loss: &Loss) -> Self {
        Self {
            title: loss.title.clone(),
            was: loss.was.into(),
            becomes: loss.becomes.map_or(State { tone: "unknown", label: "Not known" }, State::from),
            reason: loss.reason.clone(),
            without: loss.without.clone(),
        }
    }
}
