//! What an org looks like, in numbers that are at hand.

use std::collections::BTreeMap;

use transom_core::{Kind, KindCode, Millis, OrgId};
use transom_store::{EntityRow, Sort};

use crate::entity::api_token::API_TOKEN;
use crate::entity::app::APP;
use crate::entity::factor::FACTOR;
use crate::entity::role_assignment::ASSIGNMENT_ROLE;
use crate::entity::user::USER;
use crate::{Engine, Problem};

/// An org in numbers. What is not in the copy is not in them: coverage says what that may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Live objects by kind, for kinds that have any.
    pub kinds: Vec<(KindCode, u64)>,
    /// Users by status, most first.
    pub users_by_status: Vec<(String, u64)>,
    /// Factors by type, most first.
    pub factors_by_type: Vec<(String, u64)>,
    /// Factors by provider, most first.
    pub factors_by_provider: Vec<(String, u64)>,
    /// Apps by sign-on mode and status, most first.
    pub apps_by_mode_and_status: Vec<(String, String, u64)>,
    /// Active apps by how people sign in to them, see [`SignIn`]; in that order.
    pub active_apps_by_sign_in: Vec<(SignIn, u64)>,
    /// Admin roles with the number of users, groups and service apps that hold them, most first.
    pub holders_by_role: Vec<(EntityRow, u64)>,
    /// API tokens by age, see [`AGES`](Self::AGES).
    pub tokens_by_age: [u64; 5],
    /// API tokens by when they were last used (Okta moves `lastUpdated` at every use), see [`AGES`](Self::AGES).
    pub tokens_by_use: [u64; 5],
}

impl Overview {
    /// Live objects of a kind.
    pub fn held(&self, kind: &Kind) -> u64 {
        self.kinds.iter().find(|(code, _)| *code == kind.code).map_or(0, |(_, n)| *n)
    }
}

/// How people sign in to an app: what single sign-on covers, and what it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignIn {
    /// By Okta's word: SAML, OpenID Connect, WS-Federation.
    Federated,
    /// With a password of the app's own, which Okta fills in.
    Password,
    /// As the app has it: Okta only links to it.
    Bookmark,
    /// Not at all: a service app calls by itself.
    Service,
    /// Okta does not say, or in a way that is not known here.
    Unknown,
}

impl SignIn {
    /// The values of `signOnMode` that mean it [spec ApplicationSignOnMode].
    pub fn modes(self) -> &'static [&'static str] {
        match self {
            Self::Federated => &["SAML_2_0", "SAML_1_1", "OPENID_CONNECT", "WS_FEDERATION"],
            Self::Password => &["AUTO_LOGIN", "BROWSER_PLUGIN", "SECURE_PASSWORD_STORE", "BASIC_AUTH"],
            Self::Bookmark => &["BOOKMARK"],
            Self::Service | Self::Unknown => &[],
        }
    }

    fn of(mode: &str) -> Self {
        let known = [Self::Federated, Self::Password, Self::Bookmark];
        known.into_iter().find(|way| way.modes().contains(&mode)).unwrap_or(Self::Unknown)
    }
}

/// Active apps by how people sign in: from their modes, how many of them are services (which have a mode, too), and how many
/// there are.
fn by_sign_in(modes: &[(String, String, u64)], services: u64, active: u64) -> Vec<(SignIn, u64)> {
    let mut ways: BTreeMap<SignIn, u64> = BTreeMap::new();
    for (mode, _, n) in modes.iter().filter(|(_, status, _)| status == ACTIVE) {
        *ways.entry(SignIn::of(mode)).or_default() += n;
    }
    let said: u64 = ways.values().sum();
    *ways.entry(SignIn::Unknown).or_default() += active.saturating_sub(said);
    // Service apps are OpenID Connect clients.
    let federated = ways.entry(SignIn::Federated).or_default();
    *federated = federated.saturating_sub(services);
    ways.insert(SignIn::Service, services);
    ways.into_iter().filter(|(_, n)| *n > 0).collect()
}

/// The status of an app that people can use.
const ACTIVE: &str = "ACTIVE";

const DAY: Millis = 86_400_000;

impl Overview {
    /// Days that divide ages: up to 7, 30, 90, 365, and older. A token without a time counts as older.
    pub const AGES: [u16; 4] = [7, 30, 90, 365];
}

impl Engine {
    /// The org in numbers, from counts that are kept and from kinds of which there are few.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn overview(&self, org: OrgId) -> Result<Overview, Problem> {
        let store = &self.store;
        let facets = async |kind: &Kind| store.facets(org, kind.code).await;
        let (users, factors) = (facets(&USER).await?, facets(&FACTOR).await?);
        let of = |facets: &[(String, String, u64)], name: &str| {
            facets.iter().filter(|f| f.0 == name).map(|f| (f.1.clone(), f.2)).collect::<Vec<_>>()
        };
        let apps = facets(&APP).await?;
        let active =
            of(&apps, "status").into_iter().find(|(status, _)| status == ACTIVE).map_or(0, |(_, n)| n);
        let modes = store.facet_pairs(org, APP.code, ("sign_on_mode", "status")).await?;
        let types = store.facet_pairs(org, APP.code, ("application_type", "status")).await?;
        let services = types.into_iter().find(|(of, status, _)| of == "service" && status == ACTIVE);
        Ok(Overview {
            active_apps_by_sign_in: by_sign_in(&modes, services.map_or(0, |(.., n)| n), active),
            kinds: store.kind_counts(org).await?,
            users_by_status: of(&users, "status"),
            factors_by_type: of(&factors, "factor_type"),
            factors_by_provider: of(&factors, "provider"),
            apps_by_mode_and_status: modes,
            holders_by_role: store.by_destination(org, ASSIGNMENT_ROLE.code).await?,
            tokens_by_age: self.ages(org, Sort::Created).await?,
            tokens_by_use: self.ages(org, Sort::Updated).await?,
        })
    }

    async fn ages(&self, org: OrgId, by: Sort) -> Result<[u64; 5], Problem> {
        let now = self.store.clock().now();
        let since: Vec<Millis> =
            Overview::AGES.iter().rev().map(|days| now - Millis::from(*days) * DAY).collect();
        let (mut ages, without) = self.store.ages(org, API_TOKEN.code, by, &since).await?;
        ages.reverse();
        let mut all = [0; 5];
        for (age, found) in all.iter_mut().zip(ages) {
            *age = found;
        }
        all[4] += without;
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::{SignIn, by_sign_in};

    #[test]
    fn every_active_app_is_signed_in_to_one_way() {
        let row = |mode: &str, status: &str, n| (mode.to_string(), status.to_string(), n);
        let modes = [
            row("OPENID_CONNECT", "ACTIVE", 9),
            row("SAML_2_0", "ACTIVE", 5),
            row("SAML_2_0", "INACTIVE", 100),
            row("BROWSER_PLUGIN", "ACTIVE", 3),
            row("AUTO_LOGIN", "ACTIVE", 1),
            row("TELEPATHY", "ACTIVE", 1),
        ];
        let found = by_sign_in(&modes, 2, 21);
        let expected =
            [(SignIn::Federated, 12), (SignIn::Password, 4), (SignIn::Service, 2), (SignIn::Unknown, 3)];
        assert_eq!(found, expected);
        assert_eq!(by_sign_in(&[], 0, 0), []);
    }
}
