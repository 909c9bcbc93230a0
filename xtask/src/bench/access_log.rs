//! What the simulator was asked: `transom sim --access-log FILE` writes one JSON object a line.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// One answered request.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    /// Path and query, as asked.
    pub target: String,
    pub status: u64,
    /// Length of the body.
    pub bytes: u64,
    /// Requests in flight when this one began, itself included.
    pub in_flight: u64,
    /// The connection's number.
    pub connection: u64,
}

/// Reads what was added to the file since `from` (bytes); returns the new end too.
pub fn read(path: &Path, from: u64) -> Result<(Vec<Call>, u64)> {
    let mut file = std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
    file.seek(SeekFrom::Start(from))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let calls = text.lines().map(parse).collect::<Result<Vec<Call>>>()?;
    Ok((calls, from + text.len() as u64))
}

fn parse(line: &str) -> Result<Call> {
    let value: Value = serde_json::from_str(line).with_context(|| format!("access log line {line:?}"))?;
    let text = |key: &str| value[key].as_str().map(str::to_string).with_context(|| missing(key, line));
    let number = |key: &str| value[key].as_u64().with_context(|| missing(key, line));
    Ok(Call {
        method: text("method")?,
        target: text("target")?,
        status: number("status")?,
        bytes: number("bytes")?,
        in_flight: number("in_flight")?,
        connection: number("connection")?,
    })
}

fn missing(key: &str, line: &str) -> String {
    format!("access log: no `{key}` in {line:?}")
}

/// The numbers of a run, as its other end saw it.
#[derive(Debug, Default)]
pub struct Summary {
    pub calls: u64,
    pub bytes: u64,
    pub in_flight: u64,
    pub connections: u64,
    /// Answered 429.
    pub refused: u64,
    /// Successful GETs of something that had been got before.
    pub repeated: u64,
    pub by_endpoint: BTreeMap<String, u64>,
}

pub fn summarise(calls: &[Call]) -> Summary {
    let mut summary = Summary::default();
    let (mut connections, mut seen) = (HashSet::new(), HashSet::new());
    for call in calls {
        summary.calls += 1;
        summary.bytes += call.bytes;
        summary.in_flight = summary.in_flight.max(call.in_flight);
        summary.refused += u64::from(call.status == 429);
        connections.insert(call.connection);
        if is_page(call) && !seen.insert(call.target.as_str()) {
            summary.repeated += 1;
        }
        *summary.by_endpoint.entry(format!("{} {}", call.method, endpoint(&call.target))).or_default() += 1;
    }
    summary.connections = connections.len() as u64;
    summary
}

/// What a bare fetch can ask again and get the same.
pub fn is_page(call: &Call) -> bool {
    call.method == "GET" && (200..300).contains(&call.status)
}

/// The path with `{id}` for what looks like one of Okta's ids (20 letters and digits, or base32 of a role's type).
pub fn endpoint(target: &str) -> String {
    let path = target.split('?').next().unwrap_or(target);
    let is_id = |s: &str| {
        let digit = s.bytes().any(|b| b.is_ascii_digit());
        let base32 = s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        s.len() >= 12 && (digit || base32) && s.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_folded() {
        for (target, expected) in [
            ("/api/v1/groups/00g1emaKYZTWRYYRRTSK/users?limit=1000", "/api/v1/groups/{id}/users"),
            ("/api/v1/users/00u1/roles/JBCUYUC7IRCVGS27IFCE2SKO", "/api/v1/users/00u1/roles/{id}"),
            ("/api/v1/iam/assignees/users", "/api/v1/iam/assignees/users"),
            ("/.well-known/okta-organization", "/.well-known/okta-organization"),
            ("/api/v1/authorizationServers", "/api/v1/authorizationServers"),
        ] {
            assert_eq!(endpoint(target), expected);
        }
    }

    #[test]
    fn lines_are_summed() {
        let line = |target: &str, status: u64, connection: u64| {
            let text = format!(
                r#"{{"method":"GET","target":"{target}","status":{status},"bytes":10,"in_flight":2,"connection":{connection}}}"#
            );
            parse(&text).expect("a line")
        };
        let calls = [line("/a", 200, 1), line("/a", 200, 2), line("/b", 429, 1), line("/b", 200, 1)];
        let summary = summarise(&calls);
        assert_eq!((summary.calls, summary.bytes, summary.connections), (4, 40, 2));
        assert_eq!((summary.refused, summary.repeated, summary.in_flight), (1, 1, 2));
        assert!(parse(r#"{"method":"GET"}"#).expect_err("incomplete").to_string().contains("target"));
    }
}
