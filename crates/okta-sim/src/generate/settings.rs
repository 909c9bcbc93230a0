//! The org's settings at the beginning.

use serde_json::{Value, json};

use super::people::{DAY, cast};
use crate::json::time;

/// Settings that have a document each, and no id.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `/org/privacy/oktaSupport`, without links: somebody let Okta's support in and forgot to close the door.
    pub support: Value,
    /// `/org/settings/clientPrivilegesSetting`: on, as it is unless somebody turns it off.
    pub client_privileges: Value,
    /// `/org/orgSettings/thirdPartyAdminSetting`
    pub third_party_admin: Value,
    /// `/org/settings/autoAssignAdminAppSetting`
    pub auto_assign_admin_app: Value,
    /// `/org/preferences`, without links.
    pub preferences: Value,
    /// Contact types with the number of the user who is it.
    pub contacts: Vec<(&'static str, u32)>,
    /// `/rate-limit-settings/admin-notifications`
    pub admin_notifications: Value,
    /// `/rate-limit-settings/per-client`
    pub per_client: Value,
    /// `/rate-limit-settings/warning-threshold`
    pub warning_threshold: Value,
}

impl Settings {
    /// The settings at the beginning.
    pub fn new(as_of: i64) -> Self {
        Self {
            support: json!({"support": "ENABLED", "expiration": time(as_of + 200 * DAY), "caseNumber": null}),
            client_privileges: json!({"clientPrivilegesSetting": true}),
            third_party_admin: json!({"thirdPartyAdmin": true}),
            auto_assign_admin_app: json!({"autoAssignAdminAppSetting": true}),
            preferences: json!({"showEndUserFooter": true}),
            contacts: vec![("BILLING", cast::ORG_ADMIN), ("TECHNICAL", cast::SUPER_ADMIN)],
            admin_notifications: json!({"notificationsEnabled": true}),
            per_client: json!({"defaultMode": "PREVIEW"}),
            warning_threshold: json!({"warningThreshold": 90}),
        }
    }
}
