//! Transom's storage: SQLite and PostgreSQL behind one API. The only crate that sees SQL.
//!
//! [`Store::open`] gives the store; [`Store::acquire_lease`] the right to write an org's data; [`Recorder::commit`]
//! records fetched pages, one transaction a batch; [`Store::sweep`] removes what a complete listing didn't show.
//! Every method does the same on both databases: one conformance suite calls them all on each.

mod audit;
mod audit_list;
mod between;
mod checkpoint;
mod commit;
mod connection;
mod coverage;
mod credential;
mod db;
#[cfg(test)]
mod disk_tests;
mod edges;
mod error;
mod export;
mod facets;
mod filter;
mod find;
mod ids;
mod key;
mod late;
mod lease;
mod links;
mod list;
mod mark;
mod matches;
mod migrate;
mod neighbours;
mod objects;
mod org;
mod pack;
mod page;
mod people;
mod quarantine;
mod query;
mod read;
mod recorder;
mod records;
mod remove;
mod resolve;
mod resume;
mod rotate;
mod run;
mod sandbox;
mod search;
mod sort;
mod sql;
mod store;
mod sweep;
mod tally;
mod tokens;
mod under;
mod url;
mod values;
mod views;

pub use audit::{AuditCheck, AuditHead, AuditRow};
pub use audit_list::{AuditEntry, AuditFilter, AuditPage, Chain};
pub use between::FarEnd;
pub use connection::NewCredential;
pub use credential::Credential;
pub use error::Error;
pub use export::ExportRow;
pub use facets::Count;
pub use filter::{EdgeFilter, ListFilter};
pub use key::MasterKeySource;
pub use lease::Lease;
pub use list::{ListPage, Paging};
pub use neighbours::{Direction, EdgeCount, Neighbour, NeighbourPage};
pub use org::{NewOrg, Org};
pub use page::Page;
pub use people::{
    AccessRequest, Account, Admission, ApiToken, Attempt, Draft, Feedback, FeedbackCount, Invitation,
    Mapping, NewAccount, NewApiToken, NewView, OidcState, Person, Provider, Purpose, RequestState, Return,
    SavedView, Session, VIEWS, fresh_secret,
};
pub use quarantine::QuarantineRow;
pub use read::{Counts, Entity, EntityRow, Version};
pub use recorder::{Committed, PageWrite, Recorder, Target};
pub use resume::{Alike, Among, Parent, PartState, SeenPage, Selector};
pub use rotate::{Rotated, next_key};
pub use run::{Run, RunId};
pub use search::{FoundBy, Hit};
pub use sort::Sort;
pub use sql::SqlResult;
pub use store::{Store, StoreInfo};
pub use sweep::{Missing, Stub, Take};
pub use under::Under;
pub use url::DatabaseUrl;

/// What the store's methods return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
