//! The audit log as a file: every record that the filter lets through, as it is read.

use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use transom_store::{AuditEntry, AuditFilter, Org, Store};

use super::super::{Answer, Query, csv};
use super::audit::{Asked, label};
use crate::{Error, Visit};

/// Records read at a time.
const CHUNK: u32 = 1_000;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Csv,
    Jsonl,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    format: Format,
}

/// Sends the file. What goes wrong on the way breaks it off, so that nobody takes a part for the whole.
pub(crate) async fn send(visit: Visit, Query(wanted): Query<Wanted>, Query(asked): Query<Asked>) -> Answer {
    let filter = asked.filter()?;
    let (store, format) = (visit.app.store().clone(), wanted.format);
    let orgs = store.orgs().await?;
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(error) = write(&store, &filter, format, &orgs, &sender).await {
            tracing::error!(?error, "an export of the audit broke off");
            // Nobody may be listening any more.
            drop(sender.send(Err(std::io::Error::other("the audit can't be read"))).await);
        }
    });
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "transom-audit.csv"),
        Format::Jsonl => ("application/jsonl", "transom-audit.jsonl"),
    };
    let named = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_string()), (header::CONTENT_DISPOSITION, named)];
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

type Sender = mpsc::Sender<std::io::Result<String>>;

async fn write(
    store: &Store,
    filter: &AuditFilter,
    format: Format,
    orgs: &[Org],
    to: &Sender,
) -> Result<(), Error> {
    let mut text =
        if format == Format::Csv { "at,org,seq,actor,action,detail\r\n".to_string() } else { String::new() };
    let mut after = None;
    loop {
        let page = store.audit_page(filter, after.as_deref(), CHUNK).await?;
        for entry in &page.rows {
            add(&mut text, entry, format, orgs);
        }
        // Whoever wanted it may be gone.
        if to.send(Ok(std::mem::take(&mut text))).await.is_err() || page.next.is_none() {
            return Ok(());
        }
        after = page.next;
    }
}

fn add(to: &mut String, entry: &AuditEntry, format: Format, orgs: &[Org]) {
    let row = &entry.row;
    let at = jiff::Timestamp::from_millisecond(row.at).unwrap_or_default().to_string();
    let org = label(entry.org, orgs);
    match format {
        Format::Jsonl => {
            let record = json!({ "at": at, "org": entry.org.map(|o| o.0), "org_label": org, "seq": row.seq,
                "actor": row.actor, "action": row.action, "detail": row.detail });
            to.push_str(&format!("{record}\n"));
        }
        Format::Csv => {
            let (seq, detail) = (row.seq.to_string(), row.detail.to_string());
            csv::line(to, [&at, &org, &seq, &row.actor, &row.action, &detail].into_iter());
        }
    }
}
