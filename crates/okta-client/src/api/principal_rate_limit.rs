//! What share of the org's rate limits a token or OAuth client may use.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A principal's share.
    PrincipalRateLimit {
        /// `prl…`.
        id: id "/id",
        /// Id of the API token or OAuth app.
        principal_id: text "/principalId",
        /// Which of the two.
        principal_type: [PrincipalType] "/principalType",
        /// Share of each rate limit, in per cent.
        percentage: number "/defaultPercentage",
        /// Share of the calls in flight, in per cent.
        concurrency_percentage: number "/defaultConcurrencyPercentage",
        /// Who changed it last.
        last_updated_by: text "/lastUpdatedBy",
        /// When it was made.
        created: time "/createdDate",
        /// Last change.
        last_updated: time "/lastUpdate",
    }
}

open_enum! {
    /// What a share belongs to [spec].
    PrincipalType { OauthClient = "OAUTH_CLIENT", SswsToken = "SSWS_TOKEN" }
}

/// The shares of all principals of a type: without the type Okta answers 400 `E0000001` [rec].
///
/// Page 20 / 50 → 50 [spec]. Bucket `principal-rate-limits`. Permission unknown [inf], scope
/// `okta.principalRateLimits.read` [spec]. [rec]
#[must_use]
pub fn list(of: &PrincipalType) -> List<PrincipalRateLimit> {
    Listing::new("/api/v1/principal-rate-limits", &[], Items::Array)
        .query("filter", format!("principalType eq \"{of}\""))
        .limit(50, 20)
        .of()
}

/// One share.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(id: &str) -> List<PrincipalRateLimit> {
    Listing::new("/api/v1/principal-rate-limits/{principalRateLimitId}", &[id], Items::One).of()
}
