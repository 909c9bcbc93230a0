//! `cargo xtask bench sync`: how much a full sync costs above fetching its pages at all; and under rate limits, how long it
//! takes above the time that its pages need at least.
//!
//! The simulator runs as a process of its own. Sync (A) and bare fetch of exactly the pages the sync asked for (B) take
//! turns, A B A B, against the same simulator, so that whatever else the machine does falls on both. Under limits there is
//! no bare fetch: one that heeds no limits would only collect refusals. It fails where a figure is above its bar
//! (`bars.rs`), and where no comparison can be trusted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::access_log::{self, Call, Summary};
use super::bound::{self, Bucket};
use super::census::{self, Way};
use super::disk::Disk;
use super::installation::{self, LABEL};
use super::manifest::Manifest;
use super::options::Options;
use super::report::Report;
use super::{bare, process};
use crate::guard::Scratch;
use crate::running::Running;

/// The owner whose token syncs: the least-privilege one that we tell people to make.
pub const OWNER: &str = "read_only_custom";
/// The owner whose token asks what else is to be known; it may see everything, and spends its own share.
const ASKER: &str = "super_admin";

/// A simulator that needed more than this many cores was itself what the run waited for.
const SIMULATOR_CORES: f64 = 1.0;

pub fn command(args: &[&str]) -> Result<bool> {
    let options = Options::parse(args)?;
    let binary = installation::binary(options.binary.as_deref())?;
    let bench = Bench::start(&options, binary)?;
    let mut report = Report { options, pairs: Vec::new(), simulator_peak: None };
    for n in 0..report.options.runs {
        eprintln!("run {} of {} …", n + 1, report.options.runs);
        let sync = bench.sync(n, &report.options)?;
        let bare = if report.options.limits_real { None } else { Some(bench.bare(&sync.calls)?) };
        report.pairs.push((sync, bare));
    }
    report.simulator_peak = process::high_water(bench.simulator.pid());
    report.print();
    report.write()?;
    Ok(report.is_well())
}

struct Bench {
    binary: PathBuf,
    scratch: Scratch,
    log: PathBuf,
    simulator: Running,
    origin: String,
    token: String,
    /// Under limits: what the org's documents need.
    census: Vec<Way>,
}

/// One line of the table.
pub struct Row {
    pub what: &'static str,
    pub wall: Duration,
    pub calls: u64,
    pub bytes: u64,
    pub refused: u64,
    pub in_flight: u64,
    pub connections: u64,
    pub cpu: Option<Duration>,
    pub peak_memory: Option<u64>,
    pub simulator_cpu: Duration,
}

impl Row {
    /// Cores that the simulator used on average.
    pub fn simulator_cores(&self) -> f64 {
        self.simulator_cpu.as_secs_f64() / self.wall.as_secs_f64()
    }

    pub fn void(&self) -> bool {
        self.simulator_cores() > SIMULATOR_CORES
    }

    pub fn json(&self) -> Value {
        json!({
            "what": self.what, "wall_s": self.wall.as_secs_f64(), "calls": self.calls, "bytes": self.bytes,
            "status_429": self.refused, "in_flight": self.in_flight, "connections": self.connections,
            "cpu_s": self.cpu.map(|c| c.as_secs_f64()), "peak_memory": self.peak_memory,
            "simulator_cores": self.simulator_cores(), "void": self.void(),
        })
    }
}

/// One sync, measured.
pub struct Sync {
    pub row: Row,
    pub seen: Summary,
    pub calls: Vec<Call>,
    /// Calls by tier; none where the program has no manifest.
    pub tiers: Option<std::collections::BTreeMap<String, u64>>,
    /// Deep data sets: requests that the counts of the org say, at least.
    pub deep: Vec<(String, u64, u64)>,
    /// Under limits: what the pages need, longest first.
    pub bound: Vec<Bucket>,
    pub disk: Disk,
    /// What the sync says about itself.
    pub said: Value,
}

impl Bench {
    fn start(options: &Options, binary: PathBuf) -> Result<Bench> {
        let scratch = Scratch::new("bench")?;
        let log = scratch.path().join("access.jsonl");
        let mut args = options.simulator_args();
        args.extend(["--access-log".to_string(), log.display().to_string()]);
        let simulator = Running::simulator(&binary, &args)?;
        let (origin, token) = (simulator.origin()?.to_string(), simulator.token(OWNER)?.to_string());
        let census =
            if options.limits_real { take_census(options, &binary, scratch.path())? } else { Vec::new() };
        Ok(Bench { binary, scratch, log, simulator, origin, token, census })
    }

    fn transom(&self, data: &Path) -> Command {
        installation::transom(&self.binary, data)
    }

    /// The sync's command, for the tier and by the routes that were asked for.
    fn sync_command(&self, data: &Path, options: &Options) -> Result<Command> {
        let mut command = self.transom(data);
        command.args(["sync", LABEL, "--json"]);
        let told = options.sync_args();
        if !told.is_empty() {
            let help = self.transom(data).args(["sync", "--help"]).output()?;
            let help = String::from_utf8_lossy(&help.stdout);
            if let Some((name, _)) = told.iter().find(|(name, _)| !help.contains(name)) {
                return Err(crate::usage(format!("this `transom sync` has no `{name}` yet: leave it out")));
            }
        }
        command.args(told.into_iter().flat_map(|(name, value)| [name, value]));
        Ok(command)
    }

    /// Syncs into a new database; only the sync is measured.
    fn sync(&self, n: u64, options: &Options) -> Result<Sync> {
        let data = self.scratch.path().join(format!("data-{n}"));
        installation::connect(&self.binary, &data, &self.origin, &self.token)?;
        let mut command = self.sync_command(&data, options)?;

        let from = std::fs::metadata(&self.log).map(|m| m.len()).unwrap_or(0);
        let before = process::cpu(self.simulator.pid())?;
        let (output, usage) = process::measure(&mut command)?;
        let simulator_cpu = process::cpu(self.simulator.pid())?.saturating_sub(before);
        let (calls, _) = access_log::read(&self.log, from)?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            bail!(
                "`transom sync` ended with {}:\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let said: Value = serde_json::from_slice(&output.stdout)
            .context("`transom sync --json` prints one JSON document")?;
        let seen = access_log::summarise(&calls);
        let row = Row {
            what: "sync",
            wall: usage.wall,
            calls: seen.calls,
            bytes: seen.bytes,
            refused: seen.refused,
            in_flight: seen.in_flight,
            connections: seen.connections,
            cpu: Some(usage.cpu),
            peak_memory: Some(usage.peak_memory),
            simulator_cpu,
        };
        let manifest = Manifest::of(&mut self.transom(&data))?;
        let tiers = manifest.as_ref().map(|m| m.by_tier(&calls));
        let mut deep = Vec::new();
        for (name, times, query) in manifest.iter().flat_map(Manifest::deep) {
            deep.push((name, times, self.count(&data, &query)?));
        }
        let bound = if options.limits_real {
            bound::of(&self.origin, self.simulator.token(ASKER)?, options, &self.census, &calls)?
        } else {
            Vec::new()
        };
        let disk = Disk::of(&data, &said)?;
        // Of a large org each run's copy is gigabytes.
        std::fs::remove_dir_all(&data)?;
        Ok(Sync { row, seen, calls, tiers, deep, bound, disk, said })
    }

    /// One number out of the copy.
    fn count(&self, data: &Path, query: &str) -> Result<u64> {
        let output = self.transom(data).args(["sql", query, "--json"]).output()?;
        let answer: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`transom sql` was asked {query}"))?;
        answer["rows"][0][0].as_u64().with_context(|| format!("a number for {query}; there came {answer}"))
    }

    fn bare(&self, calls: &[Call]) -> Result<Row> {
        let pages: Vec<String> =
            calls.iter().filter(|c| access_log::is_page(c)).map(|c| c.target.clone()).collect();
        let before = process::cpu(self.simulator.pid())?;
        let bare = bare::fetch(&self.origin, &self.token, &pages)?;
        let simulator_cpu = process::cpu(self.simulator.pid())?.saturating_sub(before);
        Ok(Row {
            what: "bare",
            wall: bare.wall,
            calls: pages.len() as u64,
            bytes: bare.bytes,
            refused: 0,
            in_flight: bare::IN_FLIGHT as u64,
            connections: bare::IN_FLIGHT as u64,
            cpu: None,
            peak_memory: None,
            simulator_cpu,
        })
    }
}

/// Asks a simulator of the same org, which refuses nobody, what there is to read.
fn take_census(options: &Options, binary: &Path, scratch: &Path) -> Result<Vec<Way>> {
    let manifest = Manifest::of(&mut installation::transom(binary, &scratch.join("census")))?;
    let manifest =
        manifest.context("the bound needs what `transom docs manifest` says, and this program has none")?;
    let simulator = Running::simulator(binary, ["--size", &options.size, "--limits", "off"])?;
    census::take(simulator.origin()?, simulator.token(ASKER)?, manifest.datasets(), &options.tiers())
}
