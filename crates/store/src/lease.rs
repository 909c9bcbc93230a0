//! The right to work on an org, held by one process at a time.

use std::time::Duration;

use transom_core::{Millis, OrgId};

use crate::{Error, Result, Store, db::Tx, query::sql};

/// The right to write an org's data. Every writing transaction checks its fence and renews it, so a process that
/// was stopped and overtaken can't write any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The org.
    pub org: OrgId,
    /// Who holds it, as shown to others.
    pub holder: String,
    pub(crate) fence: i64,
    pub(crate) ttl: Millis,
}

fn millis(ttl: Duration) -> Millis {
    Millis::try_from(ttl.as_millis()).unwrap_or(Millis::MAX / 4)
}

impl Store {
    /// Takes the lease of an org for `ttl` (each write renews it for as long). One that ran out is taken over.
    /// Machines that share a PostgreSQL compare its end by their own clocks; a wrong clock can take a lease early,
    /// but the fence keeps the loser from writing.
    ///
    /// # Errors
    /// [`Error::LeaseHeld`]; [`Error::NotFound`] when there is no such org.
    pub async fn acquire_lease(&self, org: OrgId, holder: &str, ttl: Duration) -> Result<Lease> {
        let now = self.now();
        let ttl = millis(ttl);
        let row: Option<(i64,)> = sql(
            "INSERT INTO org_lease(org, holder, fence, until) SELECT id, $2, 1, $3 FROM org WHERE id = $1 \
             ON CONFLICT(org) DO UPDATE SET holder = excluded.holder, fence = org_lease.fence + 1, until = excluded.until \
             WHERE org_lease.until <= $4 RETURNING fence",
        )
        .int(org.0)
        .text(holder)
        .int(now.saturating_add(ttl))
        .int(now)
        .optional(&self.writer)
        .await?;
        if let Some((fence,)) = row {
            return Ok(Lease { org, holder: holder.to_string(), fence, ttl });
        }
        let held: Option<(String, Millis)> = sql("SELECT holder, until FROM org_lease WHERE org = $1")
            .int(org.0)
            .optional(&self.writer)
            .await?;
        match held {
            Some((holder, until)) => Err(Error::LeaseHeld { holder, until }),
            None => Err(self.org(org).await.err().unwrap_or(Error::LeaseLost)),
        }
    }

    /// Holds the lease for another `ttl` from now.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] when another process took it over.
    pub async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<()> {
        let written = sql("UPDATE org_lease SET until = $3 WHERE org = $1 AND fence = $2")
            .int(lease.org.0)
            .int(lease.fence)
            .int(self.now().saturating_add(millis(ttl)))
            .execute(&self.writer)
            .await?;
        if written == 0 { Err(Error::LeaseLost) } else { Ok(()) }
    }

    /// Gives the lease back; copies of it (in recorders) lose it too. A lease already lost is no error.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn release(&self, lease: Lease) -> Result<()> {
        sql("UPDATE org_lease SET until = 0, fence = fence + 1 WHERE org = $1 AND fence = $2")
            .int(lease.org.0)
            .int(lease.fence)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Ends the lease of a holder that is known to be dead, so that the next need not wait for it to run out.
    /// The fence turns away whatever of it could still arrive. When another holds the lease by now, nothing happens.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn break_lease(&self, org: OrgId, holder: &str) -> Result<()> {
        sql("UPDATE org_lease SET until = 0, fence = fence + 1 WHERE org = $1 AND holder = $2")
            .int(org.0)
            .text(holder)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Begins a transaction that only the holder of the lease may write. The row it updates keeps two writers of
    /// one org apart on PostgreSQL until the end of the transaction.
    pub(crate) async fn begin_fenced(&self, lease: &Lease) -> Result<Tx> {
        let mut tx = self.begin().await?;
        let written = sql("UPDATE org_lease SET until = $3 WHERE org = $1 AND fence = $2")
            .int(lease.org.0)
            .int(lease.fence)
            .int(self.now().saturating_add(lease.ttl))
            .execute(&mut tx)
            .await?;
        if written == 0 { Err(Error::LeaseLost) } else { Ok(tx) }
    }
}
