//! OAuth for service apps: client credentials with `private_key_jwt` on the org's own authorization server, and DPoP.
//!
//! A client signs a short assertion for each request for a token [docs implement-oauth-for-okta-serviceapp], and offers a
//! proof (RFC 9449) that it holds a key of its own; whether the token is bound to that key is the app's setting, and Okta's
//! answer says which it was. Tokens live an hour; they are kept here, renewed before they end, and once more when Okta
//! refuses one. Nobody waits twice: while one call asks for a token, the others wait for its answer.

mod der;
mod jwt;
mod key;
mod session;

pub use key::{KeyError, PrivateKey};
pub use session::{Grant, ServiceApp};
pub(crate) use session::{Session, TOKEN};
