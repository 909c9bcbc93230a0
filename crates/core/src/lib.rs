//! Transom's vocabulary, pure: no I/O, no async, no SQL.
//!
//! A [`Kind`] says what an Okta object is and how to project its document; a [`Relation`] says what an edge
//! means; a [`PageRecord`] is what one fetched page turns into; [`Coverage`] says how much of a data set is
//! known. The engine declares kinds and relations, the store records them, and neither knows the other's trade.

mod catalogue;
mod clock;
mod coverage;
mod kind;
mod number;
mod org;
mod record;
mod relation;
mod role;

pub use catalogue::{Catalogue, CatalogueError};
pub use clock::{Clock, ManualClock, Millis, SystemClock};
pub use coverage::{Coverage, CoverageState, Evidence};
pub use kind::{Column, ColumnType, Kind, KindCode, Projected, Shape};
pub use number::number;
pub use org::{ConnectionState, OrgId};
pub use record::{Doc, EntityId, Key, Link, LinkDoc, Object, Odd, Out, PageRecord, is_same, replace_nul};
pub use relation::{RelCode, Relation};
pub use role::{Reach, Role};
