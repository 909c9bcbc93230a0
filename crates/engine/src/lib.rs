//! What Transom does: connect an org, verify the connection, keep a copy of it.
//!
//! The faces (CLI, web, API) call [`Engine`] and nothing below it.

pub mod area;
pub mod connection;
pub mod dataset;
pub mod detail;
pub mod entity;
mod fetch;
mod lease;
mod problem;
pub mod setup;
pub mod sync;

pub use okta_client::{Authorization, Fetch, Fetched, HttpOptions};
use transom_store::Store;

pub use lease::LEASE_TTL;
pub use problem::{Class, Problem, from_okta};

/// The product, over one database.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The database.
    pub store: Store,
    /// How Okta is reached: proxy, further certificates, time limits.
    pub http: HttpOptions,
    /// Whether connections to a simulator on this machine may be made (`demo`, or `TRANSOM_ALLOW_LOOPBACK=1`).
    pub allow_loopback: bool,
    /// Who acts, for the audit log: `cli` with the machine's user, later an account.
    pub actor: String,
}
