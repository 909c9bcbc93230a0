//! `transom setup plan`.

use secrecy::SecretString;
use transom_engine::connection::find;
use transom_engine::setup::{Job, Names, Outcome, Record, Task};
use transom_store::DatabaseUrl;

use super::watch::{Kept, watched};
use super::{Asked, told, unexpected};
use crate::config::{Global, allow_loopback};
use crate::out::{DONE, Failure, Out, PARTIAL};
use crate::secret::OneTime;

pub async fn plan(
    global: &Global,
    out: Out,
    key: Option<SecretString>,
    asked: &Asked<'_>,
    token: &OneTime,
) -> Result<u8, Failure> {
    let host = asked.org.okta_host.as_deref();
    // Looking leaves no database where there is none.
    let nothing_yet = match global.database()? {
        DatabaseUrl::Sqlite(path) => matches!(path.try_exists(), Ok(false)),
        DatabaseUrl::Postgres(_) => false,
    };
    let (found, record) = if nothing_yet {
        let tell = move |step| crate::cli::org::told_step(out, step);
        let found = find(&asked.org.domain, host, &global.http(), allow_loopback(), &tell).await?;
        (found, Record::default())
    } else {
        let engine = global.engine(key, out).await?;
        let kept = Kept::of(&engine, global, &asked.org.domain, host, out).await;
        engine.store.close().await;
        let kept = kept?;
        (kept.found.clone(), kept.record)
    };
    let choice = asked.named.choice(&record, Names::usual(&found.origin), asked.how, false)?;
    choice.wanted()?;
    let mut record = record;
    if record.mark.is_empty() {
        record.mark = "NEW".to_string();
    }
    let job = Job::of(&global.http(), Task::Plan, &found, choice, record, true);
    let outcome = watched(global, &job, &token.read()?, None, out, None, async |_| Ok(None)).await?;
    let Outcome::Planned(plan) = outcome else { return Err(unexpected()) };
    if out.is_json() {
        out.json(&plan);
    } else {
        told::plan(out, &plan);
    }
    Ok(if plan.is_done() { DONE } else { PARTIAL })
}
