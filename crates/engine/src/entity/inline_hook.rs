//! Inline hooks: whom Okta asks while it signs people in, makes tokens or imports users.

use okta_client::api;
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// An inline hook.
pub const INLINE_HOOK: Kind = Kind {
    code: KindCode(76),
    name: "inline_hook",
    title: "Inline hook",
    what: "An address outside that Okta asks while it imports users, makes tokens or takes over passwords; its answers \
           count. What authenticates Okta there is never kept.",
    columns: &[
        Column::text("type", "/type", "What it takes part in.").faceted(),
        Column::text("version", "/version", "Version of the exchange."),
        Column::text("channel", "/channel/type", "HTTP or OAUTH.").faceted(),
        Column::text("uri", "/channel/config/uri", "Where Okta asks.").searched(),
        Column::text("auth_type", "/channel/config/authScheme/type", "HEADER, or empty where OAuth or nothing does it.").faceted(),
        Column::text("auth_header", "/channel/config/authScheme/key", "The header that authenticates Okta."),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "inline_hook",
    title: "Inline hooks",
    used_for: "see whose answers from outside change tokens, sign-ins and imports",
    without: "who outside can change tokens or sees passwords stays out of sight",
    right: Right {
        permission: Some("okta.inlinehooks.read"),
        console: "View inline hooks",
        scope: "okta.inlineHooks.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    target: Target::Children(INLINE_HOOK.code),
    parts: |_| vec![api::inline_hook::list().into_listing()],
    read: |item, scope, page| {
        object(&INLINE_HOOK, &[], item, scope, page);
    },
    again: Some(|id| api::inline_hook::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&INLINE_HOOK], relations: &[], datasets: &[&DATASET] };
