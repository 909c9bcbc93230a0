//! The simulator from outside, over HTTP.

mod client;
mod corpus;
mod limits;
mod paging;
mod rights;
mod sizes;
mod writes;
