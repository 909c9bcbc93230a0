//! Devices that are registered with Okta, with their users (Identity Engine).

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A device.
    Device {
        /// `guo…`.
        id: id "/id",
        /// Where it is in its life.
        status: [DeviceStatus] "/status",
        /// Name to show.
        display_name: text "/profile/displayName",
        /// `ANDROID`, `IOS`, `MACOS`, `WINDOWS`.
        platform: text "/profile/platform",
        /// Version of the operating system.
        os_version: text "/profile/osVersion",
        /// Manufacturer.
        manufacturer: text "/profile/manufacturer",
        /// Model.
        model: text "/profile/model",
        /// Serial number.
        serial_number: text "/profile/serialNumber",
        /// Whether a user enrolled with Okta Verify on it.
        registered: flag "/profile/registered",
        /// Whether it has a TPM or secure enclave.
        secure_hardware_present: flag "/profile/secureHardwarePresent",
        /// What of its disk is encrypted.
        disk_encryption: text "/profile/diskEncryptionType",
        /// Its users, each with `managementStatus`, `screenLockType` and `user`.
        users: list "/_embedded/users",
        /// When it was registered.
        created: time "/created",
        /// Last change, or last time that signals were collected [spec].
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// State of a device [spec]; `CREATED` is in the spec's examples only.
    DeviceStatus {
        Active = "ACTIVE",
        Created = "CREATED",
        Deactivated = "DEACTIVATED",
        Suspended = "SUSPENDED",
    }
}

/// Every device with summaries of its users: `expand=user` would repeat each user's whole document, and so make a
/// device change whenever its user signs in.
///
/// Page 200 / 200 → 200 [spec]. Bucket `devices`. Permission `okta.devices.read`, which read-only administrators have
/// [hound], scope `okta.devices.read` [spec]. Recorded without `expand` [rec]; a bad cursor is 400 `E0000031` [rec].
#[must_use]
pub fn list() -> List<Device> {
    Listing::new("/api/v1/devices", &[], Items::Array).query("expand", "userSummary").limit(200, 25).of()
}

/// One device. Its users are not in the answer [rec].
///
/// Bucket `devices/{id}/*`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(device_id: &str) -> List<Device> {
    Listing::new("/api/v1/devices/{deviceId}", &[device_id], Items::One).of()
}
