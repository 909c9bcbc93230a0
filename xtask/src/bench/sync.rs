//! `cargo xtask bench sync`: how much a full sync costs above fetching its pages at all.
//!
//! The simulator runs as a process of its own. Sync (A) and bare fetch of exactly the pages the sync asked for (B) take
//! turns, A B A B, against the same simulator, so that whatever else the machine does falls on both.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::access_log::{self, Summary};
use super::options::Options;
use super::{bare, process};
use crate::cargo;
use crate::guard::Scratch;
use crate::simulator::Simulator;

/// The owner whose token syncs: the least-privilege one that we tell people to make.
const OWNER: &str = "read_only_custom";

/// A simulator that needed more than this many cores was itself what the run waited for.
const SIMULATOR_CORES: f64 = 1.0;

pub fn command(args: &[&str]) -> Result<bool> {
    let options = Options::parse(args)?;
    cargo::run(&mut cargo::command(["build", "--release", "--locked", "--package", "transom"]))?;
    let bench = Bench::start(&options)?;
    let mut pairs = Vec::new();
    for n in 0..options.runs {
        let sync = bench.sync(n)?;
        if n == 0 {
            print_endpoints(&sync.seen);
            print_header();
        }
        print_row(n + 1, &sync.row);
        let bare = if options.limits_real { None } else { Some(bench.bare(&sync.pages)?) };
        if let Some(bare) = &bare {
            print_row(n + 1, bare);
        }
        pairs.push((sync, bare));
    }
    let verdict = report(&pairs, &bench, &options)?;
    Ok(verdict)
}

struct Bench {
    binary: PathBuf,
    scratch: Scratch,
    log: PathBuf,
    simulator: Simulator,
    origin: String,
    token: String,
}

/// One line of the table.
struct Row {
    what: &'static str,
    wall: Duration,
    calls: u64,
    bytes: u64,
    refused: u64,
    in_flight: u64,
    connections: u64,
    cpu: Option<Duration>,
    peak_memory: Option<u64>,
    simulator_cpu: Duration,
}

impl Row {
    /// Cores that the simulator used on average.
    fn simulator_cores(&self) -> f64 {
        self.simulator_cpu.as_secs_f64() / self.wall.as_secs_f64()
    }

    fn void(&self) -> bool {
        self.simulator_cores() > SIMULATOR_CORES
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what, "wall_s": self.wall.as_secs_f64(), "calls": self.calls, "bytes": self.bytes,
            "status_429": self.refused, "in_flight": self.in_flight, "connections": self.connections,
            "cpu_s": self.cpu.map(|c| c.as_secs_f64()), "peak_memory": self.peak_memory,
            "simulator_cores": self.simulator_cores(), "void": self.void(),
        })
    }
}

struct Sync {
    row: Row,
    seen: Summary,
    /// What a bare fetch has to ask for.
    pages: Vec<String>,
    /// What the sync says about itself.
    said: Value,
}

impl Bench {
    fn start(options: &Options) -> Result<Bench> {
        let binary = cargo::binary("release")?;
        let scratch = Scratch::new("bench")?;
        let log = scratch.path().join("access.jsonl");
        let mut args = options.simulator_args();
        args.extend(["--access-log".to_string(), log.display().to_string()]);
        let simulator = Simulator::start(&binary, &args)?;
        let (origin, token) = (simulator.origin()?.to_string(), simulator.token(OWNER)?.to_string());
        let limits = if options.limits_real { "real" } else { "off" };
        println!("\norg: {}; limits {limits}, latency {} ms", options.size, options.latency);
        let cores = std::thread::available_parallelism()?;
        println!("machine: {cores} cores, shared by simulator and client; SQLite; release build");
        Ok(Bench { binary, scratch, log, simulator, origin, token })
    }

    /// The program with a data directory of its own and nothing of the caller's settings.
    fn transom(&self, data: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TRANSOM_") {
                command.env_remove(&name);
            }
        }
        command.env("TRANSOM_DATA_DIR", data).env("TRANSOM_ALLOW_LOOPBACK", "1");
        command
    }

    /// Connects a new database and syncs into it; only the sync is measured.
    fn sync(&self, n: u64) -> Result<Sync> {
        let data = self.scratch.path().join(format!("data-{n}"));
        std::fs::create_dir(&data)?;
        let mut connect = self.transom(&data);
        connect.args([
            "org",
            "connect",
            "--domain",
            &self.origin,
            "--label",
            "bench",
            "--token-stdin",
            "--json",
        ]);
        let mut child = connect.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let mut stdin = child.stdin.take().context("a pipe for the token")?;
        writeln!(stdin, "{}", self.token)?;
        drop(stdin);
        let connected = child.wait()?;
        // 1 is "done, but partial": the least-privilege token is not shown everything.
        if !matches!(connected.code(), Some(0 | 1)) {
            bail!("`transom org connect` ended with {connected}");
        }

        let from = std::fs::metadata(&self.log).map(|m| m.len()).unwrap_or(0);
        let before = process::cpu(self.simulator.pid())?;
        let (output, usage) = process::measure(self.transom(&data).args(["sync", "bench", "--json"]))?;
        let simulator_cpu = process::cpu(self.simulator.pid())?.saturating_sub(before);
        let (calls, _) = access_log::read(&self.log, from)?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            bail!(
                "`transom sync` ended with {}:\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let said = serde_json::from_slice(&output.stdout)
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
        let pages = calls.into_iter().filter(access_log::is_page).map(|c| c.target).collect();
        Ok(Sync { row, seen, pages, said })
    }

    fn bare(&self, pages: &[String]) -> Result<Row> {
        let before = process::cpu(self.simulator.pid())?;
        let bare = bare::fetch(&self.origin, &self.token, pages)?;
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

fn print_endpoints(seen: &Summary) {
    println!("\n{:>8}  endpoint", "calls");
    let mut rows: Vec<_> = seen.by_endpoint.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    for (endpoint, calls) in rows {
        println!("{calls:>8}  {endpoint}");
    }
    println!("{:>8}  in all; {} pages were got more than once", seen.calls, seen.repeated);
}

fn print_header() {
    println!(
        "\n{:<4}{:<6}{:>9}{:>9}{:>10}{:>10}{:>10}{:>11}{:>7}{:>9}{:>11}",
        "run", "what", "wall s", "calls", "MB", "CPU s", "peak MB", "in flight", "conns", "429s", "sim cores"
    );
}

fn print_row(run: u64, row: &Row) {
    let dash = || "-".to_string();
    let mb = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
    println!(
        "{run:<4}{:<6}{:>9.2}{:>9}{:>10}{:>10}{:>10}{:>11}{:>7}{:>9}{:>11.2}{}",
        row.what,
        row.wall.as_secs_f64(),
        row.calls,
        mb(row.bytes),
        row.cpu.map_or_else(dash, |c| format!("{:.2}", c.as_secs_f64())),
        row.peak_memory.map_or_else(dash, mb),
        row.in_flight,
        row.connections,
        row.refused,
        row.simulator_cores(),
        if row.void() { "  void: the simulator used more than one core" } else { "" },
    );
}

/// The ratio, what the sync said, and whether anything was void.
fn report(pairs: &[(Sync, Option<Row>)], bench: &Bench, options: &Options) -> Result<bool> {
    let valid: Vec<f64> = pairs
        .iter()
        .filter_map(|(sync, bare)| Some((&sync.row, bare.as_ref()?)))
        .filter(|(sync, bare)| !sync.void() && !bare.void())
        .map(|(sync, bare)| sync.wall.as_secs_f64() / bare.wall.as_secs_f64())
        .collect();
    println!();
    if options.limits_real {
        println!("no bare fetch beside it: one that heeds no limits would only collect refusals");
    } else if valid.is_empty() {
        println!("no valid pair: in each the simulator used more than one core (try --latency 20)");
    } else {
        let each = valid.iter().map(|r| format!("{r:.2}")).collect::<Vec<_>>().join(", ");
        println!("sync / bare, wall: {each}; mean {:.2}", valid.iter().sum::<f64>() / valid.len() as f64);
    }
    if let Some(peak) = process::high_water(bench.simulator.pid()) {
        println!("simulator: peak memory {:.1} MB", peak as f64 / 1e6);
    }
    if let Some((sync, _)) = pairs.last() {
        println!("the last sync said: {}", serde_json::to_string_pretty(&sync.said)?);
    }
    if let Some(path) = &options.json {
        let rows: Vec<Value> =
            pairs.iter().flat_map(|(s, b)| std::iter::once(&s.row).chain(b)).map(Row::json).collect();
        let endpoints = pairs.first().map(|(s, _)| &s.seen.by_endpoint);
        let document = json!({ "runs": rows, "ratios": valid, "endpoints": endpoints });
        std::fs::write(path, serde_json::to_string_pretty(&document)? + "\n")
            .with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(options.limits_real || !valid.is_empty())
}
