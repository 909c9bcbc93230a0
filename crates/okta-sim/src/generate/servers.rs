//! Custom authorization servers at the beginning.

use super::people::DAY;

/// A custom authorization server.
#[derive(Debug, Clone)]
pub struct AuthServer {
    /// Number, for the id; the one called `default` has that word for an id.
    pub n: u64,
    /// Name.
    pub name: &'static str,
    /// Description.
    pub description: &'static str,
    /// Audience.
    pub audience: &'static str,
    /// Whether it is on.
    pub active: bool,
    /// Made by Okta when the org was made.
    pub is_default: bool,
    /// When created.
    pub created: i64,
}

/// The authorization servers at the beginning.
pub fn servers(as_of: i64) -> Vec<AuthServer> {
    let server = |n, name, description, audience, active, is_default, days: i64| AuthServer {
        n,
        name,
        description,
        audience,
        active,
        is_default,
        created: as_of - days * DAY,
    };
    vec![
        server(
            0,
            "default",
            "Default Authorization Server for your Applications",
            "api://default",
            true,
            true,
            2_900,
        ),
        server(1, "Partner API", "Tokens for partners", "https://api.acme.example", true, false, 900),
        server(2, "Mobile backend", "", "api://mobile", true, false, 500),
        server(3, "Proof of concept 2021", "To be removed", "api://poc", false, false, 1_500),
    ]
}
