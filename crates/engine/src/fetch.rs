//! Calls to a host that is no Okta org's, in the name of the server: the OpenID provider by which people sign in.

use okta_client::{Error, Fetch, Fetched};

use crate::{Class, Engine, Problem};

impl Engine {
    /// Makes a call under the rules of calls to Okta: TLS with the CA file, the proxy, the address filter, no redirects.
    ///
    /// # Errors
    /// [`Class::Network`], [`Class::AddressRefused`], [`Class::Unreadable`], told for the person who set the address.
    pub async fn fetch(&self, call: &Fetch<'_>) -> Result<Fetched, Problem> {
        let host = call.url.host_str().unwrap_or_default();
        call.send(&self.http).await.map_err(|error| problem(host, &error))
    }
}

const WAY_OUT: &str = "Check the address, and this server's way out: its DNS, whether it needs a proxy, and whose certificates it trusts.";

fn problem(host: &str, error: &Error) -> Problem {
    match error {
        Error::Transport { kind, detail, .. } => Problem::new(
            Class::Network,
            format!("{host} did not answer."),
            format!("There was no complete answer ({kind}): {detail}."),
            WAY_OUT,
        ),
        Error::AddressRefused { addresses, .. } => {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Problem::new(
                Class::AddressRefused,
                format!("{host} is not called."),
                format!("It leads to {}, which is not on the public internet.", list.join(", ")),
                "Check the address, and this server's DNS. Where the network reaches it only through a proxy, start \
                 Transom with --proxy.",
            )
        }
        Error::Redirected { status, location, .. } => Problem::new(
            Class::Unreadable,
            format!("{host} sends us elsewhere."),
            format!(
                "It answered {status}, a redirect{}, which is not followed.",
                location.as_deref().map(|to| format!(" to {to}")).unwrap_or_default()
            ),
            "Give the address that answers itself.",
        ),
        Error::Decode { detail, .. } => Problem::new(
            Class::Unreadable,
            format!("The answer of {host} can't be read."),
            format!("{detail}."),
            "Check that the address is the provider's.",
        ),
        Error::Setting { setting: "address", problem } => Problem::new(
            Class::AddressRefused,
            "This address is not called.",
            format!("Expected https:// and a host on the public internet; {problem}."),
            "Give the provider's public address.",
        ),
        other => {
            Problem::new(Class::Network, format!("{host} can't be called."), format!("{other}."), WAY_OUT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_okta_where_another_provider_is_asked() {
        let refused = Error::AddressRefused {
            host: "sso.acme.example".into(),
            addresses: vec!["10.0.0.1".parse().expect("ip")],
        };
        let away = Error::Redirected { host: "x".into(), status: 302, location: Some("evil.example".into()) };
        let setting =
            Error::Setting { setting: "address", problem: "10.0.0.1 is not on the public internet".into() };
        for (error, says) in [(&refused, "10.0.0.1"), (&away, "evil.example"), (&setting, "https://")] {
            let told = problem("sso.acme.example", error);
            assert!(told.why.contains(says) && !told.todo.is_empty(), "{told:?}");
            assert!(!format!("{told:?}").contains("Okta"), "{told:?}");
        }
    }
}
