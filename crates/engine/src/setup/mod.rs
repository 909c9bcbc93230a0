//! Set-up as code: what a credential needs ([`model`]), how a person gives it that (guide, Terraform, script), and how
//! Transom does it itself: plan, apply, verify, teardown. Why so: ADR 9.
//!
//! What writes to Okta here takes a one-time token of a Super Administrator. It is meant to run in a process of its own,
//! which the face starts, feeds and listens to ([`Session`], [`Event`]); what was made is recorded by whoever listens.

mod app;
mod apply;
mod calls;
mod child;
mod curl;
mod face;
mod feature;
mod guide;
mod keep;
mod key;
mod look;
mod model;
mod names;
mod plan;
mod record;
mod session;
mod teardown;
mod terraform;

pub use okta_client::Shown;

pub use child::{Choice, Job, Outcome, Said, Task, WORKER, Worker, work};
pub use curl::script;
pub use face::{Program, fresh_password};
pub use feature::{Feature, features};
pub use guide::{Click, Span, Step, app_steps, markdown, steps};
pub use keep::Proved;
pub use key::KeyPair;
pub use look::{App, Assignment, Held, Seen, User};
pub use model::{
    Grant, Member, Model, Profile, READ_ONLY_ADMIN, READ_ONLY_ADMINISTRATOR, Reason, Resource, Row,
};
pub(crate) use model::{brings, reads, resources_of};
pub use names::{Names, Reader, console_host, description, tokens_page};
pub use plan::{Item, Plan, Verdict, Wanted, plan};
pub use record::{Made, Record, Thing};
pub use session::{Event, Session};
pub use teardown::Torn;
pub use terraform::configuration;
