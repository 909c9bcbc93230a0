//! `transom demo`: the main job on nothing but this binary.

use std::path::PathBuf;

use clap::Args;
use okta_sim::{Config, Limits};
use secrecy::SecretString;
use serde_json::json;
use transom_engine::Engine;
use transom_engine::connection::Connect;

use super::{org, sim, sync};
use crate::config::Global;
use crate::out::{DONE, Failure, Out};
use crate::progress;

/// How much faster the demo's rate-limit minutes pass: the limits are seen at work without being waited for.
const TIME_SCALE: f64 = 30.0;

#[derive(Debug, Args)]
pub struct Demo {
    /// Users in the simulated org.
    #[arg(long, default_value_t = 500)]
    users: u64,
    /// End after the summary instead of staying up.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub async fn run(self, global: &Global, out: Out) -> Result<u8, Failure> {
        let config =
            Config { users: self.users, limits: Limits::Real, time_scale: TIME_SCALE, ..Config::default() };
        let running =
            okta_sim::Sim::start(config, ([127, 0, 0, 1], 0).into()).await.map_err(anyhow::Error::from)?;
        let (demo, dir) = fresh(global)?;
        out.note(format!(
            "A simulated Okta org runs at {} (its rate-limit minutes last 2 seconds).\n",
            running.origin
        ));
        let engine = Engine { allow_loopback: true, ..demo.engine(None).await? };
        let given = Connect {
            domain: running.origin.clone(),
            okta_host: None,
            label: Some("Demo".to_string()),
            token: SecretString::from(running.tokens.read_only_custom.clone()),
        };
        let connected = engine.connect(given, &move |step| org::told_step(out, step)).await?;
        if !out.is_json() {
            org::told(out, &connected.org, &connected.verification);
            out.note("");
        }
        let summary = engine.sync(&connected.org, progress::watch(out)).await?;
        if out.is_json() {
            let told = json!({ "origin": running.origin, "data_dir": dir, "org": "Demo",
                "verification": connected.verification, "summary": summary });
            out.json(&told);
        } else {
            sync::told(out, &connected.org, &summary);
            where_to_look(out, &dir, self.once);
        }
        if !self.once {
            sim::stopped().await?;
        }
        Ok(DONE)
    }
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

fn where_to_look(out: Out, dir: &std::path::Path, once: bool) {
    let program = std::env::current_exe().map_or_else(|_| "transom".to_string(), |p| p.display().to_string());
    let program = format!("{program} --data-dir {}", dir.display());
    out.line("\nLook around, in another terminal:");
    for (command, what) in [
        ("status", "what is known of each data set"),
        ("list user --status ACTIVE", "people, by name"),
        ("list role_assignment", "who administers the org"),
        ("show group Everyone", "a group, its rules and its apps"),
        ("sql 'SELECT sign_on_mode, count(*) AS apps FROM okta_app GROUP BY 1'", "anything, in SQL"),
        ("export jsonl", "everything, one object a line"),
    ] {
        out.line(format!("  {program} {command}\n      {what}"));
    }
    out.line(
        "\nConnect your own org: transom org connect --domain acme.okta.com --label Production --token-stdin",
    );
    if !once {
        out.line("\nThe simulated org stays up. Ctrl-C ends it.");
    }
}
