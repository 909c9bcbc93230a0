//! `transom sim`: a simulated Okta org alone, for tests of any client.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::{Args, ValueEnum};
use okta_sim::faults::{FAULTS, Faults, GROUPS};
use okta_sim::{Config, Hooks, Limits};
use serde_json::json;

use crate::out::{DONE, Failure, Out};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LimitsArg {
    Real,
    Off,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Size {
    Small,
    R10k,
    R100k,
    R1m,
}

#[derive(Debug, Args)]
pub struct Sim {
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The org's proportions: small (500 users) or a reference org of 10 thousand, 100 thousand or a million users.
    #[arg(long, value_enum, default_value_t = Size::Small)]
    size: Size,
    /// Users in the org.
    #[arg(long)]
    users: Option<u64>,
    /// Groups in the org.
    #[arg(long)]
    groups: Option<u64>,
    /// Apps in the org.
    #[arg(long)]
    apps: Option<u64>,
    /// The org is computed from this number; the same number gives the same org.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Okta's rate limits as they are, or none.
    #[arg(long, value_enum, default_value_t = LimitsArg::Real)]
    limits: LimitsArg,
    /// Let a limit's minute last 1/K minute.
    #[arg(long, default_value_t = 1.0, value_name = "K")]
    time_scale: f64,
    /// Milliseconds every answer takes longer.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency: u64,
    /// Only this named situation instead of all of them.
    #[arg(long, value_name = "NAME")]
    story: Option<String>,
    /// Spoil answers by these faults, the same for the same --seed; `list` shows which there are.
    #[arg(long, value_name = "NAME[,NAME…]")]
    faults: Option<String>,
    /// Write a line for every request to this file.
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,
}

impl Sim {
    pub async fn run(self, out: Out) -> Result<u8, Failure> {
        if self.faults.as_deref() == Some("list") {
            list(out);
            return Ok(DONE);
        }
        if !self.listen.ip().is_loopback() {
            return Err(Failure::Usage(
                "A simulator listens on this machine only: 127.0.0.1 or [::1].".to_string(),
            ));
        }
        let started = okta_sim::Sim::start_with(self.config()?, self.listen, self.hooks()?).await;
        let running = started.map_err(anyhow::Error::from)?;
        let ready = json!({ "origin": running.origin, "tokens": running.tokens });
        // One line, whatever --json says: programs that start a simulator read it.
        out.document(ready.to_string());
        stopped().await?;
        let org = running.org.clone();
        running.shutdown().await;
        out.note(serde_json::to_string(&org.counts()).unwrap_or_default());
        Ok(DONE)
    }

    fn config(&self) -> Result<Config, Failure> {
        let base = match self.size {
            Size::Small => Config::default(),
            Size::R10k => Config::r10k(),
            Size::R100k => Config::r100k(),
            Size::R1m => Config::r1m(),
        };
        let mut config = Config { seed: self.seed, time_scale: self.time_scale, ..base };
        config.users = self.users.unwrap_or(config.users);
        config.groups = self.groups.unwrap_or(config.groups);
        config.apps = self.apps.unwrap_or(config.apps);
        config.limits = match self.limits {
            LimitsArg::Real => Limits::Real,
            LimitsArg::Off => Limits::Off,
        };
        config.latency = Duration::from_millis(self.latency);
        config.story.clone_from(&self.story);
        checked(config)
    }

    fn hooks(&self) -> Result<Hooks, Failure> {
        let mut hooks = Hooks::default();
        if let Some(names) = &self.faults {
            hooks.fault = Some(Arc::new(faults(names, self.seed)?));
        }
        if let Some(path) = &self.access_log {
            let file = File::create(path).map_err(|e| {
                Failure::Usage(format!(
                    "The access log {} can't be written: {e}. Choose another --access-log.",
                    path.display()
                ))
            })?;
            hooks.access_log = Some(Arc::new(Mutex::new(file)));
        }
        Ok(hooks)
    }
}

/// An address of this machine.
pub fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: Option<SocketAddr> = text.parse().ok();
    let wrong = || "expected an address of this machine such as 127.0.0.1:8080".to_string();
    address.filter(|a| a.ip().is_loopback()).ok_or_else(wrong)
}

/// The faults of these names, or which of them is none.
pub fn faults(names: &str, seed: u64) -> Result<Faults, Failure> {
    Faults::named(names, seed).map_err(|why| Failure::Usage(format!("--{why}.")))
}

fn list(out: Out) {
    let all = FAULTS.iter().map(|fault| (fault.name, fault.summary)).chain(GROUPS.iter().copied());
    if out.is_json() {
        let all: Vec<_> = all.map(|(name, summary)| json!({ "name": name, "summary": summary })).collect();
        return out.json(&all);
    }
    for (name, summary) in all {
        out.line(format!("{name:<20}{summary}"));
    }
}

/// The config, or which option is wrong and what it may be.
pub fn checked(config: Config) -> Result<Config, Failure> {
    match config.check() {
        Ok(()) => Ok(config),
        Err(why) => {
            let (field, expected) = why.split_once(':').unwrap_or(("", &why));
            Err(Failure::Usage(format!("--{}:{expected}.", field.replace('_', "-"))))
        }
    }
}

/// Returns at Ctrl-C or SIGTERM.
pub async fn stopped() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt?,
        _ = term.recv() => {}
    }
    Ok(())
}
