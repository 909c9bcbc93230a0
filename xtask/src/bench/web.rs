//! `cargo xtask bench web`: how long the server takes for every page, and how much each weighs, while many read and a sync
//! goes on. The server tells its own time in `Server-Timing`: how long an answer travels and waits for a reader of ours is
//! not its business. On a machine that simulator, server and readers share, waiting for a core is in it all the same. It fails
//! where a page takes longer than [`TIME`], is heavier than [`WEIGHT`] or was not read, and names it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::http::Connection;
use super::installation::{self, LABEL};
use super::options::{SIZES, number, one_of};
use super::pages::{self, Case, encoded};
use super::readers::{self, Found};
use super::{bars, process, sync};
use crate::clock::{Stopwatch, human};
use crate::guard::Scratch;
use crate::running::Running;

/// What a page may take of the server, in milliseconds, of a hundred the worst but one.
const TIME: f64 = 50.0;
/// What a page may weigh, in bytes as they are sent.
const WEIGHT: u64 = 100_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    size: String,
    data: Option<PathBuf>,
    pub readers: usize,
    pub pause: Duration,
    pub rounds: usize,
    /// The simulator's rate limits while pages are read: a sync that nothing holds back takes all the machine has.
    limits: String,
    binary: Option<PathBuf>,
}

impl Options {
    fn parse(args: &[&str]) -> Result<Options> {
        let mut options = Options {
            size: "r10k".to_string(),
            data: None,
            readers: 50,
            pause: Duration::from_secs(1),
            rounds: 2,
            limits: "real".to_string(),
            binary: None,
        };
        for pair in args.chunks(2) {
            let [name, value] = pair else {
                return Err(crate::usage(format!("`{}` needs a value", pair[0])));
            };
            match *name {
                "--size" => options.size = one_of(SIZES, name, value)?,
                "--data" => options.data = Some(value.into()),
                "--readers" => options.readers = number::<usize>(name, value)?.max(1),
                "--pause" => options.pause = Duration::from_millis(number(name, value)?),
                "--rounds" => options.rounds = number::<usize>(name, value)?.max(1),
                "--limits" => options.limits = one_of(&["real", "off"], name, value)?,
                "--binary" => options.binary = Some(value.into()),
                _ => return Err(crate::usage(format!("`bench web` takes no argument `{name}`"))),
            }
        }
        Ok(options)
    }
}

pub fn command(args: &[&str]) -> Result<bool> {
    let options = Options::parse(args)?;
    let binary = installation::binary(options.binary.as_deref())?;
    let scratch = Scratch::new("bench-web")?;
    let data = options.data.clone().unwrap_or_else(|| scratch.path().join("data"));
    let _simulator = prepare(&options, &binary, &data)?;
    let server = Running::start(installation::transom(&binary, &data).args([
        "serve",
        "--json",
        "--listen",
        "127.0.0.1:0",
    ]))?;
    let origin = server.origin()?.to_string();
    let session = sign_in(&origin, &mut installation::transom(&binary, &data))?;
    let org = org(&origin, &session)?;
    let watch = Stopwatch::start();
    let cases = pages::find(&origin, &session, &org)?;
    eprintln!("{} sorts of pages found in {}", cases.len(), human(watch.elapsed()));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let before = process::cpu(server.pid())?;
    let watch = Stopwatch::start();
    let found = readers::read(&options, &origin, &session, &org, &cases)?;
    let (took, cpu) = (watch.elapsed(), process::cpu(server.pid())?.saturating_sub(before));
    let over = print(&options, &cases, &found);
    let (pages, seconds) = (found.samples.values().map(Vec::len).sum::<usize>(), took.as_secs_f64());
    println!(
        "{pages} pages in {}, {:.0} a second; the server used {:.2} cores, syncs in it, and {:.0} MB at its peak",
        human(took),
        pages as f64 / seconds,
        cpu.as_secs_f64() / seconds,
        process::high_water(server.pid()).unwrap_or(0) as f64 / 1e6
    );
    println!(
        "a sync went on at {:.0} % of the looks; the machine's load before: {} (what others do is in the times)",
        100.0 * found.syncing,
        load.split(' ').next().unwrap_or("not known")
    );
    for page in &over {
        println!("{page}");
    }
    Ok(over.is_empty())
}

/// The simulator, and an installation that has synced it: one that is there is used again.
fn prepare(options: &Options, binary: &Path, data: &Path) -> Result<Running> {
    if !data.join("transom.db").exists() {
        let simulator = Running::simulator(binary, ["--size", &options.size, "--limits", "off"])?;
        let watch = Stopwatch::start();
        installation::connect(binary, data, simulator.origin()?, simulator.token(sync::OWNER)?)?;
        let synced = installation::transom(binary, data).args(["sync", LABEL, "--json"]).output()?;
        if !matches!(synced.status.code(), Some(0 | 1)) {
            let said = String::from_utf8_lossy(&synced.stderr).to_string();
            bail!("`transom sync` ended with {}:\n{said}", synced.status);
        }
        eprintln!("{} synced in {}", options.size, human(watch.elapsed()));
    }
    let known = installation::transom(binary, data).args(["org", "show", LABEL, "--json"]).output()?;
    let known: Value = serde_json::from_slice(&known.stdout)
        .with_context(|| format!("{} holds no connection called {LABEL}", data.display()))?;
    let origin = known["org"]["origin"].as_str().context("the connection has no origin")?;
    let address = origin.strip_prefix("http://").context("the connection is to a simulator")?;
    let args = ["--size", &options.size, "--limits", &options.limits, "--listen", address];
    Running::simulator(binary, args)
}

/// Becomes an owner by a link; returns the session's cookie.
fn sign_in(origin: &str, transom: &mut Command) -> Result<String> {
    let link = transom.args(["owner-link", "--json"]).output()?;
    let link: Value = serde_json::from_slice(&link.stdout).context("`transom owner-link --json`")?;
    let link = link["owner_link"].as_str().context("no owner link")?;
    let path = link.strip_prefix(origin).context("the link leads elsewhere")?;
    let mut connection = Connection::open(origin)?;
    let mut page = Vec::new();
    let (head, _) = connection.get(path, "", &mut page)?;
    let visit = cookie(head.all("set-cookie")).context("no cookie came with the owner's form")?;
    let csrf = mark(&String::from_utf8(page)?)?;
    let password = "reads every page there is";
    let form = format!(
        "csrf={}&name=Bench&login=bench%40example.com&password={}&again={}",
        encoded(&csrf),
        encoded(password),
        encoded(password)
    );
    let head = connection.post(path, &format!("cookie: {visit}\r\n"), &form)?;
    cookie(head.all("set-cookie")).with_context(|| format!("the owner's form was answered {}", head.status))
}

/// The cookie that is set to something.
fn cookie<'a>(mut set: impl Iterator<Item = &'a str>) -> Option<String> {
    let pair = set.find_map(|set| set.split(';').next().filter(|pair| !pair.ends_with('=')))?;
    Some(pair.to_string())
}

/// What a page's forms are known by.
pub fn mark(page: &str) -> Result<String> {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").context("a page without forms")?;
    Ok(rest.split('"').next().unwrap_or_default().to_string())
}

/// The path of the org.
fn org(origin: &str, session: &str) -> Result<String> {
    let mut connection = Connection::open(origin)?;
    let (head, _) = connection.get("/", &format!("cookie: {session}\r\n"), &mut std::io::sink())?;
    Ok(head.header("location").context("the start page leads to no org")?.to_string())
}

/// Prints what each page took, and returns a sentence for each that takes too long or is too heavy.
fn print(options: &Options, cases: &[Case], found: &Found) -> Vec<String> {
    println!(
        "\n{}: {} readers, each with {} ms after each page, beside syncs (limits {}); SQLite, one machine for all",
        options.size,
        options.readers,
        options.pause.as_millis(),
        options.limits
    );
    println!(
        "{:<58}{:>6}{:>9}{:>9}{:>9}{:>10}{:>9}",
        "page", "read", "p50 ms", "p99 ms", "worst", "p99 all", "kB"
    );
    let mut over = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let Some(samples) = found.samples.get(&number) else {
            over.push(format!("over: {}: it was not read, so how it is is not known", case.name));
            continue;
        };
        let own = sorted(samples.iter().map(|s| s.0));
        let whole = sorted(samples.iter().map(|s| s.1));
        let bytes = samples.iter().map(|s| s.2).max().unwrap_or(0);
        let (p99, weighs) = (share(&own, 99), bytes as f64 / 1000.0);
        let passed = passed(p99, bytes);
        println!(
            "{:<58}{:>6}{:>9.1}{p99:>9.1}{:>9.1}{:>10.1}{weighs:>9.1} {}",
            case.name,
            own.len(),
            share(&own, 50),
            share(&own, 100),
            share(&whole, 99),
            if passed.is_empty() { "" } else { "over" }
        );
        over.extend(passed.into_iter().map(|says| format!("over: {}: {says}", case.name)));
    }
    let all = sorted(found.samples.values().flatten().map(|s| s.0));
    println!("all: p50 {:.1} ms, p99 {:.1} ms", share(&all, 50), share(&all, 99));
    over
}

/// Which limits a page passes, in words.
fn passed(p99: f64, bytes: u64) -> Vec<String> {
    let kilobytes = |bytes: u64| bytes as f64 / 1000.0;
    let (weighs, most) = (kilobytes(bytes), kilobytes(WEIGHT));
    let slow = bars::above(p99, TIME, &format!("a p99 of {p99:.1} ms"), &format!("{TIME} ms"));
    let heavy = bars::above(weighs, most, &format!("{weighs:.1} kB"), &format!("{most} kB"));
    slow.into_iter().chain(heavy).collect()
}

fn sorted(times: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times
}

/// The time within which that many of a hundred were answered.
fn share(times: &[f64], of_hundred: usize) -> f64 {
    let place = (times.len() * of_hundred).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_mistakes_are_named() {
        let options = Options::parse(&["--size", "small", "--pause", "250"]).expect("valid");
        assert_eq!((options.size.as_str(), options.pause.as_millis(), options.readers), ("small", 250, 50));
        for args in [&["--size"][..], &["--size", "x"], &["--pause", "x"], &["--colour", "1"]] {
            let error = Options::parse(args).expect_err("refused").to_string();
            assert!(error.contains(args[0]), "{error}");
        }
    }

    #[test]
    fn a_page_passes_its_limits_only_above_them() {
        assert_eq!(passed(TIME, WEIGHT), Vec::<String>::new());
        assert_eq!(passed(50.1, 7), ["a p99 of 50.1 ms, where 50 ms are allowed"]);
        assert_eq!(passed(7.0, 100_100), ["100.1 kB, where 100 kB are allowed"]);
        assert_eq!(passed(99.0, 200_000).len(), 2);
    }

    #[test]
    fn a_share_of_times_is_the_time_of_the_last_in_it() {
        let times: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!([50, 99, 100].map(|n| share(&times, n)), [100.0, 198.0, 200.0]);
        assert_eq!(share(&[7.0], 50), 7.0);
    }

    #[test]
    fn the_cookie_that_is_kept_is_the_one_that_is_set() {
        let set = ["transom_visit=; Path=/", "transom_session=abc; HttpOnly"];
        assert_eq!(cookie(set.into_iter()).as_deref(), Some("transom_session=abc"));
    }
}
