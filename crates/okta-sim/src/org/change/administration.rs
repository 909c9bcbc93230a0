//! Admin roles and API tokens.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::{Change, Done};
use crate::error::Refusal;
use crate::generate::iam::{Assignment, Holder, Role};
use crate::generate::ids::IdKind;
use crate::generate::tokens::{self, Token};
use crate::log::LogTarget;

impl Change<'_> {
    fn holder_target(&self, holder: Holder) -> LogTarget {
        match holder {
            Holder::User(user) => self.user_target(user),
            Holder::Group(group) => self.group_target(group),
            Holder::App(app) => self.app_target(app),
        }
    }

    /// Gives a role and returns the assignment's number; 409 E0000090 when it is held already [docs].
    pub fn grant(&mut self, holder: Holder, role: Role) -> Result<u64, Refusal> {
        if self.state.iam.assignments.iter().any(|a| a.holder == holder && a.role == role) {
            return Err(Refusal::role_held_already());
        }
        let n = self.state.iam.grant(holder, role, Vec::new(), self.now);
        let target = vec![self.holder_target(holder)];
        self.log_binding(role, target[0].clone(), true);
        match holder {
            Holder::User(_) => self.log("user.account.privilege.grant", "Grant user privilege", target),
            Holder::Group(_) => self.log("group.privilege.grant", "Grant group privilege", target),
            Holder::App(_) => {
                self.log("app.oauth2.client.privilege.grant", "Grant OAuth client privilege", target);
            }
        }
        Ok(n)
    }

    /// Takes a role, by its assignment's number.
    pub fn take(&mut self, n: u64) -> Done {
        let Some(at) = self.state.iam.assignments.iter().position(|a| a.n == n) else {
            return Err(Refusal::not_found(&n.to_string(), "RoleAssignment"));
        };
        let Assignment { holder, role, .. } = self.state.iam.assignments.remove(at);
        let target = vec![self.holder_target(holder)];
        self.log_binding(role, target[0].clone(), false);
        match holder {
            Holder::User(_) => self.log("user.account.privilege.revoke", "Revoke user privilege", target),
            Holder::Group(_) => self.log("group.privilege.revoke", "Revoke group privilege", target),
            Holder::App(_) => {
                self.log("app.oauth2.client.privilege.revoke", "Revoke OAuth client privilege", target);
            }
        }
        Ok(())
    }

    /// Takes every role that somebody holds in person.
    pub fn take_all(&mut self, holder: Holder) -> Done {
        let held = self.state.iam.assignments.iter().filter(|a| a.holder == holder);
        let numbers: Vec<u64> = held.map(|a| a.n).collect();
        numbers.into_iter().try_for_each(|n| self.take(n))
    }

    /// Makes a token, as a user does in the console (the API can't), and returns its value.
    pub fn create_token(&mut self, owner: u32, name: &str) -> Result<String, Refusal> {
        self.existing(owner)?;
        let n = self.state.tokens.iter().map(|t| t.n).max().unwrap_or(0) + 1;
        let value = tokens::value(self.base.config.seed, n);
        self.state.tokens.push(Token {
            n,
            name: name.to_owned(),
            owner,
            created: self.now,
            used: Arc::new(AtomicI64::new(self.now)),
            revoked: false,
            zones: None,
            value: value.clone(),
        });
        let id = self.base.ids.encode(IdKind::Token, n);
        let target = LogTarget { id, kind: "Token", alternate: "unknown".into(), display: name.to_owned() };
        self.log("system.api_token.create", "Create API token", vec![target]);
        Ok(value)
    }

    /// Names a token anew and says from where it works.
    pub fn update_token(&mut self, n: u64, name: Option<&str>, zones: Option<Vec<String>>) -> Done {
        let id = self.base.ids.encode(IdKind::Token, n);
        let token = self.state.tokens.iter_mut().find(|t| t.n == n && !t.revoked);
        let token = token.ok_or_else(|| Refusal::not_found(&id, "Token"))?;
        if let Some(name) = name {
            name.clone_into(&mut token.name);
        }
        token.zones = zones;
        let target =
            LogTarget { id, kind: "Token", alternate: "unknown".into(), display: token.name.clone() };
        self.log("system.api_token.update", "Update API token", vec![target]);
        Ok(())
    }

    /// Revokes the tokens of a user who goes [docs create-an-api-token: they end with their owner].
    pub(super) fn drop_tokens(&mut self, owner: u32) {
        let own = self.state.tokens.iter().filter(|t| t.owner == owner && !t.revoked);
        let numbers: Vec<u64> = own.map(|t| t.n).collect();
        for n in numbers {
            // Those that were found are there.
            let _ = self.revoke_token(n);
        }
    }

    /// Revokes a token, by its number.
    pub fn revoke_token(&mut self, n: u64) -> Done {
        let id = self.base.ids.encode(IdKind::Token, n);
        let token = self.state.tokens.iter_mut().find(|t| t.n == n && !t.revoked);
        let token = token.ok_or_else(|| Refusal::not_found(&id, "Token"))?;
        token.revoked = true;
        let target =
            LogTarget { id, kind: "Token", alternate: "unknown".into(), display: token.name.clone() };
        self.log("system.api_token.revoke", "Revoke API token", vec![target]);
        Ok(())
    }
}
