//! Which statements people may run, and what they may reach. Read-only is the databases' own doing (a file opened
//! read-only; `SET TRANSACTION READ ONLY`); this module keeps credentials, keys and sessions out of reach:
//!
//! - SQLite: the statement's bytecode (`EXPLAIN`) names every b-tree it opens. Each must belong to a table on the
//!   list. Nothing in the text can hide from that, and it is checked in the transaction that then runs it.
//! - PostgreSQL: the plan (`EXPLAIN`) names every relation it scans. Each must be on the list. Functions could still
//!   run queries of their own (`query_to_xml`, `pg_read_file`), so only functions that PostgreSQL itself marks
//!   immutable, and the harmless others named here, may be called.

use std::collections::HashSet;

use crate::{
    Error, Result,
    tokens::{Token, tokens},
};

/// Tables that may be read. What is not named here, among it everything of later versions, is out of reach.
pub(crate) const READABLE: &[&str] = &[
    "org",
    "coverage",
    "coverage_under",
    "run",
    "run_dataset",
    "checkpoint",
    "seen",
    "missed",
    "quarantine",
    "entity",
    "entity_version",
    "edge",
    "edge_doc",
    "edge_change",
    "facet",
    "facet_count",
    "term",
    "audit",
    "kind",
    "relation",
];

/// PostgreSQL functions that read settings or the clock, format, or aggregate, and reach no other data.
const HARMLESS: &[&str] = &[
    "age",
    "array_agg",
    "array_to_json",
    "array_to_string",
    "clock_timestamp",
    "concat",
    "concat_ws",
    "current_date",
    "date_part",
    "date_trunc",
    "extract",
    "format",
    "json_agg",
    "json_build_array",
    "json_build_object",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_build_array",
    "jsonb_build_object",
    "jsonb_object_agg",
    "jsonb_path_query_tz",
    "length",
    "now",
    "random",
    "row_to_json",
    "string_agg",
    "timezone",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
];

/// Words that may stand before a parenthesis without being a function.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "between",
    "by",
    "case",
    "cast",
    "coalesce",
    "cube",
    "distinct",
    "else",
    "except",
    "exists",
    "filter",
    "from",
    "greatest",
    "group",
    "grouping",
    "having",
    "in",
    "intersect",
    "is",
    "join",
    "lateral",
    "least",
    "like",
    "limit",
    "materialized",
    "not",
    "nullif",
    "offset",
    "on",
    "or",
    "over",
    "recursive",
    "rollup",
    "row",
    "select",
    "sets",
    "some",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
    "with",
    "within",
];

/// Refuses what is not one SELECT, VALUES or WITH; returns it without a closing semicolon's tokens.
pub(crate) fn one_query(text: &str, sqlite: bool) -> Result<Vec<Token>> {
    let refuse = |why: &str| Error::Sql(format!("{why} Write one SELECT (or WITH … SELECT, or VALUES)."));
    if text.contains('\0') {
        return Err(refuse("The statement holds a NUL character."));
    }
    let mut found =
        tokens(text, sqlite).ok_or_else(|| refuse("A quote or a comment in the statement isn't closed."))?;
    while found.last() == Some(&Token::Sign(';')) {
        found.pop();
    }
    if found.contains(&Token::Sign(';')) {
        return Err(refuse("Only one statement at a time."));
    }
    match found.first() {
        Some(Token::Word(word)) if ["select", "values", "with"].contains(&word.as_str()) => Ok(found),
        Some(Token::Word(word)) => {
            Err(refuse(&format!("{} is not a query: nothing can be changed here.", word.to_uppercase())))
        }
        Some(_) => Err(refuse("This is not a query.")),
        None => Err(refuse("The statement is empty.")),
    }
}

/// The error for a relation that is out of reach.
pub(crate) fn out_of_reach(name: &str) -> Error {
    Error::Sql(format!(
        "{name} can't be read here: it is not one of the synced data. Read the okta_* views, or the tables {}.",
        READABLE.join(", ")
    ))
}

/// The names that stand before an opening parenthesis and so may be functions, those known to be harmless left out.
pub(crate) fn called(tokens: &[Token]) -> Result<HashSet<String>> {
    let mut names = HashSet::new();
    for pair in tokens.windows(2) {
        match (&pair[0], &pair[1]) {
            (Token::Word(name), Token::Sign('('))
                if !HARMLESS.contains(&name.as_str()) && !KEYWORDS.contains(&name.as_str()) =>
            {
                names.insert(name.clone());
            }
            // U&"\0071…" writes a name that the tokens don't show.
            (Token::Word(u), Token::Sign('&')) if u == "u" => {
                return Err(Error::Sql(
                    "U& quotes are not taken here. Write the name or text as it is.".into(),
                ));
            }
            _ => {}
        }
    }
    Ok(names)
}

/// Every relation in a PostgreSQL plan as (schema, name).
pub(crate) fn relations(plan: &serde_json::Value, into: &mut HashSet<(String, String)>) {
    match plan {
        serde_json::Value::Array(items) => items.iter().for_each(|item| relations(item, into)),
        serde_json::Value::Object(map) => {
            if let Some(name) = map.get("Relation Name").and_then(|n| n.as_str()) {
                let schema = map.get("Schema").and_then(|s| s.as_str()).unwrap_or_default();
                into.insert((schema.to_string(), name.to_string()));
            }
            map.values().for_each(|value| relations(value, into));
        }
        _ => {}
    }
}
