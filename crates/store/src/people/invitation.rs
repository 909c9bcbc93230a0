//! Invitations: an owner says for whom and as what; who opens the link chooses name and password. There is no account
//! before that, so that nobody counts as a member, or as an owner, who cannot sign in.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::{Millis, Reach, Role};

use super::{
    account::{self, Account, NewAccount},
    opaque,
};
use crate::{
    Error, Page, Result, Store,
    db::Tx,
    page,
    query::sql,
    store::{Doc, next_number},
};

/// How long an invitation can be accepted: a day.
const LASTS: Millis = 24 * 60 * 60 * 1_000;

/// An invitation that nobody has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its number.
    pub id: i64,
    /// The e-mail address that the account will have.
    pub login: String,
    /// The role it will have.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
    /// When it was made.
    pub created: Millis,
    /// Until when it can be accepted.
    pub expires: Millis,
}

type Row = (i64, String, String, Doc, Millis, Millis);

const COLUMNS: &str = "SELECT id, login, role, reach, created, expires FROM invitation";

fn read((id, login, role, reach, created, expires): Row) -> Invitation {
    let role = Role::parse(&role).unwrap_or(Role::Viewer);
    Invitation { id, login, role, reach: account::read_reach(reach), created, expires }
}

impl Store {
    /// Invites `login` and returns the secret of the link, which nobody can read again. An earlier invitation of the same
    /// login no longer holds.
    ///
    /// # Errors
    /// [`Error::LoginTaken`] where there is such an account, [`Error::OwnerOfSome`].
    pub async fn invite(&self, login: &str, role: Role, reach: &Reach, actor: &str) -> Result<SecretString> {
        account::whole(role, reach)?;
        let (login, key) = (login.trim(), account::key(login));
        let token = opaque::fresh("")?;
        let now = self.now();
        let mut tx = self.begin_installation().await?;
        let known: Option<(i64,)> =
            sql("SELECT id FROM account WHERE login_key = $1").text(&key).optional(&mut tx).await?;
        if known.is_some() {
            return Err(Error::LoginTaken { login: login.to_string() });
        }
        sql("DELETE FROM invitation WHERE login_key = $1 OR expires < $2")
            .text(&key)
            .int(now)
            .execute(&mut tx)
            .await?;
        let id = next_number(&mut tx, "invitation").await?;
        sql("INSERT INTO invitation(id, token, login, login_key, role, reach, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .int(id)
        .blob(&opaque::digest(token.expose_secret()))
        .text(login)
        .text(&key)
        .text(role.as_str())
        .json(&account::reach_json(reach))
        .int(now)
        .int(now + LASTS)
        .execute(&mut tx)
        .await?;
        let detail = json!({ "invitation": id, "login": login, "role": role, "reach": reach });
        self.append(&mut tx, None, actor, "member.invite", detail).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The invitations that can be accepted, the newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn invitations(&self) -> Result<Vec<Invitation>> {
        let rows: Vec<Row> = sql(format!("{COLUMNS} WHERE expires > $1 ORDER BY id DESC"))
            .int(self.now())
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// A page of the invitations that can be accepted, the newest first.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of these.
    pub async fn invitations_page(&self, after: Option<&str>, limit: u32) -> Result<Page<Invitation>> {
        const OF: &str = "invitation";
        let before = page::place::<i64>(OF, after)?.unwrap_or(i64::MAX);
        let rows: Vec<Row> =
            sql(format!("{COLUMNS} WHERE expires > $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
                .int(self.now())
                .int(before)
                .int(i64::from(limit) + 1)
                .all(&self.reader)
                .await?;
        Ok(Page::new(OF, rows.into_iter().map(read).collect(), limit, |i| i.id))
    }

    /// The invitation of a link, while it can be accepted. Asking does not use it up.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn invitation(&self, token: &str) -> Result<Option<Invitation>> {
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE token = $1 AND expires > $2"))
            .blob(&opaque::digest(token))
            .int(self.now())
            .optional(&self.reader)
            .await?;
        Ok(row.map(read))
    }

    /// Accepts an invitation, once: makes the account it is for.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it no longer holds, [`Error::LoginTaken`] where the account was made another way since.
    pub async fn accept_invitation(
        &self,
        token: &str,
        name: &str,
        password: &SecretString,
    ) -> Result<Account> {
        let mut tx = self.begin_installation().await?;
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE token = $1 AND expires > $2"))
            .blob(&opaque::digest(token))
            .int(self.now())
            .optional(&mut tx)
            .await?;
        let invitation = row.map(read).ok_or_else(|| spent("of this link".to_string()))?;
        delete(&mut tx, invitation.id).await?;
        let actor = format!("link:{}", invitation.login);
        let new = NewAccount {
            login: invitation.login,
            name: name.trim().to_string(),
            password: Some(password.clone()),
            role: invitation.role,
            reach: invitation.reach,
        };
        let account = self.insert_account(&mut tx, new, &actor, "member.accept").await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn withdraw_invitation(&self, id: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE id = $1")).int(id).optional(&mut tx).await?;
        let invitation = row.map(read).ok_or_else(|| spent(id.to_string()))?;
        delete(&mut tx, id).await?;
        let detail = json!({ "invitation": id, "login": invitation.login });
        self.append(&mut tx, None, actor, "member.uninvite", detail).await?;
        tx.commit().await
    }
}

async fn delete(tx: &mut Tx, id: i64) -> Result<()> {
    sql("DELETE FROM invitation WHERE id = $1").int(id).execute(tx).await.map(|_| ())
}

fn spent(wanted: String) -> Error {
    Error::NotFound { what: "invitation", wanted, have: Vec::new() }
}
