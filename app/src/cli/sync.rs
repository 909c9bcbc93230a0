//! `transom sync`: read the org.

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use serde_json::json;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::dataset::Tier;
use transom_engine::sync::Summary;
use transom_engine::sync::plan::{Options, Strategy, about};
use transom_engine::{Class, Engine, Problem};
use transom_store::Org;

use crate::out::{DONE, Failure, Out, PARTIAL, counted, number, quoted};
use crate::progress::Progress;

use super::coverage::{coverage_table, explain, mark, resting, without};
use super::org::label;
use super::sim::stopped;
use super::{forecast, gaps, under};

#[derive(Debug, Args)]
pub struct Sync {
    /// The connection's label; may be left out while there is only one.
    pub(super) label: Option<String>,
    /// Read only this tier, whatever its age; may be given several times [default: core and factors, and deep where
    /// what is held is a day old].
    #[arg(long, value_name = "TIER")]
    pub(super) tier: Vec<TierWord>,
    /// Read this data set too, which is read only when asked for; may be given several times.
    #[arg(long, value_name = "DATA SET")]
    pub(super) with: Vec<String>,
    /// Read of this user alone, now, what is read only when asked for (the data sets of --with, or all of them): Okta's id
    /// or the login. Nothing else is read.
    #[arg(long, value_name = "USER", conflicts_with_all = ["tier", "full", "deep_every", "route", "forecast"])]
    pub(super) of: Option<String>,
    /// Read the deep tier too, whatever its age.
    #[arg(long, conflicts_with = "tier")]
    pub(super) full: bool,
    /// How old, in hours, what the deep tier holds may become.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8760))]
    pub(super) deep_every: u32,
    /// Where a data set can be read in several ways: by the fewest calls, or in the shortest time until the core is
    /// read, with edges whose documents follow in the deep tier.
    #[arg(long, value_name = "CHOICE", default_value = "fewest")]
    pub(super) route: Route,
    /// Say what it would do and cost, and do nothing.
    #[arg(long)]
    pub(super) forecast: bool,
    /// Do not ask before reading what was asked for by --with.
    #[arg(long)]
    pub(super) yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TierWord {
    /// Who, what, which role, which policy.
    Core,
    /// The factors of users, those of administrators first.
    Factors,
    /// Details per object.
    Deep,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Route {
    Fewest,
    Shortest,
}

impl TierWord {
    fn tier(&self) -> Tier {
        match self {
            Self::Core => Tier::Core,
            Self::Factors => Tier::Factors,
            Self::Deep => Tier::Deep,
        }
    }

    /// The tier as the API calls it.
    pub(super) fn word(&self) -> &'static str {
        self.tier().as_str()
    }
}

impl Sync {
    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let org = chosen(engine, self.label.as_deref()).await?;
        if let Some(user) = &self.of {
            return under::read(engine, out, &org, user, &self.with).await;
        }
        let options = self.options();
        if self.forecast || !self.with.is_empty() {
            let plan = engine.forecast(&org, &options).await?;
            let unfinished = engine.unfinished(&org).await?;
            if self.forecast {
                match out.is_json() {
                    true => out.json(&forecast::document(&org.label, &plan, unfinished)),
                    false => forecast::told(out, &org.label, &plan, unfinished),
                }
                return Ok(DONE);
            }
            forecast::note(out, &org.label, &plan, &self.with);
            // Nobody can be asked without a terminal, and whoever wrote --with into a script has decided.
            if !self.yes && std::io::stdin().is_terminal() && !super::confirm("Read it?", "--yes")? {
                return Ok(DONE);
            }
        }
        let progress = Progress::new(out);
        let sync = engine.sync_with(&org, &options, progress.watch());
        tokio::select! {
            summary = sync => {
                progress.end();
                Ok(told(out, &org, &summary?))
            }
            signal = stopped() => {
                signal?;
                progress.end();
                let again = format!("transom sync {}", quoted(&org.label));
                Err(match progress.has_begun() {
                    true => Failure::Stopped {
                        why: "What was read is stored.",
                        todo: format!("This goes on from there: {again}"),
                    },
                    false => Failure::Stopped {
                        why: "Nothing was read yet.",
                        todo: format!("Begin again: {again}"),
                    },
                })
            }
        }
    }

    fn options(&self) -> Options {
        Options {
            tiers: self.tier.iter().map(TierWord::tier).collect(),
            with: self.with.clone(),
            full: self.full,
            deep_every: i64::from(self.deep_every) * 60 * 60 * 1_000,
            strategy: match self.route {
                Route::Fewest => Strategy::Fewest,
                Route::Shortest => Strategy::Shortest,
            },
            ..Options::default()
        }
    }
}

/// The connection called `label`, or the only one.
pub async fn chosen(engine: &Engine, label: Option<&str>) -> Result<Org, Failure> {
    if let Some(label) = label {
        return Ok(engine.store.org_named(label).await?);
    }
    let mut orgs = engine.store.orgs().await?;
    match orgs.len() {
        1 => Ok(orgs.remove(0)),
        0 => Err(Problem::new(
            Class::Name,
            "No org is connected.",
            "There is nothing to work on yet.",
            "Connect one: transom org connect --domain acme.okta.com",
        )
        .into()),
        _ => {
            let labels: Vec<_> = orgs.iter().map(|o| o.label.as_str()).collect();
            Err(Failure::Usage(format!("Which connection? There are {}.", labels.join(", "))))
        }
    }
}

/// The closing summary of a sync.
pub fn told(out: Out, org: &Org, s: &Summary) -> u8 {
    let code = if s.state == ConnectionState::Connected { DONE } else { PARTIAL };
    if out.is_json() {
        out.json(&json!({ "org": org.label, "summary": s }));
        return code;
    }
    let objects: u64 = s.objects.iter().map(|(_, n)| n).sum();
    let edges: u64 = s.edges.iter().map(|(_, n)| n).sum();
    let calls: u64 = s.buckets.iter().map(|b| b.calls).sum();
    out.line(format!(
        "\n{}  {}. {} and {} in {:.1} s, {}.\n",
        org.label,
        label(&Org { state: s.state, ..org.clone() }),
        counted(objects, "object", "objects"),
        counted(edges, "edge", "edges"),
        s.millis as f64 / 1000.0,
        counted(calls, "call", "calls"),
    ));
    let rows = s.datasets.iter().map(|d| {
        let state = d.coverage.state;
        let gap = (state != CoverageState::Complete).then_some(d);
        let held = gaps::held(d.coverage.objects, gap.into_iter()).map_or_else(|_| "–".to_string(), number);
        vec![d.title.clone(), held, resting(mark(state), &d.coverage.assumed), without(state, &d.without)]
    });
    coverage_table(out, &["Data set", "Held", "Coverage", "Without it"], rows);
    explain(
        out,
        s.datasets.iter().map(|d| {
            (d.title.as_str(), d.coverage.state, d.coverage.reason.as_str(), d.coverage.assumed.as_slice())
        }),
    );
    out.line("");
    let expected = |n: Option<u64>| n.map_or_else(|| "–".to_string(), number);
    let rows = s.buckets.iter().map(|b| {
        let limit = b.limit.map_or_else(|| "not stated".to_string(), |l| format!("{} a minute", number(l)));
        let share = b.share.map_or_else(|| "-".to_string(), |s| format!("{:.0} %", s * 100.0));
        vec![b.bucket.clone(), number(b.calls), expected(b.forecast), limit, share, number(b.r429)]
    });
    out.table(&["Rate bucket", "Calls", "Forecast", "Our limit", "Used of it", "429s"], rows);
    if let Some(f) = &s.forecast {
        let seconds = u64::try_from(f.millis / 1_000).unwrap_or_default();
        out.line(format!(
            "\nForecast: {} in {}. It took {} and {:.1} s.",
            counted(f.calls, "call", "calls"),
            about(seconds),
            number(calls),
            s.millis as f64 / 1000.0,
        ));
    }
    let w = &s.written;
    out.line(format!(
        "\nWritten: {} new, {} changed, {} unchanged; edges {} new, {} changed. {} in {}. At most {} in flight.",
        number(w.new),
        number(w.changed),
        number(w.unchanged),
        number(w.edges_new),
        number(w.edges_changed),
        counted(w.pages, "page", "pages"),
        counted(w.transactions, "transaction", "transactions"),
        s.peak_in_flight,
    ));
    if s.quarantined > 0 {
        out.line(format!(
            "{} set aside as unreadable; see: transom doctor",
            counted(s.quarantined, "record", "records")
        ));
    }
    for stub in &s.stubs {
        if stub.unreadable > 0 {
            out.line(format!("{} of kind {} referenced, not readable.", number(stub.unreadable), stub.kind));
        }
        if stub.unasked > 0 {
            out.line(format!(
                "{} of kind {} referenced, and not asked for or not answered this time.",
                number(stub.unasked),
                stub.kind
            ));
        }
    }
    code
}
