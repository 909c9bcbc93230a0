//! Device assurance policies: what policy rules demand of a device.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A device assurance policy.
pub const DEVICE_ASSURANCE: Kind = Kind {
    code: KindCode(41),
    name: "device_assurance",
    title: "Device assurance policy",
    what: "What a device must be like, by platform, before a policy rule that names it lets anybody in.",
    status_at: None,
    created_at: Some("/createdDate"),
    updated_at: Some("/lastUpdate"),
    columns: &[
        Column::text("platform", "/platform", "ANDROID, CHROMEOS, IOS, MACOS or WINDOWS.").faceted(),
        Column::text("minimum_os_version", "/osVersion/minimum", "The oldest operating system that is let in."),
        Column::text("jailbreak", "/jailbreak", "false: a broken device is not let in.").typed(ColumnType::Boolean),
        Column::text("secure_hardware", "/secureHardwarePresent", "Whether a TPM or secure enclave is demanded.")
            .typed(ColumnType::Boolean),
        Column::text("disk_encryption", "/diskEncryptionType/include", "Kinds of disk encryption that will do.")
            .typed(ColumnType::Json),
        Column::text("screen_lock", "/screenLockType/include", "Kinds of screen lock that will do.")
            .typed(ColumnType::Json),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "device_assurance",
    title: "Device assurance policies",
    used_for: "see what policy rules demand of a device",
    without: "rules that ask for device assurance name something unknown",
    right: Right {
        // Okta has no permission of its own for them; the console keeps them beside the policies that name them.
        permission: Some("okta.policies.read"),
        console: "View policies",
        scope: "okta.deviceAssurance.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(DEVICE_ASSURANCE.code),
    parts: |_| vec![api::device_assurance::list().into_listing()],
    read: |item, scope, page| {
        object(&DEVICE_ASSURANCE, &[], item, scope, page);
    },
    again: Some(|id| api::device_assurance::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&DEVICE_ASSURANCE], relations: &[], datasets: &[&DATASET] };
