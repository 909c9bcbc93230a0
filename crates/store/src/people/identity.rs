//! Who a person is at the provider: issuer and subject, never the e-mail address. An account is linked to such an
//! identity by its own owner, or made for one because a group of it was given a role.

use std::collections::BTreeSet;

use serde_json::json;
use transom_core::{Reach, Role};

use super::{
    account::{self, Account, AccountTuple, NewAccount},
    provider::{self, Mapping},
};
use crate::{Error, Result, Store, db::Tx, query::sql};

/// What is left to whom no group is given a role.
const NOTHING: (Role, Reach) = (Role::Viewer, Reach::Orgs(BTreeSet::new()));

/// Somebody whom the provider has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// The login of an account that is made for them.
    pub login: String,
    /// What to call them.
    pub name: String,
    /// What their groups give them.
    pub granted: Option<(Role, Reach)>,
}

/// What becomes of somebody who comes from the provider.
#[derive(Debug, Clone)]
pub enum Admission {
    /// They are this member.
    Member(Box<Account>),
    /// Their account is disabled.
    Disabled,
    /// Nobody here is linked to them, and none of their groups is given a role.
    Stranger,
    /// A group made their account, and now none of their groups is given a role. Their sessions have ended.
    NoLonger,
}

impl Store {
    /// Admits somebody whom the provider has signed in: a member who is linked to them, or one whom their groups make.
    /// The role of the latter is read anew. The last owner stays one, whatever the groups say.
    ///
    /// # Errors
    /// [`Error::LoginTaken`] where an account is to be made, and there is one with that login that is not theirs.
    pub async fn admit(&self, person: &Person) -> Result<Admission> {
        let actor = format!("oidc:{}", person.login);
        let mut tx = self.begin_installation().await?;
        let Some(account) = of(&mut tx, &person.issuer, &person.subject).await? else {
            let Some((role, reach)) = &person.granted else { return Ok(Admission::Stranger) };
            let new = NewAccount {
                login: person.login.clone(),
                name: person.name.clone(),
                password: None,
                role: *role,
                reach: reach.clone(),
            };
            account::whole(*role, reach)?;
            let made = self.insert_account(&mut tx, new, &actor, "member.create").await?;
            self.link(&mut tx, &made, person.issuer.as_str(), &person.subject, true, &actor).await?;
            let account = self.changeable(&mut tx, made.id, false).await?;
            tx.commit().await?;
            return Ok(Admission::Member(Box::new(account)));
        };
        if account.disabled.is_some() {
            return Ok(Admission::Disabled);
        }
        if !account.mapped {
            return Ok(Admission::Member(Box::new(account)));
        }
        // No group: the least there is, so that the account's API tokens can do nothing either.
        let (role, reach) = person.granted.clone().unwrap_or(NOTHING);
        account::whole(role, &reach)?;
        let last_owner = match self.changeable(&mut tx, account.id, role != Role::Owner).await {
            Ok(_) => false,
            Err(Error::LastOwner { .. }) => true,
            Err(error) => return Err(error),
        };
        if !last_owner {
            self.regrade(&mut tx, &account, role, &reach, &actor).await?;
        }
        if person.granted.is_none() && !last_owner {
            account::end_sessions(&mut tx, account.id).await?;
            tx.commit().await?;
            return Ok(Admission::NoLonger);
        }
        let account = self.changeable(&mut tx, account.id, false).await?;
        tx.commit().await?;
        Ok(Admission::Member(Box::new(account)))
    }

    /// Gives an account that a group made the role that its groups give now, if that is another.
    async fn regrade(
        &self,
        tx: &mut Tx,
        account: &Account,
        role: Role,
        reach: &Reach,
        actor: &str,
    ) -> Result<()> {
        if (account.role, &account.reach) == (role, reach) {
            return Ok(());
        }
        sql("UPDATE account SET role = $2, reach = $3 WHERE id = $1")
            .int(account.id)
            .text(role.as_str())
            .json(&account::reach_json(reach))
            .execute(&mut *tx)
            .await?;
        let detail = json!({ "account": account.id, "login": account.login, "role": role, "reach": reach,
            "was": { "role": account.role, "reach": account.reach } });
        self.append(tx, None, actor, "member.role", detail).await?;
        Ok(())
    }

    /// Takes the role from everybody whom a group at `issuer` made and who may have it by one of `taken`, and ends their
    /// sessions; with the role goes what their API tokens can do. Which groups somebody is in is known when they sign in: who
    /// has the same role by another group has it back then.
    ///
    /// # Errors
    /// [`Error::LastOwner`] where nobody would own the installation.
    pub(super) async fn take_back(
        &self,
        tx: &mut Tx,
        issuer: &str,
        taken: &[Mapping],
        actor: &str,
    ) -> Result<()> {
        let members: Vec<AccountTuple> = account::select("WHERE a.mapped AND a.issuer = $1 ORDER BY a.id")
            .text(issuer)
            .all(&mut *tx)
            .await?;
        let (role, reach) = NOTHING;
        for member in members.into_iter().map(account::read) {
            if taken.iter().any(|mapping| mapping.role == member.role) {
                self.changeable(tx, member.id, true).await?;
                self.regrade(tx, &member, role, &reach, actor).await?;
                account::end_sessions(tx, member.id).await?;
            }
        }
        Ok(())
    }

    /// Links an account to who its owner is at the provider, in place of an earlier link.
    ///
    /// # Errors
    /// [`Error::IdentityTaken`] where another account is linked to it; [`Error::NotFound`].
    pub async fn link_identity(&self, account: i64, issuer: &str, subject: &str, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, account, false).await?;
        match of(&mut tx, issuer, subject).await? {
            Some(known) if known.id == account.id => return Ok(()),
            Some(_) => return Err(Error::IdentityTaken),
            None => {}
        }
        self.link(&mut tx, &account, issuer, subject, account.mapped, actor).await?;
        tx.commit().await
    }

    async fn link(
        &self,
        tx: &mut Tx,
        account: &Account,
        issuer: &str,
        subject: &str,
        mapped: bool,
        actor: &str,
    ) -> Result<()> {
        sql("UPDATE account SET issuer = $2, subject = $3, mapped = $4 WHERE id = $1")
            .int(account.id)
            .text(issuer)
            .text(subject)
            .bool(mapped)
            .execute(&mut *tx)
            .await?;
        let detail = json!({ "account": account.id, "login": account.login, "issuer": issuer, "subject": subject,
            "by_group": mapped, "was": account.subject });
        self.append(tx, None, actor, "identity.link", detail).await?;
        Ok(())
    }

    /// Takes the link away. Sessions go on.
    ///
    /// # Errors
    /// [`Error::OnlyWayIn`] where there is no password to sign in with instead, or passwords are off; [`Error::NotFound`].
    pub async fn unlink_identity(&self, account: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let account = self.changeable(&mut tx, account, false).await?;
        let provider = provider::in_tx(&mut tx).await?;
        if account.password.is_none() || provider.is_some_and(|p| p.required) {
            return Err(Error::OnlyWayIn);
        }
        sql("UPDATE account SET issuer = NULL, subject = NULL WHERE id = $1")
            .int(account.id)
            .execute(&mut tx)
            .await?;
        let detail = json!({ "account": account.id, "login": account.login, "was": account.subject });
        self.append(&mut tx, None, actor, "identity.unlink", detail).await?;
        tx.commit().await
    }
}

async fn of(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<Account>> {
    account::one(account::select("WHERE a.issuer = $1 AND a.subject = $2").text(issuer).text(subject), tx)
        .await
}
