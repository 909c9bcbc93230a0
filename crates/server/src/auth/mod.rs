//! Who visits, and whether they may: cookies, passwords, the guard of every route.

pub(crate) mod access;
pub(crate) mod cookie;
mod csrf;
mod give;
mod guard;
pub(crate) mod password;
mod visit;

pub(crate) use give::may_give;
pub use guard::{Admitted, Need};
pub(crate) use guard::{LONGEST_FORM, Rule, guard};
pub(crate) use visit::Peer;
pub use visit::{Connection, Visit, Who};
