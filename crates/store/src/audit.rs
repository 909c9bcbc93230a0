//! The audit chain: each record's MAC covers the one before, under a key derived from the master key.

use serde_json::Value;
use transom_core::{Millis, OrgId};

use crate::{
    Result, Store,
    db::{Db, Tx},
    key::{MasterKey, mac},
    query::{push_hex, sql},
    rotate::ROTATED,
    store::count,
};

/// The end of a chain: keep it elsewhere, and a cut-off tail shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// How many records the chain has.
    pub count: u64,
    /// The last record's MAC in hex; empty for an empty chain.
    pub head: String,
}

/// A record of the audit.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// Who.
    pub actor: String,
    /// What was done: `org.connect`, `credential.put`, …
    pub action: String,
    /// With what.
    pub detail: Value,
}

/// What [`Store::verify_audit`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// The chain's end as it is now.
    pub head: AuditHead,
    /// Whether everything holds.
    pub ok: bool,
    /// The first thing wrong, in words.
    pub problem: Option<String>,
}

impl AuditCheck {
    /// One sentence for people.
    pub fn says(&self) -> String {
        let AuditHead { count, head } = &self.head;
        match &self.problem {
            Some(problem) => format!("Altered: {problem}."),
            None if *count == 0 => "Empty.".to_string(),
            None => format!("Unaltered: {count} record(s), head {head}."),
        }
    }
}

/// The chain of the installation itself.
const INSTALLATION: i64 = 0;

/// PostgreSQL's advisory lock class of audit chains.
const LOCK_CLASS: i64 = 0x7472_6175;

/// Records checked at a time.
const CHUNK: i64 = 5000;

type Row = (i64, Millis, String, String, String, Vec<u8>);

/// The MAC of a record: fields in order, each with its length before it.
fn link(key: &[u8; 32], org: i64, before: &[u8], (seq, at, actor, action, detail, _): &Row) -> Vec<u8> {
    let numbers = [org.to_be_bytes(), seq.to_be_bytes(), at.to_be_bytes()].concat();
    let fields: [&[u8]; 5] = [before, &numbers, actor.as_bytes(), action.as_bytes(), detail.as_bytes()];
    let mut text = Vec::new();
    for field in fields {
        text.extend((field.len() as u64).to_be_bytes());
        text.extend(field);
    }
    mac(key, &[&text]).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    push_hex(&mut out, bytes);
    out
}

fn chain_key(key: &MasterKey, org: i64) -> zeroize::Zeroizing<[u8; 32]> {
    key.derive(&format!("transom/audit/v1/{org}"))
}

async fn last(tx: &mut Tx, org: i64) -> Result<(i64, Vec<u8>)> {
    let row: Option<(i64, Vec<u8>)> =
        sql("SELECT seq, mac FROM audit WHERE org = $1 ORDER BY seq DESC LIMIT 1")
            .int(org)
            .optional(tx)
            .await?;
    Ok(row.unwrap_or_default())
}

/// Holds a chain until the transaction ends. On SQLite there is one writer anyway.
async fn one_at_a_time(tx: &mut Tx, org: i64) -> Result<()> {
    if matches!(tx.db, Db::Postgres(_)) {
        sql("SELECT 1 FROM (SELECT pg_advisory_xact_lock($1)) AS held")
            .int((LOCK_CLASS << 32) ^ org)
            .execute(tx)
            .await?;
    }
    Ok(())
}

impl Store {
    /// A transaction that changes something of the installation: it holds the installation's chain, so that what it
    /// looks at first is still so when it writes.
    pub(crate) async fn begin_installation(&self) -> Result<Tx> {
        let mut tx = self.begin().await?;
        one_at_a_time(&mut tx, INSTALLATION).await?;
        Ok(tx)
    }

    /// Appends a record to the chain of an org (`None`: of the installation) and returns the new end, which is also
    /// written to the log.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`](crate::Error::MasterKeyMissing) before [`Store::unlock`].
    pub async fn audit(
        &self,
        org: Option<OrgId>,
        actor: &str,
        action: &str,
        detail: Value,
    ) -> Result<AuditHead> {
        let mut tx = self.begin().await?;
        let head = self.append(&mut tx, org, actor, action, detail).await?;
        tx.commit().await?;
        Ok(head)
    }

    /// The same, in the transaction of what it tells of. One transaction at a time per chain gets past this.
    pub(crate) async fn append(
        &self,
        tx: &mut Tx,
        org: Option<OrgId>,
        actor: &str,
        action: &str,
        detail: Value,
    ) -> Result<AuditHead> {
        let key = self.master_key().await?;
        self.in_force(tx, &key).await?;
        self.append_under(tx, &key, org, actor, action, detail).await
    }

    /// The same under a key that is about to be in force.
    pub(crate) async fn append_under(
        &self,
        tx: &mut Tx,
        key: &MasterKey,
        org: Option<OrgId>,
        actor: &str,
        action: &str,
        detail: Value,
    ) -> Result<AuditHead> {
        let org = org.map_or(INSTALLATION, |o| o.0);
        let key = chain_key(key, org);
        one_at_a_time(tx, org).await?;
        let (seq, before) = last(tx, org).await?;
        let no_nul = |t: &str| t.replace('\0', "\u{fffd}");
        let mut detail = detail;
        transom_core::replace_nul(&mut detail);
        let row = (seq + 1, self.now(), no_nul(actor), no_nul(action), detail.to_string(), Vec::new());
        let mac = link(&key, org, &before, &row);
        sql(
            "INSERT INTO audit(org, seq, at, actor, action, detail, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .int(org)
        .int(row.0)
        .int(row.1)
        .text(&row.2)
        .text(&row.3)
        .text(&row.4)
        .blob(&mac)
        .execute(tx)
        .await?;
        let head = AuditHead { count: count(row.0), head: hex(&mac) };
        tracing::info!(target: "audit", org, action, count = head.count, head = %head.head, "audit");
        Ok(head)
    }

    /// The latest records of a chain, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn audit_rows(&self, org: Option<OrgId>, limit: u32) -> Result<Vec<AuditRow>> {
        let rows: Vec<(i64, Millis, String, String, String)> =
            sql("SELECT seq, at, actor, action, detail FROM audit WHERE org = $1 ORDER BY seq DESC LIMIT $2")
                .int(org.map_or(INSTALLATION, |o| o.0))
                .int(i64::from(limit))
                .all(&self.reader)
                .await?;
        let read = |(seq, at, actor, action, detail): (i64, Millis, String, String, String)| AuditRow {
            seq,
            at,
            actor,
            action,
            detail: serde_json::from_str(&detail).unwrap_or(Value::String(detail)),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Every chain there is: the installation's (`None`), and those of orgs, deleted ones too.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn audited_orgs(&self) -> Result<Vec<Option<OrgId>>> {
        let rows: Vec<(i64,)> = sql("SELECT DISTINCT org FROM audit ORDER BY org").all(&self.reader).await?;
        Ok(rows.into_iter().map(|(org,)| (org != INSTALLATION).then_some(OrgId(org))).collect())
    }

    /// Checks a whole chain: no record altered, moved, inserted or removed; with `expect`, a head kept elsewhere,
    /// also that the chain still goes at least that far.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`](crate::Error::MasterKeyMissing) before [`Store::unlock`].
    pub async fn verify_audit(&self, org: Option<OrgId>, expect: Option<&str>) -> Result<AuditCheck> {
        let org = org.map_or(INSTALLATION, |o| o.0);
        let key = self.master_key().await?;
        // The last one is in force; each takes over with the record of its rotation.
        let keys: Vec<_> = key.earlier.iter().chain([&key]).map(|key| chain_key(key, org)).collect();
        let mut under = None;
        let expect = expect.map(str::trim).filter(|e| !e.is_empty());
        let mut head = AuditHead { count: 0, head: String::new() };
        let (mut before, mut problem, mut met) = (Vec::new(), None, expect.is_none());
        let mut at = i64::MIN;
        loop {
            let rows: Vec<Row> = sql(format!(
                "SELECT seq, at, actor, action, detail, mac FROM audit WHERE org = $1 AND seq > $2 ORDER BY seq LIMIT {CHUNK}"
            ))
            .int(org)
            .int(at)
            .all(&self.reader)
            .await?;
            let Some(last) = rows.last() else { break };
            at = last.0;
            for row in &rows {
                head.count += 1;
                if problem.is_none() && count(row.0) != head.count {
                    problem =
                        Some(format!("record {} is missing; the next one there is {}", head.count, row.0));
                }
                let holds = |n: usize| keys.get(n).is_some_and(|key| link(key, org, &before, row) == row.5);
                under = match under {
                    // A chain may have begun under any of them.
                    None => (0..keys.len()).find(|n| holds(*n)),
                    Some(n) if row.3 == ROTATED => Some(n + 1).filter(|n| holds(*n)),
                    Some(n) => Some(n).filter(|n| holds(*n)),
                };
                if problem.is_none() && under.is_none() {
                    problem = Some(format!("record {} was altered, moved or not written by Transom", row.0));
                }
                before.clone_from(&row.5);
                head.head = hex(&row.5);
                met |= expect.is_some_and(|e| e.eq_ignore_ascii_case(&head.head));
            }
        }
        if problem.is_none() && head.count > 0 && under != Some(keys.len() - 1) {
            problem =
                Some("the record of the master key's rotation is missing: the end was cut off".to_string());
        }
        if problem.is_none() && !met {
            problem = Some(
                "the expected head is not in the chain: its end was cut off, or the head is of another chain"
                    .into(),
            );
        }
        Ok(AuditCheck { head, ok: problem.is_none(), problem })
    }
}
