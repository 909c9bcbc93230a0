//! `transom sync --of USER`: what is read only when asked for, of one user.

use serde_json::json;
use transom_core::CoverageState;
use transom_engine::Engine;
use transom_engine::entity::{dataset, user::USER};
use transom_engine::sync::DatasetSummary;
use transom_store::{EntityRow, ListFilter, Org, Paging};

use super::sim::stopped;
use super::{data, gaps};
use crate::out::{Failure, Out, number, quoted, time};

/// Objects of a data set that are shown; there are as good as never more.
const MOST: u32 = 200;

/// Reads these data sets of the user called `name`, all that can be where none is named, and shows what came.
pub(super) async fn read(
    engine: &Engine,
    out: Out,
    org: &Org,
    name: &str,
    only: &[String],
) -> Result<u8, Failure> {
    let user = data::called(engine, org.id, &USER, name).await?;
    let mut known = tokio::select! {
        known = engine.read_under(org, &user, only) => known?,
        signal = stopped() => {
            signal?;
            let todo = format!("Ask again: transom sync {} --of {}", quoted(&org.label), quoted(name));
            return Err(Failure::Stopped { why: "What was read whole is stored.", todo });
        }
    };
    known.retain(|d| only.is_empty() || only.contains(&d.coverage.dataset));
    let code = gaps::code(known.iter().filter(|d| d.coverage.state != CoverageState::Complete));
    let mut objects = Vec::new();
    for kind in known.iter().filter_map(|d| dataset(&d.coverage.dataset)?.lists()) {
        let filter = ListFilter { parent: Some(user.id), ..ListFilter::default() };
        let page = engine.store.list(org.id, kind, &filter, &Paging::by_name(None, MOST)).await?;
        let Some(kind) = engine.store.catalogue().kind(kind) else { continue };
        let names: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        let values = engine.store.values(org.id, kind.code, &ids, &names).await?;
        objects.push((kind, names, page.rows, values));
    }
    if out.is_json() {
        let of =
            |(kind, names, rows, values): &(&transom_core::Kind, Vec<&str>, Vec<EntityRow>, Vec<Vec<_>>)| {
                let columns = |values: &Vec<serde_json::Value>| {
                    names
                        .iter()
                        .zip(values)
                        .map(|(n, v)| (n.to_string(), v.clone()))
                        .collect::<serde_json::Map<_, _>>()
                };
                let one = |(row, values)| json!({ "object": data::row(row), "columns": columns(values) });
                (kind.name.to_string(), rows.iter().zip(values).map(one).collect::<Vec<_>>().into())
            };
        let objects: serde_json::Map<_, _> = objects.iter().map(of).collect();
        out.json(&json!({ "org": org.label, "of": data::row(&user), "datasets": known, "objects": objects }));
        return Ok(code);
    }
    out.line(format!("{}  {}", org.label, user.login.as_deref().unwrap_or(&user.okta_id)));
    told(out, &known);
    for (_, names, rows, values) in objects.iter().filter(|(_, _, rows, _)| !rows.is_empty()) {
        out.line("");
        let head: Vec<&str> = names.iter().copied().chain(["id"]).collect();
        let rows = rows.iter().zip(values).map(|(row, values)| {
            values.iter().map(data::cell).chain([row.okta_id.clone()]).collect::<Vec<_>>()
        });
        out.table(&head, rows);
    }
    let open: Vec<_> = known.into_iter().filter(|d| d.coverage.state != CoverageState::Complete).collect();
    data::told(out, &open);
    Ok(code)
}

/// What was read of one object, how many that were and when: a line each. What was not read is a gap.
pub(super) fn told(out: Out, known: &[DatasetSummary]) {
    let read: Vec<_> = known.iter().filter(|d| d.coverage.at.is_some()).collect();
    if !read.is_empty() {
        out.line("");
    }
    for d in read {
        out.line(format!("{}: {}, read {}.", d.title, number(d.coverage.objects), time(d.coverage.at)));
    }
}

/// How to read what was not read of it yet.
pub(super) fn hint(out: Out, of: &EntityRow, known: &[DatasetSummary]) {
    if known.iter().any(|d| d.coverage.state == CoverageState::NeverCollected) {
        out.line(format!("Read it now: transom sync --of {}", of.okta_id));
    }
}
