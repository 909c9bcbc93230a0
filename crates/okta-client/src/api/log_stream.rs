//! Log streams: where Okta sends its System Log to.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A log stream. A Splunk token is never passed on.
    LogStream {
        /// `0oa…`, like an app's.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// To what kind of receiver.
        kind: [LogStreamType] "/type",
        /// The AWS account of the event bridge.
        account_id: text "/settings/accountId",
        /// The AWS region.
        region: text "/settings/region",
        /// The Splunk Cloud host.
        host: text "/settings/host",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// Receivers of log streams [spec].
    LogStreamType {
        /// Amazon EventBridge.
        Aws = "aws_eventbridge",
        /// Splunk Cloud.
        Splunk = "splunk_cloud_logstreaming",
    }
}

/// Every log stream.
///
/// Page 20 / 200 → 200 [spec]. Bucket `logStreams`. Super administrators only [docs: help, "Manage log streaming"];
/// scope `okta.logStreams.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<LogStream> {
    Listing::new("/api/v1/logStreams", &[], Items::Array).limit(200, 20).of()
}

/// One log stream.
///
/// Permission and scope as [`list`] [spec]. [rec]
#[must_use]
pub fn get(stream_id: &str) -> List<LogStream> {
    Listing::new("/api/v1/logStreams/{logStreamId}", &[stream_id], Items::One).of()
}
