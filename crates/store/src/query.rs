//! One statement for both databases: text with `$1` placeholders, its arguments, and rows in bulk.

use std::{fmt::Write as _, ops::Range};

use futures_util::{TryStreamExt, future::join};
use serde_json::Value;
use sqlx::{
    Arguments, AssertSqlSafe, Encode, FromRow, Postgres, Sqlite, Type,
    error::BoxDynError,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
    types::Json,
};
use transom_core::replace_nul;

use crate::{
    Error,
    db::{Pool, Tx, on},
    records,
};

/// A statement under construction. `{rows}` in its text stands for the table `v` of [`Rows`].
#[derive(Debug, Clone)]
pub(crate) struct Sql<'q> {
    text: String,
    args: Vec<Arg>,
    rows: Option<&'q Rows>,
}

#[derive(Debug, Clone)]
enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Bool(bool),
    Blob(Vec<u8>),
    Json(Value),
}

/// Runs a statement slice by slice. The next slice is made ready while the database is busy with the one before it.
macro_rules! in_slices {
    ($sql:ident, $d:ident, $connection:expr) => {{
        let mut ranges = $sql.ranges().into_iter();
        let mut ready = ranges.next().map(|range| $d::statement(&$sql, range));
        let mut written = 0;
        loop {
            let Some(statement) = ready else { break Ok(written) };
            let (text, args) = statement.map_err(bad_argument)?;
            let next = async { ranges.next().map(|range| $d::statement(&$sql, range)) };
            let done;
            (done, ready) = join(sqlx::query_with(text, args).execute($connection), next).await;
            match done {
                Ok(done) => written += done.rows_affected(),
                Err(error) => break Err(error),
            }
        }
    }};
}

/// A statement that starts with `text`.
pub(crate) fn sql<'q>(text: impl Into<String>) -> Sql<'q> {
    Sql { text: text.into(), args: Vec::new(), rows: None }
}

impl<'q> Sql<'q> {
    pub fn int(mut self, value: impl Into<Option<i64>>) -> Self {
        self.args.push(Arg::Int(value.into()));
        self
    }

    pub fn text(self, value: &str) -> Self {
        self.opt_text(Some(value))
    }

    pub fn opt_text(mut self, value: Option<&str>) -> Self {
        self.args.push(Arg::Text(value.map(|t| no_nul(t.to_string()))));
        self
    }

    pub fn bool(mut self, value: bool) -> Self {
        self.args.push(Arg::Bool(value));
        self
    }

    pub fn blob(mut self, value: &[u8]) -> Self {
        self.args.push(Arg::Blob(value.to_vec()));
        self
    }

    pub fn json(mut self, value: &Value) -> Self {
        let mut value = value.clone();
        replace_nul(&mut value);
        self.args.push(Arg::Json(value));
        self
    }

    /// The rows that `{rows}` stands for.
    pub fn rows(mut self, rows: &'q Rows) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Appends to the text and returns the number of the next placeholder, for filters.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a text argument and its placeholder.
    pub fn push_text(&mut self, value: &str) -> &mut Self {
        self.args.push(Arg::Text(Some(no_nul(value.to_string()))));
        let _ = write!(self.text, "${}", self.args.len());
        self
    }

    /// Appends a number and its placeholder.
    pub fn push_int(&mut self, value: i64) -> &mut Self {
        self.args.push(Arg::Int(Some(value)));
        let _ = write!(self.text, "${}", self.args.len());
        self
    }

    /// Runs it and returns the number of rows written; bulk rows go in slices.
    pub async fn execute<'a>(self, at: impl Into<At<'a>>) -> Result<u64, Error> {
        let mut at = at.into();
        let location = at.location().to_string();
        match &mut at {
            At::Pool(pool) => on!(&pool.db, |c, D| in_slices!(self, D, c)),
            At::Tx(tx) => on!(&mut tx.db, |c, D| in_slices!(self, D, &mut **c)),
        }
        .map_err(|e| Error::from_sqlx(e, &location))
    }

    /// Runs an INSERT of bulk rows; one whose `keys` are there is written anew, as `set` says.
    pub async fn upsert(mut self, keys: &str, set: &str, tx: &mut Tx) -> Result<(), Error> {
        self.push(&format!(" ON CONFLICT({keys}) DO UPDATE SET {set}"));
        self.execute(tx).await.map(|_| ())
    }

    /// The same, for rows most batches of which are new; where one is not, the whole batch is written a second time.
    ///
    /// Of each page that an upsert touches SQLite keeps a copy, because it could fail half-way (`usesStmtJournal` in its
    /// EXPLAIN). So the rows are inserted first, and only where some were there the upsert follows.
    pub async fn upsert_new(self, keys: &str, set: &str, tx: &mut Tx) -> Result<(), Error> {
        debug_assert!(self.rows.is_some(), "what was inserted is compared with the rows");
        let rows = self.rows.map_or(0, |rows| rows.len as u64);
        let mut insert = self.clone();
        insert.push(&format!(" ON CONFLICT({keys}) DO NOTHING"));
        if insert.execute(&mut *tx).await? < rows {
            self.upsert(keys, set, tx).await?;
        }
        Ok(())
    }

    /// Runs it and returns all rows.
    pub async fn all<'a, T: Record>(self, at: impl Into<At<'a>>) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        self.each(at, |row| found.push(row)).await?;
        Ok(found)
    }

    /// Runs it and shows each row as it comes: for more of them than should be held at a time.
    pub async fn each<'a, T: Record>(
        self,
        at: impl Into<At<'a>>,
        mut show: impl FnMut(T) + Send,
    ) -> Result<(), Error> {
        let mut at = at.into();
        for range in self.ranges() {
            let location = at.location().to_string();
            let mut show = |row| {
                show(row);
                std::future::ready(Ok(()))
            };
            let done = match &mut at {
                At::Pool(pool) => on!(&pool.db, |c, D| {
                    let (text, args) = D::statement(&self, range).map_err(bad_argument)?;
                    sqlx::query_as_with::<_, T, _>(text, args).fetch(c).try_for_each(&mut show).await
                }),
                At::Tx(tx) => on!(&mut tx.db, |c, D| {
                    let (text, args) = D::statement(&self, range).map_err(bad_argument)?;
                    sqlx::query_as_with::<_, T, _>(text, args).fetch(&mut **c).try_for_each(&mut show).await
                }),
            };
            done.map_err(|e| Error::from_sqlx(e, &location))?;
        }
        Ok(())
    }

    /// Runs it and returns the first row, if any.
    pub async fn optional<'a, T: Record>(self, at: impl Into<At<'a>>) -> Result<Option<T>, Error> {
        Ok(self.all(at).await?.into_iter().next())
    }

    /// Runs it and returns the first row of a statement that always has one.
    pub async fn one<'a, T: Record>(self, at: impl Into<At<'a>>) -> Result<T, Error> {
        let text = self.text.clone();
        self.optional(at)
            .await?
            .ok_or_else(|| Error::Other(format!("the database returned no row for: {text}")))
    }

    fn ranges(&self) -> Vec<Range<usize>> {
        match self.rows {
            None => vec![Range { start: 0, end: 0 }],
            Some(rows) => rows.slices(),
        }
    }
}

/// Rows per statement: bounds the memory of a statement, far beyond the point where larger ones are faster.
pub(crate) const SLICE: usize = 1024;
/// Bytes of texts and documents after which a statement takes no further row. On their way into SQLite they lie in
/// memory four times: as they are, by the column, in one piece, bound.
const SLICE_BYTES: usize = 256 << 10;

/// An INSERT that stops where it fails instead of taking back its earlier rows: our transactions are given up as a
/// whole, and SQLite need not keep a copy of every page that the statement touches (measured: half the memory of a
/// sync).
fn without_own_undo(text: &str) -> Option<String> {
    text.strip_prefix("INSERT INTO").map(|rest| format!("INSERT OR FAIL INTO{rest}"))
}

fn bad_argument(error: BoxDynError) -> Error {
    Error::Other(format!("an argument can't be sent to the database: {error}"))
}

/// What a row decodes into: a tuple, on both databases.
pub(crate) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// Where a statement runs.
pub(crate) enum At<'a> {
    Pool(&'a Pool),
    Tx(&'a mut Tx),
}

impl At<'_> {
    fn location(&self) -> &str {
        match self {
            Self::Pool(pool) => &pool.location,
            Self::Tx(tx) => &tx.location,
        }
    }
}

impl<'a> From<&'a Pool> for At<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Tx> for At<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// Many rows, column by column: [records] on SQLite, one array per column on PostgreSQL. Either way the statement's text
/// is the same for any number of rows, so it stays prepared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub columns: Vec<(&'static str, Column)>,
    len: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Column {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Json(Vec<Option<String>>),
    Blob(Vec<Option<Vec<u8>>>),
}

impl Column {
    /// What a value takes, but for numbers.
    pub fn bytes(&self, row: usize) -> usize {
        match self {
            Self::Int(_) => 0,
            Self::Text(values) | Self::Json(values) => values[row].as_ref().map_or(0, String::len),
            Self::Blob(values) => values[row].as_ref().map_or(0, Vec::len),
        }
    }
}

impl Rows {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn int<V: Into<Option<i64>>>(self, name: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        let column: Vec<_> = values.into_iter().map(Into::into).collect();
        self.with(name, column.len(), Column::Int(column))
    }

    pub fn text<V: Into<Option<String>>>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let column: Vec<_> = values.into_iter().map(|v| v.into().map(no_nul)).collect();
        self.with(name, column.len(), Column::Text(column))
    }

    /// JSON documents as text, free of NUL (see [`replace_nul`]).
    pub fn json<V: Into<Option<String>>>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let column: Vec<_> = values.into_iter().map(Into::into).collect();
        self.with(name, column.len(), Column::Json(column))
    }

    pub fn blob<V: Into<Option<Vec<u8>>>>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let column: Vec<_> = values.into_iter().map(Into::into).collect();
        self.with(name, column.len(), Column::Blob(column))
    }

    /// The rows in portions, each for one statement.
    fn slices(&self) -> Vec<Range<usize>> {
        let (mut slices, mut from, mut bytes) = (Vec::new(), 0, 0);
        for row in 0..self.len {
            bytes += self.columns.iter().map(|(_, column)| column.bytes(row)).sum::<usize>();
            if bytes >= SLICE_BYTES || row + 1 - from == SLICE || row + 1 == self.len {
                slices.push(from..row + 1);
                (from, bytes) = (row + 1, 0);
            }
        }
        slices
    }

    fn with(mut self, name: &'static str, len: usize, column: Column) -> Self {
        debug_assert!(self.columns.is_empty() || self.len == len, "column {name} has {len} values");
        self.len = len;
        self.columns.push((name, column));
        self
    }
}

/// What differs between the databases' statements.
trait Dialect: sqlx::Database {
    fn statement(
        sql: &Sql<'_>,
        rows: Range<usize>,
    ) -> Result<(AssertSqlSafe<String>, Self::Arguments), BoxDynError>;
}

impl Dialect for Sqlite {
    fn statement(
        sql: &Sql<'_>,
        range: Range<usize>,
    ) -> Result<(AssertSqlSafe<String>, SqliteArguments), BoxDynError> {
        let mut args = SqliteArguments::default();
        add_scalars(&mut args, &sql.args)?;
        let Some(rows) = sql.rows else { return Ok((AssertSqlSafe(sql.text.clone()), args)) };
        let n = sql.args.len();
        let source = records::source(rows, [n + 1, n + 2, n + 3]);
        let (each, fixed, heap) = records::of(rows, range);
        Arguments::add(&mut args, each)?;
        Arguments::add(&mut args, fixed)?;
        Arguments::add(&mut args, heap)?;
        let text = without_own_undo(&sql.text).unwrap_or_else(|| sql.text.clone());
        Ok((AssertSqlSafe(text.replace("{rows}", &source)), args))
    }
}

impl Dialect for Postgres {
    fn statement(
        sql: &Sql<'_>,
        range: Range<usize>,
    ) -> Result<(AssertSqlSafe<String>, PgArguments), BoxDynError> {
        let mut args = PgArguments::default();
        add_scalars(&mut args, &sql.args)?;
        let Some(rows) = sql.rows else { return Ok((AssertSqlSafe(sql.text.clone()), args)) };
        let mut arrays = Vec::new();
        let mut names = Vec::new();
        for (i, (name, column)) in rows.columns.iter().enumerate() {
            let n = sql.args.len() + 1 + i;
            names.push(*name);
            match column {
                Column::Int(values) => {
                    Arguments::add(&mut args, values[range.clone()].to_vec())?;
                    arrays.push(format!("${n}::bigint[]"));
                }
                Column::Text(values) => {
                    Arguments::add(&mut args, values[range.clone()].to_vec())?;
                    arrays.push(format!("${n}::text[]"));
                }
                Column::Json(values) => {
                    Arguments::add(&mut args, values[range.clone()].to_vec())?;
                    arrays.push(format!("${n}::text[]::jsonb[]"));
                }
                Column::Blob(values) => {
                    Arguments::add(&mut args, values[range.clone()].to_vec())?;
                    arrays.push(format!("${n}::bytea[]"));
                }
            }
        }
        let source = format!("UNNEST({}) AS v({})", arrays.join(", "), names.join(", "));
        Ok((AssertSqlSafe(sql.text.replace("{rows}", &source)), args))
    }
}

fn add_scalars<A: Arguments>(into: &mut A, args: &[Arg]) -> Result<(), BoxDynError>
where
    Option<i64>: for<'e> Encode<'e, A::Database> + Type<A::Database>,
    Option<String>: for<'e> Encode<'e, A::Database> + Type<A::Database>,
    bool: for<'e> Encode<'e, A::Database> + Type<A::Database>,
    Vec<u8>: for<'e> Encode<'e, A::Database> + Type<A::Database>,
    Json<Value>: for<'e> Encode<'e, A::Database> + Type<A::Database>,
{
    for arg in args {
        match arg.clone() {
            Arg::Int(v) => into.add(v)?,
            Arg::Text(v) => into.add(v)?,
            Arg::Bool(v) => into.add(v)?,
            Arg::Blob(v) => into.add(v)?,
            Arg::Json(v) => into.add(Json(v))?,
        }
    }
    Ok(())
}

/// Appends `bytes` as lower-case hex.
pub(crate) fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for b in bytes {
        out.push(DIGITS[usize::from(b >> 4)] as char);
        out.push(DIGITS[usize::from(b & 15)] as char);
    }
}

/// PostgreSQL can't hold NUL in text: it becomes U+FFFD, on both databases alike.
fn no_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
