//! `transom docs`: pages of the reference, made from the declarations; `cargo xtask gen` writes them to docs/reference.

use std::fmt::Write;

use clap::{Args, CommandFactory, ValueEnum};
use transom_core::Evidence;
use transom_engine::entity::{catalogue, datasets};

use crate::out::{DONE, Failure, Out};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Page {
    /// Every kind: what it is, its SQL view, its columns.
    Kinds,
    /// Every data set: what it is for, the right it takes.
    Permissions,
    /// Every command and option.
    Cli,
}

#[derive(Debug, Args)]
pub struct Docs {
    page: Page,
}

impl Docs {
    pub fn run(self, out: Out) -> Result<u8, Failure> {
        let page = match self.page {
            Page::Kinds => kinds(),
            Page::Permissions => permissions(),
            Page::Cli => cli(),
        };
        out.line(page.trim_end());
        Ok(DONE)
    }
}

fn kinds() -> String {
    let mut page = String::from("# Kinds and relations\n\nMade from the declarations; do not edit.\n");
    for kind in &catalogue().kinds {
        let _ = write!(
            page,
            "\n## {} (`{}`)\n\n{} SQL view: `{}`.",
            kind.title,
            kind.name,
            kind.what,
            kind.view()
        );
        if !kind.parents.is_empty() {
            let _ = write!(page, " Lives under: {}.", kind.parents.join(", "));
        }
        page.push('\n');
        if !kind.columns.is_empty() {
            page.push_str("\n| Column | From | What |\n|---|---|---|\n");
            for c in kind.columns {
                let _ = writeln!(page, "| `{}` | `{}` | {} |", c.name, c.path, c.doc);
            }
        }
    }
    page.push_str(
        "\n## Relations\n\n| Relation | From | To | What | Number on the edge |\n|---|---|---|---|---|\n",
    );
    for r in &catalogue().relations {
        let (from, to) = (r.from.join(", "), r.to.join(", "));
        let _ = writeln!(page, "| `{}` | {from} | {to} | {} | {} |", r.name, r.what, r.attr.unwrap_or(""));
    }
    page
}

fn permissions() -> String {
    let mut page = String::from(
        "# Data sets and the rights they take\n\nMade from the declarations; do not edit.\n\n\
         | Data set | We use it to | Without it | Permission (console name) | OAuth scope | In Read Only Administrator | How sure |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for d in datasets() {
        let sure = match d.right.evidence {
            Evidence::Recorded => "recorded",
            Evidence::Documented => "documented",
            Evidence::Practice => "practice",
            Evidence::Assumed => "assumed",
        };
        let _ = writeln!(
            page,
            "| {} (`{}`) | {} | {} | `{}` ({}) | `{}` | {} | {sure} |",
            d.title,
            d.name,
            d.used_for,
            d.without,
            d.right.permission,
            d.right.console,
            d.right.scope,
            if d.right.read_only_admin { "yes" } else { "no" },
        );
    }
    page
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
