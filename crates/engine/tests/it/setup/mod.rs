//! Set-up as code.

mod recorded;
mod renderings;
mod service_app;
mod spec;
mod story;
pub mod world;
