//! API service integrations at the beginning.

use super::people::DAY;

/// An app of the integration network that calls Okta's API on its own.
#[derive(Debug, Clone)]
pub struct ApiService {
    /// Number, for the id.
    pub n: u64,
    /// Key of its kind.
    pub kind: &'static str,
    /// Name.
    pub name: &'static str,
    /// Scopes it was granted.
    pub scopes: &'static [&'static str],
    /// When it was added.
    pub created: i64,
}

/// The integrations at the beginning: one that reads, one that could do nearly everything and is long forgotten.
pub fn api_services(as_of: i64) -> Vec<ApiService> {
    let service =
        |n, kind, name, scopes, days: i64| ApiService { n, kind, name, scopes, created: as_of - days * DAY };
    vec![
        service(0, "acme_siem_log_export", "SIEM Log Export", &["okta.logs.read"], 210),
        service(
            1,
            "acme_backup_vault",
            "Backup Vault",
            &["okta.users.manage", "okta.groups.manage", "okta.apps.manage", "okta.policies.manage"],
            1_400,
        ),
    ]
}
