//! Event hooks: where Okta sends events to as they happen.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An event hook. What authenticates Okta there is never passed on.
    EventHook {
        /// `who…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// `VERIFIED` once its owner proved to have the address, else `UNVERIFIED`.
        verification_status: text "/verificationStatus",
        /// The event types it is sent.
        events: texts "/events/items",
        /// Where to.
        uri: text "/channel/config/uri",
        /// How Okta authenticates itself there: `HEADER`; empty for not at all.
        auth_type: text "/channel/config/authScheme/type",
        /// Who made it.
        created_by: text "/createdBy",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every event hook.
///
/// Not paged [spec]. Bucket `eventHooks`. Permission `okta.eventhooks.read` [docs], read-only administrators see them
/// [hound]; scope `okta.eventHooks.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<EventHook> {
    Listing::new("/api/v1/eventHooks", &[], Items::Array).of()
}

/// One event hook.
///
/// Permission and scope as [`list`] [spec]. [rec]
#[must_use]
pub fn get(hook_id: &str) -> List<EventHook> {
    Listing::new("/api/v1/eventHooks/{eventHookId}", &[hook_id], Items::One).of()
}
