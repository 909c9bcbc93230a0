//! Rows on their way into SQLite: records of fixed width in one blob, and what has no fixed width in another, the heap.
//!
//! A table-valued parameter is what SQLite lacks. The usual substitute is JSON, of which every value is escaped, parsed,
//! written and parsed once more, blobs in hexadecimal. Here the database cuts each value out of a blob: numbers as digits
//! in so many places, texts and blobs by where they lie in the heap. `json_each` over a list of zeros counts the rows.
//! (Tried with SQLite 3.40: a row of five numbers takes a third of the time.)

use std::{fmt::Write as _, ops::Range};

use crate::query::{Column, Rows};

/// Digits of a number, with its sign: `i64::MIN` has 20 characters.
const NUMBER: usize = 20;
/// Digits of a place in the heap, and of a length. Together they are as wide as a number.
const PLACE: usize = NUMBER / 2;

/// The rows as the table `v`: the arguments that hold the list of zeros, the records and the heap have these numbers.
pub(crate) fn source(rows: &Rows, [each, fixed, heap]: [usize; 3]) -> String {
    let width = rows.columns.len() * NUMBER;
    let mut source = "(SELECT ".to_owned();
    for (i, (name, column)) in rows.columns.iter().enumerate() {
        let cut = |at: usize, digits: usize| {
            format!("substr(${fixed}, key * {width} + {}, {digits})", i * NUMBER + at)
        };
        // Where a column has nulls, blanks stand for them; what is cut out by a null is null.
        let or_null = |cut: String, digits: usize| match column.has_nulls() {
            true => format!("nullif({cut}, x'{}')", "20".repeat(digits)),
            false => cut,
        };
        let bytes = || {
            let (from, length) = (or_null(cut(1, PLACE), PLACE), cut(1 + PLACE, PLACE));
            format!("substr(${heap}, {from}, {length})")
        };
        let value = match column {
            Column::Int(_) => format!("CAST({} AS INTEGER)", or_null(cut(1, NUMBER), NUMBER)),
            Column::Text(_) | Column::Json(_) => format!("CAST({} AS TEXT)", bytes()),
            Column::Blob(_) => bytes(),
        };
        let comma = if i == 0 { "" } else { ", " };
        let _ = write!(source, "{comma}{value} AS {name}");
    }
    let _ = write!(source, " FROM json_each(${each})) AS v");
    source
}

/// Some of the rows: the list of zeros, the records, and the heap.
pub(crate) fn of(rows: &Rows, range: Range<usize>) -> (String, Vec<u8>, Vec<u8>) {
    let each = format!("[0{}]", ",0".repeat(range.len().saturating_sub(1)));
    // All blank: what is not written is null.
    let mut fixed = vec![b' '; range.len() * rows.columns.len() * NUMBER];
    let bytes = rows.columns.iter().flat_map(|(_, column)| range.clone().map(|row| column.bytes(row)));
    // Of an empty blob the driver makes a null.
    let mut heap = Vec::with_capacity(1 + bytes.sum::<usize>());
    heap.push(b' ');
    let mut fields = fixed.chunks_exact_mut(NUMBER);
    for row in range {
        for ((_, column), field) in rows.columns.iter().zip(&mut fields) {
            let bytes = match column {
                Column::Int(values) => {
                    values[row].inspect(|n| digits(field, *n));
                    continue;
                }
                Column::Text(values) | Column::Json(values) => values[row].as_deref().map(str::as_bytes),
                Column::Blob(values) => values[row].as_deref(),
            };
            if let Some(bytes) = bytes {
                let (place, length) = field.split_at_mut(PLACE);
                digits(place, heap.len() as i64 + 1);
                digits(length, bytes.len() as i64);
                heap.extend_from_slice(bytes);
            }
        }
    }
    (each, fixed, heap)
}

/// Writes a number at the end of a field. (The standard library's padding writes each blank by a call of its own.)
fn digits(field: &mut [u8], number: i64) {
    let mut places = field.iter_mut().rev();
    let mut left = number.unsigned_abs();
    for place in &mut places {
        *place = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0
        && let Some(sign) = places.next()
    {
        *sign = b'-';
    }
}

impl Column {
    fn has_nulls(&self) -> bool {
        match self {
            Self::Int(values) => values.contains(&None),
            Self::Text(values) | Self::Json(values) => values.contains(&None),
            Self::Blob(values) => values.contains(&None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use transom_core::{Catalogue, ManualClock};

    use super::*;
    use crate::{DatabaseUrl, Store, query::sql};

    type Row = (Option<i64>, i64, Option<String>, Option<Vec<u8>>, String, String);

    #[tokio::test]
    async fn every_value_arrives_as_it_was() {
        let folder = tempfile::tempdir().expect("folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("records.db"));
        let catalogue = Arc::new(Catalogue::new(Vec::new(), Vec::new()).expect("declares"));
        let store = Store::open(&url, catalogue, Arc::new(ManualClock::new(1))).await.expect("opens");
        let texts = ["", "a'\"\\\n\u{1}", "Grüße \u{1F600} שלום", " 20 "].map(str::to_owned);
        let large = "x".repeat(300_000);
        // More than a slice holds, and one that is larger than it.
        let rows: Vec<Row> = (0..3_000_i64)
            .map(|n| {
                let text = texts[n as usize % texts.len()].clone();
                (
                    [Some(i64::MIN), None, Some(i64::MAX), Some(0)][n as usize % 4],
                    n - 1_500,
                    Some(text.clone()).filter(|_| n % 3 > 0),
                    [None, Some(Vec::new()), Some(vec![0, 0x20, 0xff])][n as usize % 3].clone(),
                    if n == 7 { large.clone() } else { text.clone() },
                    format!("[{n}, \"{n}\"]"),
                )
            })
            .collect();
        let bulk = Rows::new()
            .int("a", rows.iter().map(|r| r.0))
            .int("n", rows.iter().map(|r| r.1))
            .text("b", rows.iter().map(|r| r.2.clone()))
            .blob("c", rows.iter().map(|r| r.3.clone()))
            .text("d", rows.iter().map(|r| r.4.clone()))
            .json("e", rows.iter().map(|r| r.5.clone()));
        let back: Vec<Row> = sql("SELECT v.a, v.n, v.b, v.c, v.d, v.e FROM {rows}")
            .rows(&bulk)
            .all(&store.reader)
            .await
            .expect("reads");
        assert_eq!(back.len(), rows.len());
        for (back, row) in back.iter().zip(&rows) {
            assert!(back == row, "{} is not as it was", row.1);
        }
        let types: Vec<(String,)> =
            sql("SELECT DISTINCT typeof(v.a) || typeof(v.b) || typeof(v.c) || typeof(v.e) FROM {rows} \
             WHERE v.a IS NOT NULL AND v.b IS NOT NULL AND v.c IS NOT NULL")
            .rows(&bulk)
            .all(&store.reader)
            .await
            .expect("reads");
        assert!(types.iter().all(|(t,)| t == "integertextblobtext"), "{types:?}");
        // A heap that holds nothing is no null.
        let empty = Rows::new().text("a", [String::new()]);
        let found: Vec<(Option<String>,)> =
            sql("SELECT v.a FROM {rows}").rows(&empty).all(&store.reader).await.expect("reads");
        assert_eq!(found, [(Some(String::new()),)]);
        let none = Rows::new().int("a", Vec::<i64>::new());
        let found: Vec<(i64,)> =
            sql("SELECT v.a FROM {rows}").rows(&none).all(&store.reader).await.expect("reads");
        assert!(found.is_empty());
        store.close().await;
    }
}
