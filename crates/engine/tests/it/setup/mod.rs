//! Set-up as code.

mod renderings;
mod story;
mod world;
