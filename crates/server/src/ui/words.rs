//! Numbers, times and states as people read them.

use std::fmt;

use transom_core::{ConnectionState, CoverageState, Millis, number};

/// A whole number with its thousands apart: `12,044`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&number(self.0))
    }
}

/// A time: relative where it is read, exact where one points at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// `40 seconds ago`.
    pub relative: String,
    /// `2026-11-24 19:11:15 UTC`.
    pub exact: String,
    /// For the markup: RFC 3339.
    pub machine: String,
}

impl Moment {
    /// The moment `at`, seen at `now`.
    pub fn new(at: Millis, now: Millis) -> Self {
        let time = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
        let exact = time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        Self { relative: relative(now - at), exact, machine: time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
    }
}

fn relative(ago: Millis) -> String {
    let seconds = ago.abs() / 1_000;
    let (n, unit) = match seconds {
        0..10 => return if ago >= 0 { "just now" } else { "in a moment" }.to_string(),
        10..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..5_184_000 => (seconds / 86_400, "day"),
        // From two of a unit on: a month is taken for 30 days here, a year for 365.
        5_184_000..63_072_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    let s = if n == 1 { "" } else { "s" };
    if ago >= 0 { format!("{n} {unit}{s} ago") } else { format!("in {n} {unit}{s}") }
}

/// A state: a mark, whose shape and colour the tone gives, and a word. The tones are `ok`, `warn`, `bad`, `info`, `unknown`
/// (hatched), `busy` and `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// The tone.
    pub tone: &'static str,
    /// The word.
    pub label: &'static str,
}

impl From<ConnectionState> for State {
    fn from(state: ConnectionState) -> Self {
        let tone = match state {
            ConnectionState::Connected => "ok",
            ConnectionState::ConnectedLimited => "unknown",
            ConnectionState::Failed => "bad",
            ConnectionState::Verifying => "busy",
            ConnectionState::Paused => "warn",
            ConnectionState::NotConnected => "off",
        };
        Self { tone, label: state.label() }
    }
}

impl From<CoverageState> for State {
    fn from(state: CoverageState) -> Self {
        let tone = match state {
            CoverageState::Complete => "ok",
            CoverageState::NotLicensed => "off",
            _ => "unknown",
        };
        Self { tone, label: state.label() }
    }
}

/// The status of an object, in Okta's word, which may be any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// The tone; see [`State`].
    pub tone: &'static str,
    /// Okta's word.
    pub label: String,
}

impl Status {
    /// Okta's word with a tone, for those whose meaning is the same wherever they stand.
    pub fn new(word: &str) -> Self {
        let tone = match word {
            "ACTIVE" | "ENABLED" | "VERIFIED" => "ok",
            "SUSPENDED" | "LOCKED_OUT" | "PASSWORD_EXPIRED" | "RECOVERY" | "EXPIRED" | "INVALID" => "warn",
            "INACTIVE" | "DEPROVISIONED" | "DEACTIVATED" | "DISABLED" | "DELETED" | "NOT_SETUP" => "off",
            _ => "info",
        };
        Self { tone, label: word.to_string() }
    }
}

/// More of what a title names: `Policy`, `Policies`.
pub(crate) fn plural(title: &str) -> String {
    // Of several, the first noun is many: resources of a resource set.
    if let Some((first, rest)) = title.split_once(" of ") {
        return format!("{} of {rest}", plural(first));
    }
    match title.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if title.ends_with('s') => title.to_string(),
        _ => format!("{title}s"),
    }
}

/// A name of the declarations as people read it: `last_login`, `Last login`.
pub(crate) fn spoken(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Count {
    /// So many of what `one` names: `1 user`, `12,044 users`.
    pub fn of(self, one: &str) -> String {
        if self.0 == 1 { format!("1 {one}") } else { format!("{self} {}", plural(one)) }
    }

    /// A number that may have been given up: `5,000+`.
    pub fn counted(count: transom_store::Count) -> String {
        match count {
            transom_store::Count::Exactly(n) => Self(n).to_string(),
            transom_store::Count::AtLeast(n) => format!("{}+", Self(n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_names_read_well() {
        let said = ["Policy", "API key", "User", "Lockout settings"].map(plural);
        assert_eq!(said, ["Policies", "API keys", "Users", "Lockout settings"]);
        assert_eq!([spoken("last_login"), spoken("")], ["Last login", ""]);
        assert_eq!([Status::new("ACTIVE").tone, Status::new("WHATEVER").tone], ["ok", "info"]);
        assert_eq!(Count::counted(transom_store::Count::AtLeast(5_000)), "5,000+");
        assert_eq!([Count(1).of("Policy"), Count(1_002).of("Policy")], ["1 Policy", "1,002 Policies"]);
        assert_eq!([Count(0).of("call"), Count(1).of("data set")], ["0 calls", "1 data set"]);
    }

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(
            [0, 999, 12_044, 1_000_000].map(|n| Count(n).to_string()),
            ["0", "999", "12,044", "1,000,000"]
        );
        let said =
            [0, 40_000, 60_000, 7_200_000, 86_400_000, -120_000, 5_184_000_000, 63_072_000_000].map(relative);
        assert_eq!(
            said,
            [
                "just now",
                "40 seconds ago",
                "1 minute ago",
                "2 hours ago",
                "1 day ago",
                "in 2 minutes",
                "2 months ago",
                "2 years ago"
            ]
        );
        let moment = Moment::new(1_800_000_000_000, 1_800_000_040_000);
        assert_eq!(
            (moment.relative.as_str(), moment.exact.as_str()),
            ("40 seconds ago", "2027-01-15 08:00:00 UTC")
        );
    }
}
