//! Full sync: every data set read to its end, recorded page by page, swept only where the listing was complete,
//! resumed after a kill where it stopped.

mod event;
mod fan_out;
mod listing;
mod parents;
pub mod plan;
mod reading;
mod run;
mod stubs;
mod summary;
mod sweep;
mod under;
mod writer;

pub use event::{Event, Extent, Watch};
pub(crate) use reading::stops_all;
pub use stubs::Stubs;
pub use summary::{
    BucketUse, Changes, DatasetSummary, Summary, TierSummary, UNASKED, dataset_summaries, tier_summaries,
};
pub use under::under;
