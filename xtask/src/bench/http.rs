//! As much HTTP/1.1 as measuring takes: one keep-alive connection, an answer after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail};

/// A connection to `http://HOST:PORT`.
pub struct Connection {
    host: String,
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

/// An answer without its body.
pub struct Head {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a header that may come several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Connection {
    pub fn open(origin: &str) -> Result<Connection> {
        let host = origin.strip_prefix("http://").context("the origin is plain http")?.trim_end_matches('/');
        let writer = TcpStream::connect(host).with_context(|| format!("connecting to {host}"))?;
        writer.set_nodelay(true)?;
        let reader = BufReader::with_capacity(64 * 1024, writer.try_clone()?);
        Ok(Connection { host: host.to_string(), reader, writer })
    }

    /// Asks; `headers` are whole lines with their ends. The body goes to `into`; returns its length as it came.
    pub fn get(&mut self, target: &str, headers: &str, into: &mut impl Write) -> Result<(Head, u64)> {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.host);
        self.writer.write_all(request.as_bytes())?;
        answer(&mut self.reader, into).with_context(|| format!("GET {target}"))
    }

    /// Sends a form.
    pub fn post(&mut self, target: &str, headers: &str, form: &str) -> Result<Head> {
        let request = format!(
            "POST {target} HTTP/1.1\r\nhost: {}\r\n{headers}content-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        );
        self.writer.write_all(request.as_bytes())?;
        Ok(answer(&mut self.reader, &mut std::io::sink()).with_context(|| format!("POST {target}"))?.0)
    }
}

/// Reads one answer to its end.
pub fn answer(reader: &mut impl BufRead, into: &mut impl Write) -> Result<(Head, u64)> {
    let first = line(reader)?;
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("no status in `{first}`"))?;
    let mut headers = Vec::new();
    loop {
        let header = line(reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) =
            header.split_once(':').with_context(|| format!("a header without colon: {header}"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
    }
    let head = Head { status, headers };
    let chunked = head.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
    let length = head.header("content-length").map(str::parse::<u64>).transpose()?;
    let bytes = match (chunked, length) {
        (true, _) => chunks(reader, into)?,
        (false, Some(length)) => copy(reader, length, into)?,
        (false, None) if matches!(status, 204 | 304) => 0,
        (false, None) => bail!("neither content-length nor chunks"),
    };
    Ok((head, bytes))
}

fn chunks(reader: &mut impl BufRead, into: &mut impl Write) -> Result<u64> {
    let mut total = 0;
    loop {
        let head = line(reader)?;
        let size = u64::from_str_radix(head.split(';').next().unwrap_or_default().trim(), 16)
            .with_context(|| format!("chunk size `{head}`"))?;
        total += copy(reader, size, into)?;
        // The chunk's own end, or the empty line after the last one (nobody here sends trailers).
        line(reader)?;
        if size == 0 {
            return Ok(total);
        }
    }
}

fn copy(reader: &mut impl BufRead, length: u64, into: &mut impl Write) -> Result<u64> {
    let read = std::io::copy(&mut reader.take(length), into)?;
    if read < length {
        bail!("the connection ended after {read} of {length} bytes");
    }
    Ok(read)
}

/// A line without its CRLF.
fn line(reader: &mut impl BufRead) -> Result<String> {
    let mut text = String::new();
    if reader.read_line(&mut text)? == 0 {
        bail!("the connection ended");
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(u16, u64, String)> {
        let mut body = Vec::new();
        let (head, length) = answer(&mut BufReader::new(text.as_bytes()), &mut body)?;
        Ok((head.status, length, String::from_utf8(body)?))
    }

    #[test]
    fn bodies_of_both_forms_are_read() {
        let (status, length, body) =
            read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").expect("length");
        assert_eq!((status, length, body.as_str()), (200, 5, "hello"));
        let chunked =
            "HTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n";
        assert_eq!(read(chunked).expect("chunks"), (404, 8, "helloyou".to_string()));
    }

    #[test]
    fn a_cut_is_an_error() {
        assert!(read("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello").is_err());
        assert!(read("").is_err());
    }
}
