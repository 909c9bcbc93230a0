//! One process at a time works on an org.

use std::time::Duration;

use transom_core::OrgId;
use transom_store::{Error, Lease};

use crate::{Class, Engine, Problem};

/// How long a lease lasts without renewal. A process that was killed is waited for at most this long.
pub const LEASE_TTL: Duration = Duration::from_secs(15);
/// How often a holder renews it.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(3);
/// How often a waiting process looks again.
const LOOK: Duration = Duration::from_millis(500);

impl Engine {
    /// Takes the org's lease. While another process holds it, `waiting` is told once who, and this waits until
    /// that process is done, stops renewing, or (on the same machine) is gone.
    ///
    /// # Errors
    /// Problems of the database.
    pub(crate) async fn lease(
        &self,
        org: OrgId,
        waiting: &(dyn Fn(String) + Sync),
    ) -> Result<Lease, Problem> {
        let me = holder();
        let mut told = false;
        loop {
            match self.store.acquire_lease(org, &me, LEASE_TTL).await {
                Ok(lease) => return Ok(lease),
                Err(Error::LeaseHeld { holder, .. }) => {
                    if gone(&holder) {
                        // The holder was killed on this machine; nobody else can be mid-transaction under its name,
                        // and the fence turns away any write that could still arrive.
                        self.store.break_lease(org, &holder).await?;
                        continue;
                    }
                    if !told {
                        let who = shown(&holder);
                        waiting(format!("Another process is working on this org; waiting for it ({who})."));
                        told = true;
                    }
                    tokio::time::sleep(LOOK).await;
                }
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Takes the lease for a short command: without waiting, a busy org is an error that says who is at work.
    pub(crate) async fn lease_now(&self, org: OrgId) -> Result<Lease, Problem> {
        let me = holder();
        loop {
            match self.store.acquire_lease(org, &me, LEASE_TTL).await {
                Err(Error::LeaseHeld { holder, .. }) if gone(&holder) => {
                    self.store.break_lease(org, &holder).await?
                }
                other => return Ok(other?),
            }
        }
    }

    /// Keeps `lease` alive for as long as the returned guard lives.
    pub(crate) fn heartbeat(&self, lease: &Lease) -> Heartbeat {
        let (store, lease) = (self.store.clone(), lease.clone());
        Heartbeat(tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                // A lost lease shows at the next write, whose fence check fails; a passing fault is tried again.
                if let Err(error) = store.renew(&lease, LEASE_TTL).await {
                    tracing::warn!(%error, "the lease could not be renewed");
                }
            }
        }))
    }
}

/// Stops renewing when dropped.
#[derive(Debug)]
pub(crate) struct Heartbeat(tokio::task::JoinHandle<()>);

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The problem of an org that `holder` works on.
pub(crate) fn busy(holder: &str) -> Problem {
    Problem::new(
        Class::Busy,
        "Another process is working on this org.",
        format!("It is {}. Only one at a time may, so that neither undoes the other's work.", shown(holder)),
        "Wait for it to end, or stop it; then try again.",
    )
}

/// A holder as people read it.
fn shown(holder: &str) -> String {
    let mut parts = holder.split(':');
    match (parts.next(), parts.next()) {
        (Some(host), Some(pid)) if host == machine() => format!("process {pid} on this machine"),
        (Some(_), Some(pid)) => format!("process {pid} on another machine"),
        _ => holder.to_string(),
    }
}

/// This process, as others see it: machine, process id and start, so that a reused process id is told apart.
fn holder() -> String {
    let pid = std::process::id();
    format!("{}:{pid}:{}", machine(), started(pid).unwrap_or_default())
}

/// What sees the same processes under the same ids: the machine since its start and, on it, the container. Containers
/// of one machine share its boot id, and a process of another one would look as if it were gone. Empty where the
/// system tells neither.
fn machine() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let pids = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    // pid:[4026531836]
    let pids: String = pids.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    match (boot.trim(), pids.as_str()) {
        ("", _) | (_, "") => String::new(),
        (boot, pids) => format!("{boot}.{pids}"),
    }
}

/// The process's start in clock ticks since boot (proc(5), field 22), where the system tells.
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(19).map(str::to_string)
}

/// Whether `holder` ran on this machine since its start and no longer does. Unknown counts as alive.
fn gone(holder: &str) -> bool {
    let mut parts = holder.split(':');
    let (Some(host), Some(pid), Some(start)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if host.is_empty() || start.is_empty() || host != machine() {
        return false;
    }
    match pid.parse::<u32>() {
        Ok(pid) => started(pid).as_deref() != Some(start),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_holder_is_not_gone_and_a_dead_one_is() {
        assert!(!gone(&holder()));
        assert_eq!(shown(&holder()), format!("process {} on this machine", std::process::id()));
        assert_eq!(shown("elsewhere:1:1"), "process 1 on another machine");
        assert!(!gone("elsewhere:1:1"), "another machine is never judged");
        let (boot, pids) =
            machine().rsplit_once('.').map(|(b, p)| (b.to_string(), p.to_string())).expect("Linux");
        let container = format!("{boot}.1{pids}:{}:1", std::process::id());
        assert!(!gone(&container), "nor is another container of this one, which sees other process ids");
        assert!(gone(&format!("{}:{}:1", machine(), std::process::id())), "same id, other start");
    }
}
