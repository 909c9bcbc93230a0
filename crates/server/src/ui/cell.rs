//! Values of documents as people and spreadsheets read them.

use serde_json::Value;
use transom_core::{ColumnType, Kind, Millis, OrgId};
use transom_store::{EntityRow, Sort};

use super::asked::Field;
use super::{Moment, Status};
use crate::{Error, Visit};

/// A value in a table or a list of facts. Nothing in it means that the document has no such value.
#[derive(Debug, Default)]
pub(super) struct Cell {
    /// As files hold it.
    pub text: String,
    /// Of a time: how long ago.
    pub at: Option<Moment>,
    /// Of a status: with its mark.
    pub status: Option<Status>,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn time(at: Option<Millis>, now: Millis) -> Self {
        let at = at.map(|at| Moment::new(at, now));
        Self { text: at.as_ref().map(|m| m.machine.clone()).unwrap_or_default(), at, status: None }
    }

    pub fn status(word: Option<&str>) -> Self {
        let status = word.map(Status::new);
        Self { text: word.unwrap_or_default().to_string(), at: None, status }
    }

    /// A value of a document.
    pub fn value(value: &Value, ty: ColumnType, now: Millis) -> Self {
        let text = said(value);
        match text.parse::<jiff::Timestamp>() {
            Ok(time) if ty == ColumnType::Time => {
                Self { at: Some(Moment::new(time.as_millisecond(), now)), text, status: None }
            }
            _ => Self::text(text),
        }
    }
}

/// A value in one line: lists of words as words, whatever else has parts as JSON.
fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|i| !i.is_object() && !i.is_array()) => {
            items.iter().map(said).collect::<Vec<_>>().join(", ")
        }
        Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// What to call an object: its name, its login, its id.
pub(super) fn called(row: &EntityRow) -> String {
    row.name.as_ref().or(row.login.as_ref()).unwrap_or(&row.okta_id).clone()
}

/// The cells of rows of a kind, a list for each.
///
/// # Errors
/// When the database can't be read.
pub(super) async fn cells(
    visit: &Visit,
    org: OrgId,
    kind: &'static Kind,
    fields: &[Field],
    rows: &[EntityRow],
) -> Result<Vec<Vec<Cell>>, Error> {
    let now = visit.app.now();
    let declared = |field: &Field| match field {
        Field::Declared(column) => Some(column.name),
        Field::Own(_) => None,
    };
    let names: Vec<&str> = fields.iter().filter_map(declared).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let values = visit.app.store().values(org, kind.code, &ids, &names).await?;
    let line = |(row, values): (&EntityRow, Vec<Value>)| {
        let mut values = values.into_iter();
        let cell = |field: &Field| match field {
            Field::Own(sort) => own(row, *sort, now),
            Field::Declared(column) => Cell::value(&values.next().unwrap_or_default(), column.ty, now),
        };
        fields.iter().map(cell).collect()
    };
    Ok(rows.iter().zip(values).map(line).collect())
}

/// What every object of the kind has.
pub(super) fn own(row: &EntityRow, sort: Sort, now: Millis) -> Cell {
    match sort {
        Sort::Name => Cell::text(called(row)),
        Sort::Login => Cell::text(row.login.clone().unwrap_or_default()),
        Sort::Status => Cell::status(row.status.as_deref()),
        Sort::Created => Cell::time(row.created, now),
        Sort::Updated => Cell::time(row.updated, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_as_one_line() {
        let cases = [
            (json!(null), ""),
            (json!(true), "true"),
            (json!(["a", 2]), "a, 2"),
            (json!({"a": [1]}), r#"{"a":[1]}"#),
        ];
        for (value, says) in cases {
            assert_eq!(said(&value), says);
        }
        let time = Cell::value(&json!("2027-01-15T08:00:00.000Z"), ColumnType::Time, 1_800_000_040_000);
        assert_eq!(time.at.map(|m| m.relative).as_deref(), Some("40 seconds ago"));
        assert!(Cell::value(&json!("soon"), ColumnType::Time, 0).at.is_none(), "what is no time stays text");
    }
}
