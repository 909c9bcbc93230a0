//! Which proxy a call goes through. Read by us rather than left to the HTTP client, so that it can be shown.

use std::fmt;

use url::Url;

use crate::{Error, Origin};

/// The proxy variables of the environment, or what stands for them in a test.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxyEnvironment {
    /// `HTTPS_PROXY` or `https_proxy`.
    pub https_proxy: Option<String>,
    /// `ALL_PROXY` or `all_proxy`.
    pub all_proxy: Option<String>,
    /// `NO_PROXY` or `no_proxy`: host names, domain suffixes, or `*`, with commas between.
    pub no_proxy: Option<String>,
}

impl ProxyEnvironment {
    /// Reads this process's environment; empty variables count as unset, upper case goes first.
    #[must_use]
    pub fn of_process() -> Self {
        let read = |name: &str| {
            let value = |n: String| std::env::var(n).ok().filter(|v| !v.trim().is_empty());
            value(name.to_uppercase()).or_else(|| value(name.to_lowercase()))
        };
        Self { https_proxy: read("HTTPS_PROXY"), all_proxy: read("ALL_PROXY"), no_proxy: read("NO_PROXY") }
    }

    fn excludes(&self, host: &str) -> bool {
        self.no_proxy.as_deref().unwrap_or_default().split(',').any(|entry| {
            let entry = entry.trim().trim_start_matches('.').to_ascii_lowercase();
            let entry = entry.strip_suffix(":443").unwrap_or(&entry);
            entry == "*"
                || entry == host
                || (!entry.is_empty() && host.strip_suffix(entry).is_some_and(|rest| rest.ends_with('.')))
        })
    }
}

// Proxy URLs may hold a password.
impl fmt::Debug for ProxyEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyEnvironment")
            .field("https_proxy", &self.https_proxy.as_ref().map(|_| "…"))
            .field("all_proxy", &self.all_proxy.as_ref().map(|_| "…"))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// The proxy that calls go through, fit to be shown: without user name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyInForce {
    /// Scheme, host and port.
    pub address: String,
    /// Where it was set.
    pub source: ProxySource,
}

/// Where a proxy was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxySource {
    /// In [`HttpOptions::proxy`](crate::HttpOptions::proxy).
    Setting,
    /// In `HTTPS_PROXY`.
    HttpsProxy,
    /// In `ALL_PROXY`.
    AllProxy,
}

impl fmt::Display for ProxyInForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            ProxySource::Setting => "setting",
            ProxySource::HttpsProxy => "HTTPS_PROXY",
            ProxySource::AllProxy => "ALL_PROXY",
        };
        write!(f, "{} (from {source})", self.address)
    }
}

/// A proxy with all it takes to use it.
pub(crate) struct Chosen {
    pub url: Url,
    pub shown: ProxyInForce,
}

/// The proxy for an origin: the setting, else `HTTPS_PROXY`, else `ALL_PROXY`, unless `NO_PROXY` names the host.
/// Never for a simulator, which is on this machine.
pub(crate) fn choose(
    origin: &Origin,
    setting: Option<&Url>,
    environment: &ProxyEnvironment,
) -> Result<Option<Chosen>, Error> {
    if origin.is_simulator() {
        return Ok(None);
    }
    if let Some(url) = setting {
        return accept(url.clone(), ProxySource::Setting, "proxy").map(Some);
    }
    if environment.excludes(&origin.host()) {
        return Ok(None);
    }
    let (text, source, name) = match (&environment.https_proxy, &environment.all_proxy) {
        (Some(text), _) => (text, ProxySource::HttpsProxy, "HTTPS_PROXY"),
        (None, Some(text)) => (text, ProxySource::AllProxy, "ALL_PROXY"),
        (None, None) => return Ok(None),
    };
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&with_scheme).map_err(|e| Error::Setting {
        setting: name,
        problem: format!("not a URL ({e}). Expected http://host:port; correct or unset it"),
    })?;
    accept(url, source, name).map(Some)
}

fn accept(url: Url, source: ProxySource, setting: &'static str) -> Result<Chosen, Error> {
    let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")).ok_or_else(|| {
        let problem = format!(
            "a proxy of scheme {}:// is not supported. Expected http://host:port or https://host:port",
            url.scheme()
        );
        Error::Setting { setting, problem }
    })?;
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    let address = format!("{}://{host}{port}", url.scheme());
    Ok(Chosen { shown: ProxyInForce { address, source }, url })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrgDomain;

    fn origin() -> Origin {
        Origin::of(&OrgDomain::parse("acme").expect("domain"))
    }

    fn shown(setting: Option<&str>, environment: &ProxyEnvironment) -> Option<String> {
        let setting = setting.map(|s| Url::parse(s).expect("url"));
        choose(&origin(), setting.as_ref(), environment).expect("proxy").map(|c| c.shown.to_string())
    }

    #[test]
    fn the_setting_goes_before_the_environment_and_no_password_is_shown() {
        let environment = ProxyEnvironment {
            https_proxy: Some("http://u:hunter2@proxy.corp:3128".into()),
            all_proxy: Some("other.corp:8080".into()),
            no_proxy: None,
        };
        assert_eq!(shown(None, &environment).as_deref(), Some("http://proxy.corp:3128 (from HTTPS_PROXY)"));
        assert_eq!(
            shown(Some("http://a:hunter2@set.corp:1"), &environment).as_deref(),
            Some("http://set.corp:1 (from setting)")
        );
        assert!(!format!("{environment:?}").contains("hunter2"));
        let all = ProxyEnvironment { https_proxy: None, ..environment };
        assert_eq!(shown(None, &all).as_deref(), Some("http://other.corp:8080 (from ALL_PROXY)"));
    }

    #[test]
    fn no_proxy_excludes_names_and_suffixes_but_not_the_setting() {
        for (list, excluded) in [
            ("acme.okta.com", true),
            ("localhost, .okta.com", true),
            ("okta.com", true),
            ("*", true),
            ("acme.okta.com:443", true),
            ("kta.com", false),
            ("", false),
        ] {
            let environment = ProxyEnvironment {
                https_proxy: Some("http://proxy.corp:3128".into()),
                all_proxy: None,
                no_proxy: Some(list.into()),
            };
            assert_eq!(shown(None, &environment).is_none(), excluded, "{list}");
            assert!(shown(Some("http://set.corp:1"), &environment).is_some());
        }
    }

    #[test]
    fn a_simulator_is_called_directly_and_socks_is_refused() {
        let environment = ProxyEnvironment { https_proxy: Some("socks5://p:1".into()), ..Default::default() };
        let simulator = Origin::simulator("127.0.0.1:8080".parse().expect("address")).expect("loopback");
        assert!(choose(&simulator, None, &environment).expect("none").is_none());
        assert!(choose(&origin(), None, &environment).is_err());
    }
}
