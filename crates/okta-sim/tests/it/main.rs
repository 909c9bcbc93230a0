//! The simulator from outside, over HTTP.

mod client;
mod console;
mod corpus;
mod faults;
mod limits;
mod oauth;
mod paging;
mod rights;
mod setup;
mod sizes;
mod spec;
mod writes;
