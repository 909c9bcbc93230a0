//! The least work that fetches the same pages: a fixed number of keep-alive HTTP/1.1 connections, each asking for the
//! next page as soon as it has read the one before. Bodies are drained, not parsed; nothing is stored.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};

use super::http::Connection;
use crate::clock::Stopwatch;

/// Requests in flight, and connections.
pub const IN_FLIGHT: usize = 32;

pub struct Bare {
    pub wall: Duration,
    pub bytes: u64,
}

/// Fetches every target from `origin` (`http://HOST:PORT`). An answer that is not 2xx is an error: then the comparison
/// would not be one.
pub fn fetch(origin: &str, token: &str, targets: &[String]) -> Result<Bare> {
    let next = AtomicUsize::new(0);
    let watch = Stopwatch::start();
    let bytes = std::thread::scope(|scope| {
        let hands: Vec<_> =
            (0..IN_FLIGHT).map(|_| scope.spawn(|| hand(origin, token, targets, &next))).collect();
        let mut bytes = 0;
        for hand in hands {
            bytes += hand.join().expect("a fetching thread returns its errors")?;
        }
        anyhow::Ok(bytes)
    })?;
    Ok(Bare { wall: watch.elapsed(), bytes })
}

/// One connection's work: returns the bytes of bodies it read.
fn hand(origin: &str, token: &str, targets: &[String], next: &AtomicUsize) -> Result<u64> {
    let mut connection = Connection::open(origin)?;
    let headers = format!("authorization: SSWS {token}\r\naccept: application/json\r\n");
    let mut bytes = 0;
    while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
        let (head, length) = connection.get(target, &headers, &mut std::io::sink())?;
        if !(200..300).contains(&head.status) {
            bail!("the bare fetch of {target} was answered {}", head.status);
        }
        bytes += length;
    }
    Ok(bytes)
}

/// Asks for one page and reads the calls a minute that its answer tells of; none where it tells of no limit.
pub fn limit(origin: &str, token: &str, target: &str) -> Result<Option<u64>> {
    let headers = format!("authorization: SSWS {token}\r\n");
    let (head, _) = Connection::open(origin)?.get(target, &headers, &mut std::io::sink())?;
    Ok(head.header("x-rate-limit-limit").map(str::parse).transpose()?)
}
