//! The simulator from outside, over HTTP.

mod client;
mod corpus;
mod faults;
mod limits;
mod paging;
mod rights;
mod sizes;
mod writes;
