//! Writes JSON straight into a buffer. The big lists (users, members, app users, factors) are written this way
//! because building a tree for each of 200 objects a page costs several times more than computing them.

use std::fmt::{Arguments, Write as _};

/// A JSON text under construction. A comma is put where the last byte says that one is due, so that callers only say
/// what comes next.
#[derive(Debug, Default)]
pub struct Out(String);

impl Out {
    /// An empty text with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// The finished text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// How many bytes are written so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets everything after the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// What is written so far.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn separate(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.escaped(key);
        self.0.push(':');
    }

    /// An object as the next value: an array's element, or the whole text.
    pub fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push('{');
        fill(self);
        self.0.push('}');
    }

    /// An array as the next value.
    pub fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push('[');
        fill(self);
        self.0.push(']');
    }

    /// `"key":{…}`
    pub fn object_at(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.object(fill);
    }

    /// `"key":[…]`
    pub fn array_at(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.array(fill);
    }

    /// `"key":"text"`, escaped.
    pub fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.escaped(text);
    }

    /// `"key":"text"` or `"key":null`.
    pub fn maybe_text(&mut self, key: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.null(key),
        }
    }

    /// `"key":"…"` from a format. The parts must need no escaping: ids, numbers, the origin.
    pub fn plain(&mut self, key: &str, parts: Arguments<'_>) {
        self.key(key);
        self.0.push('"');
        let _ = self.0.write_fmt(parts);
        self.0.push('"');
    }

    /// `"key":{"href":"…"}` from a format whose parts need no escaping.
    pub fn href(&mut self, key: &str, parts: Arguments<'_>) {
        self.object_at(key, |o| o.plain("href", parts));
    }

    /// `"key":true|false`
    pub fn flag(&mut self, key: &str, value: bool) {
        self.key(key);
        self.0.push_str(if value { "true" } else { "false" });
    }

    /// `"key":123`
    pub fn number(&mut self, key: &str, value: i64) {
        self.key(key);
        let _ = write!(self.0, "{value}");
    }

    /// `"key":null`
    pub fn null(&mut self, key: &str) {
        self.key(key);
        self.0.push_str("null");
    }

    /// `"key":…` with a value that is JSON already.
    pub fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.0.push_str(json);
    }

    /// A value that is JSON already, as the next value.
    pub fn raw_value(&mut self, json: &str) {
        self.separate();
        self.0.push_str(json);
    }

    /// A text as the next value (an array's element).
    pub fn text_value(&mut self, text: &str) {
        self.separate();
        self.escaped(text);
    }

    /// `"key":"2026-02-02T11:15:22.000Z"` from milliseconds since the epoch.
    pub fn time(&mut self, key: &str, millis: i64) {
        self.key(key);
        self.0.push('"');
        push_time(&mut self.0, millis);
        self.0.push('"');
    }

    /// A time, or `null`.
    pub fn maybe_time(&mut self, key: &str, millis: Option<i64>) {
        match millis {
            Some(millis) => self.time(key, millis),
            None => self.null(key),
        }
    }

    fn escaped(&mut self, text: &str) {
        self.0.push('"');
        if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
            self.0.push_str(text);
        } else {
            for c in text.chars() {
                match c {
                    '"' => self.0.push_str("\\\""),
                    '\\' => self.0.push_str("\\\\"),
                    '\n' => self.0.push_str("\\n"),
                    '\r' => self.0.push_str("\\r"),
                    '\t' => self.0.push_str("\\t"),
                    c if (c as u32) < 0x20 => {
                        let _ = write!(self.0, "\\u{:04x}", c as u32);
                    }
                    c => self.0.push(c),
                }
            }
        }
        self.0.push('"');
    }
}

/// The time as Okta writes it: `2026-02-02T11:15:22.000Z`.
pub fn time(millis: i64) -> String {
    let mut text = String::with_capacity(24);
    push_time(&mut text, millis);
    text
}

/// The time as some of Okta's newer resources write it: `2026-02-02T11:15:22Z`.
pub fn seconds(millis: i64) -> String {
    let mut text = time(millis);
    text.replace_range(19..23, "");
    text
}

/// Reads an ISO 8601 time as milliseconds since the epoch; `None` when it is none.
pub fn parse_time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|t| t.as_millisecond())
}

fn push_time(out: &mut String, millis: i64) {
    let (days, in_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Civil date from days since 1970 (Howard Hinnant's algorithm): a formatter of a date library costs ten times
    // this, and a page of users has a thousand dates.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (s, ms) = (in_day / 1000, in_day % 1000);
    let digits = |out: &mut String, value: i64, width: u32| {
        for place in (0..width).rev() {
            out.push(char::from(b'0' + (value / 10i64.pow(place) % 10) as u8));
        }
    };
    for (value, width, after) in [
        (year, 4, '-'),
        (month, 2, '-'),
        (day, 2, 'T'),
        (s / 3600, 2, ':'),
        (s / 60 % 60, 2, ':'),
        (s % 60, 2, '.'),
        (ms, 3, 'Z'),
    ] {
        digits(out, value, width);
        out.push(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_escapes() {
        let mut o = Out::default();
        o.array(|o| {
            o.object(|o| {
                o.text("a", "x\"y\\z\n\u{1}é");
                o.object_at("b", |_| {});
                o.array_at("c", |o| {
                    o.text_value("1");
                    o.text_value("");
                });
                o.number("d", -5);
                o.null("e");
            });
            o.object(|o| o.flag("f", true));
        });
        let value: serde_json::Value = serde_json::from_str(o.as_str()).expect("valid JSON");
        assert_eq!(
            value,
            serde_json::json!([{"a": "x\"y\\z\n\u{1}é", "b": {}, "c": ["1", ""], "d": -5, "e": null}, {"f": true}])
        );
    }

    #[test]
    fn times_agree_with_jiff() {
        for millis in [0, 1_770_030_922_123, -1, 951_782_400_000, 4_102_444_799_999, 1_709_164_800_000] {
            let text = time(millis);
            assert_eq!(parse_time(&text), Some(millis), "{text}");
        }
        assert_eq!(time(1_770_030_922_000), "2026-02-02T11:15:22.000Z");
        assert_eq!(seconds(1_770_030_922_123), "2026-02-02T11:15:22Z");
    }
}
