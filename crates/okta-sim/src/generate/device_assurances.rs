//! Device assurance policies at the beginning.

use serde_json::{Value, json};

use super::people::DAY;

/// A device assurance policy: its own fields besides id, dates and links.
#[derive(Debug, Clone)]
pub struct DeviceAssurance {
    /// Number, for the id.
    pub n: u64,
    /// The fields of its platform, without id, dates and links.
    pub fields: Value,
    /// When created.
    pub created: i64,
}

/// The number of the one for company Macs, which a policy rule names.
pub const MACS: u64 = 0;
/// The number of the one for company PCs, which a policy rule names.
pub const PCS: u64 = 1;

/// The device assurance policies at the beginning.
pub fn device_assurances(as_of: i64) -> Vec<DeviceAssurance> {
    let one = |n, days: i64, fields: Value| DeviceAssurance { n, fields, created: as_of - days * DAY };
    vec![
        one(
            MACS,
            400,
            json!({
                "name": "Company Macs", "platform": "MACOS", "osVersion": {"minimum": "14.0.0"},
                "secureHardwarePresent": true, "diskEncryptionType": {"include": ["ALL_INTERNAL_VOLUMES"]},
                "screenLockType": {"include": ["BIOMETRIC", "PASSCODE"]}, "displayRemediationMode": "SHOW",
            }),
        ),
        one(
            PCS,
            400,
            json!({
                "name": "Company PCs", "platform": "WINDOWS", "osVersion": {"minimum": "10.0.22631"},
                "secureHardwarePresent": true, "diskEncryptionType": {"include": ["ALL_INTERNAL_VOLUMES"]},
                "screenLockType": {"include": ["BIOMETRIC", "PASSCODE"]}, "displayRemediationMode": "SHOW",
            }),
        ),
        // Asks for next to nothing, and no rule names it.
        one(
            2,
            1_100,
            json!({
                "name": "Any Android", "platform": "ANDROID", "osVersion": {"minimum": "9"}, "jailbreak": false,
                "displayRemediationMode": "HIDE",
            }),
        ),
    ]
}
