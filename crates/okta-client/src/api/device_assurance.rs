//! Device assurance policies: what a device must be like before a policy rule lets it in (Identity Engine).

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A device assurance policy.
    DeviceAssurance {
        /// `dae…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `ANDROID`, `CHROMEOS`, `IOS`, `MACOS` or `WINDOWS`.
        platform: text "/platform",
        /// The oldest version of the operating system that is let in.
        minimum_os_version: text "/osVersion/minimum",
        /// Whether a broken device is let in; false: it is not.
        jailbreak: flag "/jailbreak",
        /// Whether a TPM or secure enclave is demanded.
        secure_hardware_present: flag "/secureHardwarePresent",
        /// Kinds of disk encryption that will do.
        disk_encryption: texts "/diskEncryptionType/include",
        /// Kinds of screen lock that will do.
        screen_lock: texts "/screenLockType/include",
        /// `HIDE` or `SHOW` what to do about it.
        display_remediation_mode: text "/displayRemediationMode",
        /// When it was made.
        created: time "/createdDate",
        /// Last change.
        last_updated: time "/lastUpdate",
    }
}

/// Every device assurance policy.
///
/// Not paged [spec]. Bucket `device-assurances`. Permission: whether read-only administrators see them is not known;
/// scope `okta.deviceAssurance.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<DeviceAssurance> {
    Listing::new("/api/v1/device-assurances", &[], Items::Array).of()
}

/// One device assurance policy.
///
/// Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(assurance_id: &str) -> List<DeviceAssurance> {
    Listing::new("/api/v1/device-assurances/{deviceAssuranceId}", &[assurance_id], Items::One).of()
}
