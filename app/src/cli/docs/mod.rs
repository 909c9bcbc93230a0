//! `transom docs`: pages of the reference, made from the declarations; `cargo xtask gen` writes them to docs/reference.

mod coverage;
mod kinds;
mod manifest;
mod sql;

use std::fmt::Write;

use clap::{Args, CommandFactory, ValueEnum};

use crate::out::{DONE, Failure, Out};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Page {
    /// Every kind: what it is, how it is read, its SQL view, columns and relations.
    Kinds,
    /// Every data set: its right, tier, bucket, and what is lost without it.
    Coverage,
    /// The same for programs, as JSON.
    Manifest,
    /// The SQL views, and questions with the queries that answer them.
    Sql,
    /// Every command and option.
    Cli,
    /// The API of a running server, as OpenAPI has it.
    Openapi,
}

#[derive(Debug, Args)]
pub struct Docs {
    page: Page,
}

impl Docs {
    pub fn run(self, out: Out) -> Result<u8, Failure> {
        let page = match self.page {
            Page::Kinds => kinds::page(),
            Page::Coverage => coverage::page(),
            Page::Manifest => manifest::json()?,
            Page::Sql => sql::page(),
            Page::Cli => cli(),
            Page::Openapi => transom_server::api::openapi()
                .map_err(|e| Failure::Usage(format!("The document can't be written: {e}.")))?,
        };
        out.document(page.trim_end());
        Ok(DONE)
    }
}

fn cli() -> String {
    let mut page = String::from("# Commands\n\nMade from the program; do not edit.\n");
    commands(&super::Cli::command().term_width(100), "", &mut page);
    page
}

fn commands(command: &clap::Command, above: &str, page: &mut String) {
    let name = format!("{above}{}", command.get_name());
    let help = command.clone().bin_name(&name).render_long_help().to_string();
    // Values of the environment and trailing blanks would differ from machine to machine.
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set() && s.get_name() != "help") {
        commands(sub, &format!("{name} "), page);
    }
}

/// `one`, `one and two`, `one, two and three`, each in backquotes.
fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The right that a data set takes.
fn right(e: &manifest::Entry) -> String {
    match e.permission {
        Some(permission) => format!("`{permission}` ({})", e.console),
        None => format!("standard role {}", e.console),
    }
}

/// Text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
