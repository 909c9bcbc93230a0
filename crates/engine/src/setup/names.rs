//! What the things that set-up makes are called, and how Transom knows its own again.

use okta_client::Origin;
use serde::{Deserialize, Serialize};

/// The first words of every description that set-up writes.
const DESCRIPTION: &str = "Lets Transom read this org";

/// Who reads an org for Transom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A user, by an API token.
    User,
    /// A service app, by a private key.
    App,
}

/// What set-up calls what it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The custom role.
    pub role: String,
    /// The resource set.
    pub set: String,
    /// The user's login.
    pub login: String,
    /// The service app's label, where there is one in place of a user.
    #[serde(default)]
    pub app: String,
    /// The user's e-mail address: where Okta sends the activation, and mail for administrators.
    pub email: String,
}

impl Names {
    /// The usual names in an org: the role and the set as the guide calls them, and a user below the org's own host name,
    /// which reads as an e-mail address, as Okta wants logins to.
    pub fn usual(origin: &Origin) -> Self {
        let host = if origin.is_simulator() { "transom.example".to_string() } else { origin.host() };
        let login = format!("svc-transom@{host}");
        Self { email: login.clone(), login, ..Self::example() }
    }

    /// The names where no org is named yet.
    pub fn example() -> Self {
        let login = "svc-transom".to_string();
        Self {
            role: "Transom Read".to_string(),
            set: "Transom Resources".to_string(),
            app: "Transom".to_string(),
            email: login.clone(),
            login,
        }
    }
}

/// The description of a thing that the set-up `mark` makes; it names the set-up, so that a run that was cut off between
/// making a thing and noting its id knows it again.
pub fn description(mark: &str) -> String {
    format!("{DESCRIPTION}; made by its set-up {mark}.")
}

/// Whether a description was written by the set-up `mark`.
pub(crate) fn is_of(mark: &str, description: &str) -> bool {
    !mark.is_empty() && description == self::description(mark)
}

/// The Admin Console's host name of an org; none for a simulator, which has no console.
pub fn console_host(origin: &Origin) -> Option<String> {
    let host = origin.host();
    let (org, suffix) = host.split_once('.').filter(|_| !origin.is_simulator())?;
    Some(format!("{org}-admin.{suffix}"))
}

/// The page of an org on which its people create API tokens; a simulator's own in its place.
pub fn tokens_page(origin: &Origin) -> String {
    match console_host(origin) {
        Some(host) => format!("https://{host}/admin/access/api/tokens"),
        None => format!("{origin}/simulator/tokens"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_up_knows_its_own_and_no_others() {
        let ours = description("4f3a");
        assert!(is_of("4f3a", &ours) && !is_of("4f3", &ours) && !is_of("", &ours));
        assert!(!is_of("4f3a", "Lets Transom read this org"));
    }

    #[test]
    fn the_console_is_beside_the_org() {
        let origin = Origin::stored("https://acme.oktapreview.com").expect("an origin");
        assert_eq!(console_host(&origin).as_deref(), Some("acme-admin.oktapreview.com"));
        assert_eq!(Names::usual(&origin).login, "svc-transom@acme.oktapreview.com");
        let simulator = Origin::stored("http://127.0.0.1:4000").expect("an origin");
        assert_eq!(console_host(&simulator), None);
        assert_eq!(tokens_page(&origin), "https://acme-admin.oktapreview.com/admin/access/api/tokens");
        assert_eq!(tokens_page(&simulator), "http://127.0.0.1:4000/simulator/tokens");
    }
}
