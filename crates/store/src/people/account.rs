//! Accounts: who may sign in, as what, for which orgs.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::{Millis, OrgId, Reach, Role};

use crate::{
    Error, Page, Result, Store,
    db::Tx,
    page,
    query::{At, Sql, sql},
    store::{Doc, next_number},
};

/// An account to make.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The e-mail address people sign in with.
    pub login: String,
    /// What to call the person.
    pub name: String,
    /// The password's argon2id hash as a PHC string; `None` where another way to sign in is used.
    pub password: Option<SecretString>,
    /// The role.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its number; never given out again.
    pub id: i64,
    /// The e-mail address.
    pub login: String,
    /// What to call the person.
    pub name: String,
    /// The password's hash, where there is one.
    pub password: Option<SecretString>,
    /// The role.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
    /// Who the person is at an OpenID provider: issuer and subject.
    pub subject: Option<(String, String)>,
    /// Whether a group at that provider made it: its role is read anew with every sign-in.
    pub mapped: bool,
    /// When it was made.
    pub created: Millis,
    /// Since when it can't be used.
    pub disabled: Option<Millis>,
}

pub(crate) type AccountTuple = (
    i64,
    String,
    String,
    Option<String>,
    String,
    Doc,
    Option<String>,
    Option<String>,
    bool,
    Millis,
    Option<Millis>,
);

pub(crate) const COLUMNS: &str = "a.id, a.login, a.name, a.password, a.role, a.reach, a.issuer, a.subject, a.mapped, a.created, a.disabled_at";

/// Reads a row. What can't be read is the least: no org, and reading only.
pub(crate) fn read(
    (id, login, name, password, role, reach, issuer, subject, mapped, created, disabled): AccountTuple,
) -> Account {
    Account {
        id,
        login,
        name,
        password: password.map(SecretString::from),
        role: Role::parse(&role).unwrap_or(Role::Viewer),
        reach: read_reach(reach),
        subject: issuer.zip(subject),
        mapped,
        created,
        disabled,
    }
}

pub(crate) fn read_reach(reach: Doc) -> Reach {
    serde_json::from_value(reach.0).unwrap_or(Reach::Orgs(Default::default()))
}

pub(crate) fn reach_json(reach: &Reach) -> serde_json::Value {
    serde_json::to_value(reach).unwrap_or_default()
}

pub(super) fn select(wherever: &str) -> Sql<'static> {
    sql(format!("SELECT {COLUMNS} FROM account a {wherever}"))
}

pub(super) async fn one<'a>(found: Sql<'_>, at: impl Into<At<'a>>) -> Result<Option<Account>> {
    Ok(found.optional::<AccountTuple>(at).await?.map(read))
}

impl Store {
    /// All accounts, by login.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let rows = select(&format!("ORDER BY {}", self.by_login())).all::<AccountTuple>(&self.reader).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// A page of the accounts, by login.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of these.
    pub async fn accounts_page(&self, after: Option<&str>, limit: u32) -> Result<Page<Account>> {
        const OF: &str = "account";
        let (mut query, by) = (select(""), self.by_login());
        if let Some(login) = page::place::<String>(OF, after)? {
            query.push(&format!("WHERE {by} > ")).push_text(&login);
        }
        query.push(&format!(" ORDER BY {by} LIMIT ")).push_int(i64::from(limit) + 1);
        let rows: Vec<AccountTuple> = query.all(&self.reader).await?;
        Ok(Page::new(OF, rows.into_iter().map(read).collect(), limit, |a| key(&a.login)))
    }

    /// What lists of accounts are ordered by.
    fn by_login(&self) -> String {
        self.reader.by_bytes("a.login_key")
    }

    /// An account by number.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account(&self, id: i64) -> Result<Account> {
        one(select("WHERE a.id = $1").int(id), &self.reader).await?.ok_or_else(|| unknown(id))
    }

    /// An account by login, upper and lower case alike.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn account_named(&self, login: &str) -> Result<Option<Account>> {
        one(select("WHERE a.login_key = $1").text(&key(login)), &self.reader).await
    }

    /// Whether anybody owns this installation: somebody who could sign in.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn has_owner(&self) -> Result<bool> {
        let (owners,): (i64,) =
            sql("SELECT count(*) FROM account WHERE role = 'owner' AND disabled_at IS NULL")
                .one(&self.reader)
                .await?;
        Ok(owners > 0)
    }

    /// Makes an account, in the name of `actor`.
    ///
    /// # Errors
    /// [`Error::LoginTaken`], [`Error::OwnerOfSome`].
    pub async fn create_account(&self, new: NewAccount, actor: &str) -> Result<Account> {
        whole(new.role, &new.reach)?;
        let mut tx = self.begin_installation().await?;
        let account = self.insert_account(&mut tx, new, actor, "member.create").await?;
        tx.commit().await?;
        Ok(account)
    }

    pub(crate) async fn insert_account(
        &self,
        tx: &mut Tx,
        new: NewAccount,
        actor: &str,
        action: &str,
    ) -> Result<Account> {
        let id = next_number(tx, "account").await?;
        let written = sql("INSERT INTO account(id, login, login_key, name, password, role, reach, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(login_key) DO NOTHING")
        .int(id)
        .text(new.login.trim())
        .text(&key(&new.login))
        .text(&new.name)
        .opt_text(new.password.as_ref().map(ExposeSecret::expose_secret))
        .text(new.role.as_str())
        .json(&reach_json(&new.reach))
        .int(self.now())
        .execute(&mut *tx)
        .await?;
        if written == 0 {
            return Err(Error::LoginTaken { login: new.login });
        }
        let detail = json!({ "account": id, "login": new.login, "role": new.role, "reach": new.reach });
        self.append(tx, None, actor, action, detail).await?;
        one(select("WHERE a.id = $1").int(id), tx).await?.ok_or_else(|| unknown(id))
    }

    /// Gives an account another role or other orgs.
    ///
    /// # Errors
    /// [`Error::LastOwner`], [`Error::OwnerOfSome`], [`Error::NotFound`].
    pub async fn set_role(&self, id: i64, role: Role, reach: &Reach, actor: &str) -> Result<()> {
        whole(role, reach)?;
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, role != Role::Owner).await?;
        self.put_role(&mut tx, account, role, reach, actor).await?;
        tx.commit().await
    }

    /// Gives a changeable account another role or other orgs.
    pub(super) async fn put_role(
        &self,
        tx: &mut Tx,
        account: Account,
        role: Role,
        reach: &Reach,
        actor: &str,
    ) -> Result<()> {
        sql("UPDATE account SET role = $2, reach = $3 WHERE id = $1")
            .int(account.id)
            .text(role.as_str())
            .json(&reach_json(reach))
            .execute(&mut *tx)
            .await?;
        let detail = json!({ "account": account.id, "login": account.login, "role": role, "reach": reach,
            "was": { "role": account.role, "reach": account.reach } });
        self.append(tx, None, actor, "member.role", detail).await?;
        Ok(())
    }

    /// Lets an account see one more org. Its role, and whatever else it may see, are as they stand when this is written.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn add_to_reach(&self, id: i64, org: OrgId, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, false).await?;
        let Reach::Orgs(mut orgs) = account.reach.clone() else { return Ok(()) };
        if !orgs.insert(org) {
            return Ok(());
        }
        let reach = Reach::Orgs(orgs);
        sql("UPDATE account SET reach = $2 WHERE id = $1")
            .int(id)
            .json(&reach_json(&reach))
            .execute(&mut tx)
            .await?;
        let detail = json!({ "account": id, "login": account.login, "role": account.role, "reach": reach,
            "was": { "role": account.role, "reach": account.reach } });
        self.append(&mut tx, None, actor, "member.role", detail).await?;
        tx.commit().await
    }

    /// Keeps an account from being used, or lets it be used again. Its sessions end.
    ///
    /// # Errors
    /// [`Error::LastOwner`], [`Error::NotFound`].
    pub async fn set_disabled(&self, id: i64, disabled: bool, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, disabled).await?;
        sql("UPDATE account SET disabled_at = $2 WHERE id = $1")
            .int(id)
            .int(disabled.then(|| self.now()))
            .execute(&mut tx)
            .await?;
        end_sessions(&mut tx, id).await?;
        let action = if disabled { "member.disable" } else { "member.enable" };
        self.append(&mut tx, None, actor, action, json!({ "account": id, "login": account.login })).await?;
        tx.commit().await
    }

    /// Removes an account, with its sessions, saved views and API tokens.
    ///
    /// # Errors
    /// [`Error::LastOwner`], [`Error::NotFound`].
    pub async fn remove_account(&self, id: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, true).await?;
        end_sessions(&mut tx, id).await?;
        for table in ["saved_view", "api_token", "access_request", "draft", "feedback"] {
            sql(format!("DELETE FROM {table} WHERE account = $1")).int(id).execute(&mut tx).await?;
        }
        sql("DELETE FROM account WHERE id = $1").int(id).execute(&mut tx).await?;
        self.append(&mut tx, None, actor, "member.remove", json!({ "account": id, "login": account.login }))
            .await?;
        tx.commit().await
    }

    /// Sets the hash of an account's password. All its sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn set_password(&self, id: i64, hash: &SecretString, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, false).await?;
        sql("UPDATE account SET password = $2 WHERE id = $1")
            .int(id)
            .text(hash.expose_secret())
            .execute(&mut tx)
            .await?;
        end_sessions(&mut tx, id).await?;
        self.append(
            &mut tx,
            None,
            actor,
            "member.password",
            json!({ "account": id, "login": account.login }),
        )
        .await?;
        tx.commit().await
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn set_name(&self, id: i64, name: &str, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, false).await?;
        sql("UPDATE account SET name = $2 WHERE id = $1").int(id).text(name).execute(&mut tx).await?;
        let detail = json!({ "account": id, "login": account.login, "name": name, "was": account.name });
        self.append(&mut tx, None, actor, "member.name", detail).await?;
        tx.commit().await
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn end_all_sessions(&self, id: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, id, false).await?;
        end_sessions(&mut tx, id).await?;
        let detail = json!({ "account": id, "login": account.login });
        self.append(&mut tx, None, actor, "session.end_all", detail).await?;
        tx.commit().await
    }

    /// Makes the account of `login` an owner with this password, whether it is there or not: what an owner link does. It
    /// is for who has lost their account, perhaps to somebody else: every other way in ends, which are sessions, the link
    /// to a provider, and API tokens.
    pub(crate) async fn claim(&self, tx: &mut Tx, new: NewAccount) -> Result<Account> {
        let actor = format!("link:{}", new.login);
        let known = one(select("WHERE a.login_key = $1").text(&key(&new.login)), &mut *tx).await?;
        let Some(known) = known else { return self.insert_account(tx, new, &actor, "owner.claim").await };
        sql("UPDATE account SET name = $2, password = $3, role = 'owner', reach = $4, mapped = $5, \
             issuer = NULL, subject = NULL, disabled_at = NULL WHERE id = $1")
        .int(known.id)
        .text(&new.name)
        .opt_text(new.password.as_ref().map(ExposeSecret::expose_secret))
        .json(&reach_json(&Reach::All))
        // From now on no group takes it away.
        .bool(false)
        .execute(&mut *tx)
        .await?;
        end_sessions(tx, known.id).await?;
        let mut revoked: Vec<(i64,)> = sql("UPDATE api_token SET revoked_at = $2 \
             WHERE account = $1 AND revoked_at IS NULL RETURNING id")
        .int(known.id)
        .int(self.now())
        .all(&mut *tx)
        .await?;
        revoked.sort_unstable();
        let revoked: Vec<i64> = revoked.into_iter().map(|(id,)| id).collect();
        let detail = json!({ "account": known.id, "login": known.login, "was": known.role,
            "unlinked": known.subject, "tokens_revoked": revoked });
        self.append(tx, None, &actor, "owner.claim", detail).await?;
        one(select("WHERE a.id = $1").int(known.id), tx).await?.ok_or_else(|| unknown(known.id))
    }

    /// The account, in the transaction that changes it; refused where it is the last owner and would be none.
    pub(super) async fn changeable(&self, tx: &mut Tx, id: i64, ends_ownership: bool) -> Result<Account> {
        let account = one(select("WHERE a.id = $1").int(id), &mut *tx).await?.ok_or_else(|| unknown(id))?;
        if ends_ownership && account.role == Role::Owner && account.disabled.is_none() {
            let (others,): (i64,) =
                sql("SELECT count(*) FROM account WHERE role = 'owner' AND disabled_at IS NULL AND id <> $1")
                    .int(id)
                    .one(tx)
                    .await?;
            if others == 0 {
                return Err(Error::LastOwner { login: account.login });
            }
        }
        Ok(account)
    }
}

pub(super) async fn end_sessions(tx: &mut Tx, account: i64) -> Result<()> {
    sql("DELETE FROM session WHERE account = $1").int(account).execute(tx).await.map(|_| ())
}

/// An owner owns everything: another could not decide about all members.
pub(crate) fn whole(role: Role, reach: &Reach) -> Result<()> {
    if role == Role::Owner && *reach != Reach::All { Err(Error::OwnerOfSome) } else { Ok(()) }
}

pub(super) fn unknown(id: i64) -> Error {
    Error::NotFound { what: "account", wanted: id.to_string(), have: Vec::new() }
}

/// What logins are told apart by.
pub(crate) fn key(login: &str) -> String {
    login.trim().to_lowercase()
}
