//! The simulator from outside, over HTTP.

mod client;
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
