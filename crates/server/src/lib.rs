//! Transom's web app and API: HTTP in, HTML and JSON out. It is thin: what is done, the engine does.
//!
//! A page is a file in `ui/`, a template, and a row in the table of `routes.rs`. The guard (`auth/guard.rs`) decides by
//! that row who may; handlers find the visitor in [`Visit`].

pub mod api;
mod app;
mod assets;
mod auth;
mod error;
mod gate;
mod job;
mod knowledge;
mod listen;
mod oidc;
mod routes;
mod site;
mod ui;

pub use app::App;
pub use auth::{Admitted, Connection, Need, Visit, Who};
pub use error::Error;
pub use listen::{Listen, Tls, serve};
pub use routes::{Route, router, table};
pub use site::{Network, Site};
