//! The least work that fetches the same pages: a fixed number of keep-alive HTTP/1.1 connections, each asking for the
//! next page as soon as it has read the one before. Bodies are drained, not parsed; nothing is stored.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

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
    let host =
        origin.strip_prefix("http://").context("the simulator's origin is plain http")?.trim_end_matches('/');
    let next = AtomicUsize::new(0);
    let watch = Stopwatch::start();
    let bytes = std::thread::scope(|scope| {
        let hands: Vec<_> =
            (0..IN_FLIGHT).map(|_| scope.spawn(|| hand(host, token, targets, &next))).collect();
        let mut bytes = 0;
        for hand in hands {
            bytes += hand.join().expect("a fetching thread returns its errors")?;
        }
        anyhow::Ok(bytes)
    })?;
    Ok(Bare { wall: watch.elapsed(), bytes })
}

/// One connection's work: returns the bytes of bodies it read.
fn hand(host: &str, token: &str, targets: &[String], next: &AtomicUsize) -> Result<u64> {
    let stream = TcpStream::connect(host).with_context(|| format!("connecting to {host}"))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream.try_clone()?);
    let mut writer = stream;
    let mut bytes = 0;
    while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: {host}\r\nauthorization: SSWS {token}\r\naccept: application/json\r\n\r\n"
        );
        writer.write_all(request.as_bytes())?;
        bytes += answer(&mut reader).with_context(|| format!("bare fetch of {target}"))?;
    }
    Ok(bytes)
}

/// Asks for one page and reads the calls a minute that its answer tells of; none where it tells of no limit.
pub fn limit(origin: &str, token: &str, target: &str) -> Result<Option<u64>> {
    let host = origin.strip_prefix("http://").context("the simulator's origin is plain http")?;
    let mut stream = TcpStream::connect(host).with_context(|| format!("connecting to {host}"))?;
    let request = format!(
        "GET {target} HTTP/1.1\r\nhost: {host}\r\nauthorization: SSWS {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut reader = BufReader::new(stream);
    loop {
        let header = line(&mut reader)?;
        match header.to_ascii_lowercase().split_once(':') {
            Some(("x-rate-limit-limit", value)) => return Ok(Some(value.trim().parse()?)),
            _ if header.is_empty() => return Ok(None),
            _ => {}
        }
    }
}

/// Reads one answer to its end; returns the body's length.
fn answer(reader: &mut BufReader<impl std::io::Read>) -> Result<u64> {
    let status = line(reader)?;
    if status.split(' ').nth(1).is_none_or(|code| !code.starts_with('2')) {
        bail!("answered `{status}`");
    }
    let (mut length, mut chunked) = (None, false);
    loop {
        let header = line(reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) =
            header.split_once(':').with_context(|| format!("a header without colon: {header}"))?;
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", value) => length = Some(value.parse::<u64>()?),
            ("transfer-encoding", value) => chunked = value.eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    match (chunked, length) {
        (false, Some(length)) => drain(reader, length),
        (true, _) => chunks(reader),
        (false, None) if status.contains(" 204") => Ok(0),
        (false, None) => bail!("neither content-length nor chunks"),
    }
}

fn chunks(reader: &mut BufReader<impl std::io::Read>) -> Result<u64> {
    let mut total = 0;
    loop {
        let head = line(reader)?;
        let size = u64::from_str_radix(head.split(';').next().unwrap_or_default().trim(), 16)
            .with_context(|| format!("chunk size `{head}`"))?;
        total += drain(reader, size)?;
        // The chunk's own end, or the empty line after the last one (the simulator sends no trailers).
        line(reader)?;
        if size == 0 {
            return Ok(total);
        }
    }
}

fn drain(reader: &mut BufReader<impl std::io::Read>, length: u64) -> Result<u64> {
    let read = std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    if read < length {
        bail!("the connection ended after {read} of {length} bytes");
    }
    Ok(read)
}

/// A line without its CRLF.
fn line(reader: &mut BufReader<impl std::io::Read>) -> Result<String> {
    let mut text = String::new();
    if reader.read_line(&mut text)? == 0 {
        bail!("the connection ended");
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<u64> {
        answer(&mut BufReader::new(text.as_bytes()))
    }

    #[test]
    fn bodies_of_both_forms_are_drained() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").expect("length"), 5);
        let chunked =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n";
        assert_eq!(read(chunked).expect("chunks"), 8);
    }

    #[test]
    fn a_refusal_or_a_cut_is_an_error() {
        assert!(read("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(read("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello").is_err());
    }
}
