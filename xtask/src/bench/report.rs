//! What a bench of syncs says: ratios and counts first, for they hold on any machine; seconds after them.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::bars::{self, Figures, Judged};
use super::bound::{self, Bucket};
use super::manifest::OTHER;
use super::options::Options;
use super::sync::{Row, Sync};

/// Scaled windows shorter than this, in seconds, are mostly the rounding of the header that tells their end.
const COARSE: f64 = 5.0;

pub struct Report {
    pub options: Options,
    /// Each sync, and the bare fetch of the same pages where there was one.
    pub pairs: Vec<(Sync, Option<Row>)>,
    /// The simulator's peak memory in bytes.
    pub simulator_peak: Option<u64>,
}

impl Report {
    /// Sync over bare, by wall, of the pairs in which the simulator was not what both waited for.
    fn ratios(&self) -> Vec<f64> {
        let pairs = self.pairs.iter().filter_map(|(sync, bare)| Some((&sync.row, bare.as_ref()?)));
        let valid = pairs.filter(|(sync, bare)| !sync.void() && !bare.void());
        valid.map(|(sync, bare)| sync.wall.as_secs_f64() / bare.wall.as_secs_f64()).collect()
    }

    /// Wall over bound of each sync under limits that did not wait for the simulator.
    fn over_bound(&self) -> Vec<f64> {
        self.over(Bucket::minutes)
    }

    /// Wall over the longest bucket, by the minutes that are taken of each.
    fn over(&self, of: impl Fn(&Bucket) -> f64) -> Vec<f64> {
        let ratio = |sync: &Sync| {
            let minutes = sync.bound.iter().map(&of).max_by(f64::total_cmp)?;
            Some(sync.row.wall.as_secs_f64() * self.options.time_scale / (minutes * 60.0))
        };
        self.valid().filter_map(ratio).collect()
    }

    /// The syncs that did not wait for the simulator.
    fn valid(&self) -> impl Iterator<Item = &Sync> {
        self.pairs.iter().map(|(sync, _)| sync).filter(|sync| !sync.row.void())
    }

    /// What is judged.
    pub fn figures(&self) -> Figures {
        let mean = |ratios: Vec<f64>| (!ratios.is_empty()).then(|| mean(&ratios));
        let core = self.options.tier.as_deref() == Some("core");
        // Where every tier is read, what belongs to no data set counts with the core: who the token is, and the like.
        let calls = |sync: &Sync| match (core, &sync.tiers) {
            (true, _) => Some(sync.row.calls),
            (false, Some(tiers)) => Some(["core", OTHER].iter().filter_map(|tier| tiers.get(*tier)).sum()),
            (false, None) => None,
        };
        Figures {
            core_calls: self.valid().filter_map(calls).max(),
            memory: self.valid().filter_map(|sync| sync.row.peak_memory).max(),
            over_bare: mean(self.ratios()),
            over_bound: mean(self.over_bound()),
            refused: self.valid().map(|sync| sync.row.refused).sum(),
            syncs: self.valid().count(),
        }
    }

    /// False when a comparison was asked for and none can be trusted, or a figure is above its bar.
    pub fn is_well(&self) -> bool {
        let compared = if self.options.limits_real { self.over_bound() } else { self.ratios() };
        !compared.is_empty() && !bars::of(self).iter().any(Judged::fails)
    }

    pub fn print(&self) {
        let options = &self.options;
        let limits = if options.limits_real { "real" } else { "off" };
        let tier = options.tier.as_deref().unwrap_or("every tier");
        let route = options.route.as_deref().unwrap_or("usual");
        println!(
            "\norg: {}, {tier}, {route} route; limits {limits}, latency {} ms",
            options.size, options.latency
        );
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("machine: {cores} cores, shared by simulator and client; SQLite; release build\n");
        if options.limits_real {
            self.print_bound()
        } else {
            self.print_ratios()
        }
        let Some((last, _)) = self.pairs.last() else { return };
        print_calls(last);
        print_disk(last);
        print_header();
        for (n, (sync, bare)) in self.pairs.iter().enumerate() {
            print_row(n + 1, &sync.row);
            bare.iter().for_each(|bare| print_row(n + 1, bare));
        }
        if let Some(peak) = self.simulator_peak {
            println!("simulator: peak memory {:.1} MB", peak as f64 / 1e6);
        }
        println!();
        for judged in bars::of(self) {
            println!("{}", judged.line());
        }
    }

    fn print_ratios(&self) {
        let ratios = self.ratios();
        if ratios.is_empty() {
            println!("no valid pair: in each the simulator used more than one core (try --latency 20)");
        } else {
            println!("sync / bare, wall: {}", each(&ratios));
        }
    }

    fn print_bound(&self) {
        let Some((last, _)) = self.pairs.last() else { return };
        println!("sync / bound, wall: {}", each(&self.over_bound()));
        println!("sync / what its own pages take, wall: {}", each(&self.over(Bucket::minutes_asked)));
        let refused: u64 = self.pairs.iter().map(|(sync, _)| sync.row.refused).sum();
        println!("429s caused: {refused}");
        let window = 60.0 / self.options.time_scale;
        if window < COARSE {
            println!(
                "coarse: a window lasts {window:.1} s here, and answers tell its end in whole seconds, rounded up (try \
                 --time-scale {:.0})",
                60.0 / COARSE
            );
        }
        println!(
            "bound, in minutes of Okta's time, of the requests that the org's documents need over the limit less the \
             reserve of {:.0} %; beside it, of the pages that the sync asked for. A sync may begin in a full window, so that \
             its first calls take no time:",
            bound::RESERVE * 100.0
        );
        for b in &last.bound {
            println!(
                "{:>10.2} min  {:<20} {} needed at {} a minute; {:.2} min, {} asked for",
                b.minutes(),
                b.name,
                b.needed,
                b.limit,
                b.minutes_asked(),
                b.asked
            );
        }
    }

    pub fn write(&self) -> Result<()> {
        let Some(path) = &self.options.json else { return Ok(()) };
        let rows: Vec<Value> =
            self.pairs.iter().flat_map(|(s, b)| std::iter::once(&s.row).chain(b)).map(Row::json).collect();
        let last = self.pairs.last().map(|(s, _)| s);
        let bound = last.map(|s| {
            let bucket = |b: &Bucket| {
                json!({
                    "bucket": b.name, "limit": b.limit, "needed": b.needed, "minutes": b.minutes(),
                    "asked": b.asked, "minutes_asked": b.minutes_asked(),
                })
            };
            s.bound.iter().map(bucket).collect::<Vec<_>>()
        });
        let document = json!({
            "size": self.options.size, "tier": self.options.tier, "route": self.options.route,
            "limits_real": self.options.limits_real,
            "latency_ms": self.options.latency, "time_scale": self.options.time_scale,
            "ratios": self.ratios(), "wall_over_bound": self.over_bound(), "bound": bound,
            "endpoints": last.map(|s| &s.seen.by_endpoint), "tiers": last.map(|s| &s.tiers),
            "deep": last.map(|s| &s.deep), "repeated": last.map(|s| s.seen.repeated),
            "disk": last.map(|s| s.disk.json()), "runs": rows,
            "bars": bars::of(self).iter().map(Judged::line).collect::<Vec<_>>(), "said": last.map(|s| &s.said),
        });
        std::fs::write(path, serde_json::to_string_pretty(&document)? + "\n")
            .with_context(|| format!("writing {}", path.display()))
    }
}

fn each(ratios: &[f64]) -> String {
    let each = ratios.iter().map(|r| format!("{r:.2}")).collect::<Vec<_>>().join(", ");
    format!("{each}; mean {:.2}", mean(ratios))
}

fn mean(ratios: &[f64]) -> f64 {
    ratios.iter().sum::<f64>() / ratios.len().max(1) as f64
}

fn print_calls(sync: &Sync) {
    println!("\n{:>8}  endpoint", "calls");
    let mut rows: Vec<_> = sync.seen.by_endpoint.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    for (endpoint, calls) in rows {
        println!("{calls:>8}  {endpoint}");
    }
    println!("{:>8}  in all; {} pages were got more than once", sync.seen.calls, sync.seen.repeated);
    match &sync.tiers {
        None => println!("not split by tier: this program prints no manifest (`transom docs manifest`)"),
        Some(tiers) => {
            let tiers: Vec<_> = tiers.iter().map(|(tier, calls)| format!("{tier} {calls}")).collect();
            println!("by tier: {}", tiers.join(", "));
        }
    }
    let sum: u64 = sync.deep.iter().map(|(_, times, parents)| times * parents).sum();
    for (name, times, parents) in &sync.deep {
        println!("{:>8}  deep, {name}: {times} for each of {parents}", times * parents);
    }
    if !sync.deep.is_empty() {
        println!("{sum:>8}  deep by formula, one page for each parent");
    }
}

fn print_disk(sync: &Sync) {
    let disk = &sync.disk;
    let per = disk.each().map_or_else(String::new, |(object, edge)| {
        format!("; {object:.0} bytes an object, {edge:.0} an edge, indexes included")
    });
    println!(
        "\non disk: {:.1} MB for {} objects and {} edges{per}",
        disk.bytes as f64 / 1e6,
        disk.objects,
        disk.edges
    );
    for (name, bytes) in disk.tables.iter().take(8) {
        println!("{:>10.1} MB  {name}", *bytes as f64 / 1e6);
    }
}

fn print_header() {
    println!(
        "\n{:<4}{:<6}{:>9}{:>9}{:>10}{:>10}{:>10}{:>11}{:>7}{:>9}{:>11}",
        "run", "what", "wall s", "calls", "MB", "CPU s", "peak MB", "in flight", "conns", "429s", "sim cores"
    );
}

fn print_row(run: usize, row: &Row) {
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
