//! The System Log.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// One event. Real ones have fields and types the spec does not name; everything is optional.
    LogEvent {
        /// Unique; the same event can be sent twice [docs].
        uuid: id "/uuid",
        /// Such as `user.session.start`.
        event_type: text "/eventType",
        /// When it happened. A feed is in order of storage, so this may go back [docs].
        published: time "/published",
        /// How grave.
        severity: [Severity] "/severity",
        /// In words.
        display_message: text "/displayMessage",
        /// How it ended.
        result: [Outcome] "/outcome/result",
        /// Why it ended so.
        reason: text "/outcome/reason",
        /// Who did it.
        actor_id: text "/actor/id",
        /// `User`, `PublicClientApp`, `SystemPrincipal`, ….
        actor_type: text "/actor/type",
        /// Who did it, by login or the like.
        actor_alternate_id: text "/actor/alternateId",
        /// Who did it, by name.
        actor_display_name: text "/actor/displayName",
        /// To whom or what; null counts as none.
        targets: list "/target",
        /// From where.
        ip_address: text "/client/ipAddress",
        /// Which API token did it, `00T…`: also the way to find one's own [docs].
        api_token_id: text "/transaction/detail/requestApiTokenId",
        /// The transaction it is part of.
        transaction_id: text "/transaction/id",
    }
}

open_enum! {
    /// How grave an event is [spec].
    Severity { Debug = "DEBUG", Error = "ERROR", Info = "INFO", Warn = "WARN" }
}

open_enum! {
    /// How an event ended [spec].
    Outcome {
        Success = "SUCCESS",
        Failure = "FAILURE",
        Skipped = "SKIPPED",
        Allow = "ALLOW",
        Deny = "DENY",
        Challenge = "CHALLENGE",
        Unknown = "UNKNOWN",
        RateLimit = "RATE_LIMIT",
        Deferred = "DEFERRED",
        Scheduled = "SCHEDULED",
        Abandoned = "ABANDONED",
        Unanswered = "UNANSWERED",
    }
}

/// Every event from `since` on, as a feed: `sortOrder=ASCENDING` without `until`. It always has a `next`; keep the
/// cursor of the last page and ask it again later. Never page by `since` [docs].
///
/// `since` more than 180 days back is refused (400 `E0000053`), and events are kept for 90 days [docs].
/// Page 100 / 1000 → 1000 [spec]. Bucket `logs`. Permission `okta.logs.read` [inf], scope `okta.logs.read` [spec].
#[must_use]
pub fn feed(since: jiff::Timestamp) -> List<LogEvent> {
    let listing = Listing::new("/api/v1/logs", &[], Items::Array);
    listing.query("sortOrder", "ASCENDING").query("since", format!("{since:.3}")).limit(1000, 100).of()
}

/// Events published between two times, a finite listing by time of publication; events stored late are missing [docs].
///
/// `filter` is in SCIM form and may be empty. Page, bucket, permission and scope as [`feed`].
#[must_use]
pub fn between(since: jiff::Timestamp, until: jiff::Timestamp, filter: &str) -> List<LogEvent> {
    let mut listing = Listing::new("/api/v1/logs", &[], Items::Array)
        .query("since", format!("{since:.3}"))
        .query("until", format!("{until:.3}"))
        .query("sortOrder", "ASCENDING");
    if !filter.is_empty() {
        listing = listing.query("filter", filter);
    }
    listing.limit(1000, 100).of()
}
