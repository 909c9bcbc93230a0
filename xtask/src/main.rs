//! The project's own chores. `cargo xtask help` lists them; `CONTRIBUTING.md` says when to use which.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks to its terminal")]

mod apt;
mod bench;
mod cargo;
mod clock;
mod dist;
mod generate;
mod guard;
mod lint;
mod postgres;
mod repo;
mod running;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
The project's own chores. Run as `cargo xtask COMMAND`.

  test [--all] [--ring NAME]   the CI: format, lints, clippy, tests on SQLite and PostgreSQL, end-to-end
                               --all    also the rings that need other people's packages, and full counts
                               --ring   only this ring (may be repeated); `--list` prints their names
  shots [DIR]                  pictures of every page of the web app, in both themes, wide and narrow (target/shots)
  lint                         our own rules: layering, file sizes, names, bans, licences, words
  gen [--check]                rewrite the generated reference pages; --check only compares
  bench sync [OPTIONS]         a full sync beside a bare fetch of the same pages, in one run; fails where calls, memory
                               or time are above their bars for the size and the tiers that were run
                               --size small|r10k|r100k|r1m       the simulated org (r10k)
                               --runs N                          pairs of runs, alternating (2)
                               --latency MS                      the simulator's answer time (0)
                               --limits off|real                 rate limits (off); real: beside the bound instead
                               --time-scale K                    make the simulator's minute K times shorter
                               --tier core|factors|deep          only this tier
                               --route fewest|shortest           how the sync chooses routes (its own way)
                               --binary FILE                     measure this program; nothing is built
                               --json FILE                       also write the numbers there
  bench read [--size SIZE]     lists, searches and details in the database alone: r10k, r100k (usual) or r1m
  bench web [OPTIONS]          every page under fifty readers while a sync goes on: server time and weight; fails where a
                               page has a p99 above 50 ms or weighs more than 100 kB
                               --size small|r10k|r100k|r1m       the simulated org (r10k)
                               --data DIR                        an installation to use again, or to leave there
                               --readers N                       readers at a time (50)
                               --pause MS                        between two pages of a reader (1000)
                               --rounds N                        how often each reads every page (2)
                               --limits real|off                 the simulator's rate limits meanwhile (real)
                               --binary FILE                     measure this program; nothing is built
  dist [OPTIONS]               release archives and their SHA256SUMS in dist/, for Linux on x86-64 and arm64
                               --target TRIPLE                   only this one (may be repeated)
                               --binary FILE                     pack this program for this machine; nothing is built
  help                         this text

Exit codes: 0 done, 1 something failed or was found, 2 usage.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.split_first() {
        Some((&"test", rest)) => test::command(rest),
        Some((&"shots", rest)) => test::shots(rest),
        Some((&"lint", rest)) => lint::command(rest),
        Some((&"gen", rest)) => generate::command(rest),
        Some((&"bench", rest)) => bench::command(rest),
        Some((&"dist", rest)) => dist::command(rest),
        None | Some((&("help" | "--help" | "-h"), _)) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some((other, _)) => Err(usage(format!("there is no command `{other}`"))),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<Usage>() => {
            eprintln!("{error}\n\n{HELP}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A mistake on the command line: answered with the help text and exit code 2.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn usage(message: impl Into<String>) -> anyhow::Error {
    Usage(message.into()).into()
}

/// A command that takes no arguments refuses the ones it got.
fn no_arguments(command: &str, args: &[&str]) -> anyhow::Result<()> {
    match args.first() {
        None => Ok(()),
        Some(arg) => Err(usage(format!("`{command}` takes no argument `{arg}`"))),
    }
}
