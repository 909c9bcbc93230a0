//! The OpenID provider by which people sign in: what an owner set, with its client secret sealed.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use transom_core::{Reach, Role};

use super::account;
use crate::{Error, Result, Store, db::Tx, query::sql, store::Doc};

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// What people call it: Okta.
    pub label: String,
    /// Who it says it is, to the letter.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// What is asked for, with spaces between.
    pub scopes: String,
    /// The claim that holds a person's groups.
    pub groups_claim: String,
    /// Whether passwords are off.
    pub required: bool,
    /// What groups are given.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
}

/// What a group of the provider is given here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The group, as the claim names it.
    pub group: String,
    /// The role.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
}

impl Provider {
    /// What somebody in these groups is given: of several roles the highest, for all the orgs that it is given for.
    pub fn granted(&self, groups: &[String]) -> Option<(Role, Reach)> {
        let given: Vec<&Mapping> = self.mappings.iter().filter(|m| groups.contains(&m.group)).collect();
        let role = given.iter().map(|m| m.role).max()?;
        let mut orgs = std::collections::BTreeSet::new();
        for mapping in given.iter().filter(|m| m.role == role) {
            match &mapping.reach {
                Reach::All => return Some((role, Reach::All)),
                Reach::Orgs(some) => orgs.extend(some.iter().copied()),
            }
        }
        Some((role, Reach::Orgs(orgs)))
    }
}

/// Sealed in with the secret: it opens for this client at this provider alone.
fn identity(provider: &Provider) -> String {
    format!("transom/provider/v1\n{}\n{}", provider.issuer, provider.client_id)
}

type Row = (Doc, Vec<u8>, Vec<u8>);

impl Store {
    /// The provider, where an owner set one.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn provider(&self) -> Result<Option<Provider>> {
        let row: Option<(Doc,)> =
            sql("SELECT settings FROM provider WHERE id = 1").optional(&self.reader).await?;
        row.map(|(settings,)| read(settings)).transpose()
    }

    /// The provider and its client secret.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`]; [`Error::Other`] when the secret doesn't open.
    pub async fn provider_secret(&self) -> Result<Option<(Provider, SecretString)>> {
        let row: Option<Row> =
            sql("SELECT settings, wrapped, sealed FROM provider WHERE id = 1").optional(&self.reader).await?;
        let Some((settings, wrapped, sealed)) = row else { return Ok(None) };
        let provider = read(settings)?;
        let key = self.master_key().await?;
        let opened = key.open(&identity(&provider), &wrapped, &sealed);
        let Some(secret) = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()) else {
            let altered = "The client secret of the sign-in doesn't open: its record was altered or moved. Enter it \
                           again under Settings › Sign-in.";
            return Err(self.not_opened(&key, altered).await);
        };
        Ok(Some((provider, secret.into())))
    }

    /// Sets the provider. What groups are given stays while the issuer does: another one's groups of the same names are other
    /// people, and whom the earlier ones made has no role any more. Without `secret` the one there is stays, which takes the
    /// same issuer and client: a secret is never sent to another place than it was entered for.
    ///
    /// # Errors
    /// [`Error::SecretMissing`], [`Error::MasterKeyMissing`]; [`Error::LastOwner`] where nobody would own the installation.
    pub async fn set_provider(
        &self,
        provider: &Provider,
        secret: Option<&SecretString>,
        actor: &str,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let before = in_tx(&mut tx).await?;
        let mut provider = provider.clone();
        let (kept, dropped) = match &before {
            Some(before) if before.issuer == provider.issuer => (before.mappings.clone(), Vec::new()),
            Some(before) => (Vec::new(), before.mappings.clone()),
            None => Default::default(),
        };
        provider.mappings = kept;
        let settings = written(&provider);
        if let Some(secret) = secret {
            let key = self.master_key().await?;
            self.in_force(&mut tx, &key).await?;
            let (wrapped, sealed) = key.seal(&identity(&provider), secret.expose_secret().as_bytes())?;
            sql("INSERT INTO provider(id, settings, key_id, wrapped, sealed) VALUES (1, $1, $2, $3, $4) \
                 ON CONFLICT(id) DO UPDATE SET settings = excluded.settings, key_id = excluded.key_id, \
                 wrapped = excluded.wrapped, sealed = excluded.sealed")
            .json(&settings)
            .text(&key.id)
            .blob(&wrapped)
            .blob(&sealed)
            .execute(&mut tx)
            .await?;
        } else if before.as_ref().is_some_and(|b| identity(b) == identity(&provider)) {
            update(&mut tx, &settings).await?;
        } else {
            return Err(Error::SecretMissing);
        }
        let detail = json!({ "provider": without_mappings(&provider), "secret_set": secret.is_some(),
            "was": before.as_ref().map(without_mappings), "mappings_dropped": dropped });
        self.append(&mut tx, None, actor, "provider.set", detail).await?;
        if let Some(before) = before {
            self.take_back(&mut tx, &before.issuer, &dropped, actor).await?;
        }
        tx.commit().await
    }

    /// Gives a group a role, in place of what it was given before, which is taken back as by [`Store::unmap_group`].
    ///
    /// # Errors
    /// [`Error::OwnerOfSome`]; [`Error::NotFound`] where there is no provider; [`Error::LastOwner`].
    pub async fn map_group(&self, mapping: &Mapping, actor: &str) -> Result<()> {
        account::whole(mapping.role, &mapping.reach)?;
        let detail = json!({ "group": mapping.group, "role": mapping.role, "reach": mapping.reach });
        self.change_mappings("provider.map", detail, actor, |mappings| {
            mappings.retain(|m| m.group != mapping.group);
            mappings.push(mapping.clone());
            true
        })
        .await
    }

    /// Takes back what a group was given. Members with that role whom a group made, be it this or another, have none until they
    /// sign in next, when it is read anew what their groups give them; their sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was given nothing, [`Error::LastOwner`] where nobody would own the installation.
    pub async fn unmap_group(&self, group: &str, actor: &str) -> Result<()> {
        self.change_mappings("provider.unmap", json!({ "group": group }), actor, |mappings| {
            let before = mappings.len();
            mappings.retain(|m| m.group != group);
            mappings.len() < before
        })
        .await
    }

    async fn change_mappings(
        &self,
        action: &str,
        detail: Value,
        actor: &str,
        change: impl FnOnce(&mut Vec<Mapping>) -> bool + Send,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let mut provider = in_tx(&mut tx).await?.ok_or_else(none)?;
        let mut taken = provider.mappings.clone();
        if !change(&mut provider.mappings) {
            return Err(none());
        }
        taken.retain(|before| !provider.mappings.contains(before));
        update(&mut tx, &written(&provider)).await?;
        self.append(&mut tx, None, actor, action, detail).await?;
        self.take_back(&mut tx, &provider.issuer, &taken, actor).await?;
        tx.commit().await
    }

    /// Removes the provider with its secret: people sign in by password again, and whom its groups made has no role any more.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::LastOwner`] where nobody would own the installation.
    pub async fn remove_provider(&self, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let before = in_tx(&mut tx).await?.ok_or_else(none)?;
        sql("DELETE FROM provider").execute(&mut tx).await?;
        sql("DELETE FROM oidc_state").execute(&mut tx).await?;
        self.append(&mut tx, None, actor, "provider.remove", json!({ "was": before })).await?;
        self.take_back(&mut tx, &before.issuer, &before.mappings, actor).await?;
        tx.commit().await
    }
}

pub(super) async fn in_tx(tx: &mut Tx) -> Result<Option<Provider>> {
    let row: Option<(Doc,)> = sql("SELECT settings FROM provider WHERE id = 1").optional(tx).await?;
    row.map(|(settings,)| read(settings)).transpose()
}

async fn update(tx: &mut Tx, settings: &Value) -> Result<()> {
    sql("UPDATE provider SET settings = $1 WHERE id = 1").json(settings).execute(tx).await.map(|_| ())
}

/// What can't be read is no provider that others could be let in by: an error, not a default.
fn read(settings: Doc) -> Result<Provider> {
    serde_json::from_value(settings.0).map_err(|e| {
        Error::Other(format!(
            "The settings of the sign-in can't be read: {e}. Set them again under Settings › Sign-in."
        ))
    })
}

fn written(provider: &Provider) -> Value {
    serde_json::to_value(provider).unwrap_or_default()
}

fn without_mappings(provider: &Provider) -> Value {
    let mut value = written(provider);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("mappings");
    }
    value
}

fn none() -> Error {
    Error::NotFound { what: "sign-in provider or mapping", wanted: "like that".to_string(), have: Vec::new() }
}

/// Wraps the data key of the client secret anew, as [`crate::credential::rewrap`] does; returns how many there are.
pub(crate) async fn rewrap(
    tx: &mut Tx,
    key_id: &str,
    rewrap: &impl Fn(&str, &[u8], &str) -> Result<Vec<u8>>,
) -> Result<u64> {
    let row: Option<(Doc, Vec<u8>)> =
        sql("SELECT settings, wrapped FROM provider WHERE id = 1").optional(&mut *tx).await?;
    let Some((settings, wrapped)) = row else { return Ok(0) };
    let wrapped = rewrap(&identity(&read(settings)?), &wrapped, "The client secret of the sign-in")?;
    sql("UPDATE provider SET key_id = $1, wrapped = $2 WHERE id = 1")
        .text(key_id)
        .blob(&wrapped)
        .execute(tx)
        .await?;
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use transom_core::OrgId;

    #[test]
    fn of_several_groups_the_highest_role_holds_for_all_its_orgs() {
        let some = |ids: &[i64]| Reach::Orgs(ids.iter().map(|id| OrgId(*id)).collect());
        let map = |group: &str, role, reach| Mapping { group: group.into(), role, reach };
        let provider = Provider {
            label: "Okta".into(),
            issuer: "https://acme.okta.com".into(),
            client_id: "0oa1".into(),
            scopes: "openid".into(),
            groups_claim: "groups".into(),
            required: false,
            mappings: vec![
                map("Readers", Role::Viewer, Reach::All),
                map("A", Role::Admin, some(&[1])),
                map("B", Role::Admin, some(&[2])),
                map("Owners", Role::Owner, Reach::All),
            ],
        };
        let granted = |groups: &[&str]| {
            provider.granted(&groups.iter().map(|g| (*g).to_string()).collect::<Vec<String>>())
        };
        assert_eq!(granted(&["Readers", "A", "B"]), Some((Role::Admin, some(&[1, 2]))));
        assert_eq!(granted(&["A", "Owners"]), Some((Role::Owner, Reach::All)));
        assert_eq!(granted(&["Readers"]), Some((Role::Viewer, Reach::All)));
        assert_eq!((granted(&[]), granted(&["readers"]), granted(&["Everyone"])), (None, None, None));
    }
}
