//! An Okta org in a process: the same HTTP API, limits, permissions and System Log, computed from a seed.
//!
//! Made for holding clients honest: it shares no code with any of them. Facts about Okta carry a mark of where they
//! are from: \[rec\] recorded from real orgs, \[spec\] Okta's OpenAPI description, \[docs\] Okta's documentation,
//! \[hound\] SpecterOps' OktaHound, \[help\] Okta's help pages, \[inf\] inferred.
//!
//! ```no_run
//! # async fn run() -> Result<(), okta_sim::Error> {
//! let sim = okta_sim::Sim::start(okta_sim::Config::default(), ([127, 0, 0, 1], 0).into()).await?;
//! let _ = (&sim.origin, &sim.tokens.read_only_custom);
//! # Ok(()) }
//! ```

mod auth;
pub mod clock;
mod config;
pub mod console;
mod counters;
mod error;
pub mod faults;
pub mod generate;
mod json;
mod jws;
pub mod limits;
mod log;
mod oauth;
mod org;
mod page;
pub mod permissions;
mod reply;
mod routes;
mod scim;
pub mod scopes;
mod serve;
mod sim;
pub mod story;

pub use config::{Config, Licences, Limits, Shape, Spread};
pub use counters::Counts;
pub use error::{Error, Refusal};
pub use generate::tokens::Tokens;
pub use org::{Administration, Kind, OneRight, Org, Record, Relation, Truth};
pub use reply::Reply;
pub use sim::{AccessLog, Hooks, Running, Sim};

/// The names of all routes, e.g. `GET /api/v1/users/{id}`, with the data set each belongs to.
pub fn routes() -> Vec<(&'static str, Option<permissions::Data>)> {
    routes::all().map(|route| (route.name, route.data)).collect()
}
