//! Sign-in by OpenID Connect: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 6749, 7636, 9207,
//! 9700). `trip.rs` is the way to the provider and back, `discovery.rs` what the provider says of itself, `token.rs` whether
//! an ID token is good. Who a person is, is (issuer, subject) and nothing else. Why so: ADR 8.

mod discovery;
mod refusal;
mod token;
mod trip;

pub(crate) use discovery::{Cache, discover, on_this_machine};
pub(crate) use refusal::Refusal;
pub(crate) use trip::{Arrival, Returned, arrive, refuse, set_out};

/// Where the provider sends people back to.
pub(crate) const CALLBACK: &str = "/sign-in/oidc/callback";

/// The address to register at the provider.
pub(crate) fn redirect_uri(site: &crate::Site) -> String {
    format!("{}{CALLBACK}", site.origin)
}
