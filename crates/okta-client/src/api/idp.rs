//! Identity providers: who else may vouch for people, and the keys they sign with.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An identity provider. Its client secret is dropped with every answer.
    IdentityProvider {
        /// `0oa…`.
        id: id "/id",
        /// `SAML2`, `OIDC`, `GOOGLE`, `X509` and so on.
        kind: text "/type",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// `SAML2`, `OIDC`, `OAUTH2` or `MTLS`.
        protocol: text "/protocol/type",
        /// Who signs, for OIDC.
        issuer: text "/protocol/issuer/url",
        /// Who signs, for SAML.
        trust_issuer: text "/protocol/credentials/trust/issuer",
        /// The key that is trusted, for SAML.
        trust_kid: text "/protocol/credentials/trust/kid",
        /// `AUTO` makes accounts for people who have none.
        provisioning: text "/policy/provisioning/action",
        /// Whether it decides about profiles.
        profile_master: flag "/policy/provisioning/profileMaster",
        /// What it does to group memberships: `NONE`, `ASSIGN`, `APPEND` or `SYNC`.
        group_action: text "/policy/provisioning/groups/action",
        /// Groups that everyone who comes that way is put into.
        group_ids: texts "/policy/provisioning/groups/assignments",
        /// Groups it may put people into.
        group_filter: texts "/policy/provisioning/groups/filter",
        /// `AUTO` links people to accounts that look alike.
        account_link: text "/policy/accountLink/action",
        /// What is compared then.
        match_type: text "/policy/subject/matchType",
        /// Whether the provider's word on how somebody signed in is taken.
        trusts_claims: flag "/policy/trustClaims",
        /// When it was made; null in answers to changes [rec].
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// A public key of an identity provider, with its certificate.
    IdpKey {
        /// Key id.
        kid: id "/kid",
        /// `RSA` or `EC`.
        kind: text "/kty",
        /// `sig`.
        usage: text "/use",
        /// The certificate's fingerprint.
        fingerprint: text "/x5t#S256",
        /// When the certificate ends.
        expires_at: time "/expiresAt",
        /// When it was uploaded.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every identity provider.
///
/// Page 20 / 200 → 200 [spec]. Bucket `idps`. Permission: `okta.identityProviders.read` [inf], and whether read-only
/// administrators see them is not known; scope `okta.idps.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<IdentityProvider> {
    Listing::new("/api/v1/idps", &[], Items::Array).limit(200, 25).of()
}

/// One identity provider.
///
/// Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(idp_id: &str) -> List<IdentityProvider> {
    Listing::new("/api/v1/idps/{idpId}", &[idp_id], Items::One).of()
}

/// Every key that identity providers sign with.
///
/// Page 20 / 200 → 200 [spec]. Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn keys() -> List<IdpKey> {
    Listing::new("/api/v1/idps/credentials/keys", &[], Items::Array).limit(200, 25).of()
}

/// One key.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn key(kid: &str) -> List<IdpKey> {
    Listing::new("/api/v1/idps/credentials/keys/{kid}", &[kid], Items::One).of()
}
