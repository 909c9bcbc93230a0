//! Everything that people, networks and machines get wrong, and what is said about it: each message is a snapshot.

mod connection;
mod domain;
mod host;
mod machine;
mod secrets;
mod serve;
mod token;
