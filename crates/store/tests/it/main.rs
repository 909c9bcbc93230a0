//! Conformance: every public method on SQLite, and on PostgreSQL where `TRANSOM_TEST_POSTGRES` names a superuser's
//! database (each test makes a database of its own and drops it).

#![expect(clippy::expect_used, clippy::print_stderr, reason = "tests")]

mod audit;
mod catalogue;
mod connections;
mod disk;
mod dump;
mod late;
mod listing;
mod neighbours;
mod oidc;
mod orgs;
mod people;
mod people_pages;
mod reading;
mod recording;
mod records;
mod resuming;
mod schema;
mod searching;
mod speed;
mod sql;
mod stage;
mod sweeping;
mod throughput;
mod under;
