//! Calls to a host that is no Okta org's: the OpenID provider by which people sign in. They go by the rules of all calls
//! (TLS and CA file, proxy, address filter, no redirects, bounded time and size), and know nothing else of Okta.

use std::time::Duration;

use reqwest::header::{HeaderValue, LOCATION};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::transport::Transport;
use crate::{Error, HttpOptions, Origin};

/// A person waits for the answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Metadata and keys of a provider are some kilobytes.
const MOST_BYTES: usize = 1 << 20;

/// A call: a GET, or a POST where there is a form.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// Where to. `https` on the public internet; see [`Fetch::loopback`].
    pub url: &'a Url,
    /// What to post. Secrets among it never come to a log.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// How the caller is known there.
    pub authorization: Option<Authorization<'a>>,
    /// Whether plain HTTP to a loopback address, given as a number, is allowed: on a machine of one's own.
    pub loopback: bool,
}

/// How a caller is known.
#[derive(Debug)]
pub enum Authorization<'a> {
    /// By name and password (RFC 6749, 2.3.1: both are form-encoded first).
    Basic(&'a str, &'a SecretString),
    /// By a token.
    Bearer(&'a SecretString),
}

/// What came back.
#[derive(Debug)]
pub struct Fetched {
    /// The status; 300 to 399 is an error, not one of these.
    pub status: u16,
    /// The body. It may hold tokens: not for a log.
    pub body: Vec<u8>,
}

impl Authorization<'_> {
    fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Basic(name, password) => {
                let encoded =
                    |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(name), encoded(password.expose_secret()));
                format!("Basic {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, pair))
            }
            Self::Bearer(token) => format!("Bearer {}", token.expose_secret()),
        };
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Fetch<'_> {
    /// Makes the call, once.
    ///
    /// # Errors
    /// [`Error::Setting`] for an address that is not called, [`Error::AddressRefused`], [`Error::Redirected`],
    /// [`Error::Transport`], and [`Error::Decode`] where the body is too large.
    pub async fn send(&self, http: &HttpOptions) -> Result<Fetched, Error> {
        let origin = Origin::foreign(self.url, self.loopback)
            .map_err(|problem| Error::Setting { setting: "address", problem })?;
        let http = HttpOptions { read_timeout: PATIENCE, total_timeout: PATIENCE, ..http.clone() };
        let agent = concat!("okta-client/", env!("CARGO_PKG_VERSION"));
        let transport = Transport::new(origin, &http, agent)?;
        let authorization = match &self.authorization {
            None => None,
            Some(given) => Some(given.header().ok_or_else(|| Error::Setting {
                setting: "credential",
                problem: "it holds characters that no header may have".to_owned(),
            })?),
        };
        let query = self.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("{}{query}", self.url.path());
        let answer = transport.send_form(&target, self.form, authorization).await?;
        let status = answer.status();
        if status.is_redirection() {
            let location = answer.headers().get(LOCATION).and_then(|l| l.to_str().ok());
            let location =
                location.and_then(|l| Url::parse(l).ok()).and_then(|l| l.host_str().map(str::to_owned));
            return Err(Error::Redirected {
                host: transport.origin().host(),
                status: status.as_u16(),
                location,
            });
        }
        let body = transport.read(answer, self.url.path(), MOST_BYTES).await?;
        Ok(Fetched { status: status.as_u16(), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str, loopback: bool) -> Result<String, String> {
        Origin::foreign(&Url::parse(url).expect("a URL"), loopback).map(|o| format!("{o} {}", o.host()))
    }

    #[test]
    fn a_provider_is_on_the_public_internet_by_tls_or_on_this_machine() {
        let good = |url, loopback| origin(url, loopback).expect(url);
        assert_eq!(
            good("https://acme.okta.com/oauth2/default", false),
            "https://acme.okta.com acme.okta.com"
        );
        assert_eq!(
            good("https://sso.acme.example:8443/x", false),
            "https://sso.acme.example:8443 sso.acme.example"
        );
        assert_eq!(good("http://127.0.0.1:3000", true), "http://127.0.0.1:3000 127.0.0.1");
        assert_eq!(good("http://[::1]:3000", true), "http://[::1]:3000 ::1");
        for (wrong, loopback) in [
            ("http://127.0.0.1:3000", false),
            ("http://localhost:3000", true),
            ("http://10.0.0.1/", true),
            ("http://acme.okta.com", true),
            ("https://127.0.0.1/", true),
            ("https://127.1/", true),
            ("https://0x7f000001/", false),
            ("https://169.254.169.254/latest", false),
            ("https://[::1]/", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("https://user@acme.okta.com", false),
            ("ftp://acme.okta.com", false),
            ("data:text/plain,x", true),
        ] {
            assert!(origin(wrong, loopback).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_encoded_and_hidden() {
        let secret = SecretString::from("p:w d%");
        let basic = Authorization::Basic("client:1", &secret);
        let header = basic.header().expect("a header");
        assert!(header.is_sensitive() && !format!("{basic:?} {header:?}").contains("p:w"));
        let sent = header.to_str().expect("text").trim_start_matches("Basic ").to_owned();
        let pair = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, sent).expect("base64");
        assert_eq!(pair, b"client%3A1:p%3Aw+d%25");
        assert!(Authorization::Bearer(&"a\nb".into()).header().is_none());
    }
}
