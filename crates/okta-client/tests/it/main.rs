//! Tests of the crate from outside.
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

mod corpus;
mod discovery;
mod governor;
mod messages;
mod oauth;
mod paging;
mod server;
mod spec;
