//! What an org looks like, in numbers that are at hand.

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
    /// Admin roles with the number of users, groups and service apps that hold them, most first.
    pub holders_by_role: Vec<(EntityRow, u64)>,
    /// API tokens by age, see [`AGES`](Self::AGES).
    pub tokens_by_age: [u64; 5],
    /// API tokens by when they were last used (Okta moves `lastUpdated` at every use), see [`AGES`](Self::AGES).
    pub tokens_by_use: [u64; 5],
}

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
        Ok(Overview {
            kinds: store.kind_counts(org).await?,
            users_by_status: of(&users, "status"),
            factors_by_type: of(&factors, "factor_type"),
            factors_by_provider: of(&factors, "provider"),
            apps_by_mode_and_status: store.facet_pairs(org, APP.code, ("sign_on_mode", "status")).await?,
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
