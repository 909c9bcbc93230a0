//! Fifty people who read, and the syncs beside them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::http::Connection;
use super::pages::{Case, encoded};
use super::web::{Options, mark};
use crate::clock::Stopwatch;

/// As a browser asks.
const ACCEPT: &str = "accept: text/html\r\naccept-encoding: gzip, deflate, br, zstd\r\n";

/// Server time in milliseconds, time until the last byte, and bytes as they were sent.
pub type Sample = (f64, f64, u64);

pub struct Found {
    /// By the case's number.
    pub samples: BTreeMap<usize, Vec<Sample>>,
    /// How often a sync went on when it was looked for.
    pub syncing: f64,
}

/// Everybody reads every page, each from another place on, with a pause after each; syncs go on one after the other.
pub fn read(options: &Options, origin: &str, session: &str, org: &str, cases: &[Case]) -> Result<Found> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let syncs = scope.spawn(|| sync_on(origin, session, org, &stop));
        let readers: Vec<_> = (0..options.readers)
            .map(|n| scope.spawn(move || reader(n, options, origin, session, cases)))
            .collect();
        let mut samples: BTreeMap<usize, Vec<Sample>> = BTreeMap::new();
        let mut failed = None;
        for reader in readers {
            match reader.join().expect("a reader returns its errors") {
                Ok(own) => {
                    own.into_iter().for_each(|(case, sample)| samples.entry(case).or_default().push(sample))
                }
                Err(error) => failed = Some(error),
            }
        }
        stop.store(true, Ordering::Relaxed);
        let syncing = syncs.join().expect("the syncing thread returns its errors")?;
        failed.map_or(Ok(Found { samples, syncing }), Err)
    })
}

fn reader(
    n: usize,
    options: &Options,
    origin: &str,
    session: &str,
    cases: &[Case],
) -> Result<Vec<(usize, Sample)>> {
    let headers = format!("cookie: {session}\r\n{ACCEPT}");
    let mut connection = Connection::open(origin)?;
    let mut samples = Vec::new();
    // Not all at the same moment, nor on the same page.
    std::thread::sleep(options.pause * n as u32 / options.readers as u32);
    for turn in 0..cases.len() * options.rounds {
        let number = (turn + n * cases.len() / options.readers) % cases.len();
        let Some(case) = cases.get(number) else { continue };
        let address = &case.addresses[(n * 7919 + turn) % case.addresses.len()];
        let watch = Stopwatch::start();
        let (head, bytes) = connection.get(address, &headers, &mut std::io::sink())?;
        let whole = watch.elapsed().as_secs_f64() * 1000.0;
        if head.status != 200 {
            bail!("{address} was answered {}", head.status);
        }
        let told = head.header("server-timing").and_then(|t| t.strip_prefix("app;dur="));
        let own = told.and_then(|t| t.parse().ok()).context("this server does not tell its time")?;
        samples.push((number, (own, whole, bytes)));
        std::thread::sleep(options.pause);
    }
    Ok(samples)
}

/// Begins a sync whenever none goes on; returns how often one did.
fn sync_on(origin: &str, session: &str, org: &str, stop: &AtomicBool) -> Result<f64> {
    let mut connection = Connection::open(origin)?;
    let cookie = format!("cookie: {session}\r\n");
    let (mut looks, mut going) = (0_u32, 0_u32);
    while !stop.load(Ordering::Relaxed) {
        let mut page = Vec::new();
        connection.get(&format!("{org}/connection"), &cookie, &mut page)?;
        let page = String::from_utf8(page)?;
        looks += 1;
        if page.contains("disabled>Syncing") {
            going += 1;
        } else {
            let form = format!("csrf={}", encoded(&mark(&page)?));
            let head = connection.post(&format!("{org}/connection/sync"), &cookie, &form)?;
            if head.status != 303 {
                bail!("the sync was answered {}", head.status);
            }
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(f64::from(going) / f64::from(looks.max(1)))
}
