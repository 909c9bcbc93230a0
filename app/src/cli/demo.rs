//! `transom demo`: the main job on nothing but this binary.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use okta_sim::{Config, Hooks, Limits};
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;
use transom_engine::Engine;
use transom_engine::connection::Connect;
use transom_server::{Listen, Site};

use super::verification::{Rows, told};
use super::{org, serve, sim, sync};
use crate::config::Global;
use crate::out::{DONE, Failure, Out, quoted};
use crate::progress::Progress;

/// How much faster the demo's rate-limit minutes pass: the limits are seen at work without being waited for.
const TIME_SCALE: f64 = 30.0;

/// The file in the data directory that a running demo holds.
pub const LOCK: &str = "demo.lock";

#[derive(Debug, Args)]
pub struct Demo {
    /// Users in the simulated org.
    #[arg(long, default_value_t = 500)]
    users: u64,
    /// Let the org misbehave, to see the sync cope: one or more faults of `transom sim --faults list`.
    #[arg(long, value_name = "NAME[,NAME…]")]
    faults: Option<String>,
    /// Where the web app listens, on this machine [default: 127.0.0.1:8080, or a free port]
    #[arg(long, value_name = "ADDRESS", value_parser = sim::loopback)]
    listen: Option<SocketAddr>,
    /// End after the summary instead of staying up.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub async fn run(self, global: &Global, out: Out) -> Result<u8, Failure> {
        let config =
            Config { users: self.users, limits: Limits::Real, time_scale: TIME_SCALE, ..Config::default() };
        let config = sim::checked(config)?;
        let seed = config.seed;
        let faults = self.faults.as_deref().map(|names| sim::faults(names, seed)).transpose()?;
        let faults = faults.map(Arc::new);
        // Connecting is not what is to be seen.
        faults.iter().for_each(|faults| faults.stop());
        let _alone = alone(global)?;
        let hooks = Hooks { fault: faults.clone().map(|faults| faults as _), ..Hooks::default() };
        let running = okta_sim::Sim::start_with(config, ([127, 0, 0, 1], 0).into(), hooks)
            .await
            .map_err(anyhow::Error::from)?;
        let (demo, dir) = fresh(global)?;
        out.note(format!(
            "A simulated Okta org runs at {} (its rate-limit minutes last 2 seconds).\n",
            running.origin
        ));
        let engine = Engine { allow_loopback: true, ..demo.engine(None, out).await? };
        let given = Connect {
            domain: running.origin.clone(),
            okta_host: None,
            label: Some("Demo".to_string()),
            credential: SecretString::from(running.tokens.read_only_custom.clone()).into(),
        };
        let connected = engine.connect(given, &move |step| org::told_step(out, step)).await?;
        if !out.is_json() {
            told(out, &connected.org, &connected.verification, Rows::Folded);
            out.note("");
        }
        if let (Some(faults), Some(names)) = (&faults, &self.faults) {
            faults.restart(seed);
            out.note(format!("From now on it misbehaves: {names}.\n"));
        }
        let progress = Progress::new(out);
        let summary = engine.sync(&connected.org, progress.watch()).await;
        progress.end();
        let summary = summary?;
        if out.is_json() {
            let told = json!({ "origin": running.origin, "data_dir": dir, "org": "Demo",
                "verification": connected.verification, "summary": summary });
            out.json(&told);
        } else {
            sync::told(out, &connected.org, &summary);
            where_to_look(out, &dir, &group_of_a_rule(&engine).await?, self.once);
        }
        if !self.once {
            let socket = self.socket().await?;
            let mut site = Site::local(socket.local_addr()?);
            site.demo = true;
            let server = serve::start(engine, site, Listen { socket, tls: None }, &global.log).await?;
            if !out.is_json() {
                out.line("");
            }
            serve::told(out, &server);
            if !out.is_json() {
                out.line("\nThe simulated org and the web app stay up. Ctrl-C ends them.");
            }
            sim::stopped().await?;
            server.end().await?;
        }
        Ok(DONE)
    }
}

impl Demo {
    /// Where the web app listens: as given, or the usual port, or another where that one is taken.
    async fn socket(&self) -> Result<TcpListener, Failure> {
        let usual = ([127, 0, 0, 1], 8080).into();
        let bound = TcpListener::bind(self.listen.unwrap_or(usual)).await;
        match (bound, self.listen) {
            (Err(_), None) => Ok(TcpListener::bind(("127.0.0.1", 0)).await?),
            (bound, _) => Ok(bound?),
        }
    }
}

/// Held while a demo runs: a second one would take away its database. Released by the system, however a demo ends.
fn alone(global: &Global) -> Result<File, Failure> {
    let dir = global.data_dir()?;
    std::fs::create_dir_all(&dir)?;
    let lock = File::create(dir.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Failure::Usage(format!(
            "A demo runs already in {}. End it there by Ctrl-C, or give this one another --data-dir.",
            dir.display()
        ))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// A group that rules fill: there is most to see.
async fn group_of_a_rule(engine: &Engine) -> Result<String, Failure> {
    let rules = "SELECT g.name FROM okta_rule_group r JOIN okta_group g ON g.id = r.group_id \
                 GROUP BY g.name ORDER BY count(*) DESC, g.name";
    let found = engine.store.sql(rules, 1).await?;
    let name = found.rows.first().and_then(|row| row.first()).and_then(|name| name.as_str());
    Ok(name.unwrap_or("Everyone").to_string())
}

/// An empty demo directory inside the data directory: the demo never touches real connections.
fn fresh(global: &Global) -> Result<(Global, PathBuf), Failure> {
    let dir = global.data_dir()?.join("demo");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    let mut demo = global.clone();
    demo.data_dir = Some(dir.clone());
    demo.database = None;
    demo.master_key_file = None;
    // A proxy for the world does not lead to this machine.
    demo.proxy = None;
    Ok((demo, dir))
}

/// Who administers the org: by a role of their own, or through a group.
const ADMINISTRATORS: &str = "SELECT u.name, u.login, r.name AS role, r.assignment_type AS through \
                              FROM okta_role_assignment r JOIN okta_user u ON u.id = r.parent_id ORDER BY 3, 1";

fn where_to_look(out: Out, dir: &Path, group: &str, once: bool) {
    let program = std::env::current_exe().map_or_else(|_| "transom".to_string(), |p| word(&p));
    let program = format!("{program} --data-dir {}", word(dir));
    out.line("\nLook around, in another terminal:");
    for (command, what) in [
        ("status".to_string(), "what is known of each data set"),
        ("list user --status ACTIVE".to_string(), "people, by name"),
        (format!("sql {}", quoted(ADMINISTRATORS)), "who administers the org"),
        (format!("show group {}", quoted(group)), "a group, the rules that fill it and its apps"),
        ("export jsonl".to_string(), "every object, and every app assignment, one a line"),
    ] {
        out.line(format!("  {program} {command}\n      {what}"));
    }
    if !once {
        out.line(format!("  TRANSOM_ALLOW_LOOPBACK=1 {program} sync\n      the whole org once more"));
    }
    out.line("\nConnect your own org: transom org connect --domain acme.okta.com --label Production");
}

/// A path in a command line: as it is where no shell would take it apart.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) { text } else { quoted(&text) }
}
