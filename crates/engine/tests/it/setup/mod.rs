//! Set-up as code.

mod recorded;
mod renderings;
mod spec;
mod story;
mod world;
