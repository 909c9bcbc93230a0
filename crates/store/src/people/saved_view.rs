//! Views of a list that somebody gave a name: filters, sort and columns, as they stand in the page's address.

use serde_json::json;
use transom_core::{Millis, OrgId};

use crate::{
    Error, Page, Result, Store, page,
    query::{Sql, sql},
    store::{count, next_number},
};

/// A saved view, as one account sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The query of the page's address.
    pub query: String,
    /// Whether everybody who may see the org sees it.
    pub shared: bool,
    /// Whether it is the account's own.
    pub own: bool,
    /// When it was saved first.
    pub created: Millis,
}

/// A view to save.
#[derive(Debug, Clone, Copy)]
pub struct NewView<'a> {
    /// Whose it is.
    pub account: i64,
    /// The org of the list.
    pub org: OrgId,
    /// The kind of the list.
    pub kind: &'a str,
    /// Its name: one of the same name of the account is replaced.
    pub name: &'a str,
    /// The query of the page's address.
    pub query: &'a str,
    /// Whether everybody who may see the org sees it.
    pub shared: bool,
}

/// Views that an account may keep of one list: they stand above it.
pub const VIEWS: u64 = 20;

type Row = (i64, String, String, bool, i64, Millis);

const COLUMNS: &str = "id, name, query, shared, account, created";

/// A view as `account` sees it.
fn read((id, name, query, shared, whose, created): Row, account: i64) -> SavedView {
    SavedView { id, name, query, shared, own: whose == account, created }
}

/// The views of the list of `kind` that an account sees.
fn seen(account: i64, org: OrgId, kind: &str) -> Sql<'static> {
    sql(format!("SELECT {COLUMNS} FROM saved_view WHERE org = $2 AND kind = $3 AND (account = $1 OR shared)"))
        .int(account)
        .int(org.0)
        .text(kind)
}

impl Store {
    /// Saves a view and returns it; `None` where there is no room for it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn save_view(&self, view: NewView<'_>, actor: &str) -> Result<Option<SavedView>> {
        let mut tx = self.begin_installation().await?;
        let (others,): (i64,) = sql(
            "SELECT count(*) FROM saved_view WHERE account = $1 AND org = $2 AND kind = $3 AND name <> $4",
        )
        .int(view.account)
        .int(view.org.0)
        .text(view.kind)
        .text(view.name)
        .one(&mut tx)
        .await?;
        if count(others) >= VIEWS {
            return Ok(None);
        }
        let id = next_number(&mut tx, "saved_view").await?;
        let saved: Row = sql(format!(
            "INSERT INTO saved_view(id, account, org, kind, name, query, shared, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT(org, kind, account, name) DO UPDATE SET query = excluded.query, shared = excluded.shared \
             RETURNING {COLUMNS}"
        ))
        .int(id)
        .int(view.account)
        .int(view.org.0)
        .text(view.kind)
        .text(view.name)
        .text(view.query)
        .bool(view.shared)
        .int(self.now())
        .one(&mut tx)
        .await?;
        let detail = json!({ "org": view.org, "kind": view.kind, "name": view.name, "shared": view.shared });
        self.append(&mut tx, None, actor, "view.save", detail).await?;
        tx.commit().await?;
        Ok(Some(read(saved, view.account)))
    }

    /// The views of the list of `kind` that an account sees, its own and those that are shared, by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn saved_views(&self, account: i64, org: OrgId, kind: &str) -> Result<Vec<SavedView>> {
        let mut query = seen(account, org, kind);
        query.push(" ORDER BY name, id");
        let rows: Vec<Row> = query.all(&self.reader).await?;
        Ok(rows.into_iter().map(|row| read(row, account)).collect())
    }

    /// A page of them.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of these.
    pub async fn saved_views_page(
        &self,
        account: i64,
        org: OrgId,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SavedView>> {
        const OF: &str = "saved_view";
        let mut query = seen(account, org, kind);
        if let Some((name, id)) = page::place::<(String, i64)>(OF, after)? {
            query.push(" AND (name, id) > (").push_text(&name).push(", ").push_int(id).push(")");
        }
        query.push(" ORDER BY name, id LIMIT ").push_int(i64::from(limit) + 1);
        let rows: Vec<Row> = query.all(&self.reader).await?;
        let views = rows.into_iter().map(|row| read(row, account)).collect();
        Ok(Page::new(OF, views, limit, |view: &SavedView| (view.name.clone(), view.id)))
    }

    /// Deletes a view of an account, or with `any_shared` a shared one of whomever: its maker may be long gone.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one that is not theirs to delete, or another list's.
    pub async fn delete_view(
        &self,
        id: i64,
        account: i64,
        any_shared: bool,
        (org, kind): (OrgId, &str),
        actor: &str,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let gone: Option<(String, bool, i64)> = sql("DELETE FROM saved_view \
             WHERE id = $1 AND org = $3 AND kind = $5 AND (account = $2 OR (shared AND $4)) \
             RETURNING name, shared, account")
        .int(id)
        .int(account)
        .int(org.0)
        .bool(any_shared)
        .text(kind)
        .optional(&mut tx)
        .await?;
        let Some((name, shared, whose)) = gone else {
            return Err(Error::NotFound { what: "saved view", wanted: id.to_string(), have: Vec::new() });
        };
        let detail = json!({ "org": org, "kind": kind, "name": name, "shared": shared, "account": whose });
        self.append(&mut tx, None, actor, "view.delete", detail).await?;
        tx.commit().await
    }
}
