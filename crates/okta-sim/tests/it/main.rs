//! The simulator from outside, over HTTP.

mod client;
mod paging;
