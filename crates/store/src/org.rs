//! Connected orgs.

use serde_json::Value;
use transom_core::{ConnectionState, Millis, OrgId, Reach};

use crate::{
    Error, Lease, Page, Result, Store,
    db::{Db, Tx},
    page,
    query::{At, Rows, sql},
    store::{Doc, next_number},
};

/// An org to connect.
#[derive(Debug, Clone)]
pub struct NewOrg {
    /// What people call it; unique, upper and lower case alike.
    pub label: String,
    /// `https://acme.okta.com`: scheme and host, no path.
    pub origin: String,
    /// The org's id at Okta, where known.
    pub okta_id: Option<String>,
    /// Whether it is a simulator on this machine.
    pub simulator: bool,
    /// Settings of the engine.
    pub settings: Value,
}

/// A connected org.
#[derive(Debug, Clone, PartialEq)]
pub struct Org {
    /// Its number in this database.
    pub id: OrgId,
    /// What people call it.
    pub label: String,
    /// Scheme and host.
    pub origin: String,
    /// The org's id at Okta.
    pub okta_id: Option<String>,
    /// Whether it is a simulator on this machine.
    pub simulator: bool,
    /// The state of the connection.
    pub state: ConnectionState,
    /// Why it is so; empty when connected.
    pub state_reason: String,
    /// Settings of the engine.
    pub settings: Value,
    /// When it was connected first.
    pub created: Millis,
    /// When the state was set.
    pub state_at: Millis,
}

type OrgTuple = (i64, String, String, Option<String>, bool, String, String, Doc, Millis, Millis);

const COLUMNS: &str =
    "SELECT id, label, origin, okta_id, simulator, state, state_reason, settings, created, state_at FROM org";

fn read(
    (id, label, origin, okta_id, simulator, state, state_reason, settings, created, state_at): OrgTuple,
) -> Org {
    Org {
        id: OrgId(id),
        label,
        origin,
        okta_id,
        simulator,
        state: ConnectionState::parse(&state),
        state_reason,
        settings: settings.0,
        created,
        state_at,
    }
}

/// An org that is there, as a transaction sees it.
pub(crate) async fn in_tx(tx: &mut Tx, id: OrgId) -> Result<Org> {
    let row = sql(format!("{COLUMNS} WHERE id = $1")).int(id.0).one::<OrgTuple>(tx).await?;
    Ok(read(row))
}

/// Takes `many` numbers of an org's own, which are never given again, and returns the first. Orgs do not wait for each
/// other.
pub(crate) async fn next_ids(tx: &mut Tx, org: i64, many: usize) -> Result<i64> {
    let many = many as i64;
    let (next,): (i64,) = sql("UPDATE org SET next_id = next_id + $2 WHERE id = $1 RETURNING next_id")
        .int(org)
        .int(many)
        .one(tx)
        .await?;
    Ok(next - many)
}

/// Saves label, origin, Okta id and settings of an org that is held.
pub(crate) async fn save(tx: &mut Tx, org: &Org) -> Result<()> {
    let key = org.label.to_lowercase();
    let taken: Option<(i64,)> = sql("SELECT id FROM org WHERE label_key = $1 AND id <> $2")
        .text(&key)
        .int(org.id.0)
        .optional(&mut *tx)
        .await?;
    if taken.is_some() {
        return Err(Error::LabelTaken { label: org.label.clone() });
    }
    sql("UPDATE org SET label = $2, label_key = $3, origin = $4, okta_id = $5, settings = $6 WHERE id = $1")
        .int(org.id.0)
        .text(&org.label)
        .text(&key)
        .text(&org.origin)
        .opt_text(org.okta_id.as_deref())
        .json(&org.settings)
        .execute(tx)
        .await
        .map(|_| ())
}

/// Sets the state of the connection and why; returns whether there is such an org.
pub(crate) async fn put_state<'a>(
    at: impl Into<At<'a>>,
    id: OrgId,
    (state, reason): (ConnectionState, &str),
    now: Millis,
) -> Result<bool> {
    let written = sql("UPDATE org SET state = $2, state_reason = $3, state_at = $4 WHERE id = $1")
        .int(id.0)
        .text(state.as_str())
        .text(reason)
        .int(now)
        .execute(at)
        .await?;
    Ok(written > 0)
}

/// Tables with an org's data, in the order they are emptied: first what would let half a copy pass for a whole
/// one. With their keys.
const DATA: &[(&str, &str)] = &[
    ("coverage", "org, dataset"),
    ("coverage_under", "org, parent, dataset"),
    ("run", "org, id"),
    ("run_dataset", "org, run, dataset"),
    ("checkpoint", "org, run, dataset, parent, part"),
    ("seen", "org, run, dataset, parent, part, page"),
    ("missed", "org, run, dataset, parent"),
    ("quarantine", "org, dataset, run, parent, part, page, n"),
    ("facet_count", "org, kind, name, value"),
    ("facet", "org, kind, name, value, name_key, id"),
    ("term", "org, kind, text, id"),
    ("edge_change", "org, at, rel, src, dst, what"),
    ("edge_late", "org, n"),
    ("edge_doc", "org, rel, dst, src"),
    ("edge", "org, rel, src, dst"),
    ("entity_version", "org, id, version"),
    ("entity", "org, id"),
    ("dictionary", "org, codec"),
];

/// Rows removed per transaction.
const CHUNK: i64 = 20_000;

impl Store {
    /// Saves a new org, not yet connected.
    ///
    /// # Errors
    /// [`Error::LabelTaken`].
    pub async fn create_org(&self, new: NewOrg) -> Result<Org> {
        let mut tx = self.begin().await?;
        let id = self.insert_org(&mut tx, new, ConnectionState::NotConnected).await?;
        tx.commit().await?;
        self.org(id).await
    }

    /// Inserts a new org in `state`.
    pub(crate) async fn insert_org(&self, tx: &mut Tx, new: NewOrg, state: ConnectionState) -> Result<OrgId> {
        let id = next_number(tx, "org").await?;
        let written = sql(
            "INSERT INTO org(id, label, label_key, origin, okta_id, simulator, state, state_reason, state_at, settings, created, next_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $8, 1) ON CONFLICT(label_key) DO NOTHING",
        )
        .int(id)
        .text(&new.label)
        .text(&new.label.to_lowercase())
        .text(&new.origin)
        .opt_text(new.okta_id.as_deref())
        .bool(new.simulator)
        .text(state.as_str())
        .int(self.now())
        .json(&new.settings)
        .execute(tx)
        .await?;
        if written == 0 {
            return Err(Error::LabelTaken { label: new.label });
        }
        Ok(OrgId(id))
    }

    /// All orgs, by label.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn orgs(&self) -> Result<Vec<Org>> {
        let rows = sql(format!("{COLUMNS} ORDER BY label_key")).all::<OrgTuple>(&self.reader).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// A page of the orgs that `reach` covers, by label: at most `limit` of them, after the one at the mark `after`.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of this list.
    pub async fn orgs_page(&self, reach: &Reach, after: Option<&str>, limit: u32) -> Result<Page<Org>> {
        const OF: &str = "org";
        let by = self.reader.by_bytes("label_key");
        let place = page::place::<String>(OF, after)?.unwrap_or_default();
        let these = match reach {
            Reach::All => None,
            Reach::Orgs(orgs) => Some(Rows::new().int("id", orgs.iter().map(|org| org.0))),
        };
        let within = these.as_ref().map_or("", |_| " AND id IN (SELECT v.id FROM {rows})");
        let mut query = sql(format!("{COLUMNS} WHERE {by} > $1{within} ORDER BY {by} LIMIT ")).text(&place);
        if let Some(these) = &these {
            query = query.rows(these);
        }
        query.push_int(i64::from(limit) + 1);
        let rows: Vec<OrgTuple> = query.all(&self.reader).await?;
        Ok(Page::new(OF, rows.into_iter().map(read).collect(), limit, |org| org.label.to_lowercase()))
    }

    /// An org by number.
    ///
    /// # Errors
    /// [`Error::NotFound`], naming the orgs there are.
    pub async fn org(&self, id: OrgId) -> Result<Org> {
        let row =
            sql(format!("{COLUMNS} WHERE id = $1")).int(id.0).optional::<OrgTuple>(&self.reader).await?;
        match row {
            Some(row) => Ok(read(row)),
            None => Err(self.no_org(id.0.to_string()).await?),
        }
    }

    /// An org by label, upper and lower case alike.
    ///
    /// # Errors
    /// [`Error::NotFound`], naming the orgs there are.
    pub async fn org_named(&self, label: &str) -> Result<Org> {
        let row = sql(format!("{COLUMNS} WHERE label_key = $1"))
            .text(&label.to_lowercase())
            .optional::<OrgTuple>(&self.reader)
            .await?;
        match row {
            Some(row) => Ok(read(row)),
            None => Err(self.no_org(label.to_string()).await?),
        }
    }

    async fn no_org(&self, wanted: String) -> Result<Error> {
        let have = self.orgs().await?.into_iter().map(|o| o.label).collect();
        Ok(Error::NotFound { what: "org", wanted, have })
    }

    /// Sets the state of the connection and why.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn set_state(&self, id: OrgId, state: ConnectionState, reason: &str) -> Result<()> {
        let there = put_state(&self.writer, id, (state, reason), self.now()).await?;
        if there { Ok(()) } else { Err(self.no_org(id.0.to_string()).await?) }
    }

    /// Saves label, origin, Okta id and settings; state and times stay. For what is found of an org: what somebody changes goes
    /// by [`Store::change_org`].
    ///
    /// # Errors
    /// [`Error::LabelTaken`], [`Error::NotFound`].
    pub async fn update_org(&self, org: &Org) -> Result<()> {
        let mut tx = self.begin().await?;
        self.hold_org(&mut tx, org.id).await?;
        save(&mut tx, org).await?;
        tx.commit().await
    }

    /// An org as it is, which no other transaction changes until this one ends.
    pub(crate) async fn hold_org(&self, tx: &mut Tx, id: OrgId) -> Result<Org> {
        // On SQLite there is one writer anyway.
        let held = if matches!(tx.db, Db::Postgres(_)) { " FOR UPDATE" } else { "" };
        let row = sql(format!("{COLUMNS} WHERE id = $1{held}")).int(id.0).optional::<OrgTuple>(tx).await?;
        match row {
            Some(row) => Ok(read(row)),
            None => Err(self.no_org(id.0.to_string()).await?),
        }
    }

    /// Removes everything read from Okta: entities, edges, history, runs, coverage. The org, its credentials and
    /// its audit stay. In many small transactions: when stopped, call it again.
    ///
    /// # Errors
    /// [`Error::LeaseLost`].
    pub async fn delete_data(&self, lease: &Lease) -> Result<()> {
        let cache = self.cache(lease.org);
        let mut cache = cache.lock().await;
        *cache = crate::resolve::Cache::default();
        for (table, key) in DATA {
            loop {
                let mut tx = self.begin_fenced(lease).await?;
                let gone = sql(format!(
                    "DELETE FROM {table} WHERE org = $1 AND ({key}) IN (SELECT {key} FROM {table} WHERE org = $1 LIMIT {CHUNK})"
                ))
                .int(lease.org.0)
                .execute(&mut tx)
                .await?;
                tx.commit().await?;
                if gone == 0 {
                    break;
                }
            }
        }
        // Deleted rows stay legible in a SQLite file until their pages are used again: people who delete mean it.
        self.tidy(&["VACUUM"], &[]).await;
        Ok(())
    }

    /// Removes the org with its data and its credentials; its audit stays, and the last of it is a record that the org is gone,
    /// with `detail`. The lease ends with it.
    ///
    /// # Errors
    /// [`Error::LeaseLost`], and as [`Store::audit`].
    pub async fn delete_org(&self, lease: &Lease, actor: &str, detail: Value) -> Result<()> {
        self.delete_data(lease).await?;
        let mut tx = self.begin_fenced(lease).await?;
        // In the order of who changes an org and who rotates the master key: the org, its chain, credentials.
        sql("DELETE FROM org WHERE id = $1").int(lease.org.0).execute(&mut tx).await?;
        self.append(&mut tx, Some(lease.org), actor, "org.delete", detail).await?;
        for table in ["credential", "org_lease", "saved_view"] {
            sql(format!("DELETE FROM {table} WHERE org = $1")).int(lease.org.0).execute(&mut tx).await?;
        }
        tx.commit().await
    }
}
