//! What people and programs read: tables and sentences, or one JSON document with `--json`.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::json;
pub use transom_core::number;
use transom_engine::connection::Loss;
use transom_engine::{Class, Problem};

/// Everything went well.
pub const DONE: u8 = 0;
/// It worked, and something is partial.
pub const PARTIAL: u8 = 1;
/// A fault of ours or of the machine.
const INTERNAL: u8 = 4;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// A problem told in three parts.
    Problem(Box<Problem>),
    /// Words used wrongly.
    Usage(String),
    /// A command line that is none; told in the words of the parser.
    CommandLine(clap::Error),
    /// Ctrl-C: what that means for what was done, and what to do.
    Stopped { why: &'static str, todo: String },
    /// A fault of ours or of the machine.
    Other(anyhow::Error),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<transom_store::Error> for Failure {
    fn from(error: transom_store::Error) -> Self {
        Problem::from(error).into()
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Other(error.into())
    }
}

/// The way out: standard output for results, standard error for progress and failures.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    json: bool,
}

impl Out {
    /// Output for people, or as JSON.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether `--json` was given.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person watches standard error: progress bars make sense only then.
    pub fn is_watched(self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// A line of result. A reader that went away ends the program quietly, as `head` expects; a result that can't be
    /// written whole (a full disk) is a failure.
    pub fn line(self, text: impl AsRef<str>) {
        self.document(printable(text.as_ref()));
    }

    /// A line of JSON, as it is: for programs. Where it can't be written, as [`Self::line`].
    pub fn document(self, text: impl AsRef<str>) {
        if let Err(error) = writeln!(io::stdout(), "{}", text.as_ref()) {
            let code = unwritten(&error);
            if code != DONE {
                self.note(format!(
                    "\nThe result could not be written: {error}.\n  What was written is not all of it."
                ));
            }
            std::process::exit(code.into());
        }
    }

    /// A paragraph of result: on a terminal, folded between words with further lines set in by `indent` blanks.
    pub fn prose(self, text: impl AsRef<str>, indent: usize) {
        if !io::stdout().is_terminal() {
            return self.line(text);
        }
        let further = " ".repeat(indent);
        let options = textwrap::Options::with_termwidth().subsequent_indent(&further);
        self.line(textwrap::fill(text.as_ref(), options));
    }

    /// A line about what is going on; never part of the result.
    pub fn note(self, text: impl AsRef<str>) {
        let _ = writeln!(io::stderr(), "{}", printable(text.as_ref()));
    }

    /// One JSON document.
    pub fn json(self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.document(text),
            Err(error) => self.note(format!("This could not be written as JSON: {error}")),
        }
    }

    /// A table with `head`; widths follow the terminal.
    pub fn table(self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if !io::stdout().is_terminal() {
            // Nobody's window: lines must not be folded, programs read them.
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        table.set_header(head.iter().map(|h| Cell::new(h).add_attribute(Attribute::Bold)));
        for row in rows {
            table.add_row(row.iter().map(|cell| printable(cell)));
        }
        let text = table.to_string();
        for line in text.lines() {
            self.line(line.trim_end());
        }
    }

    /// Tells a failure and returns its exit code (DESIGN §6).
    pub fn fail(self, failure: &Failure) -> ExitCode {
        let (code, parts) = match failure {
            Failure::Problem(p) => {
                let told = Problem { todo: todo(p).to_string(), ..(**p).clone() };
                (p.class.exit_code(), serde_json::to_value(told).unwrap_or_default())
            }
            Failure::Usage(text) => (2, json!({ "class": "usage", "what": text })),
            Failure::CommandLine(error) => (2, command_line(error)),
            Failure::Stopped { why, todo } => {
                (PARTIAL, json!({ "class": "stopped", "what": "Stopped.", "why": why, "todo": todo }))
            }
            Failure::Other(error) => (INTERNAL, json!({ "class": "internal", "what": format!("{error:#}") })),
        };
        if self.json {
            self.json(&json!({ "error": parts }));
        } else {
            let part = |name: &str| parts.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_string();
            self.note(format!("\n{}", part("what")));
            for name in ["why", "todo"] {
                if !part(name).is_empty() {
                    self.note(folded(&part(name)));
                }
            }
            if let Failure::Problem(p) = failure {
                p.losses.iter().for_each(|loss| self.note(lost(loss)));
            }
            if let Failure::Problem(p) = failure
                && let Some(id) = &p.request_id
            {
                self.note(format!("  Okta request id: {id}"));
            }
        }
        ExitCode::from(code)
    }
}

/// What to do about a problem, where that is done by an option of this program; otherwise what is said of it.
fn todo(problem: &Problem) -> &str {
    match problem.class {
        Class::ReadsLess => {
            "Do what is said of each, then rotate again; or take less on purpose: --accept-less."
        }
        _ => &problem.todo,
    }
}

/// What the parser found wrong, and below it how it should be.
fn command_line(error: &clap::Error) -> serde_json::Value {
    let text = error.render().to_string();
    let (what, todo) = text.split_once("\n\n").unwrap_or((&text, ""));
    let what = what.trim().trim_start_matches("error: ");
    json!({ "class": "usage", "what": what, "why": "", "todo": todo.trim() })
}

/// What a new credential reads less of, and why.
fn lost(loss: &Loss) -> String {
    let states = format!("{} \u{2192} {}", loss.was.label(), loss.becomes_label());
    let without =
        if loss.without.is_empty() { String::new() } else { format!(" Without it {}.", loss.without) };
    format!("\n  {}: {}\n{}", loss.title, states.to_lowercase(), folded(&format!("{}{without}", loss.reason)))
}

/// A sentence of a failure, set in by two blanks, and folded where a person reads it on a terminal.
fn folded(text: &str) -> String {
    if !io::stderr().is_terminal() {
        return format!("  {text}");
    }
    textwrap::fill(text, textwrap::Options::with_termwidth().initial_indent("  ").subsequent_indent("  "))
}

/// A text without control characters but line ends and tabs: names in an org must not move a terminal's cursor.
fn printable(text: &str) -> Cow<'_, str> {
    let moves = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(moves) { text.replace(moves, "\u{fffd}").into() } else { text.into() }
}

/// The exit code where the result can't be written.
fn unwritten(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::BrokenPipe { DONE } else { INTERNAL }
}

/// `1 user`, `2 users`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// A word of a command line that can be pasted into a shell.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A time as people read it, or `never`.
pub fn time(millis: Option<i64>) -> String {
    millis
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map_or_else(|| "never".to_string(), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_that_went_away_ends_quietly() {
        assert_eq!(unwritten(&io::ErrorKind::BrokenPipe.into()), DONE);
        assert_eq!(unwritten(&io::ErrorKind::StorageFull.into()), INTERNAL);
    }

    #[test]
    fn no_name_moves_the_cursor() {
        assert_eq!(printable("Ada\u{1b}[2J \u{9b}1m\r\u{7f}"), "Ada\u{fffd}[2J \u{fffd}1m\u{fffd}\u{fffd}");
        assert_eq!(printable("a\tb\n– ü"), "a\tb\n– ü");
    }

    #[test]
    fn numbers_and_words_read_well() {
        assert_eq!(counted(1, "user", "users"), "1 user");
        assert_eq!(counted(12_044, "user", "users"), "12,044 users");
        assert_eq!(quoted("O'Neill & Co"), r"'O'\''Neill & Co'");
    }
}
