//! `transom doctor`: is this installation sound?

use clap::Args;
use serde::Serialize;
use transom_core::ConnectionState;
use transom_engine::Engine;

use super::org::label;
use crate::config::Global;
use crate::out::{DONE, Failure, Out, PARTIAL, counted};

#[derive(Debug, Args)]
pub struct Doctor {
    /// Check the audit log's chain too.
    #[arg(long)]
    audit: bool,
    /// The head that was noted elsewhere; a shortened log shows against it. With --audit.
    #[arg(long, value_name = "HEAD", requires = "audit")]
    expect: Option<String>,
}

#[derive(Debug, Serialize)]
struct Check {
    check: String,
    ok: bool,
    says: String,
}

impl Doctor {
    /// Runs it; `exposed` is the warning about the master key's file, where there is one.
    pub async fn run(
        self,
        global: &Global,
        exposed: Option<String>,
        engine: &Engine,
        out: Out,
    ) -> Result<u8, Failure> {
        let mut checks = Vec::new();
        let mut check =
            |check: &str, ok: bool, says: String| checks.push(Check { check: check.to_string(), ok, says });
        let info = engine.store.describe().await?;
        check("Version", true, format!("transom {}", env!("CARGO_PKG_VERSION")));
        check(
            "Database",
            true,
            format!("{} at {}, schema {}, {} bytes", info.engine, info.location, info.schema, info.bytes),
        );
        check("Master key", info.key_id.is_some(), info.key_id.clone().unwrap_or_else(|| "none".to_string()));
        if let Some(warning) = exposed {
            check("Master key's file", false, warning);
        }
        check("Data directory", true, global.data_dir()?.display().to_string());
        connections(engine, &mut checks).await?;
        if self.audit {
            audit(engine, self.expect.as_deref(), &mut checks).await?;
        }
        let well = checks.iter().all(|c| c.ok);
        if out.is_json() {
            out.json(&checks);
        } else {
            let rows =
                checks.into_iter().map(|c| vec![if c.ok { "✓" } else { "✗" }.to_string(), c.check, c.says]);
            out.table(&["", "Check", "Says"], rows);
        }
        Ok(if well { DONE } else { PARTIAL })
    }
}

async fn connections(engine: &Engine, checks: &mut Vec<Check>) -> Result<(), Failure> {
    for org in engine.store.orgs().await? {
        let name = format!("Connection {}", org.label);
        let ok = !matches!(org.state, ConnectionState::Failed | ConnectionState::NotConnected);
        let why = if org.state_reason.is_empty() { String::new() } else { format!(": {}", org.state_reason) };
        let proxy = engine.proxy_of(&org).map(|p| format!(" through the proxy {p}")).unwrap_or_default();
        let says = format!("{} at {}{proxy}{why}", label(&org), org.origin);
        checks.push(Check { check: name.clone(), ok, says });
        let odd = engine.store.quarantine(org.id, 10).await?;
        if !odd.is_empty() {
            let whys: Vec<_> = odd.iter().map(|q| format!("{}: {}", q.dataset, q.why)).collect();
            let says =
                format!("{} set aside. {}", counted(odd.len() as u64, "record", "records"), whys.join("; "));
            checks.push(Check { check: format!("{name}, odd records"), ok: false, says });
        }
    }
    Ok(())
}

async fn audit(engine: &Engine, expect: Option<&str>, checks: &mut Vec<Check>) -> Result<(), Failure> {
    let orgs = engine.store.orgs().await?;
    let label = |id| {
        orgs.iter().find(|o| o.id == id).map_or_else(|| format!("org {}, deleted", id.0), |o| o.label.clone())
    };
    // Chains of orgs that are gone stay: what was done to them is what somebody may want to hide.
    let chains = engine.store.audited_orgs().await?;
    for org in &chains {
        let name = org.map_or_else(|| "Audit log".to_string(), |id| format!("Audit log of {}", label(id)));
        let found = engine.store.verify_audit(*org, None).await?;
        checks.push(Check { check: name, ok: found.ok, says: found.says() });
    }
    if chains.is_empty() {
        checks.push(Check { check: "Audit log".to_string(), ok: true, says: "Empty.".to_string() });
    }
    if let Some(expect) = expect {
        // The noted head is in one of the chains, or that chain was cut.
        let mut ok = false;
        for org in chains {
            ok |= engine.store.verify_audit(org, Some(expect)).await?.ok;
        }
        let says =
            if ok { "It is in the log." } else { "It is not in the log: entries were removed or changed." };
        checks.push(Check { check: "Noted head".to_string(), ok, says: says.to_string() });
    }
    Ok(())
}
