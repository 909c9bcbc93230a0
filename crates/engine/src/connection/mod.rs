//! Connecting an org: from a typed domain and a token to a verified, stored connection.

mod connect;
mod coverage;
mod lifecycle;
mod rights;
mod verify;

pub(crate) use connect::governor;
pub use connect::{Checked, Connect, Connected, LEAST_SHARE, Step, address, find, share};
pub(crate) use coverage::{inherited, unreadable};
pub use coverage::{is_limit, state_of_error};
pub use lifecycle::{Data, Disconnected};
pub use rights::OwnerRoles;
pub use verify::{Owner, Probe, TokenInfo, Verification, Warning};
pub(crate) use verify::{check_sight, read_roles};

/// The purpose under which the read-only credential is sealed.
pub const SYNC: &str = "sync";
