//! Connecting an org: from a typed domain and a credential to a verified, stored connection.

mod audit;
mod connect;
mod coverage;
mod credential;
mod domain;
mod lifecycle;
mod loss;
mod rights;
mod rotate;
mod subject;
mod verify;

pub use audit::{Finding, Severity};
pub(crate) use connect::governor;
pub use connect::{Checked, Connect, Connected, LEAST_SHARE, Step, share};
pub(crate) use coverage::{inherited, unreadable};
pub use coverage::{is_limit, state_of_error};
pub(crate) use credential::APP_KEY;
pub use credential::{AppKey, Credential, read_scopes};
pub use domain::{Typed, address, find};
pub use lifecycle::{Data, Disconnected};
pub use loss::Loss;
pub(crate) use loss::kept;
pub use rights::OwnerRoles;
pub(crate) use rights::Rights;
pub use rotate::{AcceptLess, Rotated, Rotation};
pub use subject::{AppInfo, by_app, client_id};
pub(crate) use subject::{Subject, check_sight, read_roles};
pub use verify::{Owner, Probe, TokenInfo, Verification};

/// The purpose under which the read-only credential is sealed.
pub const SYNC: &str = "sync";

/// Where the problem that a connection failed with stands in its settings.
const PROBLEM: &str = "problem";
