//! The catalogue in the database: names for codes, and a SQL view per kind and relation.

use sha2::{Digest, Sha256};
use transom_core::{Column, ColumnType, Kind, Relation};

use crate::{
    Error, Result, Store,
    db::Tx,
    migrate::lock,
    query::{Rows, push_hex, sql},
};

/// Registers names and makes the views anew when the catalogue differs from what the database was given last.
pub(crate) async fn register(store: &Store) -> Result<()> {
    let sqlite = store.writer.is_sqlite();
    let script = script(store, sqlite)?;
    let mut sum = String::new();
    push_hex(&mut sum, &Sha256::digest(script.join("\n").as_bytes()));
    if store.meta("views").await?.as_deref() == Some(&sum) {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    lock(&mut tx).await?;
    let row: Option<(String,)> = sql("SELECT value FROM meta WHERE key = 'views'").optional(&mut tx).await?;
    if row.is_some_and(|(value,)| value == sum) {
        // Another process made them meanwhile.
        return Ok(());
    }
    for name in existing(&mut tx, sqlite).await? {
        tx.script(&format!("DROP VIEW \"{name}\"")).await?;
    }
    for view in &script {
        tx.script(view).await?;
    }
    let kinds = &store.catalogue.kinds;
    let rows = Rows::new()
        .int("code", kinds.iter().map(|k| i64::from(k.code.0)))
        .text("name", kinds.iter().map(|k| k.name.to_string()))
        .text("title", kinds.iter().map(|k| k.title.to_string()));
    sql("INSERT INTO kind(code, name, title) SELECT v.code, v.name, v.title FROM {rows} WHERE true \
         ON CONFLICT(code) DO UPDATE SET name = excluded.name, title = excluded.title")
    .rows(&rows)
    .execute(&mut tx)
    .await?;
    let relations = &store.catalogue.relations;
    let rows = Rows::new()
        .int("code", relations.iter().map(|r| i64::from(r.code.0)))
        .text("name", relations.iter().map(|r| r.name.to_string()))
        .text("what", relations.iter().map(|r| r.what.to_string()));
    sql("INSERT INTO relation(code, name, what) SELECT v.code, v.name, v.what FROM {rows} WHERE true \
         ON CONFLICT(code) DO UPDATE SET name = excluded.name, what = excluded.what")
    .rows(&rows)
    .execute(&mut tx)
    .await?;
    sql("INSERT INTO meta(key, value) VALUES ('views', $1) ON CONFLICT(key) DO UPDATE SET value = excluded.value")
        .text(&sum)
        .execute(&mut tx)
        .await?;
    tx.commit().await
}

async fn existing(tx: &mut Tx, sqlite: bool) -> Result<Vec<String>> {
    let names: Vec<(String,)> = sql(if sqlite {
        "SELECT name FROM sqlite_schema WHERE type = 'view' AND substr(name, 1, 5) = 'okta_'"
    } else {
        "SELECT viewname::text FROM pg_views WHERE schemaname = current_schema() AND starts_with(viewname, 'okta_')"
    })
    .all(tx)
    .await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// One statement per view.
fn script(store: &Store, sqlite: bool) -> Result<Vec<String>> {
    let catalogue = &store.catalogue;
    let relations: Vec<&Relation> = catalogue.relations.iter().filter(|r| r.view).copied().collect();
    if let Some(both) = relations.iter().find(|r| catalogue.kind_named(r.name).is_some()) {
        return Err(Error::Other(format!(
            "the kind and the relation {} would have the same view",
            both.name
        )));
    }
    let kinds = catalogue.kinds.iter().map(|kind| kind_view(kind, sqlite));
    let relations = relations.into_iter().map(|relation| relation_view(store, relation));
    Ok(kinds.chain(relations).collect())
}

const LIVE: &str = "e.removed_at IS NULL AND e.doc_hash IS NOT NULL";

/// Names are from the catalogue; quoted, so that `group` can be one.
fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn kind_view(kind: &Kind, sqlite: bool) -> String {
    let mut columns = vec!["o.label AS org".to_string(), "e.okta_id AS id".to_string()];
    let mut taken = vec!["org", "id", "name", "status", "created", "updated", "doc"];
    let parent = if kind.parents.is_empty() {
        ""
    } else {
        taken.push("parent_id");
        columns.push("p.okta_id AS parent_id".to_string());
        " LEFT JOIN entity p ON p.org = e.org AND p.id = e.parent"
    };
    columns.push("e.name AS name".to_string());
    if kind.login_at.is_some() {
        taken.push("login");
        columns.push("e.login AS login".to_string());
    }
    columns.push("e.status AS status".to_string());
    for time in ["created", "updated"] {
        columns.push(format!("{} AS {time}", iso(&format!("e.{time}"), sqlite)));
    }
    let own = kind.columns.iter().filter(|c| !taken.contains(&c.name));
    columns.extend(own.map(|column| format!("{} AS {}", value(column, sqlite), name(column.name))));
    columns.push("e.doc AS doc".to_string());
    format!(
        "CREATE VIEW {} AS SELECT {} FROM entity e JOIN org o ON o.id = e.org{parent} WHERE e.kind = {} AND {LIVE}",
        name(&kind.view()),
        columns.join(", "),
        kind.code.0
    )
}

/// Milliseconds as RFC 3339 text, alike on both databases.
fn iso(column: &str, sqlite: bool) -> String {
    if sqlite {
        format!("strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')")
    } else {
        format!(
            "to_char(to_timestamp({column} / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
        )
    }
}

/// A column's value out of the document.
fn value(column: &Column, sqlite: bool) -> String {
    let steps: Vec<String> =
        column.path.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~")).collect();
    if sqlite {
        let path: String =
            steps
                .iter()
                .map(|s| {
                    if s.bytes().all(|b| b.is_ascii_digit()) { format!("[{s}]") } else { format!(".\"{s}\"") }
                })
                .collect();
        let path = format!("'${}'", path.replace('\'', "''"));
        let ty = format!("json_type(e.doc, {path})");
        match column.ty {
            ColumnType::Text | ColumnType::Time => format!(
                "CASE {ty} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(e.doc ->> {path} AS TEXT) END"
            ),
            // A number too large for the type is left out: PostgreSQL would fail the whole view.
            ColumnType::Integer => format!(
                "CASE WHEN {ty} IN ('integer', 'real') AND e.doc ->> {path} BETWEEN -9e18 AND 9e18 \
                 THEN CAST(e.doc ->> {path} AS INTEGER) END"
            ),
            ColumnType::Boolean => format!("CASE {ty} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"),
            ColumnType::Json => format!("CASE WHEN {ty} <> 'null' THEN e.doc -> {path} END"),
        }
    } else {
        let steps: Vec<String> = steps.iter().map(|s| format!("'{}'", s.replace('\'', "''"))).collect();
        let path = format!("ARRAY[{}]", steps.join(", "));
        let (json, text) = (format!("(e.doc #> {path})"), format!("(e.doc #>> {path})"));
        match column.ty {
            ColumnType::Text | ColumnType::Time => text,
            ColumnType::Integer => format!(
                "CASE WHEN jsonb_typeof({json}) = 'number' THEN CASE WHEN {text}::numeric BETWEEN -9e18 AND 9e18 \
                 THEN trunc({text}::numeric)::bigint END END"
            ),
            ColumnType::Boolean => {
                format!("CASE WHEN jsonb_typeof({json}) = 'boolean' THEN {text}::boolean END")
            }
            ColumnType::Json => format!("CASE WHEN jsonb_typeof({json}) <> 'null' THEN {json} END"),
        }
    }
}

fn relation_view(store: &Store, relation: &Relation) -> String {
    let mut columns = vec!["o.label AS org".to_string()];
    let mut joins = String::new();
    // Where both ends can be of the same kind its name would name both.
    let ambiguous = relation.from == relation.to;
    for (ends, end, alias) in [(relation.from, "src", "s"), (relation.to, "dst", "d")] {
        let prefix = match ends {
            [one] if !ambiguous => one,
            _ => end,
        };
        columns.push(format!("{alias}.okta_id AS {}", name(&format!("{prefix}_id"))));
        let nested = |kind: &&str| store.catalogue.kind_named(kind).is_some_and(|k| !k.parents.is_empty());
        if ends.iter().any(nested) {
            columns.push(format!("{alias}p.okta_id AS {}", name(&format!("{prefix}_parent_id"))));
            joins.push_str(&format!(
                " LEFT JOIN entity {alias}p ON {alias}p.org = x.org AND {alias}p.id = {alias}.parent"
            ));
        }
        if ends.len() > 1 {
            columns.push(format!("{alias}k.name AS {}", name(&format!("{prefix}_kind"))));
            joins.push_str(&format!(" LEFT JOIN kind {alias}k ON {alias}k.code = {alias}.kind"));
        }
    }
    if relation.attr.is_some() {
        columns.push("x.attr AS attr".to_string());
    }
    let live = |alias: &str| LIVE.replace("e.", &format!("{alias}."));
    format!(
        "CREATE VIEW {} AS SELECT {} FROM edge x JOIN org o ON o.id = x.org JOIN entity s ON s.org = x.org AND s.id = x.src \
         JOIN entity d ON d.org = x.org AND d.id = x.dst{joins} WHERE x.rel = {} AND {} AND {}",
        name(&format!("okta_{}", relation.name)),
        columns.join(", "),
        relation.code.0,
        live("s"),
        live("d")
    )
}
