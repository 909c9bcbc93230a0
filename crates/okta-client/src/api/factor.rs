//! What a user has enrolled to prove who they are.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// An enrolled factor.
    Factor {
        /// Its id, unique below its user.
        id: id "/id",
        /// What it is.
        kind: [FactorType] "/factorType",
        /// Who provides it: `OKTA`, `GOOGLE`, `FIDO`, `DUO`, ….
        provider: text "/provider",
        /// Vendor's name.
        vendor_name: text "/vendorName",
        /// Whether it can be used.
        status: [FactorStatus] "/status",
        /// Details by kind: telephone number, device, credential.
        profile: value "/profile",
        /// When it was enrolled.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
        /// Last use.
        last_verified: time "/lastVerified",
    }
}

open_enum! {
    /// What a factor is [spec].
    FactorType {
        Call = "call",
        Email = "email",
        Push = "push",
        Question = "question",
        SignedNonce = "signed_nonce",
        Sms = "sms",
        Token = "token",
        TokenHardware = "token:hardware",
        TokenHotp = "token:hotp",
        TokenSoftwareTotp = "token:software:totp",
        U2f = "u2f",
        Web = "web",
        WebAuthn = "webauthn",
    }
}

open_enum! {
    /// State of a factor [spec].
    FactorStatus {
        Active = "ACTIVE",
        Disabled = "DISABLED",
        Enrolled = "ENROLLED",
        Expired = "EXPIRED",
        Inactive = "INACTIVE",
        NotSetup = "NOT_SETUP",
        PendingActivation = "PENDING_ACTIVATION",
    }
}

/// A user's factors. There is no call for several users at once [spec], so this is one request a user.
///
/// Not paged. Bucket `users/{id}/*` [rec]. Permission `okta.users.read` [inf], scope `okta.users.read` [spec]. [rec]
#[must_use]
pub fn list(user_id: &str) -> List<Factor> {
    Listing::new("/api/v1/users/{userId}/factors", &[user_id], Items::Array).of()
}
