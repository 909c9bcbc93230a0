//! `/orgs/{org}/csv/{kind}`: what a list shows, over all its pages, for spreadsheets.

use axum::extract::{Path, RawQuery};
use axum::http::header;
use axum::response::IntoResponse;

use super::asked::Asked;
use super::cell::{called, cells};
use super::{Answer, Count};
use crate::{Connection, Visit};

/// The most rows a file holds: it is made in memory, while somebody waits.
const ROWS: usize = 10_000;
/// Rows read at a time.
const AT_ONCE: u32 = 500;
/// Pages asked for at most: those of a filter that few of many fit may be empty.
const PAGES: usize = 200;

/// What the link to the file says of a list of so many.
pub(super) fn label(count: Option<transom_store::Count>) -> String {
    match count {
        Some(transom_store::Count::Exactly(n)) if n <= ROWS as u64 => "CSV".to_string(),
        _ => format!("CSV of the first {}", Count(ROWS as u64)),
    }
}

pub(crate) async fn download(
    visit: Visit,
    Connection(org): Connection,
    Path((_, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    let kind = visit.kind(&kind)?;
    let mut asked = Asked::read(kind, query.as_deref().unwrap_or_default())?;
    let (fields, filter) = (asked.fields(), asked.filter());
    let mut text = String::new();
    line(&mut text, ["okta_id", "name"].into_iter().chain(fields.iter().map(|f| f.name())));
    let mut held = 0;
    for _ in 0..PAGES {
        let room = AT_ONCE.min(u32::try_from(ROWS - held).unwrap_or(AT_ONCE));
        let page = visit.app.store().list(org.id, kind.code, &filter, &asked.paging(room)).await?;
        let cells = cells(&visit, org.id, kind, &fields, &page.rows).await?;
        for (row, cells) in page.rows.iter().zip(cells) {
            let own = [row.address(), called(row)].into_iter();
            line(&mut text, own.chain(cells.into_iter().map(|cell| cell.text)));
        }
        held += page.rows.len();
        asked.after = page.next;
        if asked.after.is_none() || held >= ROWS {
            break;
        }
    }
    // A file that is not the whole list says so by its name.
    let part = if asked.after.is_some() { format!("-first-{held}") } else { String::new() };
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}{part}.csv\"", kind.name)),
    ];
    Ok((headers, text).into_response())
}

/// Appends a line of cells, by RFC 4180.
pub(super) fn line(to: &mut String, cells: impl Iterator<Item: AsRef<str>>) {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            to.push(',');
        }
        push(to, cell.as_ref());
    }
    to.push_str("\r\n");
}

/// A cell. What a spreadsheet would take for a formula gets a quotation mark before it, which spreadsheets
/// read as "this is text" (OWASP, CSV injection).
fn push(to: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || cell.contains([',', '"', '\n', '\r']);
    if !quoted {
        return to.push_str(cell);
    }
    to.push('"');
    if formula {
        to.push('\'');
    }
    to.push_str(&cell.replace('"', "\"\""));
    to.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells() {
        let mut text = String::new();
        line(&mut text, ["a", "b,c", "d\"e", "=1+1", "-x", "@y", "l\nm", ""].into_iter());
        assert_eq!(text, "a,\"b,c\",\"d\"\"e\",\"'=1+1\",\"'-x\",\"'@y\",\"l\nm\",\r\n");
    }

    #[test]
    fn a_file_that_cannot_hold_all_says_so() {
        use transom_store::Count::{AtLeast, Exactly};
        assert_eq!(label(Some(Exactly(10_000))), "CSV");
        for count in [None, Some(AtLeast(5_000)), Some(Exactly(10_001))] {
            assert_eq!(label(count), "CSV of the first 10,000");
        }
    }
}
