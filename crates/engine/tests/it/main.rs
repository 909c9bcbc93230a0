//! Tests of the engine from outside.
#![expect(clippy::print_stdout, reason = "a test prints what it saw, for a person to judge")]

mod audit;
mod corpus;
mod expected;
mod ingest;
mod odd;
mod recorded;
mod refusals;
mod reviewed;
mod setup;
mod sync;
