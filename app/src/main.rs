//! `transom`: the open, self-hosted Okta connected app.

mod cli;
mod config;
mod memory;
mod out;
mod progress;
mod secret;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::out::Out;

fn main() -> ExitCode {
    // Before any thread starts: secrets leave the environment, where child processes would get them and /proc would show them.
    let environment = secret::Environment::take();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Programs that ask for JSON get it; clap writes its own usage errors for people, and help.
        Err(error) if error.use_stderr() && wants_json() => {
            return Out::new(true).fail(&out::Failure::CommandLine(error));
        }
        Err(error) => {
            // Only the exit code is ours (2: usage).
            let code = u8::from(error.use_stderr()) * 2;
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let out = Out::new(cli.global.json);
    start_log(&cli.global.log);
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads()).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return out.fail(&out::Failure::Other(error.into())),
    };
    match runtime.block_on(cli::run(cli, &out, environment)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => out.fail(&failure),
    }
}

/// One more than there are cores: while pages of megabytes are read on all of them, the small answers that come meanwhile
/// need not wait for their end (10,000 users on two cores: 14.9 s where it was 16.2, and in another hour 15.3 where it was
/// 15.5).
fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from) + 1
}

/// Whether a command line that can't be parsed asks for JSON.
fn wants_json() -> bool {
    std::env::args_os().skip(1).take_while(|word| word != "--").any(|word| word == "--json")
}

/// Structured logs go to standard error, off unless asked for: people read the output, machines read the log.
fn start_log(filter: &str) {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("off"));
    let _ = fmt().with_env_filter(filter).with_writer(std::io::stderr).json().try_init();
}
