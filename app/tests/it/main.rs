//! The binary as a person uses it: every test here runs `transom` itself, against a simulated org.
#![expect(clippy::print_stderr, reason = "a test that skips, or draws a seed, says so")]

mod bad_input;
mod copy;
mod examples;
mod kill;
mod lifecycle;
mod places;
mod plain;
mod remote;
mod server;
mod service_app;
mod setup;
mod transom;
mod under;
mod world;
