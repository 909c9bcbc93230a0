//! Everything of an org, one object after the other, in constant memory.

use std::collections::VecDeque;

use futures_util::stream::{Stream, try_unfold};
use serde::Serialize;
use serde_json::Value;
use transom_core::{Kind, OrgId, Relation};

use crate::{
    Error, Result, Store,
    query::sql,
    read::{LIVE, address},
    store::Doc,
};

/// One exported object, or one edge with a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportRow {
    /// The kind's or relation's name.
    pub kind: &'static str,
    /// Okta's id; of an edge, the address of its source.
    pub id: String,
    /// The parent's address; of an edge, the address of its destination.
    pub parent: Option<String>,
    /// The document.
    pub doc: Value,
}

/// Rows read at a time.
const CHUNK: i64 = 500;

#[derive(Debug, Clone, Copy)]
enum Part {
    Kind(&'static Kind),
    Relation(&'static Relation),
}

struct State {
    store: Store,
    org: OrgId,
    parts: VecDeque<Part>,
    after: (i64, i64),
    ready: VecDeque<ExportRow>,
}

impl Store {
    /// All live objects of an org and all edges that carry a document, kind by kind, in order of first sight.
    /// `only` names kinds and relations; empty means all. Nothing is held but a chunk of rows.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a name that is neither a kind nor a relation with documents.
    pub fn export(
        &self,
        org: OrgId,
        only: Vec<String>,
    ) -> Result<impl Stream<Item = Result<ExportRow>> + Send + use<>> {
        let kinds = self.catalogue.kinds.iter().map(|k| Part::Kind(k));
        let relations = self.catalogue.relations.iter().filter(|r| r.has_doc).map(|r| Part::Relation(r));
        let all: Vec<Part> = kinds.chain(relations).collect();
        if let Some(wanted) = only.iter().find(|name| !all.iter().any(|part| part.name() == *name)) {
            let have = all.iter().map(|part| part.name().to_string()).collect();
            return Err(Error::NotFound { what: "kind", wanted: wanted.clone(), have });
        }
        let parts =
            all.into_iter().filter(|p| only.is_empty() || only.iter().any(|n| n == p.name())).collect();
        let state = State { store: self.clone(), org, parts, after: (0, 0), ready: VecDeque::new() };
        Ok(try_unfold(state, |mut state| async move {
            loop {
                if let Some(row) = state.ready.pop_front() {
                    return Ok(Some((row, state)));
                }
                let Some(part) = state.parts.front().copied() else { return Ok::<_, Error>(None) };
                let more = match part {
                    Part::Kind(kind) => state.objects(kind).await?,
                    Part::Relation(relation) => state.edges(relation).await?,
                };
                if !more {
                    state.parts.pop_front();
                    state.after = (0, 0);
                }
            }
        }))
    }
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name,
            Self::Relation(relation) => relation.name,
        }
    }
}

type Text = Option<String>;

impl State {
    /// Reads the next chunk; false when there was none.
    async fn objects(&mut self, kind: &'static Kind) -> Result<bool> {
        type Row = (i64, String, Text, Text, Text, Doc);
        let rows: Vec<Row> = sql(format!(
            "SELECT e.id, e.okta_id, p.okta_id, g.okta_id, h.okta_id, e.doc FROM {} \
             WHERE e.org = $1 AND e.kind = $2 AND e.id > $3 AND {LIVE} ORDER BY e.id LIMIT {CHUNK}",
            crate::read::ROW_FROM
        ))
        .int(self.org.0)
        .int(i64::from(kind.code.0))
        .int(self.after.0)
        .all(&self.store.reader)
        .await?;
        let more = !rows.is_empty();
        for (id, okta_id, p, g, h, doc) in rows {
            self.after = (id, 0);
            self.ready.push_back(ExportRow {
                kind: kind.name,
                id: okta_id,
                parent: address(p, g, h),
                doc: doc.0,
            });
        }
        Ok(more)
    }

    async fn edges(&mut self, relation: &'static Relation) -> Result<bool> {
        let rows: Vec<(i64, i64, i16, Vec<u8>)> = sql(format!(
            "SELECT d.src, d.dst, d.codec, d.doc FROM edge_doc d WHERE d.org = $1 AND d.rel = $2 \
             AND (d.dst, d.src) > ($3, $4) ORDER BY d.dst, d.src LIMIT {CHUNK}"
        ))
        .int(self.org.0)
        .int(i64::from(relation.code.0))
        .int(self.after.0)
        .int(self.after.1)
        .all(&self.store.reader)
        .await?;
        let Some(last) = rows.last() else { return Ok(false) };
        self.after = (last.1, last.0);
        let mut ids: Vec<i64> = rows.iter().flat_map(|r| [r.0, r.1]).collect();
        ids.sort_unstable();
        ids.dedup();
        // Only edges whose ends are both known objects are shown.
        let ends: std::collections::HashMap<i64, String> =
            self.store.rows(self.org, ids).await?.into_iter().map(|row| (row.id.0, row.address())).collect();
        for (src, dst, codec, doc) in &rows {
            if let (Some(id), Some(parent)) = (ends.get(src), ends.get(dst)) {
                let doc = self.store.unpack(self.org, *codec, doc).await?;
                self.ready.push_back(ExportRow {
                    kind: relation.name,
                    id: id.clone(),
                    parent: Some(parent.clone()),
                    doc,
                });
            }
        }
        Ok(true)
    }
}
