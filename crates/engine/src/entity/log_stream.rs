//! Log streams: where Okta sends its System Log to.

use okta_client::api;
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A log stream.
pub const LOG_STREAM: Kind = Kind {
    code: KindCode(77),
    name: "log_stream",
    title: "Log stream",
    what: "A receiver outside that Okta sends the whole System Log to. Its token is never kept.",
    columns: &[
        Column::text("type", "/type", "aws_eventbridge or splunk_cloud_logstreaming.").faceted(),
        Column::text("host", "/settings/host", "The Splunk Cloud host."),
        Column::text("account_id", "/settings/accountId", "The AWS account."),
        Column::text("region", "/settings/region", "The AWS region."),
    ],
    ..Kind::USUAL
};

/// What Okta opens to no custom role: only the standard role does it.
pub(super) const SUPER_ADMIN: Right = Right {
    permission: None,
    console: "Super Administrator",
    scope: "okta.logStreams.read",
    read_only_admin: false,
    evidence: Evidence::Documented,
};

static DATASET: Dataset = Dataset {
    name: "log_stream",
    title: "Log streams",
    used_for: "see where the System Log is sent to, and that it still is",
    without: "whether the System Log is kept elsewhere, and where, stays unknown",
    right: SUPER_ADMIN,
    target: Target::Children(LOG_STREAM.code),
    parts: |_| vec![api::log_stream::list().into_listing()],
    read: |item, scope, page| {
        object(&LOG_STREAM, &[], item, scope, page);
    },
    again: Some(|id| api::log_stream::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&LOG_STREAM], relations: &[], datasets: &[&DATASET] };
