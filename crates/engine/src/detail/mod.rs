//! What a page about one object says beyond its document: why, through what, how far. Reads the copy, never Okta.

mod overview;
mod reach;
mod through;
mod why;

pub use overview::{Overview, SignIn};
pub use reach::{Reach, ReachedResource};
pub use through::{Scope, Through, ThroughGroup};
pub use why::Why;
