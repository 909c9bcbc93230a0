//! Devices registered with Okta, and whose they are.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, Out, RelCode, Relation, Shape};
use transom_store::Target;

use super::user::USER;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right, Tier};

/// A device.
pub const DEVICE: Kind = Kind {
    code: KindCode(40),
    name: "device",
    title: "Device",
    what: "A phone or computer that is registered with Okta, with what Okta knows of its protection.",
    name_at: &["/profile/displayName"],
    columns: &[
        Column::text("platform", "/profile/platform", "ANDROID, IOS, MACOS or WINDOWS.").faceted(),
        Column::text("os_version", "/profile/osVersion", "Version of the operating system."),
        Column::text("manufacturer", "/profile/manufacturer", "Who made it.").faceted(),
        Column::text("model", "/profile/model", "The model."),
        Column::text("serial_number", "/profile/serialNumber", "The serial number.").searched(),
        Column::text("registered", "/profile/registered", "Whether a user enrolled with Okta Verify on it.")
            .typed(ColumnType::Boolean)
            .faceted(),
        Column::text("secure_hardware", "/profile/secureHardwarePresent", "Whether it has a TPM or secure enclave.")
            .typed(ColumnType::Boolean),
        Column::text("disk_encryption", "/profile/diskEncryptionType", "What of its disk is encrypted.").faceted(),
        Column::text("users", "/_embedded/users", "Its users, with managementStatus and screenLockType.")
            .typed(ColumnType::Json),
    ],
    // Okta moves it whenever it collects signals, which is at every sign-in.
    volatile: &["/lastUpdated"],
    decides: &[("/_embedded/users", Shape::List("/user/id"))],
    ..Kind::USUAL
};

/// Device → its user.
pub const DEVICE_USER: Relation = Relation {
    code: RelCode(39),
    name: "device_user",
    what: "The device is used by the user.",
    from: &["device"],
    to: &["user"],
    attr: Some(
        "1 managed, 2 not managed, 0 not said; plus 16 with no screen lock, 32 with a passcode, 48 with biometrics",
    ),
    view: true,
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "device",
    title: "Devices",
    used_for: "see from which devices people come in, which are unmanaged, unencrypted or without a lock",
    without: "devices stay out of sight",
    right: Right {
        permission: Some("okta.devices.read"),
        console: "View devices and their details",
        scope: "okta.devices.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    // Pages are of 200 here, so that devices take more calls than users do; and what they tell is how people come in, not
    // who may do what.
    tier: Tier::Deep,
    // A user who comes back is named again by the devices that are read after it.
    after: &["user"],
    target: Target::Children(DEVICE.code),
    parts: |_| vec![api::device::list().into_listing()],
    read: |item, scope, page| {
        // Only the listing shows the users: a device read alone says nothing of them, and takes none away.
        let owns: &[RelCode] = if item.pointer("/_embedded/users").is_some() { &[DEVICE_USER.code] } else { &[] };
        if let Some(device) = object(&DEVICE, owns, item, scope, page) {
            device.out = users(item);
        }
    },
    again: Some(|id| api::device::get(id).into_listing()),
    ..Dataset::USUAL
};

/// The users of a device.
fn users(device: &Value) -> Vec<Out> {
    let users = device.pointer("/_embedded/users").and_then(Value::as_array).into_iter().flatten();
    users
        .filter_map(|user| Some(Out { attr: attr(user), ..out(&DEVICE_USER, &USER, text(user, "/user/id")?) }))
        .collect()
}

/// How the user has the device, as the relation's declaration says.
fn attr(user: &Value) -> i32 {
    let managed = match text(user, "/managementStatus") {
        Some("MANAGED") => 1,
        Some("NOT_MANAGED") => 2,
        _ => 0,
    };
    let lock = match text(user, "/screenLockType") {
        Some("NONE") => 16,
        Some("PASSCODE") => 32,
        Some("BIOMETRIC") => 48,
        _ => 0,
    };
    managed + lock
}

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&DEVICE], relations: &[&DEVICE_USER], datasets: &[&DATASET] };

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_devices_users_come_with_management_and_lock() {
        let device = json!({"_embedded": {"users": [
            {"managementStatus": "MANAGED", "screenLockType": "BIOMETRIC", "user": {"id": "00u1"}},
            {"managementStatus": "NOT_MANAGED", "user": {"id": "00u2"}},
            {"managementStatus": "NEW", "screenLockType": "NONE", "user": {"id": "00u3"}},
            {"user": {}},
        ]}});
        let found: Vec<(String, i32)> = users(&device).into_iter().map(|o| (o.dst.okta_id, o.attr)).collect();
        assert_eq!(found, [("00u1".to_owned(), 49), ("00u2".to_owned(), 2), ("00u3".to_owned(), 16)]);
        assert_eq!(users(&json!({})).len(), 0);
    }
}
