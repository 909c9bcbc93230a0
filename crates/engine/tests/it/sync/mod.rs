//! Syncs of a small simulated org, undisturbed and disturbed: what the copy holds afterwards, and what it says of it.

mod apps;
mod baseline;
mod changes;
mod considerate;
mod cursor;
mod detail;
mod disturbed;
mod faults;
mod fresh;
mod linked;
mod parents;
mod permissions;
mod planned;
mod rights;
mod rotate;
mod seeds;
mod service_app;
mod sweep;
mod trust;
mod under;
pub mod world;
