//! A problem of the engine in words for a page: what is to be done here is a click, not a command.

use transom_engine::{Class, Problem};

/// A problem in three parts.
#[derive(Debug)]
pub(crate) struct Told {
    pub what: String,
    pub why: String,
    pub todo: String,
    pub request_id: Option<String>,
}

impl From<&Problem> for Told {
    /// For a connection by token.
    fn from(problem: &Problem) -> Self {
        Self::of(problem, false)
    }
}

impl Told {
    /// A problem of a connection by token, or by service app.
    pub fn of(problem: &Problem, by_app: bool) -> Self {
        let names_command = ["--", "transom "].iter().any(|sign| problem.todo.contains(sign));
        let todo = match problem.class {
            Class::TokenRejected if !by_app => {
                "Sign in to Okta as the service user, create a new token under Security › API › Tokens (step 4), and \
                 enter it here."
            }
            Class::TokenRejected if names_command => {
                "Look at the app in the Admin Console under Applications: its client ID, whether this key is one of its \
                 active public keys, and its status. Then enter its client ID and private key (step 3) here. Check this \
                 server's clock as well."
            }
            Class::NoToken if names_command => {
                "Copy the value that Okta shows once, alone, and enter it as API key."
            }
            Class::CustomDomain => {
                "Enter the org's own Okta address instead. The Admin Console shows it in its own address, as \
                 acme-admin.okta.com."
            }
            Class::AddressRefused => {
                "Check the domain for a typing error, and this server's DNS. Where the network reaches Okta only \
                 through a proxy, start Transom with --proxy."
            }
            Class::MissingPermission if by_app => {
                "Give the service app the scopes and roles of step 4, then verify again."
            }
            Class::MissingPermission => "Give the service user the roles of step 3, then verify again.",
            Class::Busy => "Wait for it to end, then try again.",
            Class::RateLimited => "Try again in a few minutes.",
            Class::Network if problem.todo.contains("--") => {
                "Check the spelling of the domain, and this server's way out: its DNS, whether it needs a proxy, and \
                 whose certificates it trusts."
            }
            Class::Name if problem.todo.contains("--") => "Choose another label.",
            _ => problem.todo.as_str(),
        };
        // A command is of no use here, where something was said before it.
        let todo = if todo.contains("transom ") { "" } else { todo };
        Self {
            what: problem.what.clone(),
            why: problem.why.clone(),
            todo: todo.to_string(),
            request_id: problem.request_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_tells_people_to_type_a_command() {
        let problem = Problem::new(Class::Name, "Taken.", "It is.", "Run: transom org rotate 'Production'");
        assert_eq!(Told::from(&problem).todo, "");
        let problem = Problem { class: Class::TokenRejected, ..problem };
        assert!(Told::from(&problem).todo.contains("step 4"));
        let by_app = Told::of(&problem, true).todo;
        assert!(by_app.contains("client ID") && !by_app.contains("token"), "{by_app}");
        // What has no command in it, and is true of an app, stays.
        let proof = Problem { todo: "Check this machine's clock.".to_string(), ..problem };
        assert_eq!(Told::of(&proof, true).todo, "Check this machine's clock.");
        let key = Problem { class: Class::NoToken, todo: "Expected a text.".to_string(), ..proof };
        assert_eq!(Told::of(&key, true).todo, "Expected a text.");
    }
}
